"""What is typed becomes terms; any text is a query, and FTS5 accepts it."""

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.history.indexed_words import indexed_words, phrase_words, word_places
from app.history.search_query import MOST_CHARACTERS, parse
from app.history.snippets import Highlighter


def shape(text: str) -> tuple[list[str], list[str]]:
    def terms(found) -> list[str]:
        return [
            "|".join(" ".join(p.words) + "*" * p.is_beginning for p in term.phrases)
            for term in found
        ]

    query = parse(text)
    return terms(query.wanted), terms(query.unwanted)


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("red apple", ["red", "apple*"], []),
        ("red apple ", ["red", "apple"], []),
        ("red ap", ["red", "ap"], []),
        ("app* red ", ["app*", "red"], []),
        ('"red apple" pie ', ["red apple", "pie"], []),
        ('"red apple', ["red apple"], []),
        ('"red app"*', ["red app*"], []),
        ("red -apple", ["red"], ["apple"]),
        ('red -"green apple" ', ["red"], ["green apple"]),
        ("-red", [], ["red"]),
        ("- red ", ["red"], []),
        ("a-b ", ["a", "b"], []),
        ("red red ", ["red"], []),
        ("OR AND NOT NEAR(a) ", ["or", "and", "not", "near", "a"], []),
        ("max_tokens ", ["maxtokens|max tokens"], []),
        ("max_tok", ["maxtok*|max tok*"], []),
        ("H200 ", ["h200"], []),
        ("Café ", ["cafe"], []),
        ("北京大学", ["北京 京大 大学"], []),
        ("猫", ["猫*"], []),
        ("GPT是模型 ", ["gpt", "是模 模型"], []),
        ('"小猫 cat"', ["小猫 猫 cat"], []),
        ("text:red ^x {a} ", ["text", "red", "x", "a"], []),
        ("", [], []),
        ('"" -"" * - "', [], []),
        ("\0 \ud800 …", [], []),
    ],
)
def test_terms(text: str, wanted: list[str], unwanted: list[str]) -> None:
    assert shape(text) == (wanted, unwanted)


@pytest.fixture(scope="module")
def fts():
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE VIRTUAL TABLE texts USING fts5(a, b, content='')")
    yield connection
    connection.close()


HOSTILE = [
    '"', '""', "'", "*", "a*b*", "-", "--", "(", ")", "AND", "OR NOT", "NEAR/3", "a:b", "{a b}:c",
    "^a", "a + b", '"a" + "b"', "\0", "a\0b", "\ud800", "%_", "\\", "--a", '-"', '-"-"', "a" * 200,
    "\u202e", "x'00'", "; DROP TABLE messages", "🙂 " * 50, "'" * 999, '"' * 999,
]  # fmt: skip


@pytest.mark.parametrize(
    "text", [*HOSTILE, "ab " * 40_000, "\u5317" * 100_000, '"' + "a " * 50_000]
)
def test_hostile_queries_are_queries(fts, text: str) -> None:
    query = parse(text)
    assert len(query.wanted) <= 24
    if query.wanted:
        fts.execute(
            "SELECT * FROM texts WHERE texts MATCH ?", (query.expression("a b"),)
        ).fetchall()


@given(st.text(max_size=60))
def test_every_text_is_a_query(text: str) -> None:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE VIRTUAL TABLE texts USING fts5(a, b, content='')")
    query = parse(text + " -x")
    if query.wanted:
        connection.execute(
            "SELECT * FROM texts WHERE texts MATCH ?", (query.expression("a"),)
        ).fetchall()
    connection.close()


@given(st.text(alphabet=st.sampled_from("aB1_ é北猫한가'’-.\n🙂\u0301"), max_size=40))
def test_a_text_is_found_by_itself_as_a_phrase(text: str) -> None:
    words, phrase = indexed_words("x " + text + " y"), phrase_words(text)
    joined = " " + " ".join(words) + " "
    assert " " + " ".join(phrase) + " " in joined or not phrase


@given(st.text(max_size=200))
def test_places_lie_inside_the_text(text: str) -> None:
    for word, start, end in word_places(text):
        assert 0 <= start < end <= len(text)
        assert word


def test_a_long_query_is_cut() -> None:
    assert parse("a" * MOST_CHARACTERS + " tail ").wanted == parse("a" * MOST_CHARACTERS).wanted


def shown(query: str, text: str) -> tuple[str, list[str]]:
    snippet = Highlighter(parse(query)).snippet(text)
    return snippet.text, [snippet.text[start:end] for start, end in snippet.places]


@pytest.mark.parametrize(
    ("query", "text", "strong"),
    [
        ("parser ", "The HttpParser, or a parser.", ["HttpParser", "parser"]),
        ("cafe ", "Un Café, un cafe\u0301", ["Café", "cafe\u0301"]),
        ("strasse ", "In der Straße", ["Straße"]),
        ("pari", "Paris and pari", ["Paris", "pari"]),
        ('"red apple"', "red apple, red or apple, red  apple", ["red apple", "red  apple"]),
        ("京大", "在北京大学读", ["京大"]),
        ("北京大学", "北京大学 北京 大学", ["北京大学"]),
        ("猫", "小猫 猫咪", ["猫", "猫咪"]),
        ("red green ", "green, red", ["green", "red"]),
        ("max_tokens ", "max tokens and max_tokens", ["max tokens", "max_tokens"]),
        ("nothing ", "here is none", []),
    ],
)
def test_what_was_found_is_shown_strongly(query: str, text: str, strong: list[str]) -> None:
    assert shown(query, text) == (text, strong)


def test_the_snippet_is_where_most_words_stand() -> None:
    filler = "lorem ipsum dolor " * 60
    text = f"red at first {filler} here\nred and\tgreen apples {filler} green"
    found, strong = shown("red green ", text)
    assert "here red and green apples" in found
    assert strong == ["red", "green"]
    assert found.startswith("…")
    assert found.endswith("…")
    assert len(found) <= 190


def test_a_word_written_otherwise_is_found_far_inside() -> None:
    found, strong = shown("cafe ", "la " * 900 + "Café noir " + "la " * 900)
    assert strong == ["Café"]
    assert "Café noir" in found


@given(st.text(max_size=300), st.text(max_size=20))
def test_places_are_ordered_and_inside(text: str, query: str) -> None:
    snippet = Highlighter(parse(query)).snippet(text)
    last = 0
    for start, end in snippet.places:
        assert last <= start < end <= len(snippet.text)
        last = end
    assert "\n" not in snippet.text
