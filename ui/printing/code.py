"""A code block on paper: coloured, on a ground of its own; long lines go on in the next."""

from collections.abc import Iterator

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QTextLayout, QTextLine, QTextOption

from ui.chat.markdown.blocks import CodeBlock
from ui.chat.markdown.highlight import Highlighter, Range
from ui.chat.markdown.inline import visible
from ui.printing.look import Look
from ui.printing.strip import Box, Strip, Strips, together

_SIDE, _PAD = 12, 9
_LINE_HEIGHT = 1.45
"""Of the font's size."""
_HANGING = 2
"""Columns by which the rest of a long line is moved."""
_PIECE = 2000
"""Characters of a line that are laid out at once."""
_SLICE_SECONDS = 0.008
_GROUND = "raised"


def code_strips(block: CodeBlock, look: Look, left: float, width: float) -> Strips:
    """The language's word if there is one, then every line of the code."""
    box = Box(left, width, look.px(_PAD), _GROUND)
    return together(_strips(block, look, box), lone=2 if block.language else 1)


def _strips(block: CodeBlock, look: Look, box: Box) -> Strips:
    if block.language:
        yield _label(block.language, look, box)
    text = visible(block.text)
    language = "" if look.counts_only else block.language
    highlighter = Highlighter(look.theme.colors, language, text)
    colors: dict[int, list[Range]] = {}
    while not highlighter.finished:
        colors.update(highlighter.advance(_SLICE_SECONDS))
        yield None
    for number, line in enumerate(text.split("\n")):
        yield from _line_strips(line, colors.get(number, []), look, box)
        if number % 50 == 49:
            yield None


def _label(language: str, look: Look, box: Box) -> Strip:
    words = visible(language)

    def draw(painter: QPainter, left: float, top: float) -> None:
        painter.setFont(look.label_font)
        painter.setPen(look.theme.color("muted"))
        baseline = top + painter.fontMetrics().ascent()
        painter.drawText(QPointF(left + box.left + look.px(_SIDE), baseline), words)

    return Strip(look.label_font.pixelSize() * 1.6, draw, keep=True, box=box)


def _line_strips(text: str, colors: list[Range], look: Look, box: Box) -> Iterator[Strip]:
    height = look.code_font.pixelSize() * _LINE_HEIGHT
    side = look.px(_SIDE)
    for layout, line in _lines(text, colors, look, box.width - 2 * side):

        def draw(
            painter: QPainter,
            left: float,
            top: float,
            layout: QTextLayout = layout,  # noqa: ARG001 - kept alive: the line is a part of it
            line: QTextLine = line,
        ) -> None:
            painter.setPen(look.theme.color("text"))
            line.draw(painter, QPointF(left + box.left + side, top - line.y()))

        yield Strip(max(height, line.height()), draw, box=box)


def _lines(
    text: str, colors: list[Range], look: Look, width: float
) -> Iterator[tuple[QTextLayout, QTextLine]]:
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    option.setTextDirection(Qt.LayoutDirection.LeftToRight)
    column = look.code_column()
    option.setTabStopDistance(4 * column)
    hanging = _HANGING * column if width > 20 * column else 0.0
    moved = 0.0
    for start in range(0, max(1, len(text)), _PIECE):
        piece = text[start : start + _PIECE]
        layout = QTextLayout(piece, look.code_font)
        layout.setTextOption(option)
        # What is cut into pieces is longer than any line that is coloured.
        layout.setFormats(colors if len(text) <= _PIECE else [])
        layout.setCacheEnabled(True)
        layout.beginLayout()
        lines: list[QTextLine] = []
        y = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width - moved)
            line.setPosition(QPointF(moved, y))
            y += line.height()
            lines.append(line)
            moved = hanging
        layout.endLayout()
        for line in lines:
            yield layout, line
        if not lines:
            return
