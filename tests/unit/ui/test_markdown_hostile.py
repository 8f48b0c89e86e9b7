"""Hostile Markdown: every document is laid out in time, or shown as plain text and says so."""

import time
from collections.abc import Iterator

import pytest

from tests.helpers import ui_stage
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown_view import MarkdownView
from ui.sentences import say
from ui.theme.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")

SECONDS = 15.0
"""The slowest takes less than three on two busy cores."""

PART, REST, MESSAGE = (say(f"markdown.plain_{what}") for what in ("part", "rest", "message"))
CASES = {
    "brackets": ("[" * 50_000, PART),
    "images": ("![" * 50_000, PART),
    "half links": ("[a](" * 20_000, PART),
    "fences": ("```\nx\n```\n" * 10_000, MESSAGE),
    "blocks of code": ("```\nx\n```\n\n" * 1000, REST),
    "open fences": ("```\n" * 10_000, REST),
    "columns": ("|" + "a|" * 1000 + "\n|" + "-|" * 1000 + "\n" + ("|" + "x|" * 1000 + "\n"), PART),
    "rows": ("|a|b|\n|-|-|\n" + "|x|y|\n" * 5000, PART),
    "tables": ("|a|\n|-|\n|b|\n\n" * 1000, REST),
    "quotes": (">" * 1000 + " x", PART),
    "stairs of quotes": ("\n".join(">" * level + " x" for level in range(1, 800)), PART),
    "stairs of lists": ("\n".join("  " * level + "- x" for level in range(600)), PART),
    "a line of words": ("word " * 200_000, MESSAGE),
    "a line of letters": ("a" * 1_000_000, MESSAGE),
    "a long paragraph": ("word " * 20_000, PART),
    "a list": ("- x\n" * 10_000, PART),
    "lines": ("x\n\n" * 50_000, MESSAGE),
    "combining marks": ("e" + "\u0301" * 10_000, ""),
    "dollars": ("$" * 50_000, PART),
    "pairs of dollars": ("$$a" * 20_000, PART),
    "lines of dollars": ("$$\n" * 15_000, ""),
    "parentheses": ("\\(" * 50_000, PART),
    "lines of brackets": ("\\[\n" * 15_000, PART),
    "formulas in lines": ("$x$\n\n" * 3000, ""),
    "different formulas": (" ".join(f"$x_{{{n}}}$" for n in range(1000)), ""),
    "displayed formulas": ("\n\n".join(f"$$x_{{{n}}}$$" for n in range(1000)), REST),
    "a bomb": ("$$" + "\\frac{" * 5000 + "$$", ""),
    "a wide bomb": ("$$" + "(" * 2900 + "$$", ""),
    "notes": ("\n".join(f"[^{n}]: y[^{n}]" for n in range(1000)), ""),
    "entities": ("&" * 100_000, PART),
    "backticks": ("".join("`" * n + " " for n in range(1, 400)), PART),
    "underscores": ("_" * 50_000 + "a" + "_" * 50_000, PART),
}


@pytest.fixture
def view() -> Iterator[MarkdownView]:
    """Struck at once: hundreds of blocks of code would be styled anew by every later test."""
    made = MarkdownView(Theme(), MarkdownParser())
    yield made
    ui_stage.strike(made)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", CASES)
def test_it_ends_in_time_and_says_where_it_is_plain(view: MarkdownView, name: str) -> None:
    source, note = CASES[name]
    begin = time.perf_counter()
    view.set_markdown(source)
    view.set_width(720)
    assert time.perf_counter() - begin < SECONDS
    shown = view.document().toPlainText()
    assert [each for each in (PART, REST, MESSAGE) if each in shown] == ([note] if note else [])


@pytest.mark.parametrize("name", ["brackets", "a line of letters", "columns", "quotes"])
def test_nothing_is_lost_where_it_is_plain(view: MarkdownView, name: str) -> None:
    source, note = CASES[name]
    view.set_markdown(source)
    shown = view.document().toPlainText()
    assert shown == f"{note}\n{source.rstrip()}"
    view.selectAll()
    assert view.createMimeDataFromSelection().text().strip() == source.strip()


def test_one_block_too_many_is_its_source_and_the_reason_stands_once(view: MarkdownView) -> None:
    view.set_markdown("```py\nx = 1\n```\n\n" * 305)
    assert sum(view.cover(index) is not None for index in range(400)) == 300
    shown = view.document().toPlainText()
    assert shown.count(REST) == 1
    assert shown.count("```py\nx = 1\n```") == 5


def test_the_reason_stands_once_too_where_the_text_arrives_by_and_by(view: MarkdownView) -> None:
    view.set_width(600)
    for _ in range(61):
        view.grow("```py\nx = 1\n```\n\n" * 5)
        view._render_pending()
    assert view.document().toPlainText().count(REST) == 1
    assert view.document().toPlainText().count("x = 1") == 5


def test_a_message_that_grows_too_large_goes_on_as_plain_text(view: MarkdownView) -> None:
    view.set_width(600)
    piece = "**bold** " + "word " * 1700 + "\n\n"
    for _ in range(5):
        view.grow(piece * 10)
        view._render_pending()
    shown = view.document().toPlainText()
    assert shown == f"{MESSAGE}\n{piece * 50}"
    view.finish(view.markdown)
    assert view.document().toPlainText() == shown
    view.set_markdown("**short**")
    assert view.document().toPlainText() == "short"
