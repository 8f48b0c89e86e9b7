"""One conversation at a time out of the history, as a format is given it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.attachments.store import attachment
from app.export.base import Given
from app.export.scope import OneBranch, Scope, SomeMessages
from app.history import folders, queries
from app.history.entities import Conversation, Message
from app.history.errors import HistoryError
from app.history.organised import Folder
from app.history.tree import Tree
from app.storage.connection import Connection
from app.text import clean


class Gatherer:
    """Reads conversations over one connection. ``whole_tree`` wants other branches too."""

    def __init__(self, connection: Connection, *, whole_tree: bool) -> None:
        self._connection = connection
        self._whole_tree = whole_tree
        self._folders: dict[str, Folder] | None = None

    def folders(self) -> dict[str, Folder]:
        """Every folder outside the trash by its id, as it was when first asked for."""
        if self._folders is None:
            self._folders = {each.id: each for each in folders.folders(self._connection)}
        return self._folders

    def gather(self, conversation_id: str, scope: Scope) -> Given:
        """The conversation, or what ``scope`` wants of it; inside one transaction of the caller.

        What is left out leaves no gap: a message hangs on the nearest one above it that is
        there. Raises HistoryError, and apsw.Error.
        """
        conversation = queries.conversation(self._connection, conversation_id)
        shape = queries.tree(self._connection, conversation_id)
        match scope:
            case SomeMessages(message_ids=chosen):
                _check(shape, chosen)
                messages = self._chosen(conversation_id, shape, set(chosen))
                return self._given(conversation, shape, messages, [e.id for e in messages])
            case OneBranch(leaf_id=leaf):
                _check(shape, (leaf,))
                branch = shape.path(leaf)
            case _:
                branch = shape.path(conversation.leaf_id)
        if self._whole_tree:
            messages = queries.messages(self._connection, conversation_id)
        else:
            messages = queries.some(self._connection, conversation_id, branch, shape)
        return self._given(conversation, shape, messages, branch)

    def _chosen(self, conversation_id: str, shape: Tree, chosen: set[str]) -> list[Message]:
        found = queries.some(self._connection, conversation_id, list(chosen), shape)
        return [
            replace(each, parent_id=_parent_within(shape, each.id, chosen))
            for each in sorted(found, key=lambda message: message.sequence)
        ]

    def _given(
        self,
        conversation: Conversation,
        shape: Tree,
        messages: Sequence[Message],
        branch: Sequence[str],
    ) -> Given:
        there = {each.id for each in messages}
        shown = tuple(each for each in branch if each in there)
        folder_id, pinned = self._place(conversation.id)
        return Given(
            # The last message of what is given, which may be less than what is shown.
            conversation=replace(conversation, leaf_id=shown[-1] if shown else None),
            messages=parents_first(messages),
            branch=shown,
            summaries=tuple(
                each
                for each in queries.summaries(self._connection, conversation.id)
                if each.until_id in there
            ),
            folder=self.folders().get(folder_id) if folder_id is not None else None,
            pinned=pinned,
            file=lambda attachment_id: attachment(self._connection, attachment_id),
            shown={
                each: node.shown
                for each in there
                if (node := shape.node(each)) is not None and node.shown
            },
        )

    def _place(self, conversation_id: str) -> tuple[str | None, bool]:
        row = self._connection.execute(
            "SELECT CAST(folder_id AS BLOB), pinned FROM conversations WHERE id = ?",
            (clean(conversation_id),),
        ).fetchone()
        if row is None or row[0] is None:
            return None, bool(row and row[1])
        return bytes(row[0]).decode("utf-8", "replace"), bool(row[1])


def parents_first(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages in their order, each behind its parent; a circle, which a fault of the disk
    may leave, begins anew at its first message."""
    there = {each.id: each for each in messages}
    done: dict[str, Message] = {}
    for message in messages:
        above: dict[str, Message] = {}
        at: Message | None = message
        while at is not None and at.id not in done and at.id not in above:
            above[at.id] = at
            at = there.get(at.parent_id) if at.parent_id is not None else None
        done.update(reversed(above.items()))
    return tuple(done.values())


def _check(shape: Tree, ids: Iterable[str]) -> None:
    for each in ids:
        if each not in shape:
            raise HistoryError("history.no_message", id=each)


def _parent_within(shape: Tree, message_id: str, wanted: set[str]) -> str | None:
    seen = {message_id}
    at = shape.parent(message_id)
    while at is not None and at not in wanted and at not in seen:
        seen.add(at)
        at = shape.parent(at)
    return at if at in wanted else None
