"""The shape of one conversation: parents, siblings, paths and what lies in the trash.

A message in the trash is left out, and what was below it hangs on its nearest parent that is
not. So every message that is seen has its place, whatever was deleted around it.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Node(NamedTuple):
    """One message without its words."""

    id: str
    parent_id: str | None
    sequence: int
    shown: int
    """Counts moves of the conversation's leaf: when this message last was the leaf; 0 never."""
    trashed_by: str
    """The message whose deletion took this one along; empty outside the trash."""


class Tree:
    """All messages of one conversation, those in the trash included."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._nodes = {node.id: node for node in nodes}
        self._hidden = {node.id for node in self._nodes.values() if node.trashed_by}
        self._children: dict[str | None, list[str]] | None = None

    def __contains__(self, message_id: str) -> bool:
        """Whether the message is there and not in the trash."""
        return message_id in self._nodes and message_id not in self._hidden

    @property
    def has_trash(self) -> bool:
        """Whether any message lies in the trash."""
        return bool(self._hidden)

    def node(self, message_id: str) -> Node | None:
        """The message, also when it lies in the trash; None when there is none."""
        return self._nodes.get(message_id)

    def parent(self, message_id: str) -> str | None:
        """The nearest parent that is seen; None for a first message, or when it is lost."""
        node = self._nodes.get(message_id)
        if node is None or node.parent_id is None:
            return None
        if node.parent_id in self and node.parent_id != message_id:
            return node.parent_id
        seen = {message_id}
        while node is not None and node.parent_id is not None and node.parent_id not in seen:
            parent = node.parent_id
            if parent in self:
                return parent
            seen.add(parent)
            node = self._nodes.get(parent)
        return None

    def path(self, leaf_id: str | None) -> list[str]:
        """From the first message to ``leaf_id``; without it, or when it is not seen, to the newest.

        Parents that form a circle, which a fault of the disk may leave, come to an end.
        """
        leaf = leaf_id if leaf_id is not None and leaf_id in self else self._newest()
        path: list[str] = []
        seen: set[str] = set()
        while leaf is not None and leaf not in seen:
            path.append(leaf)
            seen.add(leaf)
            leaf = self.parent(leaf)
        return path[::-1]

    def siblings(self, message_id: str) -> list[str]:
        """The messages with the same parent, itself included, oldest first."""
        return self._below().get(self.parent(message_id), [])

    def children(self, message_id: str | None) -> list[str]:
        """The messages that follow, oldest first; of None, the first messages."""
        return self._below().get(message_id, [])

    def branch(self, message_id: str) -> list[str]:
        """The message and all that is seen below it."""
        found: dict[str, None] = {}
        waiting = [message_id]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found[each] = None
                waiting.extend(self._below().get(each, ()))
        return list(found)

    def last_used(self, message_id: str | None) -> str | None:
        """The leaf that was shown last below (or at) a message; of None, anywhere.

        What was never shown comes after what was, the newest first.
        """
        ids = [each for each in self._nodes if each not in self._hidden]
        if message_id is not None:
            ids = [each for each in self.branch(message_id) if each in self]
        return max(ids, key=self._by_use, default=None)

    def _by_use(self, message_id: str) -> tuple[int, int]:
        node = self._nodes[message_id]
        return node.shown, node.sequence

    def _newest(self) -> str | None:
        ids = [each for each in self._nodes if each not in self._hidden]
        return max(ids, key=lambda each: self._nodes[each].sequence, default=None)

    def _below(self) -> dict[str | None, list[str]]:
        if self._children is None:
            self._children = {}
            ordered = sorted(self._nodes.values(), key=lambda node: node.sequence)
            for node in ordered:
                if node.id not in self._hidden:
                    self._children.setdefault(self.parent(node.id), []).append(node.id)
        return self._children
