"""The one way from other threads onto the window's thread: a callback as a queued signal."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot


class Bridge(QObject):
    """``post`` may be called from any thread; the callback runs in the event loop.

    Signals:
        posted: a callback arrived.
    """

    posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._closed = False
        self.posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, callback: Callable[[], None]) -> None:
        """Run ``callback`` on the window's thread, after what was posted before."""
        if not self._closed:
            self.posted.emit(callback)

    def close(self) -> None:
        """Drop what is still posted: the services are closed."""
        self._closed = True

    @Slot(object)
    def _run(self, callback: Callable[[], None]) -> None:
        if not self._closed:
            # A fault in here reaches sys.excepthook, which logs it and tells the window.
            callback()
