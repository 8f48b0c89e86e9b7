"""A displayed formula: centred, in its own size; one wider than the column scrolls sideways."""

from math import ceil

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from ui.chat.markdown.blocks import FormulaBlock
from ui.chat.markdown.formulas import Formulas
from ui.chat.markdown.styles import EM_PER_PIXEL
from ui.theme.theme import Theme
from ui.theme.tokens import SCROLL_BAR
from ui.widgets.menu import Menu

_ABOVE = 4
"""Pixels at 100 % above and below, besides the gap between blocks."""


class FormulaView(QAbstractScrollArea):
    """Covers the rectangle that the document reserves for a displayed formula.

    It is never made smaller to fit: small indices would be the first that nobody can read.

    Signals:
        copy_requested(str): the formula's TeX with its delimiters.
    """

    copy_requested = Signal(str)

    def __init__(
        self, theme: Theme, formulas: Formulas, parent: QWidget, *, quiet: bool = False
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._formulas = formulas
        self._quiet = quiet
        self._block = FormulaBlock("", "")
        self._selected = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)

    def set_block(self, block: FormulaBlock) -> bool:
        """Show ``block``. Whether it is another than before."""
        if block == self._block:
            return False
        self._block = block
        formula = self._formulas.formula(block.tex, display=True)
        spoken = formula.spoken if formula is not None else block.tex
        self.setAccessibleName(self.tr("Formula: {spoken}").format(spoken=spoken))
        self._fit()
        self.viewport().update()
        return True

    def restyle(self) -> None:
        """Take over changed colours and sizes."""
        self._fit()
        self.viewport().update()

    def set_selected(self, selected: bool) -> None:
        """Draw as part of the surrounding selection."""
        if selected != self._selected:
            self._selected = selected
            self.viewport().update()

    def height_for(self, width: int) -> int:
        """Pixels it needs at ``width``."""
        wide, height = self._size()
        bar = self._theme.px(SCROLL_BAR) if wide > width else 0
        return height + 2 * self._theme.px(_ABOVE) + bar

    # --- geometry and paint -----------------------------------------------------------------
    def _em(self) -> float:
        size = self._theme.chat_font().pixelSize()
        return (round(size * 13 / 15) if self._quiet else size) * EM_PER_PIXEL

    def _size(self) -> tuple[int, int]:
        formula = self._formulas.formula(self._block.tex, display=True)
        if formula is None:
            return 0, 0
        em = self._em()
        return ceil(formula.width * em), ceil((formula.ascent + formula.descent) * em)

    def _fit(self) -> None:
        """The scroll bar's range; whoever can be scrolled can have the keyboard."""
        wide = self._size()[0]
        beyond = max(0, wide - self.viewport().width())
        bar = self.horizontalScrollBar()
        bar.setRange(0, beyond)
        bar.setPageStep(self.viewport().width())
        bar.setSingleStep(self._theme.px(24))
        policy = Qt.FocusPolicy.StrongFocus if beyond else Qt.FocusPolicy.NoFocus
        self.setFocusPolicy(policy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width moves another part out of sight."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The formula over the tint of a surrounding selection."""
        area = self.viewport().rect()
        painter = QPainter(self.viewport())
        if self._selected:
            painter.fillRect(area, self._theme.color("selection"))
        formula = self._formulas.formula(self._block.tex, display=True)
        if formula is not None:
            left = max(0, (area.width() - self._size()[0]) // 2)
            left -= self.horizontalScrollBar().value()
            em = self._em()
            origin = QPointF(left, self._theme.px(_ABOVE) + formula.ascent * em)
            color = self._theme.color("muted" if self._quiet else "text")
            self._formulas.draw(painter, origin, self._block.tex, display=True, color=color, em=em)
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Sideways here, everything else belongs to what is around."""
        bar, delta = self.horizontalScrollBar(), event.angleDelta()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if bar.maximum() > 0 and (shifted or abs(delta.x()) > abs(delta.y())):
            moved = delta.y() if shifted and not delta.x() else delta.x()
            bar.setValue(bar.value() - moved // 2)
            event.accept()
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copy as TeX."""
        menu = Menu(self)
        copy = menu.entry(self.tr("Copy formula as TeX"))
        copy.triggered.connect(lambda: self.copy_requested.emit(self._block.markdown))
        menu.popup(event.globalPos())
