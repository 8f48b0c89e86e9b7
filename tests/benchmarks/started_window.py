"""``main.py`` without a command, watched from inside: when can a person type?

Arguments: data folder. Prints one line of JSON when the first character typed into the first
window that was painted stands in the composer and is painted too; ends when stdin closes.
Moments are of the monotonic clock, which the parent process shares. Nothing of the program is
replaced: an event posted before there is an application arrives when its loop begins.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import app.cli  # noqa: F401  # as main.py does before Qt: Qt's binding reads what comes later

# isort: split
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QPlainTextEdit

import main
from ui.bridge import Bridge


class Watch(QObject):
    """Waits for the loop, then for the first update, then types."""

    def __init__(self) -> None:
        super().__init__()
        self._inside = False
        self._painted = False
        self._first_paint = 0.0
        self._loop = 0.0
        self._field: QPlainTextEdit | None = None

    def event(self, event: QEvent) -> bool:
        """The event loop runs: the window is there."""
        if event.type() is not QEvent.Type.User:
            return super().event(event)
        self._loop = time.monotonic()
        window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMainWindow))
        field = window.focusWidget()
        if not isinstance(field, QPlainTextEdit):
            sys.stderr.write(f"the keyboard belongs to {field}\n")
            os._exit(1)
        self._field = field
        self._viewport = field.viewport()
        # Some updates go to the native window, the first one (Expose) among them.
        self._watched = (window, window.windowHandle(), self._viewport)
        for each in self._watched:
            each.installEventFilter(self)
        self._viewport.update()
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the moment after an update that painted the composer."""
        kind = event.type()
        if self._field is None:
            return False
        if watched is self._viewport:
            self._painted = self._painted or kind is QEvent.Type.Paint
            return False
        if kind not in (QEvent.Type.UpdateRequest, QEvent.Type.Expose) or self._inside:
            return False
        self._inside, self._painted = True, False
        try:
            QCoreApplication.sendEvent(watched, event)
        finally:
            self._inside = False
        if self._painted:
            self._after_paint(self._field)
        return True

    def _after_paint(self, field: QPlainTextEdit) -> None:
        now = time.monotonic()
        if not self._first_paint:
            self._first_paint = now
            QTimer.singleShot(0, lambda: self._type(field))
            return
        if field.toPlainText() != "x":
            return
        self._field = None
        for each in self._watched:
            each.removeEventFilter(self)
        field.clear()
        told = {"loop": self._loop, "first_paint": self._first_paint, "usable": now}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        threading.Thread(target=_quit_with_stdin, args=(Bridge(self),), daemon=True).start()

    def _type(self, field: QPlainTextEdit) -> None:
        if field.hasFocus():
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, Qt.Key.Key_X, Qt.KeyboardModifier.NoModifier, "x")
                QCoreApplication.sendEvent(field, event)
        else:
            QTimer.singleShot(1, lambda: self._type(field))


def _quit_with_stdin(bridge: Bridge) -> None:
    sys.stdin.read()
    bridge.post(QCoreApplication.quit)


if __name__ == "__main__":
    watch = Watch()
    QCoreApplication.postEvent(watch, QEvent(QEvent.Type.User))
    sys.exit(main.main(["--data-dir", sys.argv[1]]))
