"""Parts by pages, lines and headings, and where passages lie."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.attachments.entities import Attachment, Kind, Section
from app.attachments.errors import AttachmentError
from app.attachments.headings import by_headings
from app.attachments.parts import part_of

MARKDOWN = "intro\n\n# One\na\n## Sub\nb\n```\n# no heading\n```\n# Two ##\nc\n# 2031\nd\n"


def made(kind: Kind, *pieces: tuple[str, str], gap: str = "\n\n") -> Attachment:
    text, sections = "", []
    for title, piece in pieces:
        text += gap if text else ""
        sections.append(Section(title, len(text), len(text) + len(piece)))
        text += piece
    return Attachment("id", "file", kind, 1, "", text, tuple(sections))


PDF = made(Kind.PDF, *((str(n), f"page {n}") for n in range(1, 11)))
LINES = Attachment("id", "file.py", Kind.TEXT, 1, "", "a\nb\n\nd\ne")
HEADINGS = made(Kind.MARKDOWN, *by_headings(MARKDOWN), gap="")


def taken(attachment: Attachment, wanted: str) -> tuple[str, str]:
    part = part_of(attachment, wanted)
    return part.label, attachment.text[part.start : part.end]


@pytest.mark.parametrize(
    ("attachment", "wanted", "label", "text"),
    [
        (PDF, "3", "Page 3", "page 3"),
        (PDF, " p. 2-3 ", "Pages 2–3", "page 2\n\npage 3"),
        (PDF, "pages 9-", "Pages 9–10", "page 9\n\npage 10"),
        (PDF, "-2", "Pages 1–2", "page 1\n\npage 2"),
        (PDF, "10-99", "Page 10", "page 10"),
        (LINES, "1", "Line 1", "a"),
        (LINES, "2-4", "Lines 2–4", "b\n\nd"),
        (LINES, "l5", "Line 5", "e"),
        (HEADINGS, "One", "One", "# One\na\n## Sub\nb\n```\n# no heading\n```"),
        (HEADINGS, "sub", "Sub", "## Sub\nb\n```\n# no heading\n```"),
        (HEADINGS, "tw", "Two", "# Two ##\nc"),
        (HEADINGS, "#2031", "2031", "# 2031\nd"),
        (HEADINGS, "1", "Line 1", "intro"),
        (HEADINGS, "10-11", "Lines 10–11", "# Two ##\nc"),
    ],
)
def test_a_part_as_it_is_named(attachment, wanted, label, text) -> None:
    assert taken(attachment, wanted) == (label, text)


@pytest.mark.parametrize(
    ("attachment", "wanted", "code"),
    [
        (PDF, "11", "attachments.no_pages"),
        (PDF, "0", "attachments.no_pages"),
        (PDF, "5-4", "attachments.no_pages"),
        (LINES, "6", "attachments.no_lines"),
        (LINES, "-0", "attachments.no_lines"),
        (HEADINGS, "Three", "attachments.no_heading"),
        (HEADINGS, "#", "attachments.no_heading"),
        (PDF, "word", "attachments.no_heading"),
        (PDF, "", "attachments.no_heading"),
    ],
)
def test_what_is_not_there_is_said(attachment, wanted, code) -> None:
    with pytest.raises(AttachmentError) as refused:
        part_of(attachment, wanted)
    assert refused.value.code == code


def test_sections_of_markdown_are_the_text_itself() -> None:
    assert [title for title, _text in by_headings(MARKDOWN)] == ["", "One", "Sub", "Two", "2031"]
    assert HEADINGS.text == MARKDOWN


@given(st.lists(st.sampled_from(["# a", "## b #", "```", "~~~", "", "x", " ", "#", "# #"])))
def test_no_letter_of_markdown_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert "".join(part for _title, part in by_headings(text)) == text


@pytest.mark.parametrize(
    ("line", "title"),
    [("# C#", "C#"), ("# a # ", "a"), ("####### no", ""), ("#no", ""), ("# ##", ""), ("# x", "x")],
)
def test_titles_are_those_of_markdown(line: str, title: str) -> None:
    assert [title for title, _text in by_headings(line)] == [title]


def test_a_line_of_a_million_signs_is_no_work() -> None:
    begun = time.monotonic()
    list(by_headings("# a" + " #" * 500_000 + "x"))
    list(by_headings("# a" + " " * 1_000_000 + "x"))
    assert time.monotonic() - begun < 10
