"""What is asked of the downloads, and what they show of each."""

from dataclasses import dataclass, field
from pathlib import Path

from app.library.download_states import DownloadState, Status
from models.errors import KnownError
from models.transfer_entities import WantedFile


class DownloadError(KnownError):
    """A download cannot be begun, or not be changed from here."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a repository as the Hub describes it."""

    path: str
    size: int
    """Bytes."""
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadRequest:
    """A set of files that are only of use together: a model's parts and its companions."""

    repository: str
    commit: str
    """The full id, so that the files cannot change in the middle."""
    files: tuple[RemoteFile, ...]
    """In the order in which they are fetched."""
    name: str
    """To show."""
    quantization: str = ""
    license: str = ""
    needs_token: bool = False
    """The repository is gated or private; otherwise no token is sent."""


@dataclass(frozen=True, slots=True)
class FileDownload:
    """One file of a download as it is shown."""

    wanted: WantedFile
    status: Status
    done: int
    """Bytes on the disk."""
    path: Path | None
    """Where it lies, once it is READY."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A download as it is shown; everything in it was stored before."""

    id: str
    request: DownloadRequest
    library: Path
    """The library's folder that it goes to."""
    files: tuple[FileDownload, ...]
    status: Status
    """The worst of its files."""
    position: int
    """In the queue; smaller is earlier."""
    created_ms: int
    changed_ms: int
    """Unix milliseconds of the last transition."""
    elsewhere: bool = False
    """Another Moestro is at work on it."""
    checked: int = 0
    """Bytes that were hashed again, while CHECKING."""
    bytes_per_second: float | None = None
    seconds_left: float | None = None
    """None for the first seconds, and while nothing arrives."""
    is_stalled: bool = False
    """Nothing arrived for some seconds, though the connection stands."""
    went_back: str = ""
    """A sentence's code: why ``done`` became smaller at some time."""

    @property
    def total(self) -> int:
        """Bytes of all files."""
        return sum(file.wanted.size for file in self.files)

    @property
    def done(self) -> int:
        """Bytes of all files that are on the disk; this is also what discarding frees."""
        return sum(file.done for file in self.files)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the files lie, once all are READY."""
        if self.status.state is not DownloadState.READY:
            return ()
        return tuple(file.path for file in self.files if file.path is not None)


@dataclass(frozen=True, slots=True)
class DownloadChanged:
    """A download is new, changed or progressed."""

    download: Download


@dataclass(frozen=True, slots=True)
class DownloadRemoved:
    """A download is no longer on the list."""

    id: str


DownloadEvent = DownloadChanged | DownloadRemoved


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file as it is stored."""

    wanted: WantedFile
    status: Status
    done: int
    target: str
    """Relative to the library; empty until its place is chosen."""
    stamp: tuple[int, int, int] | None
    """Size, mtime in ns and inode of the file in its place."""
    distrust: bool
    """The disk did not confirm the part's last bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadRow:
    """One download as it is stored."""

    id: str
    position: int
    request: DownloadRequest
    library: Path
    place: str
    """The folder of the set, relative to the library; empty until it is chosen."""
    files: tuple[FileRow, ...] = field(default=())
    created_ms: int
    changed_ms: int
    went_back: str = ""
