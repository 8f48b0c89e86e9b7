"""Open WebUI's export: one JSON list of chats, each with its tree of messages.

Layout as Open WebUI 0.3 to 0.6 write it, learned from its source (models/chats, utils/middleware,
the chat component and the export of all chats) and from chats made after it. An element has
``id``, ``title``, ``chat``, ``created_at``, ``updated_at``, ``pinned`` and ``folder_id``, or is
the inner ``chat`` alone. That has ``history.messages``, an object by id with ``parentId`` and
``childrenIds``, and ``history.currentId``; before, a list ``messages``. Reasoning, tools and code
that was run stand in an answer as ``<details type=…>`` blocks; what was attached in ``files``.
"""

import html
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from app.history.entities import Role
from app.imports.bundle import Bundle, head_of, opened
from app.imports.details import split_details
from app.imports.entities import FoundConversation, FoundFile, FoundMessage, Unread
from app.imports.errors import ImportingError
from app.imports.identity import ChatIds
from app.imports.outline import outline
from app.imports.pieces import Draft, data_url_file, file_label, split_thinking
from app.imports.reading import MOST_SMALL, lesser_errors, share
from app.imports.streaming import Budget, TooLarge, items
from app.imports.trees import completed
from app.imports.values import flag, mapping, milliseconds, name, sequence, text
from app.wording import sentence

SOURCE: Final = "openwebui"
_KEYS = ("history.messages", "chat.history", "chat.messages")


class OpenWebUiReader:
    """Reads an export of one chat or of all, or a zip or folder of exports."""

    @property
    def name(self) -> str:
        """As the terminal calls it."""
        return SOURCE

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the first chat in it has a history."""
        if head and not head.startswith(b"PK"):
            return _is_one(head)
        try:
            with opened(path) as bundle:
                names = [each for each in bundle.names() if each.endswith(".json")]
                return any(_is_one(head_of(bundle, each)) for each in names[:20])
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
            names = share(_files(bundle), only)
            if not names:
                raise ImportingError("import.no_chats", where=bundle.where)
            ids = ChatIds()
            for each in names:
                with lesser_errors(each) as told, bundle.open(each) as file:
                    is_list = "[]" in outline(head_of(bundle, each))
                    budget = Budget(MOST_SMALL)
                    values = items(file, "item" if is_list else "", budget)
                    for number, value in enumerate(values, 1):
                        yield from _element(value, f"{each}, {number}", ids)
                yield from told


def _element(value: object, where: str, ids: ChatIds) -> Iterator[FoundConversation | Unread]:
    if isinstance(value, TooLarge):
        yield value.unread(where)
    elif isinstance(value, Unread):
        yield Unread(where, value.code, value.facts)
    elif isinstance(value, dict) and (
        isinstance(value.get("chat"), dict) or {"history", "messages"} & value.keys()
    ):
        yield from _conversation(value, where, ids)
    else:
        yield Unread(where, "import.no_chat_here")


def _conversation(
    element: dict[str, object], where: str, ids: ChatIds
) -> Iterator[FoundConversation | Unread]:
    inner = mapping(element.get("chat")) or element
    history = mapping(inner.get("history"))
    messages = tuple(_messages(inner, history))
    title = text(element.get("title")) or text(inner.get("title"))
    conversation = FoundConversation(
        source=SOURCE,
        id=ids.own(name(element.get("id")) or name(inner.get("id")), messages),
        title=title,
        messages=messages,
        leaf=name(history.get("currentId")) or None,
        system_prompt=text(mapping(inner.get("params")).get("system")) or text(inner.get("system")),
        created_ms=milliseconds(element.get("created_at")) or milliseconds(inner.get("timestamp")),
        updated_ms=milliseconds(element.get("updated_at")),
        folder=_folder(element),
        pinned=flag(element.get("pinned")),
    )
    yield from completed(conversation, title or where)


def _folder(element: dict[str, object]) -> str:
    """Its folder's name, which newer exports have, or one made of the folder's id."""
    folder = text(mapping(element.get("folder")).get("name"))
    if folder:
        return folder
    identity = text(element.get("folder_id"))
    return sentence("import.project", {"id": identity[:8]}) if identity else ""


def _messages(inner: dict[str, object], history: dict[str, object]) -> Iterator[FoundMessage]:
    """All messages, every parent's children in their own order."""
    listed = mapping(history.get("messages"))
    if not listed:
        last: str | None = None
        for number, each in enumerate(sequence(inner.get("messages"))):
            message = mapping(each)
            identity = name(message.get("id")) or f"message {number}"
            parent = name(message.get("parentId")) or last
            yield from _message(message, identity, parent)
            last = identity
        return
    ranks: dict[str, int] = {}
    for each in listed.values():
        for rank, child in enumerate(sequence(mapping(each).get("childrenIds"))):
            if isinstance(child, str):
                ranks.setdefault(child, rank)
    # A stable order by place among the siblings is the siblings' order below every parent.
    for key in sorted(listed, key=lambda each: ranks.get(each, 0)):
        message = mapping(listed[key])
        yield from _message(message, text(key), name(message.get("parentId")) or None)


