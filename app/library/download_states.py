"""The states of a download's files, which may follow which, and what a set's state is. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from models.transfer_entities import Facts, StopReason, TransferEnd, TransferOutcome


class DownloadState(StrEnum):
    """What is going on with one file; a download shows the worst of its files."""

    QUEUED = "queued"
    RESOLVING = "resolving"
    """Looking whether it can be done, and asking the Hub where the bytes are."""
    CHECKING = "checking"
    """Hashing again what is on the disk."""
    DOWNLOADING = "downloading"
    WAITING = "waiting"
    """Goes on by itself; the reason tells why."""
    VERIFYING = "verifying"
    VERIFIED = "verified"
    """Whole and right; waits for the other files of its set."""
    PROMOTING = "promoting"
    READY = "ready"
    PAUSED = "paused"
    """The partial is kept."""
    BLOCKED = "blocked"
    """Waits for something that only the user can do."""
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    CORRUPT = "corrupt"
    """Came wrong twice."""
    FAILED = "failed"


S = DownloadState

ACTIVE = frozenset({S.RESOLVING, S.CHECKING, S.DOWNLOADING, S.WAITING, S.VERIFYING, S.PROMOTING})
"""A program is at work; found at a start, that program died."""
STOPPED = frozenset({S.PAUSED, S.BLOCKED, S.CORRUPT, S.FAILED})
"""Goes on only when someone says so."""
ENDED = frozenset({S.READY, S.CANCELLED})

BY_ITSELF = frozenset({StopReason.OFFLINE, StopReason.SERVER, StopReason.IN_USE})
"""Pauses that end without the user, sooner or later."""

_OUT = STOPPED | {S.CANCELLING, S.QUEUED}
_AFTER_STOP = frozenset({S.QUEUED, S.CANCELLING})
TRANSITIONS: Mapping[DownloadState, frozenset[DownloadState]] = {
    S.QUEUED: frozenset({S.RESOLVING, S.PAUSED, S.BLOCKED, S.FAILED, S.CANCELLING}),
    S.RESOLVING: _OUT | {S.CHECKING, S.DOWNLOADING, S.WAITING, S.VERIFYING, S.VERIFIED},
    S.CHECKING: _OUT | {S.RESOLVING, S.VERIFYING, S.VERIFIED},
    S.DOWNLOADING: _OUT | {S.WAITING, S.VERIFYING},
    S.WAITING: _OUT | {S.WAITING, S.DOWNLOADING},
    S.VERIFYING: _OUT | {S.RESOLVING, S.VERIFIED},
    # A file that lies there verified may be found changed when its turn comes.
    S.VERIFIED: _OUT | {S.RESOLVING, S.PROMOTING},
    S.PROMOTING: _OUT | {S.READY, S.VERIFIED},
    S.READY: frozenset(),
    S.PAUSED: _AFTER_STOP,
    S.BLOCKED: _AFTER_STOP,
    S.CORRUPT: _AFTER_STOP,
    S.FAILED: _AFTER_STOP,
    S.CANCELLING: frozenset({S.CANCELLED}),
    S.CANCELLED: frozenset({S.QUEUED}),
}

_WORST_FIRST = (
    S.FAILED, S.CORRUPT, S.BLOCKED, S.CANCELLING, S.CANCELLED, S.PAUSED, S.WAITING, S.DOWNLOADING,
    S.CHECKING, S.RESOLVING, S.VERIFYING, S.PROMOTING, S.QUEUED, S.VERIFIED, S.READY,
)  # fmt: skip


class IllegalTransition(Exception):  # noqa: N818
    """The program contradicts itself; never a user's fault."""


@dataclass(frozen=True, slots=True)
class Status:
    """A state, why, and what fills the reason's sentence."""

    state: DownloadState
    reason: StopReason | None = None
    facts: Facts = field(default_factory=dict)
    code: str = ""
    """Of a sentence, when it is another than the reason's own."""

    @property
    def sentence_code(self) -> str:
        """The code in ``app.wording`` that tells why; empty when the state says it all."""
        if self.code or self.reason is None:
            return self.code
        return f"download.{self.reason.value}"

    def to(self, following: "Status") -> "Status":
        """``following``, if it may follow. Raises IllegalTransition."""
        if following.state not in TRANSITIONS[self.state]:
            raise IllegalTransition(f"{self.state.value} to {following.state.value}")
        return following


def worst_of(files: Iterable[Status]) -> Status:
    """The status of a set: that of the file that needs most attention.

    A set is READY only when every file is.
    """
    return min(files, key=lambda status: _WORST_FIRST.index(status.state))


def status_of_end(end: TransferEnd) -> Status:
    """The status after a transfer ended by itself."""
    states = {
        TransferOutcome.VERIFIED: S.VERIFIED,
        TransferOutcome.PAUSED: S.PAUSED,
        TransferOutcome.BLOCKED: S.BLOCKED,
        TransferOutcome.FAILED: S.FAILED,
        TransferOutcome.CORRUPT: S.CORRUPT,
    }
    return Status(states[end.outcome], end.reason, end.facts, end.code)


def after_death(found: Status, *, resume: bool) -> Status:
    """What a stored status becomes when the program that wrote it is gone.

    ``resume`` says whether downloads go on by themselves at a start.
    """
    if found.state is S.CANCELLING:
        return found.to(Status(S.CANCELLED))
    is_paused = found.state is S.PAUSED and found.reason in BY_ITSELF | {StopReason.APP_QUIT}
    if found.state not in ACTIVE | {S.QUEUED, S.VERIFIED} and not is_paused:
        return found
    if resume:
        return found if found.state is S.QUEUED else found.to(Status(S.QUEUED))
    return found if is_paused else found.to(Status(S.PAUSED, StopReason.APP_QUIT))
