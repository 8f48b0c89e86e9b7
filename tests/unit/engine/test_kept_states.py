"""States of other conversations in main memory: which stay, which go, what they share."""

from hypothesis import given
from hypothesis import strategies as st

from app.engine.kept_states import KeptState, KeptStates, room_for_others, shared_beginning

TOKENS = st.lists(st.integers(0, 2), max_size=12)


def state(*tokens: int, size: int = 10) -> KeptState:
    return KeptState(tokens, bytearray(size), 0)


@given(one=TOKENS, other=TOKENS, most=st.integers(0, 14))
def test_what_two_begin_with(one: list[int], other: list[int], most: int) -> None:
    count = shared_beginning(one, other, most)
    assert count <= most
    assert one[:count] == other[:count]
    if count < min(most, len(one), len(other)):
        assert one[count] != other[count]


def test_the_longest_unused_make_room() -> None:
    kept = KeptStates(room_bytes=30)
    states = [state(number) for number in range(4)]
    for each in states[:3]:
        kept.add(each)
    kept.used(states[0])
    kept.add(states[3])
    assert kept.states == (states[2], states[0], states[3])


def test_what_goes_on_from_another_takes_its_place() -> None:
    kept = KeptStates(room_bytes=100)
    kept.add(state(1, 2))
    kept.add(state(7, 8))
    kept.add(state(1, 2, 3))
    assert [each.tokens for each in kept.states] == [(7, 8), (1, 2, 3)]


def test_what_is_too_large_is_not_kept_at_all() -> None:
    kept = KeptStates(room_bytes=15)
    kept.add(state(1))
    kept.add(state(2, size=20))
    assert sum(len(each.data) for each in kept.states) <= 15
    kept.clear()
    assert kept.states == ()


def test_a_small_part_of_memory_is_used() -> None:
    assert 0 < room_for_others() <= 2 * 2**30
