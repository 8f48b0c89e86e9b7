"""Jan's chats: ``threads/<id>/thread.json`` with ``messages.jsonl`` beside it.

Layout as Jan 0.5 to 0.8 write it, learned from its source: the desktop's thread commands
(src-tauri), the types of thread and message (core) and the web app's modules for messages,
branches and files. A message has parts (``text``, ``reasoning``, ``image_url``, ``tool_call``);
older ones have reasoning in marks and tools in ``metadata.tool_calls``. Branches are links to
the parent in ``metadata.parentId``, with the shown child in ``activeChildId`` and the shown
beginning in the thread's ``activeRootId``; threads that were never branched are lists. Names of
files stand at the end of a question between marks, their text in ``inline_file_contents``.
"""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from app.history.entities import Role
from app.imports.bundle import Bundle, opened
from app.imports.entities import FoundConversation, FoundFile, FoundMessage, Unread
from app.imports.errors import ImportingError
from app.imports.identity import ChatIds
from app.imports.pieces import Draft, data_url_file, file_label, split_thinking
from app.imports.reading import MOST_SMALL, document, lesser_errors
from app.imports.streaming import Budget, TooLarge, lines
from app.imports.trees import completed
from app.imports.values import flag, mapping, milliseconds, name, sequence, text

SOURCE: Final = "jan"
_THREAD: Final = "thread.json"
_MESSAGES: Final = "messages.jsonl"
_FILES = ("\n\n[ATTACHED_FILES]\n", "\n[/ATTACHED_FILES]")
_FILE_NAME = re.compile(r"(?:^- |, )name: (.+?)(?:, (?:type|size|chunks|mode): .*)?$", re.M)
_CUT_SHORT = frozenset({"stopped", "error", "pending"})


