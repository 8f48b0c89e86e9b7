"""Characters stay whole and stop strings unseen, wherever the stream is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.textstream import StopStrings, Utf8Assembler

TEXT = "a é € 🙂 👨‍👩‍👧 \u202eعربي\x00 ß"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_characters_are_whole_at_any_piece_size(size: int) -> None:
    data = TEXT.encode()
    assembler = Utf8Assembler()
    shown = [assembler.feed(data[at : at + size]) for at in range(0, len(data), size)]
    assert "".join(shown) == TEXT
    assert all("\ufffd" not in text for text in shown)


def test_every_split_in_two_gives_the_same_text() -> None:
    data = TEXT.encode()
    for at in range(len(data) + 1):
        assembler = Utf8Assembler()
        assert assembler.feed(data[:at]) + assembler.feed(data[at:]) == TEXT


def test_impossible_bytes_become_replacement_characters() -> None:
    assert Utf8Assembler().feed(b"a\xffb") == "a\ufffdb"


def test_an_unfinished_character_is_not_shown() -> None:
    assembler = Utf8Assembler()
    assert assembler.feed("🙂".encode()[:3]) == ""


def stopped(pieces: list[str], *stops: str) -> tuple[str, bool]:
    filtered = StopStrings(stops)
    shown = ""
    for piece in pieces:
        shown += filtered.feed(piece)
        assert not any(stop in shown for stop in stops)
    return shown + filtered.flush(), filtered.found


def test_a_stop_string_is_found_at_every_split() -> None:
    text = "one END two"
    for first in range(len(text) + 1):
        for second in range(first, len(text) + 1):
            pieces = [text[:first], text[first:second], text[second:]]
            assert stopped(pieces, "END") == ("one ", True)


def test_the_earliest_of_several_stop_strings_wins() -> None:
    assert stopped(["abcdef"], "ef", "cd") == ("ab", True)


def test_a_beginning_that_comes_to_nothing_is_shown() -> None:
    assert stopped(["the EN", "D of E", "N"], "ENDING") == ("the END of EN", False)


def test_text_that_cannot_become_a_stop_string_is_not_held() -> None:
    assert StopStrings(["</s>"]).feed("hello <") == "hello "
    assert StopStrings(["</s>"]).feed("hello") == "hello"


def test_empty_stop_strings_stop_nothing() -> None:
    assert StopStrings([""]).feed("abc") == "abc"


@given(st.text("abc", max_size=30), st.lists(st.text("abc", min_size=1, max_size=4), max_size=3))
def test_cutting_into_characters_changes_nothing(text: str, stops: list[str]) -> None:
    whole = StopStrings(stops)
    expected = whole.feed(text) + whole.flush()
    pieces = StopStrings(stops)
    shown = "".join(pieces.feed(character) for character in text) + pieces.flush()
    ends = [text.find(stop) for stop in stops if stop in text]
    assert expected == (text[: min(ends)] if ends else text)
    # Character by character the stop string that ends first is seen first.
    assert text.startswith(shown)
    assert not any(stop in shown for stop in stops)
    assert pieces.found == whole.found
