"""A row of the sidebar's foot with a word at its right when something happens there."""

from typing import Literal

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import TextButton

_HEIGHT, _DOT, _PAD, _GAP = 36, 8, 12, 6


class BadgeButton(TextButton):
    """The badge is a word, with a dot when it asks for a look; the accessible name says it all.

    Where the word has no room, the dot stands for it.
    """

    def __init__(self, theme: Theme, text: str, *, icon: str) -> None:
        super().__init__(theme, text, look="row", icon=icon, height=_HEIGHT)
        self._badge = ""
        self._ink = "warning"

    @property
    def badge(self) -> str:
        """The word shown, or ""."""
        return self._badge

    def set_badge(
        self, words: str, why: str, look: Literal["warning", "progress"] = "warning"
    ) -> None:
        """Show ``words``; ``why`` is the tooltip. "" takes the badge away."""
        self._badge = words
        self._ink = "warning" if look == "warning" else "accent_text"
        self.setToolTip(why)
        self.setAccessibleName(self.text() + ": " + why if why else self.text())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button, then the badge in its right half when there is room."""
        super().paintEvent(event)
        if not self._badge:
            return
        px = self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font(TEXT_SMALL, tabular=True))
        words = painter.fontMetrics().horizontalAdvance(self._badge)
        right = self.width() - px(_PAD)
        taken = px(_PAD + 24) + self.fontMetrics().horizontalAdvance(self.text()) + px(_PAD)
        fits = right - words - px(_GAP + _DOT) >= taken
        if fits:
            painter.setPen(self._theme.color(self._ink))
            area = self.rect().adjusted(0, 0, -px(_PAD), 0)
            painter.drawText(
                area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._badge
            )
            right -= words + px(_GAP)
            if self._ink != "warning":
                return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(self._ink))
        top = (self.height() - px(_DOT)) / 2
        painter.drawEllipse(QRectF(right - px(_DOT), top, px(_DOT), px(_DOT)))
