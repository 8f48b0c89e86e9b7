"""What the transcript is compared with: one text browser, everything in it, set anew each time.

The same commands as ``transcript_window``; text arrives from a thread, gathered for 50 ms as the
window gathers it. There is no worker, no history and no controls: it has less to do.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QTextBrowser

from tests.benchmarks import transcript_texts
from tests.benchmarks.frame_watch import FrameWatch
from tests.benchmarks.pass_watch import PassWatch
from tests.helpers.window import application
from ui.bridge import Bridge

Reply = Callable[[dict[str, Any]], None]

_NARROW, _WIDE, _HEIGHT = 1000, 1280, 800
_SETTLE_MS = 1500
_GATHER_MS = 50
_CHARACTERS = 4


class NaiveWindow:
    """Obeys one command at a time."""

    def __init__(self) -> None:
        self._browser = QTextBrowser()
        self._browser.resize(_WIDE, _HEIGHT)
        self._browser.show()
        self._text = ""

    def obey(self, command: dict[str, Any], reply: Reply) -> None:
        """Begin what is asked; ``reply`` is called when it is done."""
        match command["do"]:
            case "fill":
                parts = [transcript_texts.mixed(number) for number in range(command["messages"])]
                self._text = "\n\n---\n\n".join(parts)
                reply({})
            case "open":
                self._open(reply)
            case "resize":
                self._resize(reply)
            case _:
                self._stream(command, reply)

    def close(self) -> None:
        """As when the window is closed."""
        self._browser.close()

    def _watch(self) -> FrameWatch:
        return FrameWatch(self._browser, self._browser.viewport())

    def _open(self, reply: Reply) -> None:
        process = psutil.Process()
        before = process.memory_info().rss
        watch = self._watch()
        began, used = time.perf_counter(), time.thread_time()

        def painted(_seconds: float) -> None:
            told = {"seconds": time.perf_counter() - began, "processor": time.thread_time() - used}
            watch.stop()
            QTimer.singleShot(_SETTLE_MS, lambda: settled(told))

        def settled(told: dict[str, Any]) -> None:
            grown = process.memory_info().rss - before
            self._browser.clear()
            QTimer.singleShot(100, lambda: reply({**told, "bytes": grown}))

        watch.once(painted)
        self._browser.setMarkdown(self._text)

    def _resize(self, reply: Reply) -> None:
        self._browser.setMarkdown(self._text)
        watch = self._watch()

        def change() -> None:
            watch.once(painted)
            width = _NARROW if self._browser.width() == _WIDE else _WIDE
            self._browser.resize(width, _HEIGHT)

        def painted(seconds: float) -> None:
            watch.stop()
            QTimer.singleShot(0, lambda: reply({"seconds": seconds}))

        QTimer.singleShot(500, change)

    def _stream(self, command: dict[str, Any], reply: Reply) -> None:
        """The whole text is set again with every piece that was gathered."""
        frames: list[float] = []
        watch, browser = self._watch(), self._browser
        passes: list[float] = []
        pass_watch = PassWatch(browser.viewport(), passes.append)
        text, rate = command["text"], command["rate"]
        before = self._text + "\n\n" + command["before"]
        state = {"began": 0.0, "processor": 0.0, "stop": 0.0}
        gather = QTimer(browser)
        gather.setInterval(_GATHER_MS)

        def draw() -> None:
            due = int((time.perf_counter() - state["began"]) * rate) * _CHARACTERS
            browser.setMarkdown(before + text[:due])
            browser.verticalScrollBar().setValue(browser.verticalScrollBar().maximum())

        def count() -> None:
            state["began"], state["processor"] = time.perf_counter(), time.process_time()
            gather.start()
            if command["watched"]:
                watch.start(frames.append)
            else:
                pass_watch.start()
            QTimer.singleShot(round(command["seconds"] * 1000), stop)

        def stop() -> None:
            share = (time.process_time() - state["processor"]) / (
                time.perf_counter() - state["began"]
            )
            if command["watched"]:
                watch.stop()
            else:
                pass_watch.stop()
            gather.stop()
            reply(
                {
                    "frames": frames, "passes": passes, "share": share, "stop": 0.0,
                    "failure": "", "reason": "",
                }
            )  # fmt: skip

        gather.timeout.connect(draw)
        browser.setMarkdown(before)
        QTimer.singleShot(500, count)


def main() -> None:
    """Obey stdin's commands until it closes."""
    qt = application()
    window = NaiveWindow()
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
    main()
