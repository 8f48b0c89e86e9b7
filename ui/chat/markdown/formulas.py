"""Formulas drawn, and the pictures of the latest kept."""

from collections import OrderedDict
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.markup.formula import Formula
from app.markup.set_formulas import SetFormulas

_DRAWN = 256
"""How many pictures are kept."""
_LARGEST_PICTURE = 2_000_000
"""Pixels; a larger picture is drawn as a vector each time."""
_PRINTED = 200
"""Pixels to the inch from which a device is paper, and gets vectors."""

_Drawn = tuple[str, bool, str, float, float]


class Formulas(SetFormulas):
    """Sets formulas and draws them in the colour and size that is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._drawn: OrderedDict[_Drawn, QPixmap] = OrderedDict()

    def draw(
        self,
        painter: QPainter,
        origin: QPointF,
        tex: str,
        *,
        display: bool,
        color: QColor,
        em: float,
    ) -> None:
        """Draw it from ``origin``, a point on its baseline; ``em`` is its size in pixels."""
        formula = self.formula(tex, display=display)
        if formula is None:
            return
        device = painter.device()
        ratio = device.devicePixelRatioF()
        wide, high = formula.width * em, (formula.ascent + formula.descent) * em
        if device.logicalDpiX() >= _PRINTED or wide * high * ratio * ratio > _LARGEST_PICTURE:
            area = QRectF(origin.x(), origin.y() - formula.ascent * em, wide, high)
            QSvgRenderer(formula.picture(color.name())).render(painter, area)
            return
        # With the baseline on whole pixels of the screen, as letters have it: else it is blurred.
        at = painter.deviceTransform().map(origin)
        moved = QPointF(round(at.x()) - at.x(), round(at.y()) - at.y())
        above = ceil(formula.ascent * em * ratio)
        corner = origin + (moved - QPointF(0, above)) / ratio
        key = (tex, display, color.name(), em, ratio)
        painter.drawPixmap(corner, self._pixmap(key, formula))

    def _pixmap(self, key: _Drawn, formula: Formula) -> QPixmap:
        found = self._drawn.get(key)
        if found is not None:
            self._drawn.move_to_end(key)
            return found
        _tex, _display, color, em, ratio = key
        scale = em * ratio
        above, below = ceil(formula.ascent * scale), ceil(formula.descent * scale)
        made = QPixmap(ceil(formula.width * scale), max(1, above + below))
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high = (formula.ascent + formula.descent) * scale
        area = QRectF(0, above - formula.ascent * scale, formula.width * scale, high)
        QSvgRenderer(formula.picture(color)).render(painter, area)
        painter.end()
        made.setDevicePixelRatio(ratio)
        self._drawn[key] = made
        if len(self._drawn) > _DRAWN:
            self._drawn.popitem(last=False)
        return made
