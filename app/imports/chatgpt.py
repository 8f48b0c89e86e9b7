"""ChatGPT's export: a zip or its ``conversations.json``, with the tree of every conversation.

Layout as ChatGPT exported it from 2023 to 2026 (one file, or ``conversations-000.json`` and
further), learned from descriptions of many exports and from programs that read them: a list of
conversations with ``mapping``, an object of nodes with ``parent``, ``children`` and ``message``,
and ``current_node``, the last message that was shown. A message has an author's role, content of
one of many types (see ``chatgpt_content``) and metadata; the files of a zip begin with the id
that messages name. What is between two questions, tools' work too, becomes one answer, except
where branches part.
"""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from app.history.entities import Role
from app.imports.bundle import Bundle, head_of, opened
from app.imports.chatgpt_content import Assets, MessageContent
from app.imports.entities import FoundConversation, FoundMessage, Unread
from app.imports.errors import ImportingError
from app.imports.identity import ChatIds
from app.imports.outline import outline
from app.imports.pieces import Draft
from app.imports.reading import MOST_SMALL, lesser_errors, share
from app.imports.streaming import Budget, TooLarge, items
from app.imports.trees import completed
from app.imports.values import flag, mapping, milliseconds, name, sequence, text
from app.wording import sentence

SOURCE: Final = "chatgpt"
_FILE = re.compile(r"(?:.*/)?conversations(?:[-_]\d{1,6})?\.json\Z")


