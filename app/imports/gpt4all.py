"""GPT4All's chats: ``gpt4all-<id>.chat``, binary, one file each, beside its models.

Layout as GPT4All 2.4 to 3.10 write it (versions 1 to 12 of the format), learned from its source
(gpt4all-chat: chatlistmodel, chat, chatllm, chatmodel, tool). Qt's data stream, big-endian:
magic, version, creation in seconds, id, name, the user's name for it, model, collections; up to
version 10 the engine's state, which is passed over; then the items, a question or an answer
each, with LocalDocs' excerpts, attached files and, from version 12 on, the parts of an answer:
text, reasoning, a tool's call. There are no branches and no dates of messages. Version 0 had no
magic and was removed by the program itself.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from app.history.entities import Role
from app.imports.bundle import Bundle, opened
from app.imports.entities import FoundConversation, FoundFile, FoundMessage, Unread
from app.imports.errors import ImportingError
from app.imports.gpt4all_items import Item, read_item
from app.imports.identity import ChatIds
from app.imports.pieces import ChainIds, Draft, split_thinking
from app.imports.qt_stream import DamagedStreamError, QtStream, TooMuchError
from app.imports.reading import MOST_OF_ONE_CHAT, decoded_text, lesser_errors, share
from app.imports.trees import completed
from app.imports.values import milliseconds
from app.text import clean

SOURCE: Final = "gpt4all"
MAGIC: Final = b"\xf5\xd5\x53\xcc"
_NEWEST: Final = 12


class Gpt4AllReader:
    """Reads one chat, a folder of them, or a zip of these."""

    @property
    def name(self) -> str:
        """As the terminal calls it."""
        return SOURCE

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether there is a file that begins as a chat does."""
        if head and not head.startswith(b"PK"):
            return head.startswith(MAGIC)
        try:
            with opened(path) as bundle:
                return any(_begins_as_chat(bundle, each) for each in _chats(bundle))
        except ImportingError:
            return False

    def files(self, bundle: Bundle) -> list[str]:
        """Those that are named as its own."""
        return _chats(bundle)

    def is_one(self, head: bytes) -> bool:
        """Whether a file begins as its own do."""
        return head.startswith(MAGIC)

    def read(
        self, path: Path, only: Collection[str] | None = None
    ) -> Iterator[FoundConversation | Unread]:
        """Every chat. Raises ImportingError if there is none."""
        with opened(path) as bundle:
            chats = share(_chats(bundle), only)
            if not chats:
                raise ImportingError("import.no_chats", where=bundle.where)
            ids = ChatIds()
            for each in chats:
                with lesser_errors(each) as told:
                    yield from self._chat(bundle, each, ids)
                yield from told

    def _chat(
        self, bundle: Bundle, file: str, ids: ChatIds
    ) -> Iterator[FoundConversation | Unread]:
        with bundle.open(file) as content:
            chat = _Chat(QtStream(content, bundle.size(file), MOST_OF_ONE_CHAT))
            fault = chat.read()
        if not chat.is_known:
            yield Unread(file, fault)
            return
        messages = chat.messages()
        where = chat.title or file
        if fault:
            yield Unread(where, fault)
        conversation = FoundConversation(
            source=SOURCE,
            id=ids.own(chat.id, messages),
            title=chat.title,
            messages=messages,
            leaf=messages[-1].id if messages else None,
            created_ms=milliseconds(chat.created),
        )
        yield from completed(conversation, where)


