"""Finds the arrangements worth comparing: ranges of layers, and which keep their experts.

Everything fixed of the layers is packed first, because all of it is read for every token; then
each device's own layers keep their movable parts, the first ones first, as long as they fit.
Early layers first: prompts were read about a tenth faster with the last ones in RAM, because
tokens in late layers choose fewer different experts. Filling in order and passing over what does
not fit never keeps fewer bytes when there is more room: the first part that a larger room takes
and a smaller one passes over alone exceeds the smaller room.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, permutations

from app.placement.layout import Arrangement, Parts, from_ranges, in_ram

_ALL_SUBSETS_UP_TO = 3
_STEPS = (8, 3, 1)


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
    parts: Parts, rooms: Sequence[Room], rates: Rates, most_kept: int | None = None
) -> Iterator[Arrangement]:
    """Candidates, the processor alone last. ``most_kept`` limits the layers that keep experts."""
    for chosen in _device_orders(rooms):
        yield from _Search(parts, chosen, rates, most_kept).candidates()
    yield in_ram(parts.facts)


def _device_orders(rooms: Sequence[Room]) -> Iterator[tuple[Room, ...]]:
    """Which devices in which order: alone, the fastest together, and pairs both ways."""
    usable = sorted(
        (room for room in rooms if room.bytes > 0), key=lambda room: room.seconds_per_byte
    )
    for room in usable:
        yield (room,)
    if len(usable) <= _ALL_SUBSETS_UP_TO:
        yield from permutations(usable, 2)
    for count in range(2 if len(usable) > _ALL_SUBSETS_UP_TO else 3, len(usable) + 1):
        yield tuple(usable[:count])


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
        self._fixed = [0, *accumulate(parts.fixed)]
        self._count = len(parts.fixed)

    def candidates(self) -> Iterator[Arrangement]:
        if min(self._rooms) < 0:
            return  # one of them has no room for its working memory
        firsts = {self._pack(self._parts.fixed)}
        whole = [f + m for f, m in zip(self._parts.fixed, self._parts.movable, strict=True)]
        firsts.add(self._pack(whole))
        if len(self._rooms) == 1:
            firsts = set(range(min(firsts), max(firsts) + 1))
        for first in sorted(firsts):
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
            return min(ways, key=lambda counts: self._score(first, counts))
        return self._climb(first, start)

    def _start(self, first: int) -> tuple[int, ...] | None:
        """Filled from the last device: possible if anything is."""
        layer = self._count
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
        best, score = counts, self._score(first, counts)
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
                    value = self._score(first, moved)
                    if value < score:
                        best, score, improved = tuple(moved), value, True
        return best

    def _score(self, first: int, counts: Sequence[int]) -> float:
        """Seconds of a token in these ranges; infinite when they do not fit."""
        seconds = 0.0
        start, left = first, self._most_kept
        rates = self._rates
        for room, cost, count in zip(self._rooms, self._costs, counts, strict=True):
            end = start + count
            fixed = self._fixed[end] - self._fixed[start]
            if fixed > room:
                return float("inf")
            kept, crossings, left_bytes, left = self._fill(start, end, room - fixed, left)
            seconds += (fixed + kept * rates.used_share) * cost
            seconds += left_bytes * rates.used_share * rates.ram_seconds_per_byte
            seconds += crossings * rates.crossing_seconds
            start = end
        return seconds

    def _fill(
        self, start: int, end: int, room: int, most: int | None
    ) -> tuple[int, int, int, int | None]:
        """Bytes kept, layers and bytes that are not, and how many may still be kept after."""
        kept = crossings = left = 0
        for movable in self._parts.movable[start:end]:
            if movable == 0:
                continue
            if movable <= room and most != 0:
                room -= movable
                kept += movable
                most = None if most is None else most - 1
            else:
                crossings += 1
                left += movable
        return kept, crossings, left, most

    def _arrangement(self, first: int, counts: Sequence[int]) -> Arrangement:
        keeps = [True] * first
        start, most = first, self._most_kept
        for room, count in zip(self._rooms, counts, strict=True):
            end = start + count
            room -= self._fixed[end] - self._fixed[start]
            for movable in self._parts.movable[start:end]:
                fits = movable == 0 or (movable <= room and most != 0)
                keeps.append(fits)
                if fits and movable:
                    room -= movable
                    most = None if most is None else most - 1
            start = end
        return from_ranges(self._names, counts, first, keeps)
