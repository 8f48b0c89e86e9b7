"""A drag over messages: text while it stays in one, whole messages once it crosses into others."""

from typing import Protocol

from PySide6.QtCore import QObject, QPoint, QTimer
from shiboken6 import isValid

from ui.chat.document_view import DocumentView
from ui.chat.selection_range import MessageRange

_TICK_MS = 30
_SLOWEST, _FASTEST, _GEAR = 4, 80, 4
"""Pixels per tick, and by how much more is overshot than is scrolled."""


class DragArea(Protocol):
    """The view that is dragged over; points are points of the screen."""

    def number_at(self, where: QPoint) -> int:
        """The message nearest to ``where``, -1 when there is none."""

    def overshoot(self, where: QPoint) -> int:
        """Pixels by which ``where`` lies above (negative) or below the view; 0 inside."""

    def scroll_by(self, pixels: int) -> None:
        """Scroll; positive is down."""

    def clear_texts(self, besides: DocumentView | None) -> None:
        """Select no text in any message, but leave one text view as it is."""


class SelectionDrag(QObject):
    """Scrolls on while the pointer is held beyond an edge."""

    def __init__(self, area: DragArea, chosen: MessageRange, parent: QObject) -> None:
        super().__init__(parent)
        self._area, self._chosen = area, chosen
        self._text: DocumentView | None = None
        self._origin = -1
        self._where = QPoint()
        self._active = False
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._scroll)

    @property
    def origin(self) -> int:
        """Number of the message where the last press was, -1 before any."""
        return self._origin

    @property
    def is_active(self) -> bool:
        """Whether the button is down."""
        return self._active

    def forget(self) -> None:
        """Another conversation: nothing was pressed."""
        self.release()
        self._origin = -1

    def press(self, text: DocumentView | None, where: QPoint, *, extends: bool) -> None:
        """The button went down, in a text view or beside one; ``extends`` with Shift."""
        number = self._area.number_at(where)
        self._text, self._where, self._active = text, where, number >= 0
        begin = self._chosen.anchor if not self._chosen.is_empty else self._origin
        if extends and number >= 0 and begin >= 0 and begin != number:
            if text is not None:
                text.hold_selection(True)
            self._area.clear_texts(None)
            self._origin = begin
            self._chosen.select(begin, number)
            return
        self._chosen.clear()
        self._area.clear_texts(text if extends else None)
        self._origin = number

    def drag(self, where: QPoint) -> None:
        """The pointer is now at ``where``."""
        if not self._active:
            return
        self._where = where
        self._extend()
        if self._area.overshoot(where) == 0:
            self._tick.stop()
        elif not self._tick.isActive():
            self._tick.start()

    def release(self) -> None:
        """The button is up."""
        self._tick.stop()
        self._active = False
        self._text = None

    def _extend(self) -> None:
        number = self._area.number_at(self._where)
        text = self._text if self._text is not None and isValid(self._text) else None
        if number == self._origin and self._chosen.is_empty:
            return
        if number == self._origin and text is not None:
            self._chosen.clear()
            text.hold_selection(False)
            text.select_to(self._where)
            return
        if text is not None:
            text.hold_selection(True)
        self._area.clear_texts(None)
        self._chosen.select(self._origin, number)

    def _scroll(self) -> None:
        beyond = self._area.overshoot(self._where)
        step = max(_SLOWEST, min(_FASTEST, abs(beyond) // _GEAR))
        self._area.scroll_by(step if beyond > 0 else -step)
        if self._chosen.is_empty and self._text is not None and isValid(self._text):
            self._text.select_to(self._where)
        self._extend()
