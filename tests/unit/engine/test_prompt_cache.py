"""What of a prompt need not be read, for memories that can and cannot go back."""

from collections.abc import Sequence

import pytest

from app.engine.prompt_cache import PromptCache


class Memory:
    """Stands in for the engine's: counts, and obeys its rules."""

    def __init__(self, *, can_go_back: bool, writes: bool = True) -> None:
        self.can_go_back = can_go_back
        self.length = 0
        self._writes = writes

    def forget_from(self, position: int) -> bool:
        if position == self.length or self.can_go_back:
            self.length = position
            return True
        self.length = 0
        return False

    def clear(self) -> None:
        self.length = 0

    def oldest_kept(self) -> int:
        return 0

    def first_needed(self, position: int) -> int:
        return 0

    def state_bytes(self) -> int:
        return len(self.state())

    def state(self) -> bytearray:
        return bytearray(self.length.to_bytes(4, "big") if self._writes else b"")

    def put_back(self, data: bytearray) -> bool:
        self.length = int.from_bytes(data, "big")
        return bool(data)


def read(cache: PromptCache, tokens: Sequence[int]) -> int:
    """As the engine thread does with a prompt; returns what was reused."""
    told = cache.has_read(tokens)
    reused = cache.reuse(tokens)
    assert told == reused, "what was told before is what happens"
    memory = cache._memory
    cache.tokens += tokens[reused:]
    memory.length = len(cache.tokens)  # type: ignore[attr-defined]
    cache.was_read(len(tokens) - reused, 1.0)
    cache.answered(thought=False)
    return reused


def cache_of(memory: Memory) -> PromptCache:
    return PromptCache(memory, 2**20)  # type: ignore[arg-type]


FIRST = list(range(200))
OTHER = [*range(10), *range(1000, 1200)]


def test_what_can_go_back_keeps_what_is_shared() -> None:
    cache = cache_of(Memory(can_go_back=True))
    assert read(cache, FIRST) == 0
    assert read(cache, [*FIRST[:150], 7, 8]) == 150
    assert read(cache, OTHER) == 10
    assert read(cache, [*FIRST, 5]) >= 150, "the first was kept"


@pytest.mark.parametrize("cut", [1, 50])
def test_what_cannot_go_back_continues_from_its_end_or_not_at_all(cut: int) -> None:
    cache = cache_of(Memory(can_go_back=False))
    read(cache, FIRST)
    assert read(cache, [*FIRST, 5, 6]) == 200
    assert read(cache, [*FIRST[:-cut], 7, 8]) == 0


def test_it_is_put_back_whole_although_the_cache_shares_almost_as_much() -> None:
    cache = cache_of(Memory(can_go_back=False))
    read(cache, FIRST)
    read(cache, OTHER)
    read(cache, [*FIRST[:190], *range(2000, 2100)])
    assert read(cache, [*FIRST, 5]) == 200


def test_a_state_that_the_engine_did_not_write_is_not_kept() -> None:
    cache = cache_of(Memory(can_go_back=True, writes=False))
    read(cache, FIRST)
    read(cache, OTHER)
    assert read(cache, [*FIRST, 5]) == 10
