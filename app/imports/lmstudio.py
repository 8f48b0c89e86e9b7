"""LM Studio's chats: ``conversations/**/<milliseconds>.conversation.json``, one file each.

Layout as LM Studio 0.3 and 0.4 write it, learned from files that programs make for it and read
from it, and from the types of its own SDK (lmstudio-js, chat history). A file has ``name``,
``createdAt``, ``pinned``, ``systemPrompt`` or the field ``llm.prediction.systemPrompt``, and a
straight list ``messages``. Each of those has ``versions`` and the number of the selected one; a
version is ``singleStep`` with parts, or ``multiStep`` with steps: blocks of parts, whose style
``thinking`` marks reasoning, and states of tools. Folders are folders; files that were attached
lie in ``user-files`` beside ``conversations``. Files of 0.2 have plain messages instead.
"""

import contextlib
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from app.history.entities import Role
from app.imports.bundle import Bundle, head_of, opened, read_whole
from app.imports.entities import FoundConversation, FoundFile, FoundMessage, Unread
from app.imports.errors import ImportingError
from app.imports.identity import ChatIds
from app.imports.outline import outline
from app.imports.pieces import ChainIds, Draft, data_url_file, picture_file, split_thinking
from app.imports.reading import MOST_OF_ONE_CHAT, decoded_text, document, lesser_errors, share
from app.imports.trees import completed
from app.imports.values import flag, mapping, milliseconds, name, sequence, text
from app.pictures import MOST_BYTES

SOURCE: Final = "lmstudio"
_NUMBERED = re.compile(r"(\d{10,16})(?:\.conversation)?\.json\Z")
_STEP_TIME = re.compile(r"(\d{12,14})-")
_STOPPED = frozenset({"userStopped", "failed", "modelUnloaded"})
_STATES = frozenset({"toolStatus", "status", "debugInfoBlock"})
"""Steps without words of their own: how far a tool or the program was."""


