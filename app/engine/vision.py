"""How pictures stand among the tokens of a prompt.

Where a picture stands in a message, its text has a mark. Among the tokens it takes as many places
as it takes of the context window; each place is a negative number made of the picture's hash. So
two prompts share a beginning only as far as their pictures are the same.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

_PLACE_BITS = 20


class Picture(Protocol):
    """A picture as one model will see it."""

    slots: tuple[int, ...]
    """What stands for it among the tokens."""

    def read(self, position: int) -> int:
        """Append it to the context at ``position``; returns what decoding returns."""


def hash_of(data: bytes) -> str:
    """What two pictures are told apart by."""
    return hashlib.sha256(data).hexdigest()


def slots_of(picture_hash: str, advances: Sequence[bool]) -> tuple[int, ...]:
    """Places for the picture with this hash; each tells whether the next position follows it."""
    base = (1 + int(picture_hash[:32], 16)) << 1
    count = len(advances)
    # The low bits count down, so that the last place is known, too.
    return tuple(
        -((((base | goes_on) << _PLACE_BITS | place) << _PLACE_BITS) + count - 1 - place)
        for place, goes_on in enumerate(advances)
    )


def position_of(tokens: Sequence[int], count: int) -> int:
    """The position in the context behind the first ``count`` tokens.

    Models that count positions by rows and columns spend fewer on a picture than places.
    """
    saved = sum(1 for token in tokens[:count] if token < 0 and not _goes_on(token))
    return min(count, len(tokens)) - saved


def _goes_on(token: int) -> bool:
    return bool(-token >> 2 * _PLACE_BITS & 1)


def is_last_slot(token: int) -> bool:
    """Whether a picture ends with this place."""
    return token < 0 and -token % (1 << _PLACE_BITS) == 0


def whole_pictures(tokens: Sequence[int], count: int) -> int:
    """At most ``count`` tokens from the beginning, without cutting a picture in two."""
    if 0 < count < len(tokens) and tokens[count] < 0:
        return count - ((-tokens[count] >> _PLACE_BITS) % (1 << _PLACE_BITS))
    return count


def pieces_of(
    tokens: Sequence[int], pictures: Mapping[int, Picture], start: int, most: int
) -> Iterator[tuple[int, int, Picture | None]]:
    """What is read from ``start`` on, piece by piece: begin, end, and the picture if it is one.

    ``pictures`` are by the place of their first slot; ``most`` is the longest piece of text.
    """
    at = start
    while at < len(tokens):
        picture = pictures.get(at)
        if picture is not None:
            end = at + len(picture.slots)
        else:
            limit = min(len(tokens), at + most)
            end = next((place for place in range(at, limit) if tokens[place] < 0), limit)
        yield at, end, picture
        at = end
