"""Finds the arrangements worth comparing: ranges of layers, and which keep their experts.

Everything fixed of the layers is packed first, because all of it is read for every token; then
each device's own layers keep their movable parts, the first ones first, as long as they fit.
Early layers first: prompts were read about a tenth faster with the last ones in RAM, because
tokens in late layers choose fewer different experts. Filling in order and passing over what does
not fit never keeps fewer bytes when there is more room: the first part that a larger room takes
and a smaller one passes over alone exceeds the smaller room.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, permutations
from typing import NamedTuple

from app.placement.layout import Arrangement, Parts, from_ranges, in_ram

_ALL_SUBSETS_UP_TO = 3
_MOST_DEVICES = 16
"""That the engine takes: ``LLAMA_MAX_DEVICES``."""
_STEPS = (8, 3, 1)
_SCORE_DIGITS = 9
"""Nobody notices a nanosecond per token."""
_MOST_FIRSTS = 12
"""First layers that are tried on one device. From one to the next as much is given up for the
same gain, so that the best is nearly always the first or the last."""


@dataclass(frozen=True, slots=True)
class Room:
    """What one device has for weights and KV cache, and what a byte costs there."""

    name: str
    bytes: int
    """As a device that computes layers only."""
    bytes_with_head: int
    """As the last device, which has the output head and its working memory too. The head's own
    weights are taken off already."""
    seconds_per_byte: float


@dataclass(frozen=True, slots=True)
class Rates:
    """What the score of an arrangement is made of."""

    ram_seconds_per_byte: float
    crossing_seconds: float
    used_share: float
    """Of the movable bytes that one token reads."""


def arrangements(
    parts: Parts,
    rooms: Sequence[Room],
    rates: Rates,
    most_kept: int | None = None,
    *,
    whole: bool = False,
) -> Iterator[Arrangement]:
    """Candidates, the processor alone last. ``most_kept`` limits the layers that keep experts.

    With ``whole`` only those that leave nothing in RAM.
    """
    for chosen in _device_orders(rooms):
        search = _Search(parts, chosen, rates, most_kept)
        if not whole:
            yield from search.candidates()
        elif search.may_hold_all:
            yield from (
                each for each in search.candidates() if all(each.keeps) and not each.first_layer
            )
    if not whole:
        yield in_ram(parts.facts)


def _device_orders(rooms: Sequence[Room]) -> Iterator[tuple[Room, ...]]:
    """Which devices in which order: alone, the fastest together, and pairs both ways."""
    usable = sorted(
        (room for room in rooms if room.bytes > 0), key=lambda room: room.seconds_per_byte
    )[:_MOST_DEVICES]
    for room in usable:
        yield (room,)
    if len(usable) <= _ALL_SUBSETS_UP_TO:
        yield from permutations(usable, 2)
    for count in range(2 if len(usable) > _ALL_SUBSETS_UP_TO else 3, len(usable) + 1):
        yield tuple(usable[:count])


class _Fill(NamedTuple):
    """Layers of one device that keep their movable part."""

    until: int
    """All before this one,"""
    behind: Sequence[int]
    """and these."""
    kept_bytes: int
    kept_layers: int
    """Those without a movable part do not count."""


class _Search:
    """The best ranges on devices in a given order."""

    def __init__(
        self, parts: Parts, rooms: Sequence[Room], rates: Rates, most_kept: int | None
    ) -> None:
        self._parts = parts
        self._rooms = [room.bytes for room in rooms[:-1]] + [rooms[-1].bytes_with_head]
        self._names = [room.name for room in rooms]
        self._costs = [room.seconds_per_byte for room in rooms]
        self._rates = rates
        self._most_kept = most_kept
        self._fixed = parts.fixed_sums
        self._movable = parts.movable_sums
        self._count = len(parts.fixed)
        has_movable = (size > 0 for size in parts.movable)
        self._movables = tuple(accumulate(has_movable, initial=0))
        self._smallest = min((size for size in parts.movable if size), default=0)

    @property
    def may_hold_all(self) -> bool:
        """Whether the bytes of all layers are no more than there is room."""
        needed = self._fixed[-1] + self._movable[-1]
        return needed <= sum(room for room in self._rooms if room > 0)

    def candidates(self) -> Iterator[Arrangement]:
        """What is worth comparing, if there is room at all."""
        if min(self._rooms) < 0:
            return  # one of them has no room for its working memory
        firsts = {self._pack(self._parts.fixed)}
        whole = [f + m for f, m in zip(self._parts.fixed, self._parts.movable, strict=True)]
        firsts.add(self._pack(whole))
        if len(self._rooms) == 1:
            least, most = min(firsts), max(firsts)
            firsts |= set(range(least, most, 1 + (most - least) // _MOST_FIRSTS))
        # Without a layer of its own a device would get the output head alone: that helps nobody.
        for first in sorted(firsts - {self._count}):
            counts = self._best_counts(first)
            if counts is not None:
                yield self._arrangement(first, counts)

    def _pack(self, sizes: Sequence[int]) -> int:
        """How many leading layers are left over when devices are filled from the last one."""
        layer = self._count
        for room in reversed(self._rooms):
            while layer > 0 and sizes[layer - 1] <= room:
                room -= sizes[layer - 1]
                layer -= 1
        return layer

    def _best_counts(self, first: int) -> tuple[int, ...] | None:
        """Layers of each device for the best score; None when there is no way."""
        start = self._start(first)
        if start is None:
            return None
        if len(start) == 1:
            return start
        if len(start) == 2:
            total = self._count - first
            ways = [(n, total - n) for n in range(total + 1)]
            return min(ways, key=lambda counts: self._value(first, counts))
        return self._climb(first, start)

    def _start(self, first: int) -> tuple[int, ...] | None:
        """Filled from the last device: possible if anything is."""
        layer = self._count
        if len(self._rooms) == 1:
            fits = self._fixed[layer] - self._fixed[first] <= self._rooms[0]
            return (layer - first,) if fits else None
        counts = []
        for room in reversed(self._rooms):
            count = 0
            while layer > first and self._parts.fixed[layer - 1] <= room:
                room -= self._parts.fixed[layer - 1]
                layer -= 1
                count += 1
            counts.append(count)
        return None if layer > first else tuple(reversed(counts))

    def _climb(self, first: int, counts: tuple[int, ...]) -> tuple[int, ...]:
        best, score = counts, self._value(first, counts)
        improved = True
        while improved:
            improved = False
            for step in _STEPS:
                for giver, taker in permutations(range(len(best)), 2):
                    if best[giver] < step:
                        continue
                    moved = list(best)
                    moved[giver] -= step
                    moved[taker] += step
                    value = self._value(first, moved)
                    if value < score:
                        best, score, improved = tuple(moved), value, True
        return best

    def _value(self, first: int, counts: Sequence[int]) -> tuple[float, float]:
        """The smaller the better: the score, and of equal ones how full the fullest device is.

        Devices that are filled alike read a prompt at the same time, and none is at its limit.
        """
        score = round(self._score(first, counts), _SCORE_DIGITS)
        fullest = 0.0
        start = first
        for room, count in zip(self._rooms, counts, strict=True):
            held = self._fixed[start + count] - self._fixed[start]
            held += self._movable[start + count] - self._movable[start]
            fullest = max(fullest, held / max(1, room))
            start += count
        return score, fullest

    def _score(self, first: int, counts: Sequence[int]) -> float:
        """Seconds of a token in these ranges; infinite when they do not fit."""
        seconds = 0.0
        start, most = first, self._most_kept
        rates = self._rates
        for room, cost, count in zip(self._rooms, self._costs, counts, strict=True):
            end = start + count
            fixed = self._fixed[end] - self._fixed[start]
            if fixed > room:
                return float("inf")
            fill = self._fill(start, end, room - fixed, most)
            left_bytes = self._movable[end] - self._movable[start] - fill.kept_bytes
            crossings = self._movables[end] - self._movables[start] - fill.kept_layers
            seconds += (fixed + fill.kept_bytes * rates.used_share) * cost
            seconds += left_bytes * rates.used_share * rates.ram_seconds_per_byte
            seconds += crossings * rates.crossing_seconds
            start, most = end, None if most is None else most - fill.kept_layers
        return seconds

    def _fill(self, start: int, end: int, room: int, most: int | None) -> "_Fill":
        """Which layers from ``start`` to before ``end`` keep their movable part in ``room``."""
        sums, counts = self._movable, self._movables
        until = bisect_right(sums, sums[start] + room, start, end + 1) - 1
        if most is not None:
            until = min(until, bisect_right(counts, counts[start] + most, start, end + 1) - 1)
        kept, number = sums[until] - sums[start], counts[until] - counts[start]
        behind = []
        for layer in range(until, end):
            if room - kept < self._smallest or number == most:
                break
            movable = self._parts.movable[layer]
            if 0 < movable <= room - kept:
                behind.append(layer)
                kept, number = kept + movable, number + 1
        return _Fill(until, behind, kept, number)

    def _arrangement(self, first: int, counts: Sequence[int]) -> Arrangement:
        keeps = [True] * first
        start, most = first, self._most_kept
        for room, count in zip(self._rooms, counts, strict=True):
            end = start + count
            fixed = self._fixed[end] - self._fixed[start]
            fill = self._fill(start, end, room - fixed, most)
            keeps += [True] * (fill.until - start)
            keeps += [not movable for movable in self._parts.movable[fill.until : end]]
            for layer in fill.behind:
                keeps[layer] = True
            start, most = end, None if most is None else most - fill.kept_layers
        return from_ranges(self._names, counts, first, keeps)
