"""What own messages and answers have in common: signals, hover, name for screen readers."""

from PySide6.QtCore import QEvent, QPoint, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.history.entities import MessageState
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.message_footer import MessageFooter
from ui.chat.message_item import Given, MessageItem
from ui.chat.text_host import TextHost
from ui.chat.veil import Veil
from ui.theme.theme import Theme


class MessageView(TextHost):
    """Shows one ``MessageItem``. The transcript gives it a width and moves it.

    Signals:
        height_changed(): ``arrange`` would return another height now.
        copy_requested(str): text for the clipboard.
        save_requested(str, str): a code block's text and language word.
        link_activated(str): a link was chosen; its true address.
        try_again_requested(): answer once more.
        continue_requested(): write the answer on.
        edit_requested(): change the words.
        sibling_chosen(str): id of the version of this message to show.
        action_requested(str): the id of a notice's verb.
        file_opened(int): the number of one of its files, to be looked at.
        menu_requested(object, QPoint): the text view it is for (None for the message as a
            whole), and the point of the screen.
    """

    height_changed = Signal()
    copy_requested = Signal(str)
    save_requested = Signal(str, str)
    link_activated = Signal(str)
    try_again_requested = Signal()
    continue_requested = Signal()
    edit_requested = Signal()
    sibling_chosen = Signal(str)
    action_requested = Signal(str)
    file_opened = Signal(int)
    menu_requested = Signal(object, QPoint)

    def __init__(
        self, theme: Theme, parser: MarkdownParser, item: MessageItem, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.theme, self.parser, self.item = theme, parser, item
        self._veil: Veil | None = None
        self.footer = MessageFooter(theme, self, is_user=item.is_user)
        self.footer.edit_clicked.connect(self.edit_requested)
        self.footer.continue_clicked.connect(self.continue_requested)
        self.footer.sibling_chosen.connect(self.sibling_chosen)
        self.footer.try_again_clicked.connect(self.try_again_requested)
        self.footer.copy_clicked.connect(lambda: self.copy_requested.emit(self.item.message.text))
        self.footer.menu_requested.connect(lambda where: self.menu_requested.emit(None, where))

    def arrange(self, width: int) -> int:
        """Lay out for ``width`` pixels; return the height that is needed."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Show what ``item`` holds now."""
        raise NotImplementedError

    def show_place(self) -> None:
        """Show where the message stands: its versions, and whether the model is given it."""
        item, footer = self.item, self.footer
        footer.set_editable(item.siblings is not None and not item.is_live)
        footer.set_siblings(item.siblings)
        footer.set_note(self._note())
        is_greyed = item.given is not Given.WHOLE
        if is_greyed and self._veil is None:
            self._veil = Veil(self.theme, self)
            self._place_veil()
        if self._veil is not None:
            self._veil.setVisible(is_greyed)
            self._veil.raise_()

    def _note(self) -> str:
        match self.item.given:
            case Given.LEFT_OUT:
                return self.tr("No room: not sent to the model")
            case Given.SUMMARISED:
                return self.tr("Sent as part of the summary")
        return self.tr("Always sent to the model") if self.item.message.pinned else ""

    def _place_veil(self) -> None:
        if self._veil is not None:
            self._veil.setGeometry(0, 0, self.width(), max(0, self.footer.y()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What greys it covers all of it but the footer."""
        super().resizeEvent(event)
        self._place_veil()

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
        note = self._note()
        if note:
            words = self.tr("{message}; {note}").format(message=words, note=note)
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
