"""A table on paper: columns that fit the sheet, whole rows, its head again on every page."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from markdown_it.token import Token
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QTextBlockFormat, QTextCursor

from ui.chat.markdown.blocks import CodeBlock, TableBlock
from ui.chat.markdown.inline import write_inline
from ui.chat.markdown.styles import Ink
from ui.printing.code import code_strips
from ui.printing.documents import Line, lines_of, new_document, settle
from ui.printing.look import Look
from ui.printing.strip import Strip, Strips, together

_SIDE, _TOP = 8, 6
_HAIRLINE = 0.75
_NARROWEST = 40
"""Pixels at 96 to the inch of a column; a table with too many columns is printed as its source."""
_MEASURED_ROWS = 200
_HIGHEST_ROW = 0.25
"""Of a page; a higher row is divided between lines."""
_LONGEST_WORD = 60
_ALIGNMENTS = {
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}


def table_strips(
    block: TableBlock, look: Look, left: float, width: float, page_height: float
) -> Strips:
    """Its rows. Needs ``page_height`` to know which rows have to be divided."""
    columns = len(block.alignments)
    if not columns or width / columns < look.px(_NARROWEST):
        return code_strips(CodeBlock("", block.markdown, block.markdown), look, left, width)
    return _Table(block, look, left, width, page_height).strips()


class _Table:
    def __init__(
        self, block: TableBlock, look: Look, left: float, width: float, page_height: float
    ) -> None:
        self._block = block
        self._look = look
        self._left = left
        self._width = width
        self._highest = page_height * _HIGHEST_ROW
        self._columns: list[float] = []

    def strips(self) -> Strips:
        """The head, and every row with it as what is repeated."""
        self._columns = yield from _columns(self._block, self._look, self._width)
        rows = iter(self._block.rows)
        head = list(self._row(next(rows), is_head=True))
        yield from head[:-1]
        yield replace(head[-1], keep=True)
        again = head[0] if len(head) == 1 else None
        yield from together(self._body(rows, again))

    def _body(self, rows: Iterator[tuple[Token, ...]], again: Strip | None) -> Strips:
        for row in rows:
            for strip in self._row(row, is_head=False):
                yield replace(strip, again=again)
            yield None

    def _row(self, row: Sequence[Token], *, is_head: bool) -> Iterator[Strip]:
        """One strip; several where the row is too high for one."""
        cells = [
            self._cell(token, column, is_head=is_head)
            for column, token in enumerate(row[: len(self._columns)])
        ]
        pad = self._look.px(_TOP)
        places = [0] * len(cells)
        while True:
            taken = [
                _fitting(lines, place, self._highest)
                for lines, place in zip(cells, places, strict=True)
            ]
            band = [
                lines[place : place + count]
                for lines, place, count in zip(cells, places, taken, strict=True)
            ]
            places = [place + count for place, count in zip(places, taken, strict=True)]
            is_last = all(place >= len(lines) for lines, place in zip(cells, places, strict=True))
            yield self._strip(band, pad, is_head=is_head, is_last=is_last)
            if is_last:
                return

    def _cell(self, token: Token, column: int, *, is_head: bool) -> list[Line]:
        look = self._look
        room = self._columns[column] - 2 * look.px(_SIDE)
        document = new_document(look, room, token.content)
        cursor = QTextCursor(document)
        form = QTextBlockFormat()
        side = self._block.alignments[column]
        if side in _ALIGNMENTS:
            form.setAlignment(_ALIGNMENTS[side])
        cursor.setBlockFormat(form)
        ink = Ink(strong=is_head)
        write_inline(cursor, token.children or (), look.cells, ink, look.formulas)
        settle(document, look, look.cells)
        return lines_of(document, document.begin())

    def _strip(self, band: list[list[Line]], pad: float, *, is_head: bool, is_last: bool) -> Strip:
        look, columns, left = self._look, self._columns, self._left
        high = max((sum(line.height for line in lines) for lines in band), default=0.0) + 2 * pad
        side = look.px(_SIDE)
        total = sum(columns)

        def draw(painter: QPainter, at: float, top: float) -> None:
            x = at + left
            if is_head:
                painter.fillRect(QRectF(x, top, total, high), look.theme.color("raised"))
            if is_last:
                thick = look.px(_HAIRLINE)
                line = QRectF(x, top + high - thick, total, thick)
                painter.fillRect(line, look.theme.color("border"))
            for lines, width in zip(band, columns, strict=False):
                y = top + pad
                for each in lines:
                    each.draw(painter, look, x + side, y)
                    y += each.height
                x += width

        return Strip(high, draw)


def _fitting(lines: list[Line], place: int, highest: float) -> int:
    """How many lines from ``place`` on fit a strip; at least one where there is one."""
    high, count = 0.0, 0
    for line in lines[place:]:
        high += line.height
        if count and high > highest:
            break
        count += 1
    return count


def _columns(block: TableBlock, look: Look, width: float) -> Generator[None, None, list[float]]:
    """How wide each column is: what it asks for, or its share of what there is."""
    wanted = [0.0] * len(block.alignments)
    least = [0.0] * len(block.alignments)
    for row in block.rows[:_MEASURED_ROWS]:
        for column, token in enumerate(row[: len(wanted)]):
            natural, word = _wishes(token, look, is_head=row is block.rows[0])
            wanted[column] = max(wanted[column], natural)
            least[column] = max(least[column], word)
        yield None
    if sum(wanted) <= width:
        return wanted
    if sum(least) > width:
        # Words break anywhere then; none gets less than an even share unless it asks for less.
        return _shared(least, width)
    spare = (width - sum(least)) / (sum(wanted) - sum(least))
    return [few + (much - few) * spare for few, much in zip(least, wanted, strict=True)]


def _shared(asked: list[float], width: float) -> list[float]:
    given = [0.0] * len(asked)
    rest, open_ = width, sorted(range(len(asked)), key=asked.__getitem__)
    for number, column in enumerate(open_):
        given[column] = min(asked[column], rest / (len(open_) - number))
        rest -= given[column]
    return given


def _wishes(token: Token, look: Look, *, is_head: bool) -> tuple[float, float]:
    """The width of a cell in one line, and of its longest word, with their sides."""
    font = look.cells.font
    font.setWeight(font.Weight.DemiBold)
    metrics = QFontMetricsF(font)
    document = new_document(look, -1, token.content)
    ink = Ink(strong=is_head)
    write_inline(QTextCursor(document), token.children or (), look.cells, ink, look.formulas)
    natural = document.idealWidth()
    words = document.toPlainText().split()
    word = max((metrics.horizontalAdvance(each[:_LONGEST_WORD]) for each in words), default=0.0)
    sides = 2 * look.px(_SIDE) + look.px(2)
    return natural + sides, min(natural, word) + sides
