"""The real window while an export runs behind it: how long its frames take.

Argument: a data folder. Commands of ``Child``: {"do": "fill", "messages"} writes one conversation
of that many messages and shows it, {"do": "export", "format", "target", "all"} exports it, or all.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from app.export.base import ExportOptions
from app.export.job import Exported, ExportProgress
from app.export.scope import Everything, one_conversation
from app.export.targets import Target
from models.errors import KnownError
from tests.benchmarks.frame_watch import FrameWatch
from tests.benchmarks.processes import STARTER
from tests.benchmarks.transcript_window import fill
from tests.helpers.window import application, open_session
from ui.application import be_responsive
from ui.bridge import Bridge

Reply = Callable[[dict[str, Any]], None]

_SETTLE_MS = 1500


class ExportWindow:
    """Obeys one command at a time; everything happens on the window's thread."""

    def __init__(self, data: Path) -> None:
        be_responsive()
        self._session = open_session(data, starter=STARTER)
        self._session.window.resize(1280, 800)
        self._chat = ""

    def obey(self, command: dict[str, Any], reply: Reply) -> None:
        """Begin what is asked; ``reply`` is called when it is done."""
        if command["do"] == "fill":
            self._chat = fill(self._session.services.history._database, command["messages"])
            self._session.chat.open(self._chat)
            QTimer.singleShot(_SETTLE_MS, lambda: reply({}))
        else:
            self._export(command, reply)

    def close(self) -> None:
        """As when the window is closed."""
        self._session.close()

    def _export(self, command: dict[str, Any], reply: Reply) -> None:
        frames: list[float] = []
        told: list[ExportProgress] = []
        watch = FrameWatch(self._session.window, self._session.page.transcript.viewport())
        began = time.perf_counter()

        def done(exported: Exported) -> None:
            watch.stop()
            reply(
                {
                    "frames": frames,
                    "seconds": time.perf_counter() - began,
                    "messages": exported.messages,
                    "told": len(told),
                }
            )

        def failed(error: KnownError) -> None:
            raise error

        scope = Everything() if command["all"] else one_conversation(self._chat)
        packing = "folder" if command["all"] else "file"
        target = Target(Path(command["target"]), packing, overwrite=True)
        watch.start(frames.append)
        self._session.services.exports.begin(
            scope, command["format"], ExportOptions(), target, done, failed, told.append
        )


def main(data: Path) -> None:
    """Obey stdin's commands until it closes."""
    qt = application()
    window = ExportWindow(data)
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
