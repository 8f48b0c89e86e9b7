"""How pictures stand among tokens."""

from app.engine.vision import (
    hash_of,
    is_last_slot,
    pieces_of,
    position_of,
    slots_of,
    whole_pictures,
)


class Shown:
    """A picture of three places."""

    def __init__(self, name: str) -> None:
        self.slots = slots_of(hash_of(name.encode()), [True] * 3)

    def read(self, _position: int) -> int:
        return 0


def test_places_of_a_picture_are_its_own() -> None:
    red, green = (slots_of(hash_of(name), [True] * 4) for name in (b"red", b"green"))
    assert len({*red, *green}) == 8
    assert all(token < 0 for token in red)
    assert [is_last_slot(token) for token in red] == [False, False, False, True]
    assert not is_last_slot(0)
    # The same bytes in more places are another picture: another projector cut them up.
    assert not set(red) & set(slots_of(hash_of(b"red"), [True] * 5))


def test_no_beginning_ends_inside_a_picture() -> None:
    tokens = [1, 2, *Shown("a").slots, 3]
    assert [whole_pictures(tokens, count) for count in range(7)] == [0, 1, 2, 2, 2, 5, 6]


def test_a_picture_may_take_fewer_positions_than_places() -> None:
    picture = slots_of(hash_of(b"red"), [True, True, False, False, True])
    tokens = [1, 2, *picture, 3]
    assert [position_of(tokens, count) for count in range(10)] == [0, 1, 2, 3, 4, 4, 4, 5, 6, 6]
    assert position_of([1, 2, 3], 2) == 2


def test_text_and_pictures_are_read_in_turn() -> None:
    one, two = Shown("a"), Shown("b")
    tokens = [1, 2, 3, *one.slots, *two.slots, 4]
    pieces = list(pieces_of(tokens, {3: one, 6: two}, 1, 1))
    assert pieces == [(1, 2, None), (2, 3, None), (3, 6, one), (6, 9, two), (9, 10, None)]
    assert list(pieces_of(tokens, {3: one, 6: two}, 6, 8)) == [(6, 9, two), (9, 10, None)]
