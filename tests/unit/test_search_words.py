"""Words as a search compares them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search_words import fold, search_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, World!", ["hello", "world"]),
        ("Café CAFÉ cafe\u0301", ["cafe", "cafe", "cafe"]),
        ("Straße Øresund Łódź", ["strasse", "oresund", "lodz"]),
        ("max_open_files", ["maxopenfiles", "max", "open", "files"]),
        ("HttpRequestParser", ["httprequestparser", "http", "request", "parser"]),
        ("K-7731", ["k", "7731"]),
        ("it's l’été", ["its", "lete"]),
        ("北京大学", ["北京", "京大", "大学"]),
        ("猫", ["猫"]),
        ("GPT是模型v2", ["gpt", "是模", "模型", "v2"]),
        ("Привет Ёлка", ["привет", "елка"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("١٢٣ ﬁne", ["١٢٣", "fine"]),
        ("", []),
        ("🙂 — …", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert search_words(text) == words


@given(st.text())
def test_no_word_is_empty_long_or_spaced_and_folding_is_stable(text: str) -> None:
    for word in search_words(text):
        assert word
        assert len(word) <= 64
        assert not any(character.isspace() for character in word)
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.text())
def test_case_makes_no_difference_to_folding(one: str, other: str) -> None:
    assert fold(one + " " + other).split() == (fold(one) + " " + fold(other)).split()
