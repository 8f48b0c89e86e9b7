"""A displayed formula on paper: in the middle, as a vector; a wide one smaller, or its TeX."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QTextCursor

from ui.chat.markdown.blocks import FormulaBlock
from ui.chat.markdown.inline import write_source
from ui.chat.markdown.styles import EM_PER_PIXEL, Ink
from ui.printing.documents import new_document, text_strips
from ui.printing.look import Look
from ui.printing.strip import Strip, Strips

_SMALLEST = 0.5
"""To which it shrinks before its TeX is printed instead."""
_ABOVE = 4
_HIGHEST = 0.4
"""Of a page."""


def formula_strips(
    block: FormulaBlock, look: Look, left: float, width: float, page_height: float, *, quiet: bool
) -> Strips:
    """One strip, or the lines of its source."""
    formula = look.formulas.formula(block.tex, display=True)
    styles = look.quiet if quiet else look.body
    em = styles.font.pixelSize() * EM_PER_PIXEL
    if formula is not None:
        high = formula.ascent + formula.descent
        share = min(1.0, width / (formula.width * em), page_height * _HIGHEST / (high * em))
    if formula is None or share < _SMALLEST:
        document = new_document(look, width, block.markdown)
        write_source(QTextCursor(document), block.markdown, styles, Ink())
        yield from text_strips(document, look, 0.0, left)
        return
    em *= share
    above = look.px(_ABOVE)
    color = look.theme.color("muted" if quiet else "text")
    wide, ascent = formula.width * em, formula.ascent * em

    def draw(painter: QPainter, at: float, top: float) -> None:
        origin = QPointF(at + left + (width - wide) / 2, top + above + ascent)
        look.formulas.draw(painter, origin, block.tex, display=True, color=color, em=em)

    yield Strip(high * em + 2 * above, draw)
