"""What own messages and answers have in common: signals, hover, name for screen readers."""

from PySide6.QtCore import QEvent, QPoint, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.history.entities import MessageState
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.message_footer import MessageFooter
from ui.chat.message_item import MessageItem
from ui.chat.text_host import TextHost
from ui.theme.theme import Theme


class MessageView(TextHost):
    """Shows one ``MessageItem``. The transcript gives it a width and moves it.

    Signals:
        height_changed(): ``arrange`` would return another height now.
        copy_requested(str): text for the clipboard.
        save_requested(str, str): a code block's text and language word.
        link_activated(str): a link was chosen; its true address.
        try_again_requested(): answer once more.
        action_requested(str): the id of a notice's verb.
        menu_requested(object, QPoint): the text view it is for (None for the message as a
            whole), and the point of the screen.
    """

    height_changed = Signal()
    copy_requested = Signal(str)
    save_requested = Signal(str, str)
    link_activated = Signal(str)
    try_again_requested = Signal()
    action_requested = Signal(str)
    menu_requested = Signal(object, QPoint)

    def __init__(
        self, theme: Theme, parser: MarkdownParser, item: MessageItem, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.theme, self.parser, self.item = theme, parser, item
        self.footer = MessageFooter(theme, self, is_user=item.is_user)
        self.footer.copy_clicked.connect(lambda: self.copy_requested.emit(self.item.message.text))
        self.footer.menu_requested.connect(lambda where: self.menu_requested.emit(None, where))

    def arrange(self, width: int) -> int:
        """Lay out for ``width`` pixels; return the height that is needed."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Show what ``item`` holds now."""
        raise NotImplementedError

    @property
    def has_selection(self) -> bool:
        """Whether text in it is selected."""
        raise NotImplementedError

    def holds_focus(self) -> bool:
        """Whether the keyboard is in it."""
        focused = QApplication.focusWidget()
        return focused is not None and self.isAncestorOf(focused)

    def describe(self) -> None:
        """Tell screen readers which message of the conversation it is, and how it stands."""
        words = self.tr("Message {number}").format(number=self.item.number + 1)
        state = self.item.message.state
        if state is MessageState.STREAMING:
            words = self.tr("{message}, being written").format(message=words)
        elif state is MessageState.INTERRUPTED:
            words = self.tr("{message}, interrupted").format(message=words)
        elif state is MessageState.FAILED:
            words = self.tr("{message}, without an answer").format(message=words)
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)

    # --- menu -------------------------------------------------------------------------------
    def open_text_menu(self, view: QWidget, position: QPoint) -> None:
        """The message's menu, with what concerns the text view first."""
        self.menu_requested.emit(view, position)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the message as a whole."""
        self.menu_requested.emit(None, event.globalPos())

    # --- hover ------------------------------------------------------------------------------
    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer shows the buttons."""
        super().enterEvent(event)
        self.footer.reveal(True)

    def leaveEvent(self, event: QEvent) -> None:
        """They go with it."""
        super().leaveEvent(event)
        self.footer.reveal(False)
