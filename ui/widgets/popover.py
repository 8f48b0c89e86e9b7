"""A frame that floats over the window beside its anchor: not modal, closed by Esc or elsewhere."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.theme.theme import Theme
from ui.theme.tokens import CARD_RADIUS, GRID
from ui.widgets.surface import Surface

_SHADOW = 16
"""Pixels around the card that the shadow may use."""


def paint_shadow(painter: QPainter, card: QRect, theme: Theme) -> None:
    """A soft shadow around ``card``: faint rounded rectangles, each a little larger."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("shadow"))
    for step in range(1, 11):
        grown = theme.zoom * step * step * 0.12
        area = QRectF(card).adjusted(-grown, -grown / 3, grown, grown + theme.px(2))
        radius = theme.px(CARD_RADIUS) + grown
        painter.drawRoundedRect(area, radius, radius)


class Popover(QWidget):
    """A card with a shadow. Put widgets into ``body``; make it with the window as parent.

    Signals:
        closed: by Esc, a click elsewhere, or ``close_popover``.
    """

    closed = Signal()

    def __init__(self, theme: Theme, name: str, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("floats", True)
        self._theme = theme
        self._anchor: QWidget | None = None
        self._before: QWidget | None = None
        self._wanted = QSize()
        self._above = False
        self.setAccessibleName(name)
        self._card = Surface("card", self)
        self.body = QVBoxLayout(self._card)
        self.body.setSpacing(0)
        self.hide()
        theme.changed.connect(self.close_popover)

    @property
    def card(self) -> QWidget:
        """The visible part; parent of what is in ``body``."""
        return self._card

    def open_at(self, anchor: QWidget, size: QSize, *, above: bool = False) -> None:
        """Appear centred under ``anchor`` (or over it), at most ``size``, inside the window."""
        self._anchor, self._wanted, self._above = anchor, size, above
        self._before = QApplication.focusWidget()
        self._place()
        self.show()
        self.raise_()
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def close_popover(self) -> None:
        """Disappear; harmless when closed."""
        if self.isVisible():
            application = QApplication.instance()
            if application is not None:
                application.removeEventFilter(self)
            had_focus = self.isAncestorOf(QApplication.focusWidget() or self)
            self.hide()
            # Back to the caret: whoever typed goes on typing.
            before = self._before if had_focus else None
            if before is not None and isValid(before) and before.isVisible():
                before.setFocus(Qt.FocusReason.PopupFocusReason)
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_popover()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A press outside closes; pressing the anchor only closes."""
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget():
            self._place()
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            assert isinstance(event, QMouseEvent)
            inside = self._card.rect().contains(
                self._card.mapFromGlobal(event.globalPosition().toPoint())
            )
            if not inside:
                self.close_popover()
                return watched is self._anchor
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The shadow; the card paints itself."""
        painter = QPainter(self)
        paint_shadow(painter, self._card.geometry(), self._theme)

    def _place(self) -> None:
        window = self.parentWidget()
        if window is None or self._anchor is None:
            return
        margin, gap = self._theme.px(_SHADOW), self._theme.px(4)
        top = self._anchor.mapTo(window, QPoint(0, self._anchor.height())).y() + gap
        step = self._theme.px(GRID)
        top -= top % step
        width = min(self._wanted.width(), window.width() - 2 * margin)
        if self._above:
            bottom = self._anchor.mapTo(window, QPoint(0, 0)).y() - gap
            bottom -= bottom % step
            height = min(self._wanted.height(), bottom - margin)
            top = bottom - height
        else:
            height = min(self._wanted.height(), window.height() - top - margin)
        centre = self._anchor.mapTo(window, self._anchor.rect().center()).x()
        left = min(max(margin, centre - width // 2), window.width() - width - margin)
        left -= left % step
        self.setGeometry(left - margin, top - margin, width + 2 * margin, height + 2 * margin)
        self._card.setGeometry(margin, margin, width, height)
