"""Types into the composer from another thread and takes the time until each key is painted."""

import random
import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ui.bridge import Bridge

_LETTERS = "the quick brown fox jumps over the lazy dog "
_LINE = 160
_LEAST_PAUSE, _MOST_PAUSE = 0.03, 0.07
"""Seconds between keys: a fast typist, and never in step with the 20 ms of the tokens."""

_UPDATES = (QEvent.Type.UpdateRequest, QEvent.Type.Expose)


class KeyWatch(QObject):
    """A key's time runs from its posting on another thread to the end of the window's update
    that painted the field: it holds the wait for the event loop, for the interpreter and for a
    core, the layout, and the drawing of everything else that was due.
    """

    def __init__(self, window: QWidget, field: QPlainTextEdit) -> None:
        super().__init__()
        self._field = field
        self._viewport = field.viewport()
        # Some updates go to the native window instead of the widget.
        self._watched = (window, window.windowHandle(), self._viewport)
        self._bridge = Bridge(self)
        self._stop = threading.Event()
        self._pending: list[tuple[str, float]] = []
        self._inside = False
        self._painted = False
        self._typed = 0
        self._phase: Callable[[], str] = str
        self._done: Callable[[str, float], None] = lambda _phase, _seconds: None

    def start(self, phase: Callable[[], str], done: Callable[[str, float], None]) -> None:
        """Type until ``stop``; ``done`` gets the phase at the press and the seconds it took."""
        self._phase, self._done = phase, done
        self._stop = threading.Event()
        self._pending.clear()
        for each in self._watched:
            each.installEventFilter(self)
        threading.Thread(target=self._type, args=(self._stop,), daemon=True).start()

    def stop(self) -> None:
        """Type no more."""
        self._stop.set()
        for each in self._watched:
            each.removeEventFilter(self)
        self._field.clear()

    def _type(self, stop: threading.Event) -> None:
        chance = random.Random(1)
        while not stop.wait(chance.uniform(_LEAST_PAUSE, _MOST_PAUSE)):
            pressed = time.perf_counter()
            self._bridge.post(lambda pressed=pressed: self._press(pressed))  # type: ignore[misc]

    def _press(self, pressed: float) -> None:
        if self._stop.is_set():
            return
        if len(self._field.toPlainText()) >= _LINE:
            self._field.clear()
        phase = self._phase()
        QTest.keyClicks(self._field, _LETTERS[self._typed % len(_LETTERS)])
        self._typed += 1
        self._pending.append((phase, pressed))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the update run here, so that its end is known; note whether it drew the field."""
        kind = event.type()
        if watched is self._viewport:
            self._painted = self._painted or kind is QEvent.Type.Paint
            return False
        if kind not in _UPDATES or self._inside:
            return False
        self._inside, self._painted = True, False
        try:
            QCoreApplication.sendEvent(watched, event)
        finally:
            self._inside = False
        if self._painted:
            now = time.perf_counter()
            shown, self._pending = self._pending, []
            for phase, pressed in shown:
                self._done(phase, now - pressed)
        return True
