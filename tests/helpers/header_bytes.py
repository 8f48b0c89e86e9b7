"""Random changes of a header's bytes that do not know what they mean."""

import random
from collections.abc import Callable
from dataclasses import replace

from tests.helpers.moe_headers import Draft

EXTREMES = (0, 1, 2, 3, 7, 31, 255, 256, 511, 513, 1000, 1001, 2**15, 2**16, 2**20, 2**31 - 1,
            2**31, 2**32 - 1, 2**40, 2**62, 2**63, 2**64 - 1)  # fmt: skip

Mutate = Callable[[random.Random, Draft], Draft]


def _bytes(edit: Callable[[random.Random, bytearray, int], None]) -> Mutate:
    def mutate(chance: random.Random, draft: Draft) -> Draft:
        headers = [part.header() for part in draft.parts]
        place = chance.randrange(len(headers))
        content = bytearray(headers[place])
        # Counts, names and figures stand at the beginning, the table at the end.
        ends = (len(content), len(content), min(1500, len(content)))
        for _ in range(chance.choice((1, 1, 1, 2, 8))):
            edit(chance, content, chance.randrange(min(chance.choice(ends), len(content)) or 1))
        headers[place] = bytes(content)
        return replace(draft, headers=tuple(headers))

    return mutate


def _flip(chance: random.Random, content: bytearray, at: int) -> None:
    if at < len(content):
        content[at] ^= 1 << chance.randrange(8)


def _overwrite(chance: random.Random, content: bytearray, at: int) -> None:
    size = chance.choice((1, 4, 8))
    extreme = chance.choice(EXTREMES) & ((1 << 8 * size) - 1)
    content[at : at + size] = extreme.to_bytes(size, "little")


def _cut(_chance: random.Random, content: bytearray, at: int) -> None:
    del content[at:]


def _insert(chance: random.Random, content: bytearray, at: int) -> None:
    content[at:at] = chance.randbytes(chance.choice((1, 4, 8, 200)))


def _remove(chance: random.Random, content: bytearray, at: int) -> None:
    del content[at : at + chance.choice((1, 4, 8, 200))]


def _repeat(chance: random.Random, content: bytearray, at: int) -> None:
    content[at:at] = content[at : at + chance.randrange(300)]


def _zeros(chance: random.Random, content: bytearray, at: int) -> None:
    content[at : at + 16] = bytes(16)


BYTES: dict[str, tuple[Mutate, int]] = {
    "bits flipped": (_bytes(_flip), 8),
    "extremes written": (_bytes(_overwrite), 6),
    "cut": (_bytes(_cut), 1),
    "bytes inserted": (_bytes(_insert), 1),
    "bytes removed": (_bytes(_remove), 1),
    "bytes repeated": (_bytes(_repeat), 1),
    "zeros written": (_bytes(_zeros), 2),
}
"""By kind what changes them, and how often in proportion."""
