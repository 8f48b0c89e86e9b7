"""Chats as training data: OpenAI's chat format and ShareGPT's, one a line or in one list.

Layouts as OpenAI describes its chat fine-tuning files and as their writers make them
(``messages`` with ``role`` and ``content``, tools in ``tool_calls``, reasoning in
``reasoning_content``), and as ShareGPT's export and the trainers that read it have them
(``conversations`` with ``from`` and ``value``, roles ``human`` and ``gpt``). Without ids of their
own, a chat and its messages are known by their words: one that goes on counts as another chat.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from app.history.entities import Role
from app.imports.bundle import Bundle, head_of, opened
from app.imports.entities import FoundConversation, FoundMessage, Unread
from app.imports.errors import ImportingError
from app.imports.identity import ChatIds, is_lasting
from app.imports.outline import is_lines, outline
from app.imports.pieces import ChainIds, Draft, data_url_file, file_label, split_thinking
from app.imports.reading import MOST_SMALL, lesser_errors, share
from app.imports.streaming import Budget, TooLarge, items, lines
from app.imports.trees import completed
from app.imports.values import mapping, milliseconds, name, sequence, text

SOURCE: Final = "jsonl"
_ROLES: Final = {"user": Role.USER, "human": Role.USER, "prompter": Role.USER}
_SYSTEM: Final = frozenset({"system", "developer"})
_TOOLS: Final = frozenset({"tool", "function", "observation", "ipython", "tool_response"})
_REASONING: Final = ("reasoning_content", "reasoning", "thinking")
_MESSAGES: Final = ("messages", "conversations", "conversation")


class JsonlReader:
    """Reads one file of either format, or a folder or zip of such files."""

    @property
    def name(self) -> str:
        """As the terminal calls it."""
        return SOURCE

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the first record in it has roles and words."""
        if head and not head.startswith(b"PK"):
            return _is_one(head)
        try:
            with opened(path) as bundle:
                return any(_is_one(head_of(bundle, each)) for each in _files(bundle)[:20])
        except ImportingError:
            return False

    def files(self, bundle: Bundle) -> list[str]:
        """Those that are named as its own."""
        return _files(bundle)

    def is_one(self, head: bytes) -> bool:
        """Whether a file begins as its own do."""
        return _is_one(head)

    def read(
        self, path: Path, only: Collection[str] | None = None
    ) -> Iterator[FoundConversation | Unread]:
        """Every chat. Raises ImportingError if there is no file of them."""
        with opened(path) as bundle:
            files = share(_files(bundle), only)
            if not files:
                raise ImportingError("import.no_chats", where=bundle.where)
            taken: set[str] = set()
            ids = ChatIds()
            for each in files:
                with lesser_errors(each) as told, bundle.open(each) as file:
                    head = head_of(bundle, each)
                    records = _records(file, head)
                    yield from _chats(records, each, taken, ids)
                yield from told


def _records(file: BinaryIO, head: bytes) -> Iterator[object | TooLarge | Unread]:
    budget = Budget(MOST_SMALL)
    keys = outline(head)
    if "[].role" in keys or "[].from" in keys:  # the list is one chat
        yield from items(file, "", budget)
    elif "[]" in keys:
        yield from items(file, "item", budget)
    elif is_lines(head):
        yield from lines(file, budget)
    else:
        yield from items(file, "", budget)


def _chats(
    records: Iterator[object | TooLarge | Unread], file: str, taken: set[str], ids: ChatIds
) -> Iterator[FoundConversation | Unread]:
    for number, record in enumerate(records, 1):
        where = f"{file}, {number}"
        if isinstance(record, TooLarge):
            yield record.unread(where)
            continue
        if isinstance(record, Unread):
            yield Unread(where, record.code, record.facts)
            continue
        chat = mapping(record)
        told = record if isinstance(record, list) else _told(chat)
        if not isinstance(told, list):
            yield Unread(where, "import.no_chat_here")
            continue
        words = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
        if words in taken:
            yield Unread(where, "import.twice")
            continue
        taken.add(words)
        yield from _conversation(chat, told, words[:32], where, ids)


