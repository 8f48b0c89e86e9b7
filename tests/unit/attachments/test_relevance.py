"""Passages, and whether the right ones are found."""

import itertools
import random
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.attachments.entities import Attachment, Kind, Section
from app.attachments.errors import AttachmentError
from app.attachments.finder import PassageFinder
from app.attachments.given import only_passages
from app.attachments.passages import LEAST_WORDS, MOST_WORDS, passages_of
from app.attachments.relevance import PassageIndex
from app.attachments.stems import stem
from app.posting import CallbackQueue
from tests.helpers.long_document import FACTS, pages


def text_file(text: str, kind: Kind = Kind.TEXT) -> Attachment:
    return Attachment("id", "file.txt", kind, len(text), "", text)


@pytest.fixture(scope="module")
def book() -> Attachment:
    text, sections = "", []
    for number, paragraphs in enumerate(pages(), start=1):
        text += "\n\n" if text else ""
        start = len(text)
        text += "\n\n".join(paragraphs)
        sections.append(Section(str(number), start, len(text)))
    return Attachment("book", "book.pdf", Kind.PDF, 1, "", text, tuple(sections))


def test_ten_facts_in_three_hundred_pages_asked_in_other_words(book: Attachment) -> None:
    index = PassageIndex(book)
    found = [
        fact
        for fact in FACTS
        if any(
            fact.fact.rstrip(".") in book.text[each.start : each.end]
            for each in index.best(fact.question, 5)
        )
    ]
    index.close()
    assert len(found) >= 8


def test_no_question_repeats_its_fact() -> None:
    for fact in FACTS:
        asked = set(fact.question.lower().strip("?").split())
        assert len(asked & set(fact.fact.lower().split())) < len(asked) * 0.7
        assert not any(
            " ".join(words) in fact.fact
            for words in zip(*(fact.question.split()[n:] for n in range(5)), strict=False)
        )


def test_passages_have_their_size_overlap_and_place(book: Attachment) -> None:
    passages = passages_of(book)
    for each in passages[:-1]:
        words = len(book.text[each.start : each.end].split())
        assert LEAST_WORDS - 20 <= words <= MOST_WORDS + 20
    for one, other in itertools.pairwise(passages):
        assert other.start > one.start
        assert other.start <= one.end + 2
    assert sum(o.start < p.end for p, o in itertools.pairwise(passages)) > 50
    assert passages[0].place.startswith("Page")
    assert passages[-1].place.endswith("300")


PIECES = st.sampled_from(
    [
        "word ",
        "two words. ",
        "\n",
        "\n\n",
        "x" * 500,
        "日本語" * 40,
        "!?",
        "# ",
        "- ",
        "=" * 300,
        " ",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=400).map("".join))
def test_nothing_is_left_out_and_none_is_gigantic(text: str) -> None:
    passages = passages_of(text_file(text))
    covered = 0
    for each in passages:
        assert not text[covered : each.start].strip()
        assert each.start < each.end
        covered = max(covered, each.end)
        assert len(text[each.start : each.end].strip()) <= 40 * MOST_WORDS
    assert not text[covered:].strip()


def test_words_without_end_are_cut() -> None:
    blob = "".join(random.Random(1).choices("abcdefgh", k=200_000))
    passages = passages_of(text_file(blob))
    assert len(passages) > 40
    assert "".join(blob[p.start : p.end] for p in passages if p.number == 0) in blob


def best(text: str, question: str) -> str:
    index = PassageIndex(text_file(text))
    found = index.best(question, 1)
    index.close()
    return text[found[0].start : found[0].end] if found else ""


FILLER = "\n\n".join(f"Nothing of note happened in year {n}. " * 30 for n in range(30))


@pytest.mark.parametrize(
    ("fact", "question"),
    [
        ("人工智能正在改变世界的面貌。", "智能如何改变？"),
        ("吾輩は猫である。名前はまだ無い。", "猫の名前は何ですか"),
        ("The function max_open_files limits descriptors.", "Where are open files limited?"),
        ("class HttpRequestParser reads headers", "Which parser reads a request?"),
        ("Der Pächter verliert die Kaution.", "Was sagt das Dokument über Kautionen?"),
        ("They spoke of the electri-\nfication of barns.", "What about electrification?"),
        ("Le théâtre ouvre à vingt heures.", "Quand ouvre le THEATRE ?"),
        ("Широкая река замерзает в декабре.", "Когда замерзает река?"),
    ],
)
def test_other_scripts_and_identifiers_are_found(fact: str, question: str) -> None:
    text = f"{FILLER}\n\n{fact}\n\n{FILLER}"
    assert fact in best(text, question)


