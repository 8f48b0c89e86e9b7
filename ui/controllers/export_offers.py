"""What could be exported just now: of the open chat, the list of chats, and the search."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from app.export.scope import (
    Everything,
    InFolder,
    OneBranch,
    Scope,
    SearchResult,
    SomeConversations,
    SomeMessages,
    one_conversation,
)
from app.history.repository import History
from models.errors import KnownError
from models.naming import shorten
from ui.chat.chat_page import ChatPage
from ui.chat.figures import grouped
from ui.controllers.chat import ChatController
from ui.export.asked import Asked
from ui.export.view import SINGLE, Branch, Offer, Wanted, What
from ui.main_window import MainWindow
from ui.sentences import say

_MOST_BRANCHES = 30
_WORDS = 60


class ExportOffers(QObject):
    """``searched`` tells what the search page shows: the words and the search, None for none.

    Signals:
        outdated: another chat is shown than at ``begin``, so what is offered is of another one.
    """

    outdated = Signal()

    def __init__(
        self,
        history: History,
        window: MainWindow,
        page: ChatPage,
        chat: ChatController,
        searched: Callable[[], SearchResult | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._history, self._window, self._page = history, window, page
        self._chat, self._searched = chat, searched
        self._asked = Asked()
        self._shown_id = self._conversation_id = self._folder_id = ""
        self._messages: tuple[str, ...] = ()
        self._chats: tuple[str, ...] = ()
        self._search: SearchResult | None = None
        chat.opened.connect(self._opened)

    def begin(self, asked: Asked) -> None:
        """Remember what was pointed at, and what is open: both may change below the sheet."""
        self._asked = asked
        self._shown_id = self._chat.conversation.id
        self._conversation_id = self._shown_id if self._chat.is_stored else ""
        if len(asked.chats) == 1:
            self._conversation_id = asked.chats[0]
        self._chats = asked.chats or tuple(self._window.sidebar.selected)
        listed = self._window.sidebar.chats.chat(self._conversation_id)
        self._folder_id = asked.folder_id or (listed.folder_id if listed else "") or ""
        self._messages = tuple(self._page.transcript.chosen_ids)
        is_search = self._window.current_page == "search" or asked.what is What.SEARCH
        self._search = self._searched() if is_search else None

    @property
    def conversation_id(self) -> str:
        """The one conversation that is meant: the one pointed at, or the open one."""
        return self._conversation_id

    def offers(self) -> tuple[Offer, ...]:
        """What applies, from the least to the most."""
        listed = self._window.sidebar.chats
        found: list[Offer] = []
        if self._is_open:
            found += self._of_open_chat()
        if self.conversation_id:
            count = len(self._chat.branch) if self._is_open else 0
            found.append(Offer(What.CHAT, self._title(), self._messages_words(count)))
        if len(self._chats) > 1:
            words = self.tr("The selected chats")
            found.append(Offer(What.CHATS, words, self._chats_words(len(self._chats))))
        folder_id = self._folder_id
        folder = next((each for each in listed.folders if each.id == folder_id), None)
        if folder is not None:
            count = sum(each.folder_id == folder_id for each in listed.chats)
            words = self.tr("Folder “{name}”").format(name=_short(folder.name))
            found.append(Offer(What.FOLDER, words, self._chats_words(count)))
        if self._search is not None:
            words = self.tr("Chats with “{words}”").format(words=_short(self._search.text))
            found.append(Offer(What.SEARCH, words, self.tr("All that the search finds")))
        if listed.chats:
            words = self.tr("All chats")
            found.append(Offer(What.EVERYTHING, words, self._chats_words(len(listed.chats))))
        return tuple(found)

    def first(self, offers: Sequence[Offer]) -> What:
        """What is meant most likely."""
        return self._meant(offers) or offers[-1].what

    def lack(self, offers: Sequence[Offer]) -> str:
        """Why what was pointed at, or is open, is not among the offers; "" when it is."""
        if self._meant(offers) is not None or self._asked.what not in (None, *SINGLE):
            return ""
        if self._chat.conversation.temporary:
            return say("export.temporary")
        return say("export.chat_empty" if offers else "export.nothing_yet")

    def branches(self) -> tuple[tuple[Branch, ...], str]:
        """The branches of the open chat, the newest first, and which of them is meant."""
        found, leaf, _count = self._branches()
        return found, leaf

    def _branches(self) -> tuple[tuple[Branch, ...], str, int]:
        """The branches that are listed, which of them is meant, and how many there are."""
        if not self._is_open:
            return (), "", 0
        try:
            shape = self._history.tree(self.conversation_id)
            shown = shape.path(self._chat.conversation.leaf_id)
            leaf = self._asked.leaf_id or (shown[-1] if shown else "")
            ids = [
                each
                for first in shape.children(None)
                for each in shape.branch(first)
                if not shape.children(each)
            ]
            nodes = {each: shape.node(each) for each in dict.fromkeys([leaf, *ids]) if each}
            ordered = sorted(
                (node for node in nodes.values() if node is not None),
                key=lambda node: (node.id != leaf, -node.sequence),
            )[:_MOST_BRANCHES]
            found = tuple(
                Branch(each.id, self._branch_words(each.id, len(shape.path(each.id))))
                for each in ordered
            )
        except KnownError:
            return (), "", 0  # the export itself tells what is wrong
        return found, leaf, len(nodes)

    def scope(self, wanted: Wanted) -> Scope:
        """What the choice means."""
        chat = self.conversation_id
        match wanted.what:
            case What.MESSAGE:
                return SomeMessages(chat, (self._asked.message_id,))
            case What.SELECTION:
                return SomeMessages(chat, self._messages)
            case What.BRANCH:
                return OneBranch(chat, wanted.leaf_id)
            case What.CHAT:
                return one_conversation(chat)
            case What.CHATS:
                return SomeConversations(self._chats)
            case What.FOLDER:
                return InFolder(self._folder_id)
            case What.SEARCH if self._search is not None:
                return self._search
        return Everything()

    def count_of(self, wanted: Wanted) -> int:
        """Messages of it, 0 when nobody knows; for the bar alone."""
        if not self._is_open:
            return 0
        if wanted.what is What.SELECTION:
            return len(self._messages)
        return 1 if wanted.what is What.MESSAGE else len(self._chat.branch)

    # --- inside -----------------------------------------------------------------------------

    @property
    def _is_open(self) -> bool:
        chat = self._chat
        return chat.is_stored and chat.conversation.id == self.conversation_id

    def _meant(self, offers: Sequence[Offer]) -> What | None:
        there = [each.what for each in offers]
        if self._asked.what in there:
            return self._asked.what
        order: tuple[What, ...] = (What.SELECTION, What.CHATS, What.CHAT)
        if self._search:
            order = (What.SEARCH, What.SELECTION, What.CHAT)
        elif self._asked.what in SINGLE:
            order = (What.CHAT,)
        return next((each for each in order if each in there), None)

    def _opened(self, conversation_id: str) -> None:
        # A chat that is read anew, because more of it came, is still the same one.
        if conversation_id != self._shown_id:
            self.outdated.emit()

    def _of_open_chat(self) -> list[Offer]:
        found: list[Offer] = []
        if self._asked.message_id:
            found.append(Offer(What.MESSAGE, self.tr("This message"), self._messages_words(1)))
        if self._messages:
            words = self._messages_words(len(self._messages))
            found.append(Offer(What.SELECTION, self.tr("The selected messages"), words))
        branches, _leaf, count = self._branches()
        if len(branches) > 1:
            words = self.tr("1 of {count} branches").format(count=grouped(count))
            if count > len(branches):
                words = self.tr("1 of {count} branches, the latest {listed} listed").format(
                    count=grouped(count), listed=grouped(len(branches))
                )
            found.append(Offer(What.BRANCH, self.tr("One branch of this chat"), words))
        return found

    def _title(self) -> str:
        title = _short(self._chat_title())
        return self.tr("This chat") if self._is_open else self.tr("“{title}”").format(title=title)

    def _chat_title(self) -> str:
        if self._is_open:
            return self._chat.conversation.title
        found = self._window.sidebar.chats.chat(self.conversation_id)
        return found.title if found is not None else ""

    def _branch_words(self, leaf_id: str, count: int) -> str:
        text = " ".join(self._history.message(leaf_id).text.split())
        return self.tr("{count} messages, to “{words}”").format(
            count=grouped(count), words=_short(text)
        )

    def _messages_words(self, count: int) -> str:
        if not count:
            return ""
        words = self.tr("1 message") if count == 1 else self.tr("{count} messages")
        return words.format(count=grouped(count))

    def _chats_words(self, count: int) -> str:
        words = self.tr("1 chat") if count == 1 else self.tr("{count} chats")
        return words.format(count=grouped(count))


def _short(text: str) -> str:
    return shorten(" ".join(text.split()), _WORDS)