def _conversation(
    chat: dict[str, object], told: list[object], words: str, where: str, ids: ChatIds
) -> Iterator[FoundConversation | Unread]:
    record = _Record(name(chat.get("model")))
    for each in told:
        record.take(each)
    record.finish_answer()
    prompt = [text(chat.get("system")), *record.system]
    conversation = FoundConversation(
        source=SOURCE,
        id=_id(chat, record.messages, words, ids),
        title=text(chat.get("title")) or text(chat.get("name")),
        messages=tuple(record.messages),
        leaf=record.messages[-1].id if record.messages else None,
        system_prompt="\n\n".join(filter(None, prompt)),
        created_ms=milliseconds(chat.get("created_at")) or milliseconds(chat.get("create_time")),
        updated_ms=milliseconds(chat.get("updated_at")) or milliseconds(chat.get("update_time")),
        folder=text(chat.get("folder")),
    )
    yield from completed(conversation, where)
    if record.unread:
        yield Unread(where, "import.no_message")


def _id(chat: dict[str, object], messages: list[FoundMessage], words: str, ids: ChatIds) -> str:
    """Its own id; what is only a row's number, which every file has, tells nothing by itself."""
    own = name(chat.get("id")) or name(chat.get("conversation_id"))
    if is_lasting(own) or not own or not messages:
        return ids.own(own or words, messages)
    return ids.distinct(f"{own}.{messages[0].id}", words)


class _Record:
    """One chat while its messages are found. What stands between two questions is one answer."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._ids = ChainIds()
        self._answer: Draft | None = None
        self.messages: list[FoundMessage] = []
        self.system: list[str] = []
        self.unread = 0

    def take(self, value: object) -> None:
        """The next message, whatever it is."""
        message = mapping(value)
        role = text(message.get("role")) or text(message.get("from"))
        content = message.get("content", message.get("value"))
        if not role:
            self.unread += 1
        elif role in _SYSTEM:
            held = Draft("", None, Role.ASSISTANT)
            self.system.append(_words(content, held))
        elif role in _ROLES:
            self.finish_answer()
            draft = self._draft(Role.USER, message)
            draft.words.append(_words(content, draft))
            self._keep(draft)
        else:
            self._work(role, message, content)

    def finish_answer(self) -> None:
        """The answer is complete."""
        if self._answer is not None:
            self._keep(self._answer)
            self._answer = None

    def _work(self, role: str, message: dict[str, object], content: object) -> None:
        if self._answer is None:
            self._answer = self._draft(Role.ASSISTANT, message)
            self._answer.model = name(message.get("model")) or self._model
        answer = self._answer
        if role in _TOOLS:
            answer.tool_answer(name(message.get("name")), content)
            return
        if role == "function_call":
            answer.tool_call("", content)
            return
        for key in _REASONING:
            answer.reasoning.append(text(message.get(key)))
        reasoning, words = split_thinking(_words(content, answer))
        answer.reasoning.append(reasoning)
        answer.words.append(words)
        for call in (*sequence(message.get("tool_calls")), message.get("function_call")):
            if asked := mapping(mapping(call).get("function")) or mapping(call):
                answer.tool_call(name(asked.get("name")), asked.get("arguments"))

    def _draft(self, role: Role, message: dict[str, object]) -> Draft:
        draft = Draft("", self.messages[-1].id if self.messages else None, role)
        draft.created_ms = milliseconds(message.get("created_at", message.get("timestamp")))
        return draft

    def _keep(self, draft: Draft) -> None:
        draft.id = self._ids.id(draft.parent, draft.role, *draft.words)
        self.messages.append(draft.message())


def _words(content: object, draft: Draft) -> str:
    if isinstance(content, str):
        return text(content)
    found = []
    for each in sequence(content):
        part = mapping(each)
        kind = text(part.get("type"))
        if kind in ("text", "input_text", "output_text", "refusal"):
            found.append(text(part.get("text")) or text(part.get("refusal")))
        elif kind in ("image_url", "input_image"):
            address = part.get("image_url")
            url = address if isinstance(address, str) else mapping(address).get("url")
            draft.files.append(data_url_file(file_label(len(draft.files) + 1), url))
        else:
            draft.unknown(kind, each)
    return "\n\n".join(found)


def _told(chat: dict[str, object]) -> object:
    return next((chat[key] for key in _MESSAGES if isinstance(chat.get(key), list)), None)


def _files(bundle: Bundle) -> list[str]:
    names = bundle.names()
    return names if len(names) == 1 else [n for n in names if n.endswith((".jsonl", ".json"))]


def _is_one(head: bytes) -> bool:
    keys = outline(head)
    for key in _MESSAGES:
        for begin in (key, f"[].{key}"):
            if f"{begin}[].role" in keys or f"{begin}[].from" in keys:
                return True
    return "[].role" in keys and "[].content" in keys
