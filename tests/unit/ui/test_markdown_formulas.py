"""Formulas: what is one, how it is set, drawn on the baseline, copied, spoken and refused."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QTextCursor, QTextDocument, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.markup import formula as formula_module
from app.markup.formula import LONGEST, set_formula
from tests.helpers.markdown_shapes import shape
from ui.chat.formula_view import FormulaView
from ui.chat.markdown.blocks import CodeBlock, FormulaBlock
from ui.chat.markdown.formulas import Formulas
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown.styles import TEX, Styles
from ui.chat.markdown.tail import TailRenderer
from ui.chat.markdown_view import MarkdownView
from ui.chat.table_view import TableView
from ui.theme.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")

SECONDS = 3.0
"""The slowest here takes a tenth of that."""


def found(source: str) -> list[tuple[str, str]]:
    """Delimiter and TeX of every formula in ``source``."""
    formulas = []
    for block in MarkdownParser().blocks(source):
        for token in block.tokens:
            for each in [token, *(token.children or [])]:
                if each.type in ("math_inline", "math_block"):
                    formulas.append((each.markup, each.content))
    return formulas


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("a $x$ b", [("$", "x")]),
        ("$a_b$ and $c_d$", [("$", "a_b"), ("$", "c_d")]),
        ("the $n$th, $k$-means, 设$x$为", [("$", "n"), ("$", "k"), ("$", "x")]),
        ("a 3$\\times$3 matrix", [("$", "\\times")]),
        ("$a \\$ b$", [("$", "a \\$ b")]),
        ("**$x$** [$y$](https://x.org)", [("$", "x"), ("$", "y")]),
        ("| $x$ |\n|---|\n| $y$ |", [("$", "x"), ("$", "y")]),
        ("\\(x\\) and \\[y\\].", [("\\(", "x"), ("\\[", "y")]),
        ("so $$x$$ holds", [("$$", "x")]),
        ("$$x$$", [("$$", "x")]),
        ("text\n$$\nx\n+ y\n= z\n$$\nmore", [("$$", "x\n+ y\n= z")]),
        ("text\n\\[\nx\n\\]\nmore", [("\\[", "x")]),
        ("1. a\n   $$\n   x\n   $$\n> \\[ y \\]", [("$$", "x"), ("\\[", "y")]),
        ("$$x$$ (1)", [("$$", "x")]),
    ],
)
def test_delimiters(source: str, wanted: list[tuple[str, str]]) -> None:
    assert found(source) == wanted


@pytest.mark.parametrize(
    "source",
    [
        "$5 and $6",
        "between $5-$10",
        "$HOME/$USER and $PATH",
        "I paid $20 for this, but 30$.",
        "US$5 or CA$6",
        "\\$x\\$",
        "`$x$`",
        "$ x $",
        "an open $x",
        "$$ open",
        "$$\nx\n\ny\n$$",
        "\\(open",
        "\\[a link\\](https://x.org)",
        "\\\\(x\\\\)",
        "    $$x$$",
        "```\n$x$\n```",
    ],
)
def test_what_is_no_formula_stays_text(source: str) -> None:
    assert found(source) == []


def test_a_formula_has_its_size_and_its_words() -> None:
    half = set_formula(r"\frac{1}{2}", display=False)
    assert half is not None
    assert half.spoken == "1 over 2"
    assert 0.2 < half.width < 1.5
    assert half.ascent > 0.6
    assert half.descent > 0.3
    assert b"#123456" in half.picture("#123456")
    assert b"currentColor" not in half.picture("#123456")
    assert set_formula(r"\frac{1}{2}", display=True).ascent > half.ascent  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "tex",
    [
        "",
        "  ",
        r"\nosuchcommand{x}",
        r"\frac{1}{",
        "x}",
        "x^2^3",
        r"\text{温度}",
        r"\input{/etc/passwd}",
        r"\includegraphics{/etc/passwd}",
        "x" * (LONGEST + 1),
    ],
)
def test_what_cannot_be_set_whole_is_refused(tex: str) -> None:
    assert set_formula(tex, display=True) is None


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{" * 400,
        "{" * 2900,
        "(" * 2900,
        r"\left(" * 480,
        "x^{" * 900 + "}" * 900,
        r"\begin{matrix}" + "a&" * 1400 + r"\end{matrix}",
        r"\newcommand{\a}{xx}"
        + "".join(
            rf"\newcommand{{\{chr(letter + 1)}}}{{{f'{chr(92)}{chr(letter)}' * 10}}}"
            for letter in range(ord("a"), ord("i"))
        )
        + r"\i",
        r"\def\a{\a\a}\a",
        "\0\ufffe\ud800",
    ],
    ids=lambda tex: repr(tex[:20]),
)  # fmt: skip
def test_bombs_end_in_time(tex: str) -> None:
    begin = time.perf_counter()
    made = set_formula(tex.encode("utf-8", "replace").decode(), display=True)
    assert time.perf_counter() - begin < SECONDS
    assert made is None or len(made.svg) <= 120_000


def render(source: str) -> tuple[QTextDocument, TailRenderer]:
    document = QTextDocument()
    renderer = TailRenderer(document, Styles(Theme()), MarkdownParser())
    renderer.set_source(source)
    return document, renderer


def test_the_kinds_of_displayed_formulas() -> None:
    source = "$$x$$\n\n\\[\ny\n= z\n\\]\n\n```math\nw\n```\n\n```math\nopen"
    _document, renderer = render(source)
    assert [entry.block for entry in renderer.placed] == [
        FormulaBlock("x", "$$x$$"),
        FormulaBlock("y\n= z", "\\[\ny\n= z\n\\]"),
        FormulaBlock("w", "```math\nw\n```"),
        CodeBlock("math", "open", "```math\nopen\n```"),
    ]


def test_what_cannot_be_set_is_shown_as_its_source_in_mono() -> None:
    source = "a $\\nosuchcommand{x}$ b\n\n$$\\text{温}$$"
    document, renderer = render(source)
    assert document.toPlainText() == source.replace("\n\n", "\n")
    assert renderer.placed == []
    cursor = document.find("nosuch")
    assert cursor.charFormat().font().family() == Theme().mono_font().family()


def test_without_the_engine_formulas_are_their_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formula_module, "tex_to_svg", None)
    document, renderer = render("a $x$\n\n$$y$$")
    assert document.toPlainText() == "a $x$\n$$y$$"
    assert renderer.placed == []


def test_what_was_set_is_kept_and_the_number_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    formulas = Formulas()
    asked: list[str] = []

    def counted(tex: str, display: bool, strict: bool) -> str:
        asked.append(tex)
        return original(tex, display=display, strict=strict)

    original = formula_module.tex_to_svg
    monkeypatch.setattr(formula_module, "tex_to_svg", counted)
    for _ in range(3):
        formulas.formula("x", display=True)
    assert asked == ["x"]
    for number in range(1500):
        formulas.formula(f"{number}", display=False)
    assert len(formulas._set) == 1024
    formulas.formula("x", display=True)
    assert asked.count("x") == 2
    canvas = QImage(10, 10, QImage.Format.Format_RGB32)
    painter = QPainter(canvas)
    for number in range(400):
        where, color = QPointF(0, 9), QColor("black")
        formulas.draw(painter, where, f"{number}", display=False, color=color, em=15)
    painter.end()
    assert len(formulas._drawn) == 256


def lowest_ink(picture: QImage, left: int, right: int) -> int:
    return max(
        y
        for y in range(picture.height())
        for x in range(left, right)
        if abs(picture.pixelColor(x, y).lightness() - picture.pixelColor(0, 0).lightness()) > 110
    )


@pytest.mark.parametrize("zoom", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("tex", [r"\mathrm{H}", r"\mathrm{H}^{2^{2^2}}", r"\mathrm{HH}"])
def test_letters_of_a_formula_stand_on_the_line_of_the_text(zoom: float, tex: str) -> None:
    theme = Theme()
    theme.set_zoom(zoom)
    view = MarkdownView(theme, MarkdownParser())
    view.set_markdown(f"HH ${tex}$\nnext line")
    height = view.set_width(600)
    view.resize(600, height)
    picture = QImage(600, height, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.white)
    painter = QPainter(picture)
    view.document().drawContents(painter)
    painter.end()
    cursor = QTextCursor(view.document())
    cursor.setPosition(3)
    left = view.cursorRect(cursor).left()
    line = view.document().begin().layout().lineAt(0)
    first = picture.copy(0, 0, 600, int(line.y() + line.height()))
    assert lowest_ink(first, 0, left - 1) == lowest_ink(first, left + 1, 599)


def test_a_formula_that_reaches_deep_makes_room() -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_markdown("plain")
    low = view.set_width(600)
    view.set_markdown(r"$\frac{\frac{a}{b}}{\frac{c}{d}}$")
    assert view.set_width(600) > low + 10


def inks(view: MarkdownView) -> set[str]:
    picture = view.grab().toImage()
    return {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    }


def test_the_colour_follows_the_theme() -> None:
    theme = Theme()
    view = MarkdownView(theme, MarkdownParser())
    view.set_markdown("$\\blacksquare$\n\n$$\\blacksquare$$")
    view.set_width(300)
    for dark in (False, True):
        theme.set_dark(dark)
        view.restyle()
        view.set_width(300)
        assert theme.colors.text in inks(view)


def test_twice_the_pixels_show_twice_the_detail() -> None:
    sharp = QImage(80, 80, QImage.Format.Format_RGB32)
    sharp.setDevicePixelRatio(2.0)
    plain = QImage(80, 80, QImage.Format.Format_RGB32)
    formulas = Formulas()
    for canvas, em in ((sharp, 30.0), (plain, 60.0)):
        canvas.fill(Qt.GlobalColor.white)
        painter = QPainter(canvas)
        origin = QPointF(5, 50) / canvas.devicePixelRatio()
        color = QColor("black")
        formulas.draw(painter, origin, "x^2", display=True, color=color, em=em)
        painter.end()
    sharp.setDevicePixelRatio(1.0)
    assert sharp == plain


def test_copying_writes_tex_with_its_delimiters() -> None:
    source = (
        "a $x$$y$ \\(z\\) b\n\n$$x^2$$\n\n\\[\na\n= b\n\\]\n\n```math\nw\n```\n\n"
        "- $i$\n\n$\\no$ end"
    )
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_markdown(source)
    view.selectAll()
    assert view.createMimeDataFromSelection().text() == source


def test_a_screen_reader_gets_words() -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_markdown("Half is $\\frac{1}{2}$.\n\n$$x^2$$")
    assert view.accessibleDescription() == "Half is 1 over 2.\nFormula: x squared"
    cover = view.cover(0)
    assert isinstance(cover, FormulaView)
    assert cover.accessibleName() == "Formula: x squared"
    view.set_markdown("words")
    assert view.accessibleDescription() == ""


def test_a_formula_in_a_table_is_laid_out_and_drawn() -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_markdown("| a |\n|---|\n| $\\frac{a}{b}$ |")
    view.set_width(400)
    cover = view.cover(0)
    assert isinstance(cover, TableView)
    high = cover.height()
    view.set_markdown("| a |\n|---|\n| b |")
    view.set_width(400)
    assert high > view.cover(0).height()  # type: ignore[union-attr]
    cover.grab()


def test_a_wide_formula_scrolls_sideways_and_nothing_else() -> None:
    view = MarkdownView(Theme(), MarkdownParser())
    view.set_markdown("$$" + "x+" * 200 + "x$$")
    view.set_width(400)
    wide = view.cover(0)
    assert isinstance(wide, FormulaView)
    view.show()
    QApplication.processEvents()
    bar = wide.horizontalScrollBar()
    assert bar.maximum() > 1000
    assert wide.focusPolicy() is Qt.FocusPolicy.StrongFocus
    wide.setFocus()
    QTest.keyClick(wide, Qt.Key.Key_Right)
    assert bar.value() > 0
    before = bar.value()
    for delta, moves in ((QPoint(0, -120), False), (QPoint(-120, 0), True)):
        turned = QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(), delta, Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        wide.wheelEvent(turned)
        assert turned.isAccepted() is moves
        assert (bar.value() > before) is moves
    view.set_markdown("$$x$$")
    view.set_width(400)
    assert wide.horizontalScrollBar().maximum() == 0
    assert wide.focusPolicy() is Qt.FocusPolicy.NoFocus


PIECES = st.sampled_from(
    ["$x$", "$", "$$", "$$\n", "$$x$$\n", "\\[", "\\]\n", "\\(", "\\)", "a", " ", "\n", "\n\n",
     "+ y\n", "= z\n",
     "=\n", "- ", "> ", "```math\n", "```\n", "\\frac12", "**", "`", "| a |\n|-|\n"]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=10))
@example(["> ", "\n\n", "$x$"])
def test_streamed_equals_whole_at_every_position(pieces: list[str]) -> None:
    source = "".join(pieces)
    parser, styles = MarkdownParser(), Styles(Theme())
    growing = QTextDocument()
    tail = TailRenderer(growing, styles, parser)
    for end in range(1, len(source) + 1):
        tail.append(source[end - 1])
        whole = QTextDocument()
        full = TailRenderer(whole, styles, parser)
        full.set_source(source[:end])
        assert shape(growing, tail) == shape(whole, full)


def test_an_open_formula_is_text_until_it_closes_and_then_stays() -> None:
    document = QTextDocument()
    tail = TailRenderer(document, Styles(Theme()), MarkdownParser())
    seen = []
    for character in "a $x_1$ b":
        tail.append(character)
        seen.append(document.toPlainText())
    assert seen[2:] == ["a $", "a $x", "a $x_", "a $x_1", "a \ufffc", "a \ufffc", "a \ufffc b"]
    assert document.find("\ufffc").charFormat().property(TEX) == "x_1"