class JanReader:
    """Reads Jan's data folder, its folder of threads, one thread, or a zip of these."""

    @property
    def name(self) -> str:
        """As the terminal calls it."""
        return SOURCE

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether there is a thread in it."""
        if head and not head.startswith(b"PK"):
            return False
        try:
            with opened(path) as bundle:
                return bool(_threads(bundle))
        except ImportingError:
            return False

    def files(self, bundle: Bundle) -> list[str]:
        """The files of threads."""
        return [f"{each}{file}" for each in _threads(bundle) for file in (_THREAD, _MESSAGES)]

    def is_one(self, head: bytes) -> bool:
        """Whether it has anything in it: their names tell what they are."""
        return bool(head.strip())

    def read(
        self, path: Path, only: Collection[str] | None = None
    ) -> Iterator[FoundConversation | Unread]:
        """Every thread. Raises ImportingError if there is none."""
        with opened(path) as bundle:
            threads = [e for e in _threads(bundle) if only is None or f"{e}{_THREAD}" in only]
            if not threads:
                raise ImportingError("import.no_chats", where=bundle.where)
            ids = ChatIds()
            for folder in threads:
                with lesser_errors(folder or bundle.where) as told:
                    yield from self._thread(bundle, folder, ids)
                yield from told

    def _thread(
        self, bundle: Bundle, folder: str, ids: ChatIds
    ) -> Iterator[FoundConversation | Unread]:
        read = document(bundle, f"{folder}{_THREAD}")
        if isinstance(read, Unread):
            yield read  # its messages are still there to be read
        thread = mapping(read)
        found = _Thread(thread)
        where = text(thread.get("title")) or folder.rstrip("/") or bundle.where
        if bundle.size(f"{folder}{_MESSAGES}"):
            yield from found.take(bundle, f"{folder}{_MESSAGES}")
        own = folder.rstrip("/").rpartition("/")[2] or bundle.where
        metadata = mapping(thread.get("metadata"))
        conversation = FoundConversation(
            source=SOURCE,
            id=ids.own(name(thread.get("id")) or own, found.messages),
            title=text(thread.get("title")),
            messages=tuple(found.messages),
            leaf=None,
            system_prompt=found.system_prompt(),
            created_ms=milliseconds(thread.get("created")),
            updated_ms=milliseconds(thread.get("updated")),
            folder=text(mapping(metadata.get("project")).get("name")),
            pinned=flag(metadata.get("is_favorite")) or flag(thread.get("isFavorite")),
        )
        yield from completed(conversation, where, found.shown_child)


class _Thread:
    """One thread while its messages are found."""

    def __init__(self, thread: dict[str, object]) -> None:
        first = sequence(thread.get("assistants"))[:1]
        self._assistant = mapping(first[0]) if first else {}
        self._model = name(mapping(self._assistant.get("model")).get("id"))
        self._shown: dict[str | None, str] = {}
        metadata = mapping(thread.get("metadata"))
        if root := text(metadata.get("activeRootId")):
            self._shown[None] = root
        self.messages: list[FoundMessage] = []
        self._system: list[str] = []
        self._last: str | None = None
        self._last_question: str | None = None
        self._above_system: dict[str, str | None] = {}
        """What comes before instructions, which are no message here."""

    def system_prompt(self) -> str:
        """The assistant's instructions, else those among the messages."""
        return text(self._assistant.get("instructions")) or "\n\n".join(self._system)

    def shown_child(self, parent: str | None) -> str | None:
        """Which version Jan showed below ``parent``."""
        return self._shown.get(parent)

    def take(self, bundle: Bundle, file: str) -> Iterator[Unread]:
        """Read the messages; what is no message is told. Raises OSError, ImportingError."""
        with bundle.open(file) as content:
            for number, line in enumerate(lines(content, Budget(MOST_SMALL)), 1):
                where = f"{file}, {number}"
                if isinstance(line, TooLarge):
                    yield line.unread(where)
                elif isinstance(line, Unread):
                    yield Unread(f"{file}, {line.where}", line.code, line.facts)
                elif isinstance(line, dict) and "role" in line:
                    self._message(line, number)
                else:
                    yield Unread(where, "import.no_message")

    def _message(self, message: dict[str, object], number: int) -> None:
        metadata = mapping(message.get("metadata"))
        role = text(message.get("role"))
        kind = Role.USER if role == "user" else Role.ASSISTANT
        identity = name(message.get("id")) or f"line {number}"
        draft = Draft(identity, self._parent(metadata, kind), kind)
        draft.created_ms = milliseconds(message.get("created_at"))
        if role in ("system", "developer"):
            self._system.append(_plain(message.get("content")))
            self._above_system[identity] = draft.parent
            return
        if role == "tool":
            draft.tool_answer(name(message.get("tool_call_id")), _plain(message.get("content")))
        else:
            self._content(message.get("content"), draft)
        self._calls(metadata, draft)
        self._files(metadata, draft)
        if kind is Role.ASSISTANT:
            draft.model = name(mapping(metadata.get("model")).get("id")) or self._model
            draft.interrupted = text(message.get("status")) in _CUT_SHORT or flag(
                metadata.get("stopped")
            )
        if (error := metadata.get("error")) and draft.is_empty():
            draft.words.append(text(error) or text(mapping(error).get("message")))
        if shown := text(metadata.get("activeChildId")):
            self._shown[identity] = shown
        self.messages.append(draft.message())
        self._last = identity
        if kind is Role.USER:
            self._last_question = identity

    def _parent(self, metadata: dict[str, object], role: Role) -> str | None:
        """Some versions of Jan wrote answers without their link: they follow their question."""
        if parent := name(metadata.get("parentId")):
            return self._above_system.get(parent, parent)
        if "parentId" not in metadata:
            return self._last
        return self._last_question if role is Role.ASSISTANT else None

    def _content(self, content: object, draft: Draft) -> None:
        if isinstance(content, str):
            content = [{"type": "text", "text": {"value": content}}]
        for each in sequence(content):
            part = mapping(each)
            kind = text(part.get("type"))
            written = part.get("text")
            words = text(written) or text(mapping(written).get("value"))
            if kind == "text":
                self._words(words, draft)
            elif kind == "reasoning":
                draft.reasoning.append(words)
            elif kind == "image_url":
                label = file_label(len(draft.files) + 1)
                draft.files.append(data_url_file(label, mapping(part.get("image_url")).get("url")))
            elif kind == "tool_call":
                draft.tool_call(name(part.get("tool_name")), part.get("input"))
                if part.get("output") is not None:
                    draft.tool_answer(name(part.get("tool_name")), part.get("output"))
            else:
                draft.unknown(kind, each)

    def _words(self, words: str, draft: Draft) -> None:
        if draft.role is Role.ASSISTANT:
            reasoning, words = split_thinking(words)
            draft.reasoning.append(reasoning)
        elif words.endswith(_FILES[1]) and _FILES[0] in words:
            words, _mark, listed = words.removesuffix(_FILES[1]).rpartition(_FILES[0])
            draft.files.extend(FoundFile(each) for each in _FILE_NAME.findall(listed))
        draft.words.append(words)

    def _calls(self, metadata: dict[str, object], draft: Draft) -> None:
        for each in sequence(metadata.get("tool_calls")):
            call = mapping(each)
            asked = mapping(mapping(call.get("tool")).get("function"))
            draft.tool_call(name(asked.get("name")), asked.get("arguments"))
            if call.get("response") is not None:
                draft.tool_answer(name(asked.get("name")), call.get("response"))

    def _files(self, metadata: dict[str, object], draft: Draft) -> None:
        """Replace what is known by name only by what is known with its text."""
        for each in sequence(metadata.get("inline_file_contents")):
            file = mapping(each)
            found = FoundFile(text(file.get("name")) or "?", text=text(file.get("content")))
            known = FoundFile(found.name)
            if known in draft.files:
                draft.files[draft.files.index(known)] = found
            else:
                draft.files.append(found)


def _threads(bundle: Bundle) -> list[str]:
    """The folders of threads, each with its slash; empty for the one that was chosen itself."""
    names = bundle.names("threads") or bundle.names("data/threads") or bundle.names()
    return [
        each.removesuffix(_THREAD)
        for each in names
        if each == _THREAD or each.endswith(f"/{_THREAD}")
    ]


def _plain(content: object) -> str:
    if isinstance(content, str):
        return text(content)
    words = []
    for each in sequence(content):
        written = mapping(each).get("text")
        words.append(text(written) or text(mapping(written).get("value")))
    return "\n\n".join(words)
