"""What lies behind a message's text: bars beside quotes, pills behind inline code."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTextBlock, QTextDocument, QTextLine

from ui.chat.markdown.styles import HAS_INLINE_CODE, INLINE_CODE, QUOTE_BARS, list_mark
from ui.theme.theme import Theme

_BAR_WIDTH, _BAR_STEP, _BAR_EXTRA = 3, 16, 3
_DOT, _NUMBER_GAP, _BOX = 5, 8, 13
_PILL_SIDE, _PILL_RADIUS = 3, 4


def paint_behind(painter: QPainter, document: QTextDocument, theme: Theme, area: QRect) -> None:
    """Paint what belongs behind the text of ``document`` that is visible in ``area``."""
    block = document.begin()
    while block.isValid():
        text = block.layout()
        if text.position().y() > area.bottom() + 1:
            break
        if text.lineCount() and _bottom(block) >= area.top():
            bars = block.blockFormat().property(QUOTE_BARS)
            if bars:
                _paint_bars(painter, block, str(bars), theme)
            mark = list_mark(block)
            if mark is not None:
                paint_mark(painter, block, mark, theme)
            if block.userState() == HAS_INLINE_CODE:
                lines = [text.lineAt(index) for index in range(text.lineCount())]
                paint_pills(painter, block, lines, theme)
        block = block.next()


def _bottom(block: QTextBlock) -> float:
    """Of the block's last line, with the room under its letters."""
    text = block.layout()
    return text.position().y() + text.lineAt(text.lineCount() - 1).rect().bottom()


def _paint_bars(painter: QPainter, block: QTextBlock, bars: str, theme: Theme) -> None:
    levels = bars.split(",")
    before = block.previous()
    common: list[str] = []
    if before.isValid():
        common = str(before.blockFormat().property(QUOTE_BARS) or "").split(",")
    document = block.document()
    extra = theme.px(_BAR_EXTRA)
    for level, depth in enumerate(levels):
        joined = common[: level + 1] == levels[: level + 1]
        top = _bottom(before) + extra if joined else block.layout().position().y() + extra
        left = int(depth) * document.indentWidth() + level * theme.px(_BAR_STEP)
        area = QRectF(left, top, theme.px(_BAR_WIDTH), _bottom(block) + extra - top)
        painter.fillRect(area, theme.color("border"))


def paint_mark(painter: QPainter, block: QTextBlock, mark: str, theme: Theme) -> None:
    """A dot or a number in the indent, on the baseline of the item's first line."""
    text = block.layout()
    line = text.lineAt(0)
    baseline = text.position().y() + line.y() + line.ascent()
    indent = block.document().indentWidth()
    right = text.position().x() + line.x()
    rightwards = block.textDirection() == Qt.LayoutDirection.RightToLeft
    if rightwards:
        right = text.position().x() + line.x() + line.width() + indent
    if mark in ("☐", "☑"):
        _paint_box(painter, QPointF(right - indent * 0.5, baseline), theme, done=mark == "☑")
        return
    if mark == "•":
        size = theme.px(_DOT)
        middle = baseline - size * 0.95
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("muted"))
        left = right - indent * 0.5 - size / 2
        painter.drawEllipse(QRectF(left, middle - size / 2, size, size))
        return
    painter.setFont(block.charFormat().font())
    painter.setPen(theme.color("muted"))
    gap = theme.px(_NUMBER_GAP)
    width = painter.fontMetrics().horizontalAdvance(mark)
    painter.drawText(QPointF(max(0.0, right - gap - width), baseline), mark)


def _paint_box(painter: QPainter, foot: QPointF, theme: Theme, *, done: bool) -> None:
    """The box of a task with its foot on the baseline; it shows and cannot be clicked."""
    size = theme.px(_BOX)
    box = QRectF(foot.x() - size * 0.6, foot.y() - size * 0.9, size, size)
    radius = size * 0.22
    painter.setPen(QPen(theme.color("accent" if done else "muted"), max(1.0, size / 11)))
    painter.setBrush(theme.color("accent") if done else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, radius, radius)
    if done:
        pen = QPen(theme.color("on_accent"), size / 7)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        at = [(0.25, 0.52), (0.43, 0.70), (0.75, 0.32)]
        painter.drawPolyline([QPointF(box.left() + x * size, box.top() + y * size) for x, y in at])


def paint_pills(
    painter: QPainter, block: QTextBlock, lines: Sequence[QTextLine], theme: Theme
) -> None:
    """What lies behind the inline code in some lines of a text block."""
    origin = block.layout().position()
    side, radius = theme.px(_PILL_SIDE), theme.px(_PILL_RADIUS)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("control"))
    for start, end, size in _code_runs(block):
        height = size * 1.5
        for line in lines:
            first = max(start, line.textStart())
            last = min(end, line.textStart() + line.textLength())
            if first >= last:
                continue
            left, right = _x_of(line, first), _x_of(line, last)
            middle = line.y() + line.ascent() - height * 0.24
            box = QRectF(
                origin.x() + min(left, right) - side,
                origin.y() + middle - height / 2,
                abs(right - left) + side,
                height,
            )
            painter.drawRoundedRect(box, radius, radius)


def _code_runs(block: QTextBlock) -> list[tuple[int, int, int]]:
    """Start, end and pixel size of each stretch of inline code, whatever it is made of."""
    runs: list[tuple[int, int, int]] = []
    iterator = block.begin()
    while not iterator.atEnd():
        piece = iterator.fragment()
        iterator += 1
        if not piece.charFormat().property(INLINE_CODE):
            continue
        start = piece.position() - block.position()
        end = start + piece.length()
        if runs and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], end, runs[-1][2])
        else:
            runs.append((start, end, piece.charFormat().font().pixelSize()))
    return runs


def _x_of(line: QTextLine, position: int) -> float:
    """PySide returns (x, position) where its types say a number."""
    found: object = line.cursorToX(position)
    return float(found[0]) if isinstance(found, tuple) else 0.0
