"""Formulas in a line of text: their room on the baseline, and how they are drawn."""

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QPainter,
    QPyTextObject,
    QTextDocument,
    QTextFormat,
)

from ui.chat.markdown.formulas import Formulas
from ui.chat.markdown.styles import DISPLAY, EM_PER_PIXEL, FORMULA_TYPE, TEX


class InlineFormulas(QPyTextObject):
    """Lays out and draws the formulas in the lines of one document.

    Qt knows no object that reaches below the baseline, only one whose middle lies a quarter of an
    x-height above it (``AlignMiddle``). So each object is as high as the larger of its halves
    asks for on both. That is the room; to draw, Qt moves the object to the middle of the line,
    and from there the line's own baseline is found.
    """

    def __init__(self, document: QTextDocument, formulas: Formulas, parent: QObject) -> None:
        super().__init__(parent)
        self._formulas = formulas
        document.documentLayout().registerHandler(FORMULA_TYPE, self)

    def intrinsicSize(self, _document: QTextDocument, _position: int, form: QTextFormat) -> QSizeF:
        """Of the formula with what it needs to lie on the baseline."""
        tex, display, font, em = _asked(form)
        formula = self._formulas.formula(tex, display=display)
        if formula is None:
            return QSizeF()
        half = QFontMetrics(font).xHeight() / 2
        height = max(2 * formula.ascent * em - half, 2 * formula.descent * em + half)
        return QSizeF(formula.width * em, height)

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        document: QTextDocument,
        position: int,
        form: QTextFormat,
    ) -> None:
        """In the colour of the text around it."""
        tex, display, _font, em = _asked(form)
        formula = self._formulas.formula(tex, display=display)
        block = document.findBlock(position)
        line = block.layout().lineForTextPosition(position - block.position())
        if formula is None or not line.isValid():
            return
        area = QRectF(rect)
        above = (line.ascent() + line.descent() - area.height()) / 2
        baseline = area.top() - above + line.ascent()
        color = form.toCharFormat().foreground().color()
        self._formulas.draw(
            painter, QPointF(area.left(), baseline), tex, display=display, color=color, em=em
        )


def _asked(form: QTextFormat) -> tuple[str, bool, QFont, float]:
    """TeX, whether displayed, the font around it and the size of an em in pixels."""
    font = form.toCharFormat().font()
    em = font.pixelSize() * EM_PER_PIXEL
    return str(form.property(TEX)), bool(form.property(DISPLAY)), font, em