def _message(
    message: dict[str, object], identity: str, parent: str | None
) -> Iterator[FoundMessage]:
    role = text(message.get("role"))
    draft = Draft(identity, parent, Role.USER if role == "user" else Role.ASSISTANT)
    draft.created_ms = milliseconds(message.get("timestamp"))
    if role not in ("user", "assistant"):
        draft.unknown(role, message.get("content"))
    else:
        _content(message, draft)
    for file in (*sequence(message.get("files")), *sequence(message.get("images"))):
        draft.files.append(_file(file, len(draft.files) + 1))
    if draft.role is Role.ASSISTANT:
        draft.model = name(message.get("model")) or name(message.get("modelName"))
        error = message.get("error")
        draft.interrupted = bool(error) or message.get("done") is False
        if error and not any(draft.words):
            draft.words.append(text(error) or text(mapping(error).get("content")))
        _sources(message, draft)
    yield draft.message()
    merged = text(mapping(message.get("merged")).get("content"))
    if merged:
        # One answer that was made of several models' answers.
        yield FoundMessage(f"{identity}.merged", identity, Role.ASSISTANT, merged)


def _content(message: dict[str, object], draft: Draft) -> None:
    content = message.get("content")
    for each in content if isinstance(content, list) else [{"type": "text", "text": content}]:
        part = mapping(each)
        kind = text(part.get("type"))
        if kind == "text":
            words = text(part.get("text"))
            if draft.role is Role.ASSISTANT:
                words = split_details(words, draft)
                reasoning, words = split_thinking(words)
                draft.reasoning.append(reasoning)
            draft.words.append(words)
        elif kind == "image_url":
            address = mapping(part.get("image_url")).get("url")
            draft.files.append(data_url_file(file_label(len(draft.files) + 1), address))
        else:
            draft.unknown(kind, each)
    draft.reasoning.append(text(message.get("reasoning_content")))
    for each in sequence(message.get("output")):
        _output(mapping(each), draft)


def _output(item: dict[str, object], draft: Draft) -> None:
    """What newer versions keep of an answer beside its words."""
    kind = text(item.get("type"))
    if kind == "message":
        said = [text(mapping(each).get("text")) for each in sequence(item.get("content"))]
        if not any(draft.words):
            draft.words += said
    elif kind == "reasoning":
        parts = sequence(item.get("content")) or sequence(item.get("summary"))
        thought = "\n\n".join(text(mapping(each).get("text")) for each in parts)
        if thought not in draft.reasoning:
            draft.reasoning.append(thought)
    elif kind == "function_call":
        draft.tool_call(name(item.get("name")), item.get("arguments"))
    elif kind == "function_call_output":
        draft.tool_answer(name(item.get("name")), item.get("output"))
    else:
        draft.unknown(kind, item)


def _file(value: object, number: int) -> FoundFile:
    if isinstance(value, str):
        return data_url_file(file_label(number), value)
    about = mapping(value)
    stored = mapping(about.get("file"))
    label = (
        text(about.get("name"))
        or text(stored.get("filename"))
        or text(mapping(stored.get("meta")).get("name"))
        or file_label(number)
    )
    if about.get("type") == "image":
        return data_url_file(label, about.get("url"))
    content = text(mapping(stored.get("data")).get("content")) or text(about.get("content"))
    return FoundFile(label, text=content)


def _sources(message: dict[str, object], draft: Draft) -> None:
    """The excerpts of files and pages that an answer was given."""
    for each in sequence(message.get("sources")) or sequence(message.get("citations")):
        source = mapping(each)
        label = text(mapping(source.get("source")).get("name")) or "?"
        found = [text(part) for part in sequence(source.get("document"))]
        told = sentence("import.source", {"name": html.unescape(label)})
        draft.reasoning.append("\n\n".join([told, *filter(None, found)]))


def _files(bundle: Bundle) -> list[str]:
    names = bundle.names()
    return names if len(names) == 1 else [each for each in names if each.endswith(".json")]


def _is_one(head: bytes) -> bool:
    keys = outline(head)
    return any(prefix + key in keys for key in _KEYS for prefix in ("", "[]."))
