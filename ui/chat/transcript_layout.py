"""Where each message of a conversation lies: measured heights, estimates for the rest."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ui.chat.message_item import MessageItem
from ui.theme.theme import Theme

_TOP, _BOTTOM, _GAP = 24, 16, 12
_FOOTER = 36
_CHARACTER_WIDTH = 7.6
"""Of body text at 100 %, on average."""
_LINE = 24


@dataclass(frozen=True, slots=True)
class Anchor:
    """A message in view, and how far its top lies above the view's (negative: below)."""

    item: MessageItem
    offset: int


class TranscriptLayout:
    """Pixels from the top of the conversation; knows no widgets."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.items: list[MessageItem] = []
        self.width = theme.px(720)
        self._by_id: dict[str, MessageItem] = {}
        self._tops: list[int] = []
        self._total = 0
        self._stale_from = 0

    def set_items(self, items: Sequence[MessageItem]) -> None:
        """Lay out another conversation."""
        self.items = []
        self._by_id = {}
        self.replace_from(0, items)

    def append(self, item: MessageItem) -> None:
        """Add a message at the end."""
        self.replace_from(len(self.items), [item])

    def replace_from(self, number: int, items: Sequence[MessageItem]) -> None:
        """Put ``items`` in the place of all messages from ``number`` on."""
        for gone in self.items[number:]:
            del self._by_id[gone.message.id]
        del self.items[number:]
        if self.items:
            self._mark_end(self.items[-1], is_end=False)
        for item in items:
            self._add(item)
        if self.items:
            self._mark_end(self.items[-1], is_end=True)
        # One at least is placed anew, so that the conversation's height is found again.
        self._stale_from = max(0, min(self._stale_from, number, len(self.items) - 1))

    @staticmethod
    def _mark_end(item: MessageItem, *, is_end: bool) -> None:
        item.is_end = is_end
        item.is_last = is_end and not item.is_user

    def find(self, message_id: str) -> MessageItem | None:
        """The item of a message."""
        return self._by_id.get(message_id)

    def set_width(self, width: int) -> None:
        """Another column width: every height must be measured again."""
        if width != self.width:
            self.width = width
            self.forget_heights()

    def forget_heights(self) -> None:
        """Estimate everything; an old measure is the best estimate there is."""
        for item in self.items:
            item.measured = False
            if not item.height:
                item.height = self._estimate(item)
        self._stale_from = 0

    def measured(self, item: MessageItem, height: int) -> None:
        """Take over a measured height."""
        item.measured = True
        if height != item.height:
            item.height = height
            self._stale_from = min(self._stale_from, item.number)

    def total(self) -> int:
        """Height of the whole conversation."""
        self._settle()
        return self._total

    def between(self, top: int, bottom: int) -> Iterator[MessageItem]:
        """The messages that are at least partly between two positions."""
        self._settle()
        first = max(0, bisect_right(self._tops, top) - 1)
        for item in self.items[first:]:
            if item.top >= bottom:
                return
            yield item

    def at(self, y: int) -> MessageItem | None:
        """The message at a position, or the nearest one; None when there are no messages."""
        self._settle()
        if not self.items:
            return None
        return self.items[max(0, bisect_right(self._tops, y) - 1)]

    def anchor(self, top: int, height: int) -> Anchor | None:
        """What must not move in a view at ``top``; None when there are no messages.

        The first message in view whose height is known: one that was only estimated may turn
        out taller, and would push what is being read.
        """
        seen = list(self.between(top, top + height)) or self.items[-1:]
        if not seen:
            return None
        item = next((item for item in seen if item.measured), seen[0])
        return Anchor(item, top - item.top)

    def position(self, anchor: Anchor) -> int:
        """Where the view's top must be to show ``anchor`` as it was."""
        self._settle()
        return anchor.item.top + anchor.offset

    def _add(self, item: MessageItem) -> None:
        details = item.message.details
        if not item.is_user:
            name = details.model_name if details else ""
            item.shows_name = bool(name) and name != self._last_name()
        item.height = self._estimate(item)
        item.number = len(self.items)
        self.items.append(item)
        self._by_id[item.message.id] = item

    def _last_name(self) -> str:
        for item in reversed(self.items):
            if not item.is_user and item.message.details:
                return item.message.details.model_name
        return ""

    def _estimate(self, item: MessageItem) -> int:
        text = item.message.text
        width = min(self.width, self._theme.px(528)) if item.is_user else self.width
        per_line = max(10, int(width / (_CHARACTER_WIDTH * self._theme.zoom)))
        lines = text.count("\n") + len(text) // per_line + 1
        if item.is_user:
            lines = min(lines, 41)
        return self._theme.px(lines * _LINE + _FOOTER + (24 if item.is_user else 0))

    def _settle(self) -> None:
        """Place what lies behind the first message that changed."""
        if not self.items:
            self._tops, self._total = [], 0
        if self._stale_from >= len(self.items):
            return
        first, px = self._stale_from, self._theme.px
        gap = px(_GAP)
        y = px(_TOP) if first == 0 else self.items[first - 1].bottom + gap
        del self._tops[first:]
        for item in self.items[first:]:
            item.top = y
            self._tops.append(y)
            y += item.height + gap
        self._total = y - gap + px(_BOTTOM)
        self._stale_from = len(self.items)
