"""Downloads with a real database and real transfers from the test Hub, as one program has them."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2

from app.awake import Awake
from app.library.download_entities import (
    Download,
    DownloadChanged,
    DownloadEvent,
    DownloadRequest,
    RemoteFile,
)
from app.library.download_orders import JobTools
from app.library.download_records import DownloadRecords
from app.library.downloads import Downloads
from app.library.downloads_schema import DOWNLOAD_MIGRATIONS
from app.library.index import LIBRARY_MIGRATIONS
from app.library.volumes import Room, Volumes
from app.placement.schema import PLACEMENT_MIGRATIONS
from app.posting import CallbackQueue, Scheduler
from app.storage.opening import open_database
from models.http_clients import HttpClients, Purpose
from models.transfer_timing import SpeedLimit, Timing
from tests.helpers.hub_repositories import HubRepository
from tests.helpers.transfers import quick_client

STEPS = (*LIBRARY_MIGRATIONS, *PLACEMENT_MIGRATIONS, *DOWNLOAD_MIGRATIONS)
WIDE = Volumes(room=lambda _folder: Room(10**12, 10**12), largest_file=lambda _folder: None)


async def hurry(seconds: float) -> None:
    await asyncio.sleep(min(seconds, 0.01))


QUICK = Timing(read=1.0, connect=2.0, headers=2.0, flush=0.05, sleep=hurry)


class QuickClients:
    """Plain clients, without the application's door to the network."""

    def client(self, purpose: Purpose, endpoint: str) -> httpx2.Client:
        raise AssertionError("a download waits for nobody")

    def async_client(self, purpose: Purpose, endpoint: str) -> httpx2.AsyncClient:
        assert purpose is Purpose.DOWNLOAD
        return quick_client()


def request_of(repository: HubRepository, *paths: str, **told: object) -> DownloadRequest:
    """What a person asks for who chose these files (none: all) of the newest commit."""
    files = repository.commits[repository.head]
    chosen = [files[path] for path in paths] if paths else list(files.values())
    asked = DownloadRequest(
        repository=repository.id,
        commit=repository.head,
        files=tuple(
            RemoteFile(file.path, file.content.size, file.content.sha256) for file in chosen
        ),
        name=repository.id.rpartition("/")[2],
    )
    return replace(asked, **told)  # type: ignore[arg-type]


@dataclass
class Stage:
    """One program's downloads; opening a second one on the same folder is a second program."""

    folder: Path
    endpoint: str
    token: str | None = None
    clients: HttpClients = field(default_factory=QuickClients)
    volumes: Volumes = WIDE
    timing: Timing = QUICK
    rate: Callable[[], int | None] = lambda: None
    rearm_seconds: float = 3600.0
    awake: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.queue = CallbackQueue()
        self.scheduler = Scheduler(self.queue.post)
        self.folder.mkdir(exist_ok=True)
        self.database = open_database(self.folder / "library.sqlite3", STEPS, None, self.queue.post)
        self.records = DownloadRecords(self.database)
        self.library = self.folder / "models"
        self.events: list[DownloadEvent] = []
        self.downloads = Downloads(
            self.records,
            lambda: self.library,
            lambda: self.endpoint,
            lambda: self.token,
            JobTools(
                self.clients,
                SpeedLimit(lambda: self.rate()),
                self.volumes,
                self.timing,
                lambda _endpoint, _source, _target: True,
            ),
            self.queue.post,
            self.scheduler,
            awake=Awake(self.awake),
            rearm_seconds=self.rearm_seconds,
            look_seconds=0.2,
        )
        self.downloads.subscribe(self.events.append)

    def run_until(self, done: Callable[[], bool], seconds: float = 20.0) -> None:
        """Run what is posted until ``done``; fails after ``seconds``."""
        assert self.queue.run_until(done, seconds), [
            (one.request.name, one.status) for one in self.downloads.entries()
        ]

    def state(self, identifier: str) -> str:
        """As a person sees it: ``paused/user``."""
        shown = self.downloads.get(identifier)
        if shown is None:
            return ""
        reason = "" if shown.status.reason is None else "/" + shown.status.reason.value
        return shown.status.state.value + reason

    def wait_for(self, identifier: str, *states: str, seconds: float = 20.0) -> Download:
        """Run until the download shows one of these."""
        self.run_until(lambda: self.state(identifier) in states, seconds)
        shown = self.downloads.get(identifier)
        assert shown is not None
        return shown

    def get(self, request: DownloadRequest) -> Download:
        """Download a set to its end."""
        return self.wait_for(self.downloads.add(request), "ready")

    def done(self, identifier: str) -> int:
        """Bytes that are shown as fetched."""
        shown = self.downloads.get(identifier)
        return 0 if shown is None else shown.done

    def is_elsewhere(self, identifier: str) -> bool:
        """Whether it is shown as another program's."""
        shown = self.downloads.get(identifier)
        return shown is not None and shown.elsewhere

    def states(self, identifier: str) -> list[str]:
        """Every state that was shown, repetitions left out."""
        found: list[str] = []
        for event in self.events:
            if isinstance(event, DownloadChanged) and event.download.id == identifier:
                state = event.download.status.state.value
                if not found or found[-1] != state:
                    found.append(state)
        return found

    def check_progress(self) -> None:
        """Progress never went backwards without a reason."""
        last: dict[str, Download] = {}
        for event in self.events:
            if not isinstance(event, DownloadChanged):
                continue
            now, before = event.download, last.get(event.download.id)
            is_discarded = now.status.state.value == "cancelled"
            if before is not None and now.done < before.done and not is_discarded:
                assert now.went_back, f"{before.done} to {now.done} without a reason"
            last[now.id] = now

    def close(self) -> float:
        """As at the program's end; returns how many seconds the downloads took for it."""
        began = time.monotonic()
        self.downloads.close()
        seconds = time.monotonic() - began
        self.scheduler.close()
        self.database.close()
        return seconds
