"""What other conversations left in the KV cache, kept in main memory until they go on."""

from collections.abc import Sequence
from dataclasses import dataclass

import psutil

_MOST_BYTES = 2 * 2**30
_SHARE = 16
"""Of main memory: the most that is kept is one part of so many."""


@dataclass(frozen=True, slots=True)
class KeptState:
    """The KV cache behind some tokens, as the engine wrote it."""

    tokens: tuple[int, ...]
    data: bytearray
    oldest: int
    """The first position that every layer has."""


def room_for_others() -> int:
    """Bytes of main memory that conversations besides the present one may take."""
    return min(_MOST_BYTES, int(psutil.virtual_memory().total) // _SHARE)


def shared_beginning(one: Sequence[int], other: Sequence[int], most: int) -> int:
    """How many tokens, at most ``most``, both begin with."""
    most = min(most, len(one), len(other))
    return next((i for i in range(most) if one[i] != other[i]), most)


class KeptStates:
    """The latest used, in so many bytes. ``states`` is replaced whole: any thread may read it."""

    def __init__(self, room_bytes: int) -> None:
        self.room_bytes = room_bytes
        self.states: tuple[KeptState, ...] = ()
        """The latest used last."""

    def add(self, state: KeptState) -> None:
        """Keep one; what it goes on from is in it, and the longest unused make room."""
        kept = [each for each in self.states if each.tokens != state.tokens[: len(each.tokens)]]
        kept.append(state)
        while kept and sum(len(each.data) for each in kept) > self.room_bytes:
            del kept[0]
        self.states = tuple(kept)

    def used(self, state: KeptState) -> None:
        """It was put back: the last to go."""
        self.states = (*(each for each in self.states if each is not state), state)

    def clear(self) -> None:
        """Forget all of them."""
        self.states = ()
