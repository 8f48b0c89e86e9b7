"""The application without a window, that downloads: the very services of window and terminal.

Arguments: data folder, the Hub's address, library folder. Commands of ``Child``:
``{"do": "get", "file"}`` downloads to the end and forgets it; ``{"do": "cancel", "file",
"after_bytes"}`` stops one in the middle.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from app.library.download_entities import (
    DownloadChanged,
    DownloadEvent,
    DownloadRequest,
    RemoteFile,
)
from app.library.download_states import DownloadState
from app.model_rooms import HubWishes
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import open_services
from tests.benchmarks.processes import STARTER, answer_commands

_PATIENCE_SECONDS = 240.0


def request_for(file: dict[str, Any]) -> DownloadRequest:
    """What a person asks for who chose the served file."""
    remote = RemoteFile(file["path"], file["size"], file["sha256"])
    return DownloadRequest(
        repository=file["repository"], commit=file["commit"], files=(remote,), name="Served"
    )


class Downloader:
    """Obeys one command at a time."""

    def __init__(self, data: Path, endpoint: str, library: Path) -> None:
        self._queue = CallbackQueue()
        wishes = HubWishes(endpoint=endpoint, folder=library, environment={})
        self._services = open_services(
            DataPaths(data), self._queue.post, starter=STARTER, hub=wishes
        )
        self._downloads = self._services.models.downloads
        self._downloads.start()
        self._library = library
        self._ports = {int(endpoint.rpartition(":")[2])}
        self._moments: dict[str, float] = {}
        self._downloads.subscribe(self._heard)

    def obey(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked and say what it took."""
        if command["do"] == "get":
            return self._get(request_for(command["file"]))
        self._ports.add(int(command["cdn"].rpartition(":")[2]))
        return self._cancel(request_for(command["file"]), command["after_bytes"])

    def close(self) -> None:
        """As at the program's end."""
        self._services.close()

    def _heard(self, event: DownloadEvent) -> None:
        if isinstance(event, DownloadChanged):
            state = event.download.status.state.value
            self._moments.setdefault(state, time.perf_counter())

    def _get(self, request: DownloadRequest) -> dict[str, Any]:
        self._moments.clear()
        used, began = time.process_time(), time.perf_counter()
        identifier = self._downloads.add(request)
        self._wait(lambda: self._downloads.is_over(identifier))
        seconds, used = time.perf_counter() - began, time.process_time() - used
        shown = self._downloads.get(identifier)
        assert shown is not None
        if shown.status.state is not DownloadState.READY:
            raise RuntimeError(f"the download ended as {shown.status}")
        # Gone again: the next one must not find it.
        self._downloads.forget(identifier)
        for path in shown.paths:
            path.unlink()
        moments = {name: moment - began for name, moment in self._moments.items()}
        return {"seconds": seconds, "processor": used, "moments": moments}

    def _cancel(self, request: DownloadRequest, after_bytes: int) -> dict[str, Any]:
        """From the call to the stored state, and to the last socket's end."""
        identifier = self._downloads.add(request)

        def has_begun() -> bool:
            shown = self._downloads.get(identifier)
            return shown is not None and shown.done >= after_bytes and bool(self._sockets())

        self._wait(has_begun)
        self._moments.clear()
        began = time.perf_counter()
        self._downloads.cancel(identifier, discard=True)
        closed = 0.0

        def is_over() -> bool:
            nonlocal closed
            if not closed and not self._sockets():
                closed = time.perf_counter()
            return bool(closed) and "cancelled" in self._moments

        # Looked at every few milliseconds: nobody posts that a socket was closed.
        while not self._queue.run_until(is_over, 0.003):
            if time.perf_counter() - began > _PATIENCE_SECONDS:
                raise RuntimeError("a cancelled download does not end")
        self._downloads.forget(identifier)
        return {"stored": self._moments["cancelled"] - began, "closed": closed - began}

    def _sockets(self) -> list[Any]:
        """Open connections to the server."""
        found = psutil.Process().net_connections(kind="tcp")
        return [each for each in found if each.raddr and each.raddr.port in self._ports]

    def _wait(self, done: Callable[[], bool]) -> None:
        if not self._queue.run_until(done, _PATIENCE_SECONDS):
            raise RuntimeError(f"waited too long: {self._downloads.entries()}")


def main(data: Path, endpoint: str, library: Path) -> None:
    """Obey stdin's commands until it closes."""
    downloader = Downloader(data, endpoint, library)
    try:
        answer_commands(downloader.obey)
    finally:
        downloader.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