class ChatGptReader:
    """Reads the zip, the folder it was unpacked to, or one of its files of conversations."""

    @property
    def name(self) -> str:
        """As the terminal calls it."""
        return SOURCE

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the first conversation in it has a mapping."""
        if head and not head.startswith(b"PK"):
            return _is_one(head)
        try:
            with opened(path) as bundle:
                return any(_is_one(head_of(bundle, each)) for each in _files(bundle))
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
        """Every conversation. Raises ImportingError if there is no file of them."""
        with opened(path) as bundle:
            files = share(_files(bundle), only)
            if not files:
                raise ImportingError("import.no_chats", where=bundle.where)
            assets = Assets(bundle)
            ids = ChatIds()
            for each in files:
                with lesser_errors(each) as told:
                    yield from _file(bundle, each, assets, ids)
                yield from told


def _file(
    bundle: Bundle, file: str, assets: Assets, ids: ChatIds
) -> Iterator[FoundConversation | Unread]:
    path = "item" if "[]" in outline(head_of(bundle, file)) else ""
    with bundle.open(file) as content:
        for number, value in enumerate(items(content, path, Budget(MOST_SMALL)), 1):
            where = f"{file}, {number}"
            if isinstance(value, TooLarge):
                yield value.unread(where)
            elif isinstance(value, Unread):
                yield Unread(where, value.code, value.facts)
            elif isinstance(value, dict) and isinstance(value.get("mapping"), dict):
                yield from _conversation(value, where, assets, ids)
            else:
                yield Unread(where, "import.no_chat_here")


def _conversation(
    value: dict[str, object], where: str, assets: Assets, ids: ChatIds
) -> Iterator[FoundConversation | Unread]:
    title = text(value.get("title"))
    tree = _Tree(mapping(value.get("mapping")), name(value.get("default_model_slug")), assets)
    messages = tree.messages()
    project = text(value.get("gizmo_id")) or text(value.get("conversation_template_id"))
    is_project = project.startswith("g-p-")
    conversation = FoundConversation(
        source=SOURCE,
        id=ids.own(name(value.get("conversation_id")) or name(value.get("id")), messages),
        title=title,
        messages=messages,
        leaf=tree.leaf(name(value.get("current_node"))),
        system_prompt="\n\n".join(tree.system_prompt),
        created_ms=milliseconds(value.get("create_time")),
        updated_ms=milliseconds(value.get("update_time")),
        folder=sentence("import.project", {"id": project[4:12]}) if is_project else "",
        pinned=flag(value.get("is_starred")) or value.get("pinned_time") is not None,
    )
    yield from completed(conversation, title or where)
    if tree.misplaced:
        yield Unread(title or where, "import.misplaced", {"count": tree.misplaced})
    if tree.unread:
        yield Unread(title or where, "import.no_message")


class _Tree:
    """The nodes of one conversation while its messages are found."""

    def __init__(self, nodes: dict[str, object], model: str, assets: Assets) -> None:
        self._nodes = {key: mapping(node) for key, node in nodes.items()}
        self.unread = sum(not isinstance(node, dict) for node in nodes.values())
        self._content = MessageContent(assets)
        self._model = model
        self._drafts: list[Draft] = []
        self._parents: dict[int, Draft | None] = {}
        """Of drafts, by identity: their ids are known only at the end."""
        self._at: dict[str, Draft | None] = {}
        """The message that a node belongs to, or that it follows."""
        self._work: set[str] = set()
        """Nodes that an answer may go on behind."""
        self._children: dict[str, list[str]] = {}
        self.misplaced = 0
        self.system_prompt = self._content.system_prompt

    def messages(self) -> tuple[FoundMessage, ...]:
        """All messages, parents first, every parent's children in their order."""
        for key, node in self._nodes.items():
            parent = name(node.get("parent"))
            if parent in self._nodes:
                self._children.setdefault(parent, []).append(key)
        for key, below in self._children.items():
            told = sequence(self._nodes[key].get("children"))
            ranks = {each: rank for rank, each in enumerate(told) if isinstance(each, str)}
            below.sort(key=lambda each: ranks.get(each, len(ranks)))
        for key, node in self._nodes.items():
            parent = name(node.get("parent"))
            if parent not in self._nodes:
                self._descend(key, is_lost=bool(parent))
        for key in self._nodes:
            if key not in self._at:  # a ring
                self._descend(key, is_lost=True)
        return tuple(self._finished())

    def leaf(self, node: str) -> str | None:
        """The message of a node; None if it has none."""
        draft = self._full(self._at.get(node))
        return draft.id if draft is not None else None

    def _descend(self, root: str, is_lost: bool) -> None:
        before = len(self._drafts)
        waiting: list[tuple[str, str | None]] = [(root, None)]
        while waiting:
            key, parent = waiting.pop()
            if key in self._at:
                continue
            self._node(key, parent)
            below = self._children.get(key, ())
            waiting.extend((each, key) for each in reversed(below))
        if is_lost and len(self._drafts) > before:
            self.misplaced += 1

    def _node(self, key: str, parent: str | None) -> None:
        before = self._at.get(parent) if parent is not None else None
        message = mapping(self._nodes[key].get("message"))
        role = self._content.role(message)
        if role is None:
            self._at[key] = before
            if parent in self._work and len(self._children[parent]) == 1:
                self._work.add(key)
            return
        goes_on = role is Role.ASSISTANT and before is not None and parent in self._work
        if goes_on and parent is not None and len(self._children[parent]) == 1:
            assert before is not None
            draft = before
            draft.id = key
        else:
            draft = Draft(key, None, role)
            self._drafts.append(draft)
            self._parents[id(draft)] = before
        self._content.take(message, draft)
        self._at[key] = draft
        if role is Role.ASSISTANT:
            self._work.add(key)

    def _full(self, draft: Draft | None) -> Draft | None:
        """The draft, or the nearest before it that has anything in it."""
        while draft is not None and draft.is_empty():
            draft = self._parents[id(draft)]
        return draft

    def _finished(self) -> Iterator[FoundMessage]:
        for draft in self._drafts:
            if not draft.is_empty():
                parent = self._full(self._parents[id(draft)])
                draft.parent = parent.id if parent is not None else None
                if draft.role is Role.ASSISTANT:
                    draft.model = draft.model or self._model
                yield draft.message()


def _files(bundle: Bundle) -> list[str]:
    names = bundle.names()
    return names if len(names) == 1 else [each for each in names if _FILE.match(each)]


def _is_one(head: bytes) -> bool:
    keys = outline(head)
    return "[].mapping" in keys or "mapping" in keys
