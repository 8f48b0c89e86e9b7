"""What a transfer is asked for, what it shows while it runs, and how it can end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class WantedFile:
    """One file of a repository at one commit; its content is known by size and SHA-256."""

    repository: str
    commit: str
    path: str
    """As the repository writes it; hostile until ``models.transfer_paths`` looked at it."""
    size: int
    """Bytes."""
    sha256: str
    """Lower-case hexadecimal."""


class TransferPhase(StrEnum):
    """What a transfer does at the moment."""

    RESOLVING = "resolving"
    """Asking the Hub where the bytes are."""
    CHECKING = "checking"
    """Hashing again what is on the disk already."""
    DOWNLOADING = "downloading"
    WAITING = "waiting"
    """Until the next try; the reason tells why."""
    VERIFYING = "verifying"


class StopReason(StrEnum):
    """Why something stands still or ended; each has a sentence ``download.<value>``."""

    # waits by itself
    RECONNECT = "reconnect"
    RATE_LIMITED = "rate_limited"
    # paused, the partial is kept
    USER = "user"
    OFFLINE = "offline"
    SERVER = "server"
    NO_RESUME = "no_resume"
    DISK_FULL = "disk_full"
    VOLUME_GONE = "volume_gone"
    NO_PERMISSION = "no_permission"
    IN_USE = "in_use"
    APP_QUIT = "app_quit"
    # waits for the user
    GATED = "gated"
    AUTH = "auth"
    SPACE = "space"
    FS_LIMIT = "fs_limit"
    # cannot be had like this
    NOT_FOUND = "not_found"
    CHANGED = "changed"
    REDIRECT = "redirect"
    REFUSED = "refused"
    CERTIFICATE = "certificate"
    OCCUPIED = "occupied"
    STRUCTURE = "structure"
    UNEXPECTED = "unexpected"
    # came wrong twice
    CORRUPT = "corrupt"


class TransferOutcome(StrEnum):
    """The ways in which a transfer ends by itself."""

    VERIFIED = "verified"
    """The part is whole, has the right hash and lies safely on the disk."""
    PAUSED = "paused"
    BLOCKED = "blocked"
    FAILED = "failed"
    CORRUPT = "corrupt"


Facts = Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class TransferEnd:
    """How a transfer ended; ``facts`` fill the sentence of ``reason``."""

    outcome: TransferOutcome
    reason: StopReason | None = None
    facts: Facts = field(default_factory=dict)
    code: str = ""
    """Another sentence than that of ``reason``, such as what is wrong with a model file."""
    distrust_tail: bool = False
    """The disk did not take everything: next time only what was synced counts."""


class TransferStop(Exception):  # noqa: N818 - an end, not always an error
    """Ends a transfer from wherever it is."""

    def __init__(self, end: TransferEnd) -> None:
        super().__init__(end)
        self.end = end


@dataclass(slots=True)
class TransferProgress:
    """Counts of one transfer. Written by the transfer, read by whoever shows it."""

    done: int = 0
    """Bytes of the part on the disk (or about to be)."""
    checked: int = 0
    """Bytes of it that were hashed again, while CHECKING."""
    received: int = 0
    """Bytes that came over the network since the transfer began."""
    went_back: str = ""
    """A sentence's code that says why ``done`` became smaller; stays once it was set."""


@dataclass(frozen=True, slots=True)
class PhaseChange:
    """A transfer entered a phase; WAITING has a reason, seconds and the number of the try."""

    phase: TransferPhase
    reason: StopReason | None = None
    seconds: float = 0.0
    attempt: int = 0
