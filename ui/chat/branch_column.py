"""A column of messages out of a tree: other branches, versions, editing in place, greying."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.history.entities import Message, Siblings
from ui.chat.branch_commands import Command, Verb
from ui.chat.editing_view import EditingView
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.message_column import MessageColumn
from ui.chat.message_item import Given, MessageItem
from ui.chat.message_view import MessageView
from ui.shortcuts.named import Place, add_shortcut
from ui.theme.theme import Theme

VERSION_KEYS = (("Alt+Left", -1), ("Alt+Right", 1))


class BranchColumn(MessageColumn):
    """Shows one branch; says what is asked for and changes nothing by itself.

    Signals:
        commanded(Command): something to do at a message.
        edit_changed(str): id of the message whose edited words are others now, or are begun.
        count_changed(): there are more, fewer or other messages.
    """

    commanded = Signal(object)
    edit_changed = Signal(str)
    count_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._arrow = 0
        """The arrow with the keyboard when another version was asked for: -1, 1, or 0."""
        for keys, by in VERSION_KEYS:
            words = self.tr("Earlier version") if by < 0 else self.tr("Later version")
            add_shortcut(
                self, (keys,), words, partial(self.step_version, by), Place.CHAT,
                Qt.ShortcutContext.WidgetWithChildrenShortcut,
            )  # fmt: skip

    def current_number(self) -> int:
        """The message that keys act on; -1 when there is none."""
        raise NotImplementedError

    def _before_others(self) -> None:
        """Some messages are about to be replaced."""
        raise NotImplementedError

    # --- another branch ---------------------------------------------------------------------
    def show_branch(
        self,
        messages: Sequence[Message],
        places: Mapping[str, Siblings | None],
        hold_id: str = "",
    ) -> None:
        """Show another branch of the same conversation; what both have in common is not touched.

        ``places`` tells the versions of each message. The message ``hold_id`` stands where the
        other version of it stood; then ``places`` has only those of what is not shown yet.
        """
        kept = 0
        for item, message in zip(self._layout.items, messages, strict=False):
            if not _is_same(item.message, message):
                break
            item.message = message
            kept += 1
        rest = messages[kept:]
        if hold_id:
            replaced = self._layout.items[kept:]
            places = {**{item.message.id: item.siblings for item in replaced}, **places}
        self._before_others()
        new = [MessageItem(each, siblings=places.get(each.id)) for each in rest]
        self._replace_from(kept, new, hold=bool(rest) and rest[0].id == hold_id)
        if 0 < kept < len(messages) or (kept and not rest):
            self._changed(self._layout.items[kept - 1])
        self.set_siblings(places, kept if hold_id else 0)
        self.count_changed.emit()
        arrow, self._arrow = self._arrow, 0
        view = self._views.get(hold_id)
        if arrow and view is not None and view.footer.arrows is not None:
            view.footer.arrows.take_focus(arrow)

    def add_messages(self, messages: Sequence[Message], places: Mapping[str, Siblings]) -> None:
        """The branch goes on: below what is shown, without moving it."""
        before = self._layout.items[-1:]
        new = [MessageItem(each, siblings=places.get(each.id)) for each in messages]
        self._replace_from(len(self._layout.items), new, hold=False)
        for item in before:
            self._changed(item)
        self.count_changed.emit()

    def set_siblings(self, places: Mapping[str, Siblings | None], begin: int = 0) -> None:
        """Tell of every message from number ``begin`` on where it stands among its versions."""
        for item in self._layout.items[begin:]:
            place = places.get(item.message.id)
            if place != item.siblings:
                item.siblings = place
                self._changed(item)

    def step_version(self, by: int) -> None:
        """To an earlier (-1) or later (1) version of the message with the keyboard."""
        number = self.current_number()
        if number >= 0:
            arrows = self.ready(number).footer.arrows
            if arrows is not None and not arrows.isHidden():
                arrows.step(by)

    def set_given(self, left_out: Collection[str], summarised: Collection[str]) -> None:
        """Grey what the model would not be given with the next question."""
        for item in self._layout.items:
            identity = item.message.id
            given = Given.LEFT_OUT if identity in left_out else Given.WHOLE
            given = Given.SUMMARISED if identity in summarised else given
            if given is not item.given:
                item.given = given
                view = self._views.get(identity)
                if view is not None:
                    view.show_place()
                    view.describe()

    def update_message(self, message: Message) -> None:
        """Something about a message is different that is not its words."""
        item = self._layout.find(message.id)
        if item is not None:
            item.message = message
            self._changed(item)

    # --- editing ----------------------------------------------------------------------------
    def begin_edit(self, message_id: str) -> None:
        """Put a field in the place of a message; it keeps what was written in it before."""
        item = self._layout.find(message_id)
        if item is None or item.is_live or item.editing is not None:
            return
        item.editing, item.edit_cost = item.message.text, ""
        self._remake(item)
        view = self.ready(item.number)
        if isinstance(view, EditingView):
            view.take_focus()
        self.show_message(item.number)
        self.edit_changed.emit(message_id)

    def set_edit_cost(self, message_id: str, words: str) -> None:
        """Say what sending the edited words would make the model read again; "" for little."""
        item = self._layout.find(message_id)
        if item is not None and item.editing is not None and words != item.edit_cost:
            item.edit_cost = words
            self._changed(item)

    def edited_words(self, message_id: str) -> str | None:
        """What is written in place of a message, None while it is not being edited."""
        item = self._layout.find(message_id)
        return item.editing if item is not None else None

    def _editing_view(
        self, theme: Theme, parser: MarkdownParser, item: MessageItem, parent: QWidget
    ) -> EditingView:
        view = EditingView(theme, parser, item, parent)
        view.text_edited.connect(lambda: self.edit_changed.emit(item.message.id))
        view.given_up.connect(lambda: self._end_edit(item))
        view.finished.connect(lambda go_on: self._edit_finished(item, go_on))
        return view

    def _edit_finished(self, item: MessageItem, go_on: bool) -> None:
        text = item.editing or ""
        is_same = text == item.message.text
        self._end_edit(item)
        if item.is_user:
            verb = Verb.SEND_EDITED
        elif go_on:
            verb = Verb.GO_ON_EDITED
        elif is_same:
            return  # an answer kept as it was is no other version
        else:
            verb = Verb.KEEP_EDITED
        self.commanded.emit(Command(verb, item.message.id, text=text))

    def _end_edit(self, item: MessageItem) -> None:
        if item.editing is not None:
            item.editing, item.edit_cost = None, ""
            self._remake(item)
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- widgets ----------------------------------------------------------------------------
    def _remake(self, item: MessageItem) -> None:
        """Build a message's widget again, as something else."""
        anchor = self._anchor()
        self._drop_view(item)
        item.measured = False
        self._arrange(anchor)

    def _changed(self, item: MessageItem) -> None:
        view = self._views.get(item.message.id)
        if view is None:
            item.measured = False
            return
        view.refresh()
        view.describe()
        self._measure_again(item, view)

    def _connect_branching(self, view: MessageView, identity: str) -> None:
        def ask(verb: Verb) -> None:
            self.commanded.emit(Command(verb, identity))

        view.continue_requested.connect(lambda: ask(Verb.CONTINUE))
        view.edit_requested.connect(lambda: self.begin_edit(identity))
        view.sibling_chosen.connect(lambda other: self._version_chosen(view, other))

    def _version_chosen(self, view: MessageView, other_id: str) -> None:
        arrows = view.footer.arrows
        self._arrow = arrows.focused_step() if arrows is not None else 0
        self.commanded.emit(Command(Verb.SHOW, other_id))


def _is_same(one: Message, other: Message) -> bool:
    """Whether a widget that shows the one can show the other."""
    return (one.id, one.state, one.text, one.reasoning) == (
        other.id, other.state, other.text, other.reasoning,
    )  # fmt: skip
