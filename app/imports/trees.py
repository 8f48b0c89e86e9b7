"""Makes a sound tree of messages: parents first, no id twice, no ring, no lost parent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from app.imports.entities import FoundConversation, FoundFile, FoundMessage, Unread
from app.imports.pieces import is_name_only


@dataclass(frozen=True, slots=True)
class SoundTree:
    """Messages with every parent before its children."""

    messages: tuple[FoundMessage, ...]
    leaf: str | None
    """Of the branch that the source showed, else of the newest."""
    misplaced: int
    """Messages whose parent was missing, or that were in a ring, or whose id was taken."""


def sound_tree(
    found: Iterable[FoundMessage],
    leaf: str | None,
    chosen: Callable[[str | None], str | None] = lambda _parent: None,
) -> SoundTree:
    """The messages as a tree; siblings keep their order.

    ``chosen`` tells the child that the source showed below a parent, for sources that keep no
    last message. Without it the branch is the one of the last children.
    """
    by_id, misplaced = _unique(found)
    children: dict[str | None, list[str]] = {None: []}
    for message in by_id.values():
        if message.parent is not None and message.parent not in by_id:
            misplaced += 1
            message = by_id[message.id] = replace(message, parent=None)
        children.setdefault(message.parent, []).append(message.id)
    ordered: dict[str, FoundMessage] = {}
    _descend(children[None], children, by_id, ordered)
    for each, message in by_id.items():
        if each not in ordered:  # a ring, or below one: it is opened at its first message
            misplaced += 1
            begin = _in_ring(message, by_id)
            by_id[begin] = replace(by_id[begin], parent=None)
            _descend([begin], children, by_id, ordered)
    if leaf not in ordered:
        leaf = _shown_leaf(ordered, chosen)
    return SoundTree(tuple(ordered.values()), leaf, misplaced)


def completed(
    conversation: FoundConversation,
    where: str,
    chosen: Callable[[str | None], str | None] = lambda _parent: None,
) -> Iterable[FoundConversation | Unread]:
    """The conversation with a sound tree, then what must be told of it."""
    tree = sound_tree(conversation.messages, conversation.leaf, chosen)
    if not tree.messages:
        yield Unread(where, "import.empty_chat")
        return
    times = [each.created_ms for each in tree.messages if each.created_ms is not None]
    yield replace(
        conversation,
        messages=tree.messages,
        leaf=tree.leaf,
        created_ms=conversation.created_ms or min(times, default=None),
        updated_ms=conversation.updated_ms or max(times, default=conversation.created_ms),
    )
    if tree.misplaced:
        yield Unread(where, "import.misplaced", {"count": tree.misplaced})
    if names := sum(is_name_only(file) for file in _files(tree.messages)):
        yield Unread(where, "import.names_only", {"count": names})


def _files(messages: Iterable[FoundMessage]) -> Iterable[FoundFile]:
    return (file for message in messages for file in message.files)


def _unique(found: Iterable[FoundMessage]) -> tuple[dict[str, FoundMessage], int]:
    by_id: dict[str, FoundMessage] = {}
    misplaced = 0
    times: dict[str, int] = {}
    for message in found:
        known = by_id.get(message.id)
        if known is None:
            by_id[message.id] = message
        elif known != message:
            # Another message under the same id is a version beside the first.
            misplaced += 1
            number = times.get(message.id, 1) + 1
            while (other := f"{message.id}.{number}") in by_id:
                number += 1
            times[message.id] = number
            parent = message.parent if message.parent != message.id else None
            by_id[other] = replace(message, id=other, parent=parent)
    return by_id, misplaced


def _in_ring(message: FoundMessage, by_id: dict[str, FoundMessage]) -> str:
    """The first message that comes again on the way up; only rings have one."""
    passed: set[str] = set()
    at = message
    while at.id not in passed and at.parent is not None:
        passed.add(at.id)
        at = by_id[at.parent]
    return at.id


def _descend(
    roots: list[str],
    children: dict[str | None, list[str]],
    by_id: dict[str, FoundMessage],
    ordered: dict[str, FoundMessage],
) -> None:
    """Add everything below ``roots``. A stack of our own: branches may be very long."""
    waiting = list(reversed(roots))
    while waiting:
        each = waiting.pop()
        if each not in ordered:
            ordered[each] = by_id[each]
            waiting.extend(reversed(children.get(each, ())))


def _shown_leaf(
    ordered: dict[str, FoundMessage], chosen: Callable[[str | None], str | None]
) -> str | None:
    children: dict[str | None, list[str]] = {}
    for message in ordered.values():
        children.setdefault(message.parent, []).append(message.id)
    at: str | None = None
    while below := children.get(at):
        wanted = chosen(at)
        at = wanted if wanted in below else below[-1]
    return at
