"""The branch that is shown, out of the history: what comes into view first, then the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.history.entities import Conversation, Message, Siblings
from app.history.tree import Tree
from app.services import Services
from ui.controllers.under_way import as_it_is_now

_FIRST = 60
"""Messages from where a branch is changed: more than any screen shows."""
_MORE = 400
"""Messages read at once while the window is in use: less than a frame."""


@dataclass(slots=True)
class BranchRead:
    """A conversation as it is now, and as much of its branch as has been read."""

    conversation: Conversation
    messages: list[Message]
    shape: Tree
    rest: list[str]
    """Ids of the messages below that are still to be read."""


class BranchReader:
    """Reads branches; what stands in them while an answer is written is told by the turns."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def read(
        self,
        conversation_id: str,
        shown: Sequence[Message] = (),
        from_id: str = "",
        shape: Tree | None = None,
    ) -> BranchRead:
        """The branch that is shown. Raises HistoryError, StorageError.

        What is ``shown`` above ``from_id`` is not read again, and of what is below it only the
        beginning: either may be thousands of messages. Without it, all is read.
        """
        history = self._services.history
        conversation = history.conversation(conversation_id)
        shape = shape or history.tree(conversation_id)
        path = shape.path(conversation.leaf_id)
        at = path.index(from_id) if from_id in path else len(path)
        above = list(shown[:at])
        if at == len(path) or [each.id for each in above] != path[:at]:
            read = BranchRead(conversation, [], shape, path)
            self._take(read, len(path))
        else:
            read = BranchRead(conversation, above, shape, path[at:])
            self._take(read, _FIRST)
        return read

    def more(self, read: BranchRead, *, everything: bool = False) -> list[Message]:
        """Read on; return what was added. Raises HistoryError, StorageError."""
        return self._take(read, len(read.rest) if everything else _MORE)

    def _take(self, read: BranchRead, count: int) -> list[Message]:
        ids, read.rest = read.rest[:count], read.rest[count:]
        found = self._services.history.some(read.conversation.id, ids, read.shape)
        added = [as_it_is_now(self._services.turns, each) for each in found]
        read.messages += added
        return added


def places_of(messages: Sequence[Message], shape: Tree) -> dict[str, Siblings]:
    """Of each message: its versions."""
    found = {}
    for message in messages:
        ids = tuple(shape.siblings(message.id))
        if message.id in ids:
            found[message.id] = Siblings(ids, ids.index(message.id))
    return found
