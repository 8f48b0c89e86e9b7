"""How long a frame of the window takes, from when it is due to the end of its drawing."""

import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QWidget

from ui.bridge import Bridge

FRAME_SECONDS = 1 / 60
_UPDATES = (QEvent.Type.UpdateRequest, QEvent.Type.Expose)


class FrameWatch(QObject):
    """Asks for a frame of ``shown`` 60 times a second, as a screen does.

    A frame's time runs from its moment on another thread to the end of the window's update that
    painted it: it holds the wait for the event loop, for the interpreter and for a core, and
    everything else that was due. A screen of 60 Hz skips nothing while it is below 33 ms.
    """

    def __init__(self, window: QWidget, shown: QWidget) -> None:
        super().__init__()
        self._shown = shown
        # Some updates go to the native window instead of the widget.
        self._watched = (window, window.windowHandle(), shown)
        self._bridge = Bridge(self)
        self._stop = threading.Event()
        self._due: list[float] = []
        self._inside = self._painted = False
        self._frame: Callable[[float], None] = lambda _seconds: None

    def start(self, frame: Callable[[float], None]) -> None:
        """``frame`` gets the seconds of each frame until ``stop``."""
        self._begin(frame)
        threading.Thread(target=self._tick, args=(self._stop,), daemon=True).start()

    def once(self, done: Callable[[float], None]) -> None:
        """``done`` gets the seconds from now to the end of the next update that paints it."""
        self._begin(done)
        self._due.append(time.perf_counter())

    def stop(self) -> None:
        """Ask for no more."""
        self._stop.set()
        self._due.clear()
        for each in self._watched:
            each.removeEventFilter(self)

    def _begin(self, frame: Callable[[float], None]) -> None:
        self._frame, self._stop = frame, threading.Event()
        for each in self._watched:
            each.installEventFilter(self)

    def _tick(self, stop: threading.Event) -> None:
        following = time.perf_counter()
        while not stop.wait(max(following - time.perf_counter(), 0.0)):
            due = following
            self._bridge.post(lambda due=due: self._ask(due))  # type: ignore[misc]
            following += FRAME_SECONDS

    def _ask(self, due: float) -> None:
        if not self._stop.is_set():
            self._due.append(due)
            self._shown.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the update run here, so that its end is known; note whether it drew the widget."""
        kind = event.type()
        if watched is self._shown:
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
            drawn, self._due = self._due, []
            for due in drawn:
                self._frame(now - due)
        return True
