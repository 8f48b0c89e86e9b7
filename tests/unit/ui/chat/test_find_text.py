"""Words are found without regard to case, accents and the marks of Markdown."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.chat_samples import RICH, answer, question
from ui.chat.find_index import FindIndex, Hit
from ui.chat.find_text import Folding, searchable
from ui.chat.message_item import MessageItem

FOLDING = Folding()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Café", "cafe"),
        ("CAFE\u0301", "café"),
        ("Straße", "STRASSE"),
        ("Ünïcödé", "unicode"),
        ("a\nb", "a b"),
        ("a\u2028b", "a b"),
        ("a\u00a0b", "a b"),
        ("Ωmega", "ωM"),
        ("日本語のテキスト", "本語"),
        ("한국어", "국어"),
        ("नमस्ते", "नमस्ते"),
        ("😀 grin", "😀"),
    ],
)
def test_what_a_reader_takes_for_the_same(text: str, words: str) -> None:
    assert FOLDING.fold(words) in FOLDING.fold(text)


@pytest.mark.parametrize(("text", "words"), [("cafe", "cave"), ("한국", "하"), ("हि", "हु")])
def test_what_is_not_the_same(text: str, words: str) -> None:
    assert FOLDING.fold(words) not in FOLDING.fold(text)


def test_places_count_as_documents_do() -> None:
    text = "😀é😀 CAFE\u0301 ße"
    units = text.encode("utf-16-le")
    for words, expected in (("é", ["é", "E\u0301", "e"]), ("cafe", ["CAFE\u0301"]), ("ss", ["ß"])):
        found = FOLDING.places(text, FOLDING.fold(words))
        assert [units[2 * b : 2 * e].decode("utf-16-le") for b, e in found] == expected


@given(st.text(), st.text(min_size=1, max_size=3))
def test_there_are_as_many_places_as_are_counted(text: str, words: str) -> None:
    wanted = FOLDING.fold(words)
    places = FOLDING.places(text, wanted)
    assert len(places) == (FOLDING.fold(text).count(wanted) if wanted else 0)
    assert all(begin < end for begin, end in places) or not wanted.strip()


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("**bold** words", "bold words"),
        ("*a* _b_ ~~c~~ `d`", "a b c d"),
        ("# Head", "Head"),
        ("- item\n2. next\n> quote", "item\nnext\nquote"),
        ("- [x] done", "done"),
        ("[words](https://a.org/sort) end", "words end"),
        ("![image](a.png)", "image"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("snake_case_name", "snake_case_name"),
        ("a*b", "a*b"),
        ("```py\nx = **kw\n# no head\n```\nafter", "x = **kw\n# no head\n\nafter"),
        ("```\nopen *fence*", "open *fence*"),
        ("$a_1 * b_2$ and $$\\frac{*}{_}$$", "$a_1 * b_2$ and $$\\frac{*}{_}$$"),
        ("`**code**`", "**code**"),
    ],
)
def test_marks_are_not_part_of_what_is_read(source: str, read: str) -> None:
    assert searchable(source) == read


@pytest.mark.parametrize(
    "source",
    ["[" * 50_000, "*" * 50_000, "`" * 50_000, "```\n" * 10_000, "$" * 50_000, "_a" * 40_000,
     "![" * 30_000, "> " * 40_000, " " * 100_000, "a" * 1_000_000, "[a](" * 20_000, "$a" * 40_000],
)  # fmt: skip
def test_hostile_sources_are_read_in_little_time(source: str) -> None:
    begin = time.perf_counter()
    searchable(source)
    assert time.perf_counter() - begin < 2.0


def items(count: int, text: str = RICH) -> list[MessageItem]:
    return [
        MessageItem(question(n) if n % 2 == 0 else answer(n, text), number=n) for n in range(count)
    ]


def finished(found: FindIndex) -> FindIndex:
    while not found.is_complete:
        found.advance(1.0)
    return found


def test_hits_are_counted_and_gone_through_both_ways_round() -> None:
    index = FindIndex(FOLDING)
    index.begin(items(6), "SORTED", 3)
    finished(index)
    assert index.total == 9
    hits = [Hit(1, 0)]
    for _ in range(9):
        following = index.next(hits[-1])
        assert following is not None
        hits.append(following)
    assert hits[-1] == hits[0]
    assert [index.place_of(hit) for hit in hits[:-1]] == list(range(1, 10))
    back = index.previous(hits[0])
    assert back == hits[-2]


def test_nothing_wanted_or_found_has_no_next() -> None:
    index = FindIndex(FOLDING)
    index.begin(items(4), "", 0)
    assert index.is_complete
    assert index.next(Hit(0, 0)) is None
    index.begin(items(4), "absent", 0)
    finished(index)
    assert (index.total, index.previous(Hit(0, 0))) == (0, None)


def test_more_messages_and_more_text_are_counted() -> None:
    shown = items(2)
    index = FindIndex(FOLDING)
    index.begin(shown, "question", 0)
    finished(index)
    assert index.total == 1
    shown += [MessageItem(question(9), number=2), MessageItem(answer(9, "No question."), number=3)]
    assert index.continues(shown)
    index.added()
    finished(index)
    assert index.total == 3
    shown[3].grow(" Or a question?", "", 9, 1.0)
    index.count(3)
    assert index.total == 4


def test_ten_thousand_messages_are_looked_through_in_short_slices() -> None:
    shown = items(10_000, RICH * 5)
    index = FindIndex(FOLDING)
    index.begin(shown, "sorted", 9_999)
    longest = slices = 0.0
    while not index.is_complete:
        begin = time.thread_time()
        index.advance(0.006)
        longest = max(longest, time.thread_time() - begin)
        slices += 1
    assert index.total == 5_000 * 15
    assert longest < 0.080, "five times what a frame may take"
    assert slices > 1
