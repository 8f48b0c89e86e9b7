"""How often something stands in each message of a conversation, found a slice at a time."""

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from ui.chat.find_text import Folding, searchable
from ui.chat.message_item import MessageItem


@dataclass(frozen=True, slots=True)
class Hit:
    """One place: the message's number and which of its hits, both counted from 0."""

    message: int
    ordinal: int


class FindIndex:
    """Begins at a message, goes on to the end and then through what lies before."""

    def __init__(self, folding: Folding) -> None:
        self._folding = folding
        self._texts: dict[str, tuple[str, str]] = {}
        """By message id: its source, and that folded."""
        self._items: Sequence[MessageItem] = ()
        self._counts: list[int] = []
        self._waiting: deque[int] = deque()
        self.wanted = ""
        """What is looked for, folded."""

    def begin(self, items: Sequence[MessageItem], words: str, first: int) -> None:
        """Look for ``words`` in ``items``, from number ``first`` on."""
        self._items = items
        self.wanted = self._folding.fold(words)
        self._counts = [0] * len(items)
        first = first if 0 <= first < len(items) else 0
        self._waiting = deque([*range(first, len(items)), *range(first)] if self.wanted else ())

    def forget(self) -> None:
        """Look for nothing, and keep nothing."""
        self.begin((), "", 0)
        self._texts.clear()

    def continues(self, items: Sequence[MessageItem]) -> bool:
        """Whether these are the messages that are looked through, perhaps with more behind."""
        return items is self._items and len(items) >= len(self._counts)

    def added(self) -> None:
        """There are more messages at the end: look through them too."""
        for number in range(len(self._counts), len(self._items)):
            self._counts.append(0)
            self._waiting.append(number)

    @property
    def is_complete(self) -> bool:
        """Whether every message was looked through."""
        return not self._waiting

    @property
    def total(self) -> int:
        """Hits so far."""
        return sum(self._counts)

    def advance(self, seconds: float) -> None:
        """Look through more messages for about ``seconds``."""
        until = time.perf_counter() + seconds
        while self._waiting:
            self.count(self._waiting.popleft())
            if time.perf_counter() > until:
                return

    def count(self, number: int) -> None:
        """Look through one message, for the first time or because its text changed."""
        item = self._items[number]
        known = self._texts.get(item.message.id)
        if known is None or known[0] is not item.message.text:
            text = item.message.text
            known = (text, self._folding.fold(text if item.is_user else searchable(text)))
            self._texts[item.message.id] = known
        self._counts[number] = known[1].count(self.wanted) if self.wanted else 0

    def hits_in(self, number: int) -> int:
        """Hits of a message as far as is known."""
        return self._counts[number] if 0 <= number < len(self._counts) else 0

    def place_of(self, hit: Hit) -> int:
        """Which of all hits it is, counted from 1."""
        return sum(self._counts[: hit.message]) + min(hit.ordinal, self.hits_in(hit.message)) + 1

    def next(self, after: Hit) -> Hit | None:
        """The next hit behind ``after``, from the end on to the beginning; None without any."""
        if after.ordinal + 1 < self.hits_in(after.message):
            return Hit(after.message, after.ordinal + 1)
        size = len(self._counts)
        for step in range(1, size + 1):
            number = (after.message + step) % size
            if self._counts[number]:
                return Hit(number, 0)
        return None

    def previous(self, before: Hit) -> Hit | None:
        """The hit before ``before``, from the beginning on to the end; None without any."""
        if before.ordinal > 0 and self.hits_in(before.message):
            return Hit(before.message, min(before.ordinal, self.hits_in(before.message)) - 1)
        size = len(self._counts)
        for step in range(1, size + 1):
            number = (before.message - step) % size
            if self._counts[number]:
                return Hit(number, self._counts[number] - 1)
        return None