class LmStudioReader:
    """Reads one file, a folder of them, LM Studio's own folder, or a zip of these."""

    @property
    def name(self) -> str:
        """As the terminal calls it."""
        return SOURCE

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether there is a chat with versions of messages in it."""
        if head and not head.startswith(b"PK"):
            return _is_one(head)
        try:
            with opened(path) as bundle:
                return any(_is_one(head_of(bundle, each)) for each in _chats(bundle)[:20])
        except ImportingError:
            return False

    def files(self, bundle: Bundle) -> list[str]:
        """Those that are named as its own."""
        return _chats(bundle)

    def is_one(self, head: bytes) -> bool:
        """Whether a file begins as its own do."""
        return _is_one(head)

    def read(
        self, path: Path, only: Collection[str] | None = None
    ) -> Iterator[FoundConversation | Unread]:
        """Every chat, by folder and age. Raises ImportingError if there is none."""
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
        read = document(bundle, file)
        if isinstance(read, Unread):
            yield read
            return
        chat = mapping(read)
        if not isinstance(chat.get("messages"), list):
            yield Unread(file, "import.no_chat_here")
            return
        found = _Chat(bundle, chat)
        messages, leaf = found.messages()
        moved = milliseconds(chat.get("userLastMessagedAt")) or 0
        answered = milliseconds(chat.get("assistantLastMessagedAt")) or 0
        conversation = FoundConversation(
            source=SOURCE,
            id=ids.own(_id(file, chat), messages),
            title=text(chat.get("name")),
            messages=messages,
            leaf=leaf,
            system_prompt=_system_prompt(chat),
            created_ms=milliseconds(chat.get("createdAt")),
            updated_ms=max(moved, answered) or None,
            folder=_folder(file),
            pinned=flag(chat.get("pinned")),
        )
        yield from completed(conversation, file)


class _Chat:
    """One chat while its messages are found."""

    def __init__(self, bundle: Bundle, chat: dict[str, object]) -> None:
        self._bundle = bundle
        self._entries = sequence(chat.get("messages"))
        used = mapping(chat.get("lastUsedModel"))
        self._model = name(used.get("identifier")) or name(used.get("indexedModelIdentifier"))
        self._ids = ChainIds()
        self._room = MOST_OF_ONE_CHAT
        self._called: dict[str, str] = {}
        """Names of tools by the number of their call; answers have the number alone."""

    def messages(self) -> tuple[tuple[FoundMessage, ...], str | None]:
        """All versions of all messages, and the last one of the selected."""
        found: list[FoundMessage] = []
        parent: str | None = None
        for entry in self._entries:
            whole = mapping(entry)
            versions = sequence(whole.get("versions")) or [whole]
            wanted = whole.get("currentlySelected")
            number = wanted if isinstance(wanted, int) and 0 <= wanted < len(versions) else -1
            selected = None
            for position, version in enumerate(versions):
                draft = self._version(mapping(version), parent)
                if draft.is_empty():
                    continue
                found.append(draft.message())
                if selected is None or position == number or number == -1:
                    selected = draft.id
            parent = selected or parent
        return tuple(found), parent

    def _version(self, version: dict[str, object], parent: str | None) -> Draft:
        role = Role.USER if version.get("role") == "user" else Role.ASSISTANT
        draft = Draft("", parent, role)
        if isinstance(version.get("steps"), list):
            for step in sequence(version.get("steps")):
                self._step(mapping(step), draft)
            sender = mapping(version.get("senderInfo"))
            draft.model = draft.model or name(sender.get("senderName")) or self._model
        else:
            words = self._parts(version.get("content"), draft)
            if role is Role.ASSISTANT:
                reasoning, words = split_thinking(words)
                draft.reasoning.append(reasoning)
                draft.model = self._model
            draft.words.append(words)
        if version.get("role") == "system":
            draft.unknown("system", version.get("content"))
            draft.words.clear()
        draft.id = self._ids.id(parent, role, *draft.words)
        return draft

    def _step(self, step: dict[str, object], draft: Draft) -> None:
        kind = text(step.get("type"))
        if kind == "contentBlock" or (not kind and "content" in step):
            words = self._parts(step.get("content"), draft)
            if mapping(step.get("style")).get("type") == "thinking":
                draft.reasoning.append(words)
            else:
                reasoning, words = split_thinking(words)
                draft.reasoning.append(reasoning)
                draft.words.append(words)
            self._generation(step, draft)
        elif kind not in _STATES:
            draft.unknown(kind, step)

    def _generation(self, step: dict[str, object], draft: Draft) -> None:
        """With what model, when, and how it ended."""
        info = mapping(step.get("genInfo"))
        model = name(info.get("identifier")) or name(info.get("indexedModelIdentifier"))
        draft.model = draft.model or model
        stopped = mapping(info.get("stats")).get("stopReason")
        draft.interrupted |= isinstance(stopped, str) and stopped in _STOPPED
        if draft.created_ms is None and (
            match := _STEP_TIME.match(text(step.get("stepIdentifier")))
        ):
            draft.created_ms = milliseconds(int(match[1]))

    def _parts(self, content: object, draft: Draft) -> str:
        """The words; one text may lie in many parts, cut wherever a token ended."""
        if isinstance(content, str):
            return text(content)
        words = []
        for each in sequence(content):
            part = mapping(each)
            kind = text(part.get("type"))
            if kind == "text":
                if not flag(part.get("isStructural")):
                    words.append(text(part.get("text")))
            elif kind == "file":
                draft.files.append(self._file(part))
            elif kind == "toolCallRequest":
                asked = mapping(part.get("toolCallRequest")) or part
                arguments = asked.get("parameters", asked.get("arguments"))
                self._called[name(part.get("callId"))] = name(asked.get("name"))
                draft.tool_call(name(asked.get("name")), arguments)
            elif kind == "toolCallResult":
                called = name(part.get("name")) or self._called.get(name(part.get("callId")), "")
                draft.tool_answer(called, part.get("content"))
            else:
                draft.unknown(kind, each)
        return "".join(words)

    def _file(self, part: dict[str, object]) -> FoundFile:
        identifier = text(part.get("fileIdentifier")) or text(part.get("identifier"))
        label = text(part.get("name")) or identifier or "?"
        place = f"user-files/{identifier}"
        data, about = b"", {}
        with contextlib.suppress(OSError):
            data = read_whole(self._bundle, place, min(MOST_BYTES, self._room)) or b""
        with contextlib.suppress(OSError):
            about = mapping(document(self._bundle, f"{place}.metadata.json"))
        self._room -= len(data)
        label = text(about.get("originalName")) or label
        if part.get("fileType") == "image":
            found = picture_file(label, data)
            preview = mapping(about.get("preview")).get("data")
            return found if found.picture else data_url_file(label, preview)
        return FoundFile(label, text=decoded_text(data))


def _is_one(head: bytes) -> bool:
    keys = outline(head)
    if "messages[].versions" in keys:
        return True
    return "messages[]" in keys and bool(keys & {"lastUsedModel", "perChatPredictionConfig"})


def _chats(bundle: Bundle) -> list[str]:
    """The files of chats: in LM Studio's own folder only those in its folder of chats."""
    names = bundle.names("conversations") or bundle.names()
    return [each for each in names if each.endswith(".json") and not each.startswith("user-files/")]


def _id(file: str, chat: dict[str, object]) -> str:
    """Files are named by the moment of their creation, which they keep when they are moved."""
    base = file.rpartition("/")[2]
    numbered = _NUMBERED.fullmatch(base)
    return numbered[1] if numbered else name(chat.get("createdAt")) or base


def _folder(file: str) -> str:
    folder = file.removeprefix("conversations/").rpartition("/")[0]
    return folder.rpartition("/")[2]


def _system_prompt(chat: dict[str, object]) -> str:
    if prompt := text(chat.get("systemPrompt")):
        return prompt
    for each in sequence(mapping(chat.get("perChatPredictionConfig")).get("fields")):
        field = mapping(each)
        if field.get("key") == "llm.prediction.systemPrompt":
            return text(field.get("value"))
    return ""
