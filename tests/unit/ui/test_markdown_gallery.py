"""The gallery's document, block by block, against the one that was looked at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QTextBlock

from tests.helpers import ui_stage
from ui.chat.code_view import CodeView
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown.styles import COPIED, INLINE_CODE, QUOTE_BARS, list_mark
from ui.chat.markdown_view import MarkdownView
from ui.theme.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


@pytest.fixture(autouse=True)
def cleared() -> Iterator[None]:
    """Thousands of widgets that are left would be styled anew by every later test."""
    yield
    ui_stage.clear()


@pytest.fixture
def gallery() -> MarkdownView:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_markdown((FIXTURES / "gallery.md").read_text(encoding="utf-8"))
    view.set_width(720)
    return view


def line_of(view: MarkdownView, block: QTextBlock) -> str:
    form = block.blockFormat()
    told = [f"h{form.headingLevel()}" if form.headingLevel() else "p"]
    told += [f"indent {form.indent()}"] if form.indent() else []
    told += [f"quotes {form.property(QUOTE_BARS)}"] if form.property(QUOTE_BARS) else []
    mark = list_mark(block)
    told += [mark] if mark else []
    told += ["leftwards"] if block.textDirection() is Qt.LayoutDirection.RightToLeft else []
    for index in range(100):
        placed = view.embedded(index)
        if placed is not None and view._tail.placed[index].position == block.position():
            return f"{' '.join(told)} {type(placed).__name__} {placed.markdown!r}"
    runs = []
    pieces = block.begin()
    while not pieces.atEnd():
        piece, form = pieces.fragment(), pieces.fragment().charFormat()
        marks = "".join(
            letter
            for letter, is_so in (
                ("b", form.fontWeight() > 500 and not block.blockFormat().headingLevel()),
                ("i", form.fontItalic()),
                ("s", form.fontStrikeOut()),
                ("c", form.property(INLINE_CODE)),
            )
            if is_so
        )
        target = f" -> {form.anchorHref()}" if form.anchorHref() else ""
        copied = f" as {form.stringProperty(COPIED)!r}" if form.hasProperty(COPIED) else ""
        runs.append(f"    {marks or '-'} {piece.text()!r}{target}{copied}")
        pieces += 1
    return "\n".join([" ".join(told), *runs])


def structure(view: MarkdownView) -> str:
    lines = []
    block = view.document().begin()
    while block.isValid():
        lines.append(line_of(view, block))
        block = block.next()
    return "\n".join(lines) + "\n"


def test_the_gallery_is_built_as_it_was_looked_at(gallery: MarkdownView) -> None:
    # After a wanted change: write ``structure(gallery)`` to the file, and read the difference.
    wanted = (FIXTURES / "gallery.structure.txt").read_text(encoding="utf-8")
    assert structure(gallery) == wanted


def covers(view: MarkdownView) -> list[tuple[object, QRect]]:
    found = [view.cover(index) for index in range(len(view._tail.placed))]
    return [(type(cover), cover.geometry()) for cover in found if cover is not None]


def test_growing_by_and_by_ends_in_the_same(gallery: MarkdownView) -> None:
    source = gallery.markdown
    growing = MarkdownView(Theme(), MarkdownParser())
    growing.set_width(720)
    for start in range(0, len(source), 37):
        growing.grow(source[start : start + 37])
        growing._render_pending()
    growing.finish(source)
    assert structure(growing) == structure(gallery)
    assert covers(growing) == covers(gallery)
    assert growing.set_width(720) == gallery.set_width(720)


def test_copying_all_of_it_keeps_every_formula_and_footnote(gallery: MarkdownView) -> None:
    gallery.selectAll()
    copied = gallery.createMimeDataFromSelection().text()
    for part in ("$ax^2 + bx + c = 0$", "\\(H_n", "```math\n", "[^why]: ", "- [ ] to do", "[^2]"):
        assert part in copied


def test_text_from_the_right_and_code_from_the_left(gallery: MarkdownView) -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_markdown(
        "مرحبا `code` $x$\n\n- עברית\n\nlatin مرحبا\n\n```\nעברית = 1\n```\n\n👍🏽 中文"
    )
    view.set_width(600)
    directions = []
    block = view.document().begin()
    while block.isValid():
        directions.append(block.textDirection() is Qt.LayoutDirection.RightToLeft)
        block = block.next()
    assert directions == [True, True, False, False, False]
    code = view.cover(0)
    assert isinstance(code, CodeView)
    first = code.text_view.document().begin()
    assert first.textDirection() is Qt.LayoutDirection.LeftToRight
    assert first.layout().lineAt(0).naturalTextRect().left() < 5


def test_covers_move_when_a_huge_word_changes_how_all_of_it_is_wrapped() -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_width(300)
    start = "words that fill lines and would wrap otherwise " * 30 + "\n\n```\nx\n```\n\nend "
    for piece in (start, "more", "a" * 6000):
        view.grow(piece)
        view._render_pending()
    whole = MarkdownView(Theme(), MarkdownParser())
    whole.set_width(300)
    whole.set_markdown(view.markdown)
    assert covers(view) == covers(whole)
