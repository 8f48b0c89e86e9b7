"""The real window with a large history: the list of chats is scrolled, chats are opened.

Argument: a data folder. Commands of ``Child``: {"do": "scroll"}, {"do": "open", "chat"}.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from tests.benchmarks.frame_watch import FrameWatch
from tests.benchmarks.processes import STARTER
from tests.helpers.window import application, open_session
from ui.bridge import Bridge

Reply = Callable[[dict[str, Any]], None]

_SETTLE_MS = 1000
_STEPS, _STEP_MS = 240, 16


class HistoryWindow:
    """Obeys one command at a time; everything happens on the window's thread."""

    def __init__(self, data: Path) -> None:
        self._session = open_session(data, starter=STARTER)
        self._session.window.resize(1280, 800)

    def obey(self, command: dict[str, Any], reply: Reply) -> None:
        """Begin what is asked; ``reply`` is called when it is done."""
        begin = self._scroll if command["do"] == "scroll" else self._open
        QTimer.singleShot(_SETTLE_MS, lambda: begin(command, reply))

    def close(self) -> None:
        """As when the window is closed."""
        self._session.close()

    def _scroll(self, _command: dict[str, Any], reply: Reply) -> None:
        """From the top to the end of the list in four seconds, then two thirds back."""
        chats = self._session.window.sidebar.list
        bar = chats.verticalScrollBar()
        frames: list[float] = []
        watch = FrameWatch(self._session.window, chats.viewport())
        timer = QTimer(chats)
        steps = 0

        def step() -> None:
            nonlocal steps
            steps += 1
            share = steps / _STEPS if steps <= _STEPS else 2 - steps / _STEPS
            bar.setValue(round(bar.maximum() * share))
            if 3 * steps >= 5 * _STEPS:
                timer.stop()
                watch.stop()
                reply({"frames": frames, "rows": chats.model().rowCount()})

        timer.timeout.connect(step)
        watch.start(frames.append)
        timer.start(_STEP_MS)

    def _open(self, command: dict[str, Any], reply: Reply) -> None:
        """Show a chat: seconds from the call to the end of its first painting."""
        watch = FrameWatch(self._session.window, self._session.page.transcript.viewport())
        began = time.perf_counter()

        def painted(_seconds: float) -> None:
            seconds = time.perf_counter() - began
            watch.stop()
            QTimer.singleShot(0, lambda: reply({"seconds": seconds}))

        watch.once(painted)
        self._session.chat.open(command["chat"])


def main(data: Path) -> None:
    """Obey stdin's commands until it closes."""
    qt = application()
    window = HistoryWindow(data)
    bridge = Bridge()

    def reply(answer: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()

    def read() -> None:
        for line in sys.stdin:
            bridge.post(lambda line=line: window.obey(json.loads(line), reply))  # type: ignore[misc]
        bridge.post(qt.quit)

    threading.Thread(target=read, daemon=True).start()
    qt.exec()
    window.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
