"""How much processor time a pass of the event loop takes that draws something."""

import time
from collections.abc import Callable

from PySide6.QtCore import QAbstractEventDispatcher, QEvent, QObject
from PySide6.QtWidgets import QWidget


class PassWatch(QObject):
    """Tells the seconds of each pass in which ``shown`` or a part of it was painted.

    A pass is what happens between two sleeps of the event loop, and holds everything that the
    update of a view costs: taking in text, layout, highlighting, drawing. It counts the time of
    this thread alone, so sleeping counts nothing and a busy machine changes little.
    """

    def __init__(self, shown: QWidget, done: Callable[[float], None]) -> None:
        super().__init__()
        self._shown, self._done = shown, done
        self._slept = 0.0
        self._painted = False
        self._dispatcher = QAbstractEventDispatcher.instance()

    def start(self) -> None:
        """Count from now on."""
        self._slept = time.thread_time()
        self._shown.installEventFilter(self)
        self._dispatcher.aboutToBlock.connect(self._end)

    def stop(self) -> None:
        """Count no more."""
        self._shown.removeEventFilter(self)
        self._dispatcher.aboutToBlock.disconnect(self._end)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Note that it was painted."""
        if event.type() is QEvent.Type.Paint:
            self._painted = True
        return False

    def _end(self) -> None:
        now = time.thread_time()
        if self._painted:
            self._painted = False
            self._done(now - self._slept)
        self._slept = now
