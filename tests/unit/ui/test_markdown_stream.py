"""Tail-only rendering equals a full one; a selection in the finished part survives."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QTextCursor, QTextDocument

from tests.helpers.markdown_shapes import shape
from ui.chat.code_view import CodeView
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown.styles import Styles
from ui.chat.markdown.tail import TailRenderer
from ui.chat.markdown_view import MarkdownView
from ui.theme.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")

PIECES = st.sampled_from(
    [
        "# Head\n",
        "Words **bold** and `code`",
        "\n",
        "\n\n",
        "- item\n",
        "  - inner\n",
        "1. first\n",
        "   more\n\n",
        "> quote\n",
        ">> deeper\n",
        "```py\n",
        "x = 1\n",
        "```\n",
        "~~~\n",
        "````\n",
        "    indented\n",
        "| a | b |\n",
        "|---|--:|\n",
        "| 1 | 2 |\n",
        "---\n",
        "===\n",
        "[l](https://x.org) ",
        "\U0001f600",
        "*",
        "`",
        "\t",
        " ",
        "\\",
        "<b>",
        "$x_1$",
        "$",
        "$$",
        "$$\n",
        "\\begin{aligned} a &= b \\\\ c &= d\n",
        "\\[",
        "\\]\n",
        "\\(a\\)",
        "```math\n",
        "- [ ] task\n",
        "[x] ",
    ]
)


def renderer_for(document: QTextDocument) -> TailRenderer:
    return TailRenderer(document, Styles(Theme()), MarkdownParser())


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=30), st.data())
def test_tail_only_rendering_equals_a_full_one(pieces: list[str], data: st.DataObject) -> None:
    source = "".join(pieces)
    growing, whole = QTextDocument(), QTextDocument()
    tail, full = renderer_for(growing), renderer_for(whole)
    at = 0
    while at < len(source):
        step = data.draw(st.integers(1, 12))
        tail.append(source[at : at + step])
        at += step
    full.set_source(source)
    assert shape(growing, tail) == shape(whole, full)


def test_finish_resolves_what_was_defined_late() -> None:
    document = QTextDocument()
    renderer = renderer_for(document)
    source = "see [here]\n\nmore\n\n[here]: https://example.org"
    for character in source:
        renderer.append(character)
    assert "[here]" in document.toPlainText()
    renderer.finish(source)
    assert document.toPlainText() == "see here\nmore"


def test_a_definition_that_takes_the_last_block_away_leaves_no_gap() -> None:
    document = QTextDocument()
    renderer = renderer_for(document)
    for piece in ("first\n\n", "[here]:", " https://example.org\n"):
        renderer.append(piece)
    assert document.toPlainText() == "first"
    renderer.append("\nlast")
    assert document.toPlainText() == "first\nlast"


def test_each_cover_lies_over_its_own_block() -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_width(600)
    view.set_markdown("```\na\n```\n\n```\na\nb\nc\n```\n\n---\n\n```\nd\n```")
    heights = [view.cover(index).height() for index in (0, 1, 3)]  # type: ignore[union-attr]
    assert heights == [68, 108, 68]
    tops = [view.cover(index).y() for index in (0, 1, 3)]  # type: ignore[union-attr]
    assert tops[1] - tops[0] == 68 + 12
    assert view.cover(2) is None


def test_windows_line_breaks_split_over_two_pieces() -> None:
    document = QTextDocument()
    renderer = renderer_for(document)
    source = "a\r\n\r\nb"
    for character in source:
        renderer.append(character)
    renderer.finish(source)
    assert document.toPlainText() == "a\nb"
    assert renderer.source == "a\n\nb"


def test_a_selection_in_the_finished_part_survives() -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_width(600)
    view.grow("first paragraph\n\nsecond")
    view._render_pending()
    cursor = view.textCursor()
    cursor.setPosition(2)
    cursor.setPosition(9, QTextCursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)
    for word in (" one", "\n\n```\ncode", "\nmore\n```", "\n\n- x"):
        view.grow(word)
        view._render_pending()
        assert view.textCursor().selectedText() == "rst par"
    view.finish(view.markdown)
    assert view.textCursor().selectedText() == "rst par"


def test_an_open_fence_grows_in_the_same_widget_and_unfolded() -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_width(600)
    view.grow("look:\n\n```python\n")
    view._render_pending()
    cover = view.cover(0)
    assert isinstance(cover, CodeView)
    for number in range(60):
        view.grow(f"x = {number}\n")
        view._render_pending()
    assert view.cover(0) is cover
    assert not cover.is_folded
    assert cover.text_view.toPlainText().splitlines()[-1] == "x = 59"
    before = view.content_height()
    view.grow("```\n\nend")
    view._render_pending()
    assert view.cover(0) is cover
    assert view.content_height() > before
    view.finish(view.markdown)
    assert view.document().toPlainText().endswith("end")


def test_a_growing_code_block_takes_more_room() -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_width(600)
    view.grow("```\na\n")
    view._render_pending()
    before = view.set_width(600)
    view.grow("b\nc\n")
    view._render_pending()
    assert view.set_width(600) == before + 2 * 20


def test_updates_of_a_long_answer_stay_cheap() -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_width(720)
    view.grow("A paragraph of some **length** with `code`.\n\n" * 2000)
    view._render_pending()
    begin = time.thread_time()
    for _ in range(20):
        view.grow("word ")
        view._render_pending()
    assert (time.thread_time() - begin) / 20 < 0.1


def test_rendering_waits_for_a_tick_and_backs_off(qtbot: object) -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_width(720)
    for _ in range(100):
        view.grow("word ")
    assert view.document().isEmpty()
    assert view.markdown == "word " * 100
    qtbot.waitUntil(lambda: not view.document().isEmpty(), timeout=5000)  # type: ignore[attr-defined]
    assert view._interval >= 33
