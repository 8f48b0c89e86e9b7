"""What can be done with a message: its menu, and copying it in three ways."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QWidget

from ui.chat.branch_menu import BranchMenu
from ui.chat.code_view import CodeView
from ui.chat.document_view import DocumentView
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.message_item import MessageItem
from ui.chat.message_view import MessageView
from ui.chat.selection_html import markdown_as_html
from ui.chat.selection_markdown import messages_as_markdown
from ui.chat.selection_plain import markdown_as_plain
from ui.chat.table_view import TableView
from ui.chat.transcript_tabs import main_text
from ui.widgets.menu import Menu


class MessageActions(QObject):
    """Opens the menu; lines that would make no sense are not in it.

    Signals:
        copy_requested(str): text for the clipboard.
        rich_copy_requested(str, str): HTML for it, and the same as plain text.
        messages_copy_requested(): copy the messages that are selected as a whole.
        source_toggled(MessageItem): show this message as plain text, or no longer.
        find_requested(): look for something in the conversation.
        edit_requested(str): change the words of this message.
        commanded(Command): something to do in the tree of messages.
        prompt_requested(str): show what the model was given for this answer.
        export_requested(str): export this message.
        selection_export_requested(): export the messages that are selected as a whole.
        branch_export_requested(str): export everything up to this message.
    """

    copy_requested = Signal(str)
    rich_copy_requested = Signal(str, str)
    messages_copy_requested = Signal()
    source_toggled = Signal(object)
    find_requested = Signal()
    edit_requested = Signal(str)
    commanded = Signal(object)
    prompt_requested = Signal(str)
    export_requested = Signal(str)
    selection_export_requested = Signal()
    branch_export_requested = Signal(str)

    def __init__(self, parser: MarkdownParser, parent: QObject) -> None:
        super().__init__(parent)
        self._parser = parser
        self.branching = BranchMenu(self)
        """The lines that concern the tree of messages."""
        self.branching.edit_requested.connect(self.edit_requested)
        self.branching.commanded.connect(self.commanded)

    # --- copying ----------------------------------------------------------------------------
    def copy_markdown(self, item: MessageItem) -> None:
        """Copy the source, exactly as it is stored."""
        self.copy_requested.emit(item.message.text)

    def copy_plain(self, item: MessageItem) -> None:
        """Copy the words alone; what you wrote yourself has no marks."""
        self.copy_requested.emit(self._as_plain(item))

    def copy_rich(self, item: MessageItem) -> None:
        """Copy it for a word processor."""
        html = markdown_as_html(item.message.text, self._parser)
        self.rich_copy_requested.emit(html, self._as_plain(item))

    def copy_messages(self, items: Sequence[MessageItem]) -> None:
        """Copy several messages as Markdown."""
        if items:
            self.copy_requested.emit(messages_as_markdown(items))

    def _as_plain(self, item: MessageItem) -> str:
        text = item.message.text
        return text if item.is_user else markdown_as_plain(text, self._parser)

    # --- the menu ---------------------------------------------------------------------------
    def open_menu(
        self, view: MessageView, text: DocumentView | None, where: QPoint, chosen: int
    ) -> None:
        """Open the menu of a message at a point of the screen.

        ``text`` is the text view that it is for, ``chosen`` the number of selected messages.
        """
        menu = Menu(view)
        if chosen > 1:
            self._line(
                menu,
                self.tr("Copy {count} messages").format(count=chosen),
                self.messages_copy_requested.emit,
                self.tr("Ctrl+C"),
            )
            words = self.tr("Export {count} messages…").format(count=chosen)
            self._line(menu, words, self.selection_export_requested.emit)
        if text is not None:
            self._add_text_lines(menu, text, where)
        if not menu.isEmpty():
            menu.addSeparator()
        if view.item.message.text:
            self._add_message_lines(menu, view)
        self.branching.add_lines(menu, view.item)
        view.footer.add_lines(menu)
        if not view.item.is_user and not view.item.is_live:
            identity = view.item.message.id
            words = self.tr("What the model saw…")
            self._line(menu, words, lambda: self.prompt_requested.emit(identity))
        if not menu.isEmpty():
            menu.addSeparator()
        # What is in no tree is kept nowhere either.
        if view.item.siblings is not None and not view.item.is_live:
            self._add_export_lines(menu, view.item)
        self._line(menu, self.tr("Find…"), self.find_requested.emit, self.tr("Ctrl+F"))
        menu.popup(where)

    def _add_text_lines(self, menu: Menu, text: DocumentView, where: QPoint) -> None:
        if text.textCursor().hasSelection():
            keys = self.tr("Ctrl+C")
            self._line(menu, self.tr("Copy selection"), text.copy_selection, keys)
        address = text.address_at(where)
        if address:
            words = self.tr("Copy address")
            self._line(menu, words, lambda: self.copy_requested.emit(address))
        code = _around(text, CodeView)
        if isinstance(code, CodeView):
            self._line(menu, self.tr("Copy code"), code.copy)
            self._line(menu, self.tr("Save code…"), code.save)
        elif _around(text, TableView) is not None:
            self._line(menu, self.tr("Copy table as Markdown"), text.copy_all_requested.emit)

    def _add_message_lines(self, menu: Menu, view: MessageView) -> None:
        item, line = view.item, self._line
        line(menu, self.tr("Copy message as Markdown"), lambda: self.copy_markdown(item))
        line(menu, self.tr("Copy as plain text"), lambda: self.copy_plain(item))
        if not item.is_user:
            line(menu, self.tr("Copy as rich text"), lambda: self.copy_rich(item))
        menu.addSeparator()
        text = main_text(view)
        if text is not None and not text.is_all_selected:
            line(menu, self.tr("Select all in message"), lambda: _select(text), self.tr("Ctrl+A"))
        if not item.is_user:
            toggle = menu.entry(self.tr("Show as plain text"))
            toggle.setCheckable(True)
            toggle.setChecked(item.shows_source)
            toggle.triggered.connect(lambda _on: self.source_toggled.emit(item))

    def _add_export_lines(self, menu: Menu, item: MessageItem) -> None:
        identity = item.message.id
        words = self.tr("Export this message…")
        self._line(menu, words, lambda: self.export_requested.emit(identity))
        if item.number and not item.is_end:
            words = self.tr("Export all up to here…")
            self._line(menu, words, lambda: self.branch_export_requested.emit(identity))

    @staticmethod
    def _line(menu: Menu, words: str, act: Callable[[], object], keys: str = "") -> None:
        menu.entry(words, keys).triggered.connect(lambda _on=False: act())


def _select(text: DocumentView) -> None:
    text.setFocus()
    text.selectAll()


def _around(part: QWidget, kind: type[QWidget]) -> QWidget | None:
    around = part.parentWidget()
    while around is not None and not isinstance(around, (kind, MessageView)):
        around = around.parentWidget()
    return around if isinstance(around, kind) else None