class _Chat:
    """One file while it is read; what was read before a fault is kept."""

    def __init__(self, stream: QtStream) -> None:
        self._stream = stream
        self.is_known = False
        self.created = 0
        self.id = self.title = self._model = ""
        self._items: list[Item] = []

    def read(self) -> str:
        """The whole file; code of what is wrong with it. Raises OSError."""
        try:
            return self._head() or self._rest()
        except TooMuchError:
            return "import.too_large"
        except DamagedStreamError:
            return "import.damaged_chat" if self.is_known else "import.no_chat_here"

    def messages(self) -> tuple[FoundMessage, ...]:
        """The items one after another."""
        found: list[FoundMessage] = []
        ids = ChainIds()
        excerpts = list(map(_excerpts, self._items))
        for position, item in enumerate(self._items):
            after = excerpts[position + 1 : position + 2]
            is_answer = bool(after) and not self._items[position + 1].is_question
            draft = self._draft(item, found[-1].id if found else None)
            if item.is_question:
                # Up to version 10 the answer kept what its question was given.
                draft.files += excerpts[position] or (after[0] if is_answer else [])
            draft.id = ids.id(draft.parent, draft.role, *draft.words)
            found.append(draft.message())
        return tuple(found)

    def _head(self) -> str:
        stream = self._stream
        if stream.uint32() != int.from_bytes(MAGIC, "big"):
            return "import.no_chat_here"
        self._version = stream.int32()
        if self._version > _NEWEST:
            return "import.newer_chat"
        if self._version < 1:
            return "import.no_chat_here"
        self.created = stream.int64()
        self.id = clean(stream.text())
        own = clean(stream.text())
        self.is_known = True
        self.title = clean(stream.text()) or own
        self._model = clean(stream.text())
        return ""

    def _rest(self) -> str:
        stream = self._stream
        if self._version >= 3:
            stream.texts()  # the collections that were searched
        if self._version < 11:
            _pass_state(stream, self._version)
        for _ in range(stream.count32(8)):
            self._items.append(read_item(stream, self._version))
        return "" if stream.at_end() else "import.damaged_chat"

    def _draft(self, item: Item, parent: str | None) -> Draft:
        role = Role.USER if item.is_question else Role.ASSISTANT
        draft = Draft("", parent, role)
        if role is Role.ASSISTANT:
            draft.model = self._model
            draft.interrupted = item.stopped or item.is_error
        for part in item.parts or [item]:
            _take_part(part, draft)
        draft.files += [_attached(url, content) for url, content in item.attachments]
        return draft


def _take_part(part: Item, draft: Draft) -> None:
    words = clean(part.value)
    if part.kind == "ToolCall: ":
        draft.tool_call(part.tool, part.arguments or words)
        if part.result:
            draft.tool_answer(part.tool, clean(part.result))
    elif part.kind == "ToolResponse: ":
        if words:
            draft.tool_answer(part.tool, words)
    elif part.kind == "Think: ":
        reasoning, answer = split_thinking(words)
        draft.reasoning.append(reasoning or answer)
    elif draft.role is Role.ASSISTANT:
        reasoning, answer = split_thinking(words)
        draft.reasoning.append(reasoning)
        draft.words.append(answer)
    else:
        draft.words.append(words)


def _pass_state(stream: QtStream, version: int) -> None:
    """The engine's state up to version 10, which may be gigabytes of context."""
    has_context = stream.boolean() if version >= 6 else True
    if version >= 2:
        stream.skip(8)  # kind of model, version of its state
    stream.text()
    stream.text()
    stream.skip(4)
    if not has_context:
        return
    stream.skip((4 if version < 4 else 0) + 4 + (4 if version >= 7 else 0))
    if version < 9:
        stream.skip(stream.uint64() * 4)
    stream.skip(stream.uint64() * 4)
    stream.skip_data()


def _excerpts(item: Item) -> list[FoundFile]:
    """What LocalDocs found for a question, by file."""
    by_file: dict[str, list[str]] = {}
    for file, excerpt in item.sources:
        by_file.setdefault(clean(file) or "?", []).append(clean(excerpt))
    return [FoundFile(file, text="\n\n".join(parts)) for file, parts in by_file.items()]


def _attached(url: bytes, content: bytes) -> FoundFile:
    try:
        path = unquote(urlsplit(url.decode("utf-8", "replace")).path)
    except ValueError:
        path = ""
    return FoundFile(clean(path).rpartition("/")[2] or "?", text=decoded_text(content))


def _chats(bundle: Bundle) -> list[str]:
    names = bundle.names()
    if len(names) == 1:
        return names
    return [each for each in names if each.endswith(".chat")]


def _begins_as_chat(bundle: Bundle, name: str) -> bool:
    try:
        with bundle.open(name) as file:
            return file.read(len(MAGIC)) == MAGIC
    except (OSError, ImportingError):
        return False
