"""One download as the state thread keeps it: its files' statuses, and what is shown of it."""

from dataclasses import dataclass, field
from pathlib import Path

from app.library.download_entities import (
    Download,
    DownloadRequest,
    DownloadRow,
    FileDownload,
    FileRow,
)
from app.library.download_orders import Figures, FilesChanged
from app.library.download_records import wanted_of
from app.library.download_states import (
    ACTIVE,
    STOPPED,
    DownloadState,
    Status,
    after_death,
    worst_of,
)
from app.library.speed_meter import SpeedMeter
from models.transfer_entities import StopReason, WantedFile
from models.transfer_promotion import Stamp


@dataclass(slots=True)
class FileEntry:
    """One file of a download."""

    wanted: WantedFile
    status: Status
    done: int = 0
    target: str = ""
    stamp: Stamp | None = None
    distrust: bool = False
    checked: int = 0
    received: int = 0


@dataclass(slots=True)
class Run:
    """A job that is under way."""

    streams: int
    is_stopping: bool = False
    """What it still tells no longer counts."""


@dataclass(slots=True, kw_only=True)
class DownloadEntry:
    """One download. Only ``app.library.downloads`` changes it."""

    id: str
    request: DownloadRequest
    library: Path
    position: int
    created_ms: int
    changed_ms: int
    files: list[FileEntry]
    place: str = ""
    went_back: str = ""
    is_ours: bool = False
    """This program may run it; otherwise it only shows it."""
    elsewhere: bool = False
    is_looked_at: bool = False
    """It is being found out whether a living program is at work on it."""
    is_wanted: bool = False
    """It goes on as soon as it is ours."""
    send_token: bool = False
    is_forgiven: bool = False
    """What came wrong may do so once more."""
    discard_at_end: bool = False
    forget_at_end: bool = False
    run: Run | None = None
    meter: SpeedMeter = field(default_factory=SpeedMeter)

    @property
    def status(self) -> Status:
        """The worst of the files."""
        return worst_of(file.status for file in self.files)

    @property
    def state(self) -> DownloadState:
        """Of ``status``."""
        return self.status.state

    @property
    def remaining(self) -> int:
        """Bytes that it still wants from the disk."""
        return sum(max(file.wanted.size - file.done, 0) for file in self.files)

    def set(self, following: Status, *numbers: int) -> None:
        """Bring files (none named: all) into a state, those that are in it already apart.

        Raises IllegalTransition.
        """
        for number in numbers or range(len(self.files)):
            file = self.files[number]
            if file.status != following or following.state is DownloadState.WAITING:
                file.status = file.status.to(following)

    def set_unready(self, following: Status) -> None:
        """Bring every file that is not in its place into a state. Raises IllegalTransition."""
        numbers = [
            number
            for number, file in enumerate(self.files)
            if file.status.state is not DownloadState.READY
        ]
        if numbers:
            self.set(following, *numbers)

    def change(self, message: FilesChanged) -> None:
        """Take what a job told of its files. Raises IllegalTransition."""
        for number, status in message.statuses.items():
            self.set(status, number)
            self.files[number].distrust = message.distrust
        for number, stamp in message.stamps.items():
            self.files[number].stamp = stamp
            self.files[number].done = self.files[number].wanted.size

    def quit(self, *, asked_to_stop: bool) -> bool:
        """The program ends while a job is under way; returns whether something changed."""
        if self.state is DownloadState.CANCELLING:
            self.set_unready(Status(DownloadState.CANCELLED))
            return True
        if self.state in STOPPED:
            return self.settle()
        if asked_to_stop:
            return False
        self.set_unready(Status(DownloadState.PAUSED, StopReason.APP_QUIT))
        return True

    def settle(self) -> bool:
        """After a job ended: what was under way in it waits for its turn again.

        Returns whether something was.
        """
        under_way = [n for n, file in enumerate(self.files) if file.status.state in ACTIVE]
        for number in under_way:
            self.set(Status(DownloadState.QUEUED), number)
        return bool(under_way)

    def revive(self, *, resume: bool) -> bool:
        """After another program's death; returns whether something changed."""
        before = [file.status for file in self.files]
        for file in self.files:
            file.status = after_death(file.status, resume=resume)
        return before != [file.status for file in self.files]

    def count(self, figures: Figures) -> None:
        """Take the counts of a job."""
        for number, told in figures.items():
            file = self.files[number]
            file.done, file.checked, file.received = told.done, told.checked, told.received
            if told.went_back:
                self.went_back = told.went_back
        self.meter.note(sum(file.received for file in self.files))

    def row(self) -> DownloadRow:
        """As it is stored."""
        return DownloadRow(
            id=self.id,
            position=self.position,
            request=self.request,
            library=self.library,
            place=self.place,
            created_ms=self.created_ms,
            changed_ms=self.changed_ms,
            went_back=self.went_back,
            files=tuple(
                FileRow(
                    file.wanted,
                    file.status,
                    file.done,
                    file.target,
                    None if file.stamp is None else _numbers(file.stamp),
                    file.distrust,
                )
                for file in self.files
            ),
        )

    def shown(self) -> Download:
        """As it is shown."""
        runs = self.run is not None and self.state is DownloadState.DOWNLOADING
        return Download(
            id=self.id,
            request=self.request,
            library=self.library,
            files=tuple(self._shown_file(file) for file in self.files),
            status=self.status,
            position=self.position,
            created_ms=self.created_ms,
            changed_ms=self.changed_ms,
            elsewhere=self.elsewhere,
            checked=sum(file.checked for file in self.files),
            bytes_per_second=self.meter.bytes_per_second if runs else None,
            seconds_left=self.meter.seconds_left(self.remaining) if runs else None,
            is_stalled=runs and self.meter.is_stalled,
            went_back=self.went_back,
        )

    def _shown_file(self, file: FileEntry) -> FileDownload:
        is_there = file.status.state is DownloadState.READY and bool(file.target)
        path = self.library / file.target if is_there else None
        return FileDownload(file.wanted, file.status, file.done, path)


def entry_of(row: DownloadRow) -> DownloadEntry:
    """What a stored row tells."""
    return DownloadEntry(
        id=row.id,
        request=row.request,
        library=row.library,
        position=row.position,
        created_ms=row.created_ms,
        changed_ms=row.changed_ms,
        place=row.place,
        went_back=row.went_back,
        files=[
            FileEntry(
                file.wanted,
                file.status,
                file.done,
                file.target,
                None if file.stamp is None else Stamp(*file.stamp),
                file.distrust,
            )
            for file in row.files
        ],
    )


def new_entry(
    identifier: str, request: DownloadRequest, library: Path, position: int, now_ms: int
) -> DownloadEntry:
    """A download that was never begun."""
    numbers = range(len(request.files))
    queued = Status(DownloadState.QUEUED)
    return DownloadEntry(
        id=identifier,
        request=request,
        library=library,
        position=position,
        created_ms=now_ms,
        changed_ms=now_ms,
        files=[FileEntry(wanted_of(request, number), queued) for number in numbers],
        is_ours=True,
    )


def _numbers(stamp: Stamp) -> tuple[int, int, int]:
    return stamp.size, stamp.mtime_ns, stamp.inode
