"""What the state thread orders of the transfers' thread, and what comes back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.library.download_states import Status
from app.library.volumes import Volumes
from models.http_clients import HttpClients
from models.redirects import redirect_allowed
from models.transfer_entities import WantedFile
from models.transfer_promotion import Stamp
from models.transfer_timing import SpeedLimit, Timing

LOOKING_SECONDS = 0.3
"""For a download's own lock: whoever only looks whether it is held has it for a moment."""
PARTS_FOLDER = ".downloads"
"""Below each library; on its volume, so that the last step is a rename."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOrder:
    """One download, from where it stands."""

    id: str
    files: tuple[WantedFile, ...]
    library: Path
    is_new: bool
    """It never began: the library's own folder may have to be made."""
    places: tuple[str, ...]
    """Folders to try, relative to the library, the wished one first."""
    local: tuple[str, ...]
    """Of each file, relative to the place."""
    streams: int
    """So many files at a time."""
    distrust: frozenset[int]
    """Files whose last bytes the disk did not confirm."""
    forgive: bool
    """Files that came wrong before may do so once more: the user asked for another try."""
    promised: tuple[tuple[Path, int], ...]
    """Libraries and bytes that other downloads still bring."""
    known: Mapping[Path, tuple[Stamp, str]]
    """Files of earlier downloads, with their SHA-256."""
    endpoint: str
    token: str | None
    parts: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", self.library / PARTS_FOLDER)


@dataclass(frozen=True, slots=True)
class JobTools:
    """What every job works with."""

    clients: HttpClients
    limit: SpeedLimit
    volumes: Volumes = field(default_factory=Volumes)
    timing: Timing = field(default_factory=Timing)
    redirect_allowed: Callable[[str, str, str], bool] = redirect_allowed


@dataclass(frozen=True, slots=True)
class PlaceChosen:
    """Where the set goes; ``targets`` are relative to the library."""

    place: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilesChanged:
    """Files came into other states; all of them are stored together."""

    statuses: Mapping[int, Status]
    stamps: Mapping[int, Stamp] = field(default_factory=dict)
    distrust: bool = False


@dataclass(frozen=True, slots=True)
class StreamFreed:
    """The download needs one stream less from now on."""


@dataclass(frozen=True, slots=True)
class JobElsewhere:
    """Another Moestro has this download, or one of its files."""


@dataclass(frozen=True, slots=True)
class JobEnded:
    """Nothing runs any more; the last message of a job."""


@dataclass(frozen=True, slots=True)
class FileFigures:
    """Counts of one file; see ``TransferProgress``."""

    done: int
    checked: int
    received: int
    went_back: str


Figures = Mapping[int, FileFigures]
JobMessage = PlaceChosen | FilesChanged | StreamFreed | JobElsewhere | JobEnded
