"""The palette: finds chats, models and commands at once, messages a moment later."""

from collections.abc import Callable, Sequence
from functools import cached_property
from heapq import nsmallest

from PySide6.QtCore import QObject, Signal

from app.history.found import Found, Hit, HitKind
from app.history.organised import Listed
from app.library.entities import InstalledModel
from app.services import Services
from models.errors import KnownError
from ui.controllers.chat import ChatController
from ui.main_window import MainWindow
from ui.palette.entries import Command, Entry, Kind, Section
from ui.palette.palette_sheet import PaletteSheet
from ui.palette.ranking import Match, Matchable, best, matchable
from ui.sentences import say

_CHATS, _MODELS, _COMMANDS, _MESSAGES = 6, 4, 6, 20
_RECENT = 6
_CONVERSATIONS = 12
"""Conversations that messages are looked for in; the best three of each come."""


class PaletteController(QObject):
    """Opens with Ctrl+K, and closes with it.

    Signals:
        chat_requested(str): id of a conversation.
        message_requested(str, str): ids of a conversation and of a message in it.
        model_requested(str): key of a model.
    """

    chat_requested = Signal(str)
    message_requested = Signal(str, str)
    model_requested = Signal(str)

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        sheet: PaletteSheet,
        chat: ChatController,
        commands: Callable[[], Sequence[Command]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._window, self._chat = services, window, chat
        self.sheet = sheet
        self._make_commands = commands
        self._listed: Sequence[Listed] = ()
        self._chats: list[Matchable[Listed]] = []
        self._models: list[Matchable[InstalledModel]] = []
        self._text = ""
        self._sections: list[Section] = []
        sheet.typed.connect(self.search)
        sheet.chosen.connect(self._do)
        sheet.closed.connect(services.finder.cancel)

    @cached_property
    def commands(self) -> list[Matchable[Command]]:
        """What the window can do; it does not change while the window is open."""
        return [matchable(each, each.title, each.also) for each in self._make_commands()]

    def toggle(self) -> None:
        """Open with what was used last, or close."""
        if self.sheet.isVisible():
            self.sheet.close_sheet()
            return
        self._read_models()
        self._text = ""
        self._show(self._recent())
        self.sheet.open_sheet()

    def search(self, text: str) -> None:
        """Show what is known at once, and ask for messages; the newest search wins."""
        self._text = text.strip()
        finder = self._services.finder
        if not self._text:
            finder.cancel()
            self._show(self._recent())
            return
        self._sections = [
            Section(self.tr("Chats"), tuple(map(_chat_entry, best(self._titles(), text, _CHATS)))),
            Section(self.tr("Models"), tuple(map(_model_entry, best(self._models, text, _MODELS)))),
            Section(
                self.tr("Commands"),
                tuple(map(_command_entry, best(self.commands, text, _COMMANDS))),
            ),
        ]
        self._sections.sort(key=lambda section: not section.entries)
        self._show(self._sections, note=self.tr("Searching messages…"))
        # Of what is not wanted any more, here or after closing, the finder tells nothing.
        finder.search(self._text, self._found, self._not_found, limit=_CONVERSATIONS)

    # --- what is found ---------------------------------------------------------------------

    def _titles(self) -> list[Matchable[Listed]]:
        """Of all chats as the sidebar has them, the latest first; folded when they are needed."""
        listed = self._window.sidebar.chats.chats
        if listed is not self._listed:
            known = {each.value.id: each for each in self._chats}
            self._chats = []
            for chat in sorted(listed, key=_latest_first):
                title, before = self._title(chat), known.get(chat.id)
                is_same = before is not None and before.title == title
                self._chats.append(before if before and is_same else matchable(chat, title))
            self._listed = listed
        return self._chats

    def _title(self, chat: Listed) -> str:
        return chat.title or self.tr("New chat")

    def _read_models(self) -> None:
        try:
            models = self._services.library.entries()
        except KnownError:
            return  # those of before; the page of models says what is wrong
        self._models = [
            matchable(each, each.name, each.quantization) for each in models if not each.absent
        ]

    def _recent(self) -> list[Section]:
        shown, listed = self._chat.conversation.id, self._window.sidebar.chats.chats
        latest = nsmallest(_RECENT + 1, listed, key=_latest_first)
        others = [each for each in latest if each.id != shown][:_RECENT]
        return [
            Section(
                self.tr("Recent chats"),
                tuple(Entry(Kind.CHAT, each.id, self._title(each)) for each in others),
            ),
            Section(
                self.tr("Commands"),
                tuple(
                    _command_entry(Match(each.value, each.title, (), 0)) for each in self.commands
                ),
            ),
        ]

    def _show(self, sections: Sequence[Section], note: str = "") -> None:
        searching = self.tr("Searching…")
        none = self.tr("Nothing has “{words}” in it; fewer words find more.").format(
            words=self._text
        )
        self.sheet.show_sections(sections, nothing=searching if note else none, note=note)

    def _found(self, found: Found) -> None:
        entries = [
            entry
            for conversation in found.conversations
            for hit in conversation.hits
            if (entry := self._message_entry(conversation.title.text, hit)) is not None
        ]
        messages = Section(self.tr("Messages"), tuple(entries[:_MESSAGES]))
        self._show([*self._sections, messages])

    def _not_found(self, _error: KnownError) -> None:
        trouble = say("palette.trouble")
        self.sheet.show_sections(self._sections, nothing=trouble, note=trouble)

    def _message_entry(self, title: str, hit: Hit) -> Entry | None:
        if hit.kind is HitKind.TITLE or hit.message_id is None:
            return None
        title = title or self.tr("New chat")
        if hit.kind is HitKind.ATTACHMENT:
            title = self.tr("{file}, in {chat}").format(file=hit.name, chat=title)
        elif hit.kind is HitKind.REASONING:
            title = self.tr("Thinking, in {chat}").format(chat=title)
        # One line, and every character where it was.
        text = "".join(" " if sign.isspace() else sign for sign in hit.snippet.text)
        return Entry(
            Kind.MESSAGE, hit.message_id, text, hit.snippet.places, title,
            parent_id=hit.conversation_id,
        )  # fmt: skip

    # --- what is chosen --------------------------------------------------------------------

    def _do(self, entry: object) -> None:
        assert isinstance(entry, Entry)
        match entry.kind:
            case Kind.CHAT:
                self.chat_requested.emit(entry.id)
            case Kind.MESSAGE:
                self.message_requested.emit(entry.parent_id, entry.id)
            case Kind.MODEL:
                self.model_requested.emit(entry.id)
            case Kind.COMMAND:
                for each in self.commands:
                    if each.value.id == entry.id:
                        each.value.act()
                        return


def _latest_first(chat: Listed) -> int:
    return -chat.sequence


def _chat_entry(match: Match[Listed]) -> Entry:
    return Entry(Kind.CHAT, match.value.id, match.title, match.places)


def _model_entry(match: Match[InstalledModel]) -> Entry:
    model = match.value
    return Entry(Kind.MODEL, model.key, match.title, match.places, model.quantization)


def _command_entry(match: Match[Command]) -> Entry:
    command = match.value
    return Entry(Kind.COMMAND, command.id, match.title, match.places, keys=command.keys)
