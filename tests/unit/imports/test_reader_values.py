"""Values of any type, pieces of messages and files of text, as all readers use them."""

import codecs
from typing import Any

import pytest

from app.history.entities import Role
from app.imports.entities import FoundFile
from app.imports.outline import outline
from app.imports.pieces import Draft, data_url_file, fenced, joined, picture_file, split_thinking
from app.imports.reading import MOST_TEXT, decoded_text
from app.imports.values import mapping, milliseconds, name, sequence, shown, text
from app.pictures import MOST_BYTES
from tests.helpers.foreign_chats import data_url, png

DAY = 1_704_067_200_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_704_067_200, DAY),
        (1_704_067_200.5, DAY + 500),
        (DAY, DAY),
        (DAY * 1000, DAY),
        (DAY * 1_000_000, DAY),
        ("2024-01-01T00:00:00Z", DAY),
        ("2024-01-01T02:00:00+02:00", DAY),
        ("2024-01-01", DAY),
        ("1704067200", DAY),
        (0, None), (-5, None), (True, None), (None, None), ("soon", None), ("", None), ([], None),
        (float("nan"), None), (float("inf"), None), (10**400, None), ("nan", None), ("1e999", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)  # fmt: skip
def test_moments(value: Any, expected: int | None) -> None:
    assert milliseconds(value) == expected


def test_other_types_are_nothing() -> None:
    assert mapping([1]) == {}
    assert sequence({"a": 1}) == []
    assert text(7) == ""
    assert (name(7), name(True), name("a"), name(10**30), name(None)) == ("7", "", "a", "", "")


def test_values_are_shown_whole() -> None:
    assert shown("as\nit is") == "as\nit is"
    assert shown({"a": [1, "ü"]}) == '{\n "a": [\n  1,\n  "ü"\n ]\n}'
    nested: Any = list(range(20_000))
    for _ in range(100):
        nested = [nested]
    assert len(shown(nested)) < 200_000
    assert "19999" in shown(nested)


def test_pieces_stand_apart() -> None:
    assert joined(["", " one \n", "\n"]) == " one \n"
    assert joined(["one", "two"]) == "one\n\ntwo"
    assert fenced("a```b````c", "python") == "`````python\na```b````c\n`````"
    assert fenced("x", "evil`\n# title") == "```\nx\n```"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("<think>\nA\n</think>\n\nB", ("A", "B")),
        ("  <thought>A</thought>B", ("A", "B")),
        ("<think>never ends", ("never ends", "")),
        ("Say <think> twice", ("", "Say <think> twice")),
        ("<|channel|>analysis<|message|>A<|start|>assistant<|channel|>final<|message|>B",
         ("A", "B")),
    ],
)  # fmt: skip
def test_thinking(words: str, expected: tuple[str, str]) -> None:
    assert split_thinking(words) == expected


def test_pictures() -> None:
    assert picture_file("a", png()).picture == png()
    for data in (b"", b"GIF89a", png(4), png() + bytes(MOST_BYTES)):
        assert picture_file("a", data) == FoundFile("a")
    assert data_url_file("a", data_url(png())) == FoundFile("a", picture=png())
    for url in (None, "https://x.test/a.png", "data:image/png;base64,%%%", "data:text/html,x", ""):
        assert data_url_file("a", url) == FoundFile("a")


def test_text_of_files() -> None:
    assert decoded_text("Ahoi ✓".encode()) == "Ahoi ✓"
    assert decoded_text("Ahoi ✓".encode("utf-8-sig")) == "Ahoi ✓"
    assert decoded_text(codecs.BOM_UTF16_BE + "Ahoi".encode("utf-16-be")) == "Ahoi"
    for data in (None, b"", b"a\0b", b"\xff\xfe\xfa", b"x" * (MOST_TEXT + 1), b"Gr\xfc\xdfe"):
        assert decoded_text(data) == ""


def test_an_outline_is_bounded() -> None:
    keys = ",".join(f'"k{number}": {{"a": {{"b": 1}}}}' for number in range(5000))
    assert len(outline(b"{" + keys.encode() + b"}")) <= 400


def test_a_draft_is_empty_until_something_is_found() -> None:
    draft = Draft("a", None, Role.USER)
    draft.words.append("")
    assert draft.is_empty()
    draft.files.append(FoundFile("a"))
    assert not draft.is_empty()
