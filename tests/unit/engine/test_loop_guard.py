"""The loop guard: ends what repeats itself exactly, and never what only looks alike."""

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.loop_guard import LoopGuard


class Words:
    """A vocabulary for tests: every piece of text is one token."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._pieces: list[bytes] = []

    def number(self, text: str) -> int:
        if text not in self._numbers:
            self._numbers[text] = len(self._pieces)
            self._pieces.append(text.encode())
        return self._numbers[text]

    def piece(self, token: int) -> bytes:
        return self._pieces[token]


def tokens_of(text: str) -> list[str]:
    """Words with the space before them, every sign by itself: more tokens than models make."""
    found: list[str] = []
    for character in text:
        grows = character.isalpha() and found and (found[-1][-1:].isalpha() or found[-1] == " ")
        if grows:
            found[-1] += character
        else:
            found.append(character)
    return found


def stopped_after(pieces: list[str]) -> int | None:
    """How many tokens came before the guard spoke; None if it never did."""
    words = Words()
    guard = LoopGuard(words.piece)
    for count, piece in enumerate(pieces, start=1):
        if guard.repeats(words.number(piece)):
            return count
    return None


LOOPS = {
    "one word": " again",
    "a phrase": " I am sorry, but I am",
    "a sentence": "The lighthouse keeper climbed the stairs once more and looked at the sea. ",
    "other letters": "对不起我不能",
    "a paragraph": "".join(f" word{'abcdefghijklmnopqrstuvwxyz'[n % 26]}{'xyz'[n % 3]}"
                           for n in range(78)) + ". ",
}  # fmt: skip


@pytest.mark.parametrize("name", LOOPS)
def test_words_that_come_again_and_again_are_ended(name: str) -> None:
    period = tokens_of(LOOPS[name])
    begin = tokens_of("Once upon a time there was a loop: ")
    after = stopped_after([*begin, *period * (1 + 3000 // len(period))])
    assert after is not None
    assert after <= len(begin) + max(240, 9 * len(period) + 32), "it should not go on for long"


@pytest.mark.parametrize("sign", ["!", "\n", " ", "-", "| ", "0, "])
def test_signs_without_end_are_ended_later(sign: str) -> None:
    after = stopped_after(tokens_of(sign) * 6000)
    assert after is not None
    assert after > 500


ROW = "|     |     |     |     |     |     |     |\n"
ORDINARY = {
    "rules of dashes": ("-" * 80 + "\n") * 12,
    "a box": "+" + "-" * 78 + "+\n" + ("|" + " " * 78 + "|\n") * 20 + "+" + "-" * 78 + "+\n",
    "an empty table": "| Mo | Tu | We | Th | Fr | Sa | Su |\n" + ROW * 30,
    "a table of yes": "| a | b | c |\n|---|---|---|\n" + "| yes | yes | yes |\n" * 40,
    "a table of not applicable": "| n/a | n/a | n/a | n/a |\n" * 40,
    "a matrix of zeros": ("[" + "0, " * 20 + "0],\n") * 20,
    "indentation": "".join("    " * (n % 12) + "if x:\n" for n in range(60)),
    "closing brackets": "".join(" " * (60 - n) + "}\n" for n in range(60)),
    "empty rows of HTML": "<tr><td></td><td></td><td></td></tr>\n" * 40,
    "a check list": "- [ ] \n" * 60,
    "a numbered list": "".join(f"{n}. An item of the list\n" for n in range(100)),
    "a chorus": ("La la la la la, we sing it all night long,\n" * 4 + "and then a verse {}.\n"),
    "one hundred": "".join(f"{n} is an even number.\n" for n in range(0, 400, 2)),
    "assembly": "    nop\n" * 60,
    "base64": "QUJD" * 30,
    "a poem with a refrain": "\n".join(
        f"Verse {n} has its own words {n * 7}\nNevermore, said the raven, nevermore\n"
        for n in range(60)
    ),
    "emoji": "🎉" * 200,
    "ellipses": "." * 300,
}


@pytest.mark.parametrize("name", ORDINARY)
def test_what_people_want_repeated_is_left_alone(name: str) -> None:
    assert stopped_after(tokens_of(ORDINARY[name])) is None


def test_a_loop_that_changes_a_little_is_no_exact_repetition() -> None:
    lines = (tokens_of(f"Step {n}: the same words as before, again. ") for n in range(200))
    assert stopped_after(list(itertools.chain.from_iterable(lines))) is None


WORD = st.sampled_from(
    ["the", "a", "sea", "ship", "is", "was", "and", "it", "gold", "blue", "wind", "sand", "me"]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(WORD, min_size=2, max_size=12), min_size=20, max_size=120))
def test_ordinary_text_never_sounds_an_alarm(sentences: list[list[str]]) -> None:
    # Numbered, since chance alone may make the same short sentence twenty times.
    text = "".join(f"{n}. {' '.join(words)}\n" for n, words in enumerate(sentences))
    assert stopped_after(tokens_of(text)) is None


@settings(deadline=None, max_examples=40)
@given(
    period=st.lists(WORD, min_size=1, max_size=13, unique=True),
    before=st.lists(WORD, max_size=300),
)
def test_every_loop_of_words_is_found(period: list[str], before: list[str]) -> None:
    pieces = [f" {word}" for word in before] + [f" {word}" for word in period] * 600
    after = stopped_after(pieces)
    assert after is not None
    assert after <= len(before) + max(192, 8 * len(period)) + 48


def test_it_costs_little() -> None:
    words = Words()
    numbers = [words.number(piece) for piece in tokens_of("All work and no play. 123 ")]
    guard = LoopGuard(words.piece)
    started = time.perf_counter()
    for n in range(20_000):
        guard.repeats(numbers[(n * n) % len(numbers)])
    assert time.perf_counter() - started < 2.0, "100 microseconds a token"
