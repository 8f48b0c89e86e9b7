"""The real window with its page of models, drawing into memory.

Arguments: data folder, the Hub's address, library folder. Commands of ``Child``:
``{"do": "frames", "file"}`` downloads while the Downloads tab is watched, ``{"do": "still",
"seconds"}`` watches it while nothing happens, ``{"do": "open"}`` opens the Library tab.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from app.library.download_entities import DownloadChanged, DownloadEvent
from app.library.download_states import ENDED, STOPPED, DownloadState
from app.model_rooms import HubWishes
from tests.benchmarks.downloading_process import request_for
from tests.benchmarks.frame_watch import FrameWatch
from tests.benchmarks.processes import STARTER
from tests.helpers.window import application, open_session
from ui.bridge import Bridge

Reply = Callable[[dict[str, Any]], None]


class ModelsWindow:
    """Obeys one command at a time; everything happens on the window's thread."""

    def __init__(self, root: Path, endpoint: str, library: Path) -> None:
        wishes = HubWishes(endpoint=endpoint, folder=library, environment={})
        self._session = open_session(root, starter=STARTER, hub=wishes)
        self._session.window.resize(1280, 800)

    def obey(self, command: dict[str, Any], reply: Reply) -> None:
        """Begin what is asked; ``reply`` is called when it is done."""
        match command["do"]:
            case "frames":
                self._download(command["file"], reply)
            case "still":
                self._watch_still(command["seconds"], reply)
            case _:
                self._open_library(reply)

    def close(self) -> None:
        """As when the window is closed."""
        self._session.close()

    def _watched(self) -> FrameWatch:
        self._session.manager.open("downloads")
        return FrameWatch(self._session.window, self._session.models_page.downloads)

    def _watch_still(self, seconds: float, reply: Reply) -> None:
        frames: list[float] = []
        watch = self._watched()
        watch.start(frames.append)

        def end() -> None:
            watch.stop()
            reply({"frames": frames})

        QTimer.singleShot(round(seconds * 1000), end)

    def _download(self, file: dict[str, Any], reply: Reply) -> None:
        """Frames are counted only while bytes arrive."""
        frames: list[float] = []
        watch = self._watched()
        downloads = self._session.services.models.downloads
        request, began = request_for(file), time.perf_counter()
        used = time.process_time()
        identifier = ""
        is_arriving = False

        def frame(seconds: float) -> None:
            if is_arriving:
                frames.append(seconds)

        def heard(event: DownloadEvent) -> None:
            nonlocal is_arriving
            if not isinstance(event, DownloadChanged) or event.download.id != identifier:
                return
            state = event.download.status.state
            is_arriving = state is DownloadState.DOWNLOADING
            if state in STOPPED | ENDED:
                unsubscribe()
                watch.stop()
                QTimer.singleShot(0, lambda: end(state))

        def end(state: DownloadState) -> None:
            seconds, processor = time.perf_counter() - began, time.process_time() - used
            shown = downloads.get(identifier)
            assert shown is not None
            for path in shown.paths:
                path.unlink()
            downloads.forget(identifier)
            reply(
                {
                    "state": state.value, "frames": frames, "seconds": seconds,
                    "processor": processor,
                }
            )  # fmt: skip

        unsubscribe = downloads.subscribe(heard)
        watch.start(frame)
        identifier = downloads.add(request)

    def _open_library(self, reply: Reply) -> None:
        """From the click to the end of the drawing, for the first time and once more.

        What the page itself takes when it is first made is told apart: it hangs on no library.
        """
        session = self._session
        began = time.perf_counter()
        count = len(session.services.library.entries())
        read = time.perf_counter()
        _ = session.models_page, session.manager
        made = time.perf_counter() - read
        told: dict[str, Any] = {"models": count, "read": read - began, "made": made}

        def open_it(then: Callable[[float], None]) -> None:
            clicked = time.perf_counter()
            session.manager.open("library")
            watch = FrameWatch(session.window, session.models_page.library)

            def drawn(_seconds: float) -> None:
                watch.stop()
                then(time.perf_counter() - clicked)

            watch.once(drawn)
            session.models_page.library.update()

        def again(seconds: float) -> None:
            told["again"] = seconds
            told["rows"] = len(session.models_page.library.view.rows)
            QTimer.singleShot(0, lambda: reply(told))

        def first(seconds: float) -> None:
            told["first"] = seconds
            session.window.show_page("chat")
            QTimer.singleShot(300, lambda: open_it(again))

        open_it(first)


def main(root: Path, endpoint: str, library: Path) -> None:
    """Obey stdin's commands until it closes."""
    qt = application()
    window = ModelsWindow(root, endpoint, library)
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
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