def test_a_question_of_another_matter_finds_nothing() -> None:
    assert best(FILLER, "Quantum chromodynamics?") == ""
    assert best(FILLER, "") == ""
    assert best(FILLER, '"* OR c0:x NEAR(') == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("measured", "measurement"), ("planning", "plans"), ("deposits", "deposit")],
)
def test_forms_of_a_word_meet(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["北京", "k7731", "is", "café", "für"])
def test_what_is_no_plain_word_keeps_its_ending(word: str) -> None:
    assert stem(word) == word


def test_passages_are_given_in_order_without_saying_anything_twice(book: Attachment) -> None:
    passages = passages_of(book)
    chosen = [passages[7], passages[2], passages[3]]
    attached = only_passages(book, chosen)
    assert attached.part == "3 relevant passages"
    assert attached.text.count("[…]") == 1
    assert attached.text.startswith(f"[{passages[2].place}]\n")
    both = book.text[passages[2].start : passages[3].end].strip("\n")
    assert both in attached.text


def test_rows_of_a_table_come_with_their_head() -> None:
    rows = "\n".join(f"{n},Person {n},{n * 7}" for n in range(2000))
    table = text_file("id,name,age\n" + rows, Kind.TABLE)
    passages = passages_of(table)
    assert only_passages(table, [passages[5]]).text.startswith("id,name,age")


def test_the_finder_answers_by_post_and_remembers(book: Attachment) -> None:
    queue = CallbackQueue()
    finder = PassageFinder(queue.post)
    heard: list[list[object]] = []
    threads: list[threading.Thread] = []

    def done(passages: list[object]) -> None:
        heard.append(passages)
        threads.append(threading.current_thread())

    for fact in FACTS[:2]:
        finder.find(book, fact.question, done, done)
    assert queue.run_until(lambda: len(heard) == 2, timeout=60)
    finder.close()
    finder.close()
    assert all(heard)
    assert set(threads) == {threading.current_thread()}
    finder.find(book, FACTS[2].question, done, done)
    assert queue.run_until(lambda: len(heard) == 3, timeout=60)
    finder.close()


def test_a_finder_that_is_closed_stops_in_the_middle_and_says_nothing() -> None:
    queue = CallbackQueue()
    finder = PassageFinder(queue.post)
    heard: list[object] = []
    long = "\n\n".join(f"Number {n} of the paragraphs. " * 30 for n in range(1_500))
    finder.find(text_file(long), "paragraphs?", heard.append, heard.append)
    begun = time.monotonic()
    finder.close()
    stopped = time.monotonic() - begun
    begun = time.monotonic()
    PassageIndex(text_file(long)).close()
    assert stopped < time.monotonic() - begun
    queue.run_until(lambda: False, timeout=0.1)
    assert heard == []


def test_what_goes_wrong_while_ranking_is_told(monkeypatch, caplog) -> None:
    def broken(_self: object, _question: str, _most: int) -> list[object]:
        raise RuntimeError("out of order")

    monkeypatch.setattr(PassageIndex, "best", broken)
    queue = CallbackQueue()
    finder = PassageFinder(queue.post)
    heard: list[object] = []
    finder.find(text_file("words"), "words?", lambda _found: None, heard.append)
    assert queue.run_until(lambda: len(heard) == 1, timeout=30)
    finder.close()
    assert isinstance(heard[0], AttachmentError)
    assert "out of order" in caplog.text


def test_letters_without_end_cost_no_more_than_words() -> None:
    def seconds(text: str) -> float:
        begun = time.process_time()
        PassageIndex(text_file(text)).close()
        return time.process_time() - begun

    letters = "".join(random.Random(2).choices("abcdefgh", k=300_000))
    words = " ".join(letters[at : at + 6] for at in range(0, len(letters), 6))
    assert seconds(letters) < 3 * seconds(words) + 0.5


def test_places_of_many_lines_are_looked_up() -> None:
    text = "".join(f"line {n}\n" for n in range(1, 2001))
    passage = passages_of(text_file(text))[-1]
    first = text.count("\n", 0, passage.start) + 1
    assert passage.place == f"Lines {first}–2000"
