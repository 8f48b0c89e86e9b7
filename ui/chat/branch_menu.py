"""The lines of a message's menu that concern the tree: other answers, editing, deleting."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from ui.chat.branch_commands import Command, ModelChoice, Verb
from ui.chat.markdown.inline import printable
from ui.chat.message_item import MessageItem
from ui.widgets.menu import Menu

_WARMER, _COOLER = 0.4, -0.4


class BranchMenu(QObject):
    """``models`` tells which other models could answer.

    Signals:
        edit_requested(str): change the words of this message.
        commanded(Command): something else to do.
    """

    edit_requested = Signal(str)
    commanded = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.models: Callable[[], Sequence[ModelChoice]] = tuple

    def add_lines(self, menu: Menu, item: MessageItem) -> None:
        """Append them; nothing for a message that is in no tree, or is being written."""
        if item.siblings is None or item.is_live:
            return
        identity = item.message.id
        menu.addSeparator()
        edit = menu.entry(self.tr("Edit…"))
        edit.triggered.connect(lambda: self.edit_requested.emit(identity))
        if not item.is_user:
            self._add_again(menu, item)
        if item.can_go_on:
            self._line(menu, self.tr("Continue"), Command(Verb.CONTINUE, identity))
        self._line(menu, self.tr("Branch into a new chat"), Command(Verb.FORK, identity))
        pinned = item.message.pinned
        pin = menu.entry(self.tr("Always send to the model"))
        pin.setCheckable(True)
        pin.setChecked(pinned)
        verb = Verb.UNPIN if pinned else Verb.PIN
        pin.triggered.connect(lambda _on: self.commanded.emit(Command(verb, identity)))
        words = self.tr("Delete") if item.is_end else self.tr("Delete, with all that follows")
        self._line(menu, words, Command(Verb.DELETE, identity))
        if not item.is_end:
            self._line(menu, self.tr("Delete this alone"), Command(Verb.DELETE_ALONE, identity))
        menu.addSeparator()

    def _add_again(self, menu: Menu, item: MessageItem) -> None:
        identity = item.message.id
        more = Menu(menu)
        more.setTitle(self.tr("Try again"))
        self._line(more, self.tr("In the same way"), Command(Verb.TRY_AGAIN, identity))
        self._line(
            more, self.tr("More inventive"), Command(Verb.TRY_AGAIN, identity, warmer=_WARMER)
        )
        self._line(more, self.tr("More careful"), Command(Verb.TRY_AGAIN, identity, warmer=_COOLER))
        others = self.models()
        if others:
            more.addSeparator()
        for other in others:
            words = self.tr("With {model}").format(model=printable(other.name))
            command = Command(Verb.TRY_AGAIN, identity, model_key=other.key)
            self._line(more, words.replace("&", "&&"), command)
        menu.addMenu(more)

    def _line(self, menu: Menu, words: str, command: Command) -> None:
        menu.entry(words).triggered.connect(lambda _on=False: self.commanded.emit(command))
