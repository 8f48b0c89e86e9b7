"""Which whole messages are selected: from where, and to where."""

from PySide6.QtCore import QObject, Signal


class MessageRange(QObject):
    """A run of messages by their numbers in the conversation, counted from 0.

    Signals:
        changed(): other messages are selected now.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._anchor = self._head = -1

    @property
    def is_empty(self) -> bool:
        """Whether no message is selected."""
        return self._anchor < 0

    @property
    def anchor(self) -> int:
        """Where the selection began, -1 when there is none."""
        return self._anchor

    @property
    def head(self) -> int:
        """Where it ends: before or behind the anchor; -1 when there is none."""
        return self._head

    @property
    def numbers(self) -> range:
        """The selected messages in the conversation's order."""
        if self.is_empty:
            return range(0)
        first, last = sorted((self._anchor, self._head))
        return range(first, last + 1)

    def select(self, anchor: int, head: int) -> None:
        """Select the messages from ``anchor`` to ``head``, both included."""
        if (anchor, head) != (self._anchor, self._head):
            self._anchor, self._head = anchor, head
            self.changed.emit()

    def clear(self) -> None:
        """Select none."""
        self.select(-1, -1)
