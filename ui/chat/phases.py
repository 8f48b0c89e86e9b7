"""What happens before an answer's first token, and what is said when there is none."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Waiting:
    """The question is stored, and the worker has not said anything yet."""


@dataclass(frozen=True, slots=True)
class Loading:
    """The model is being loaded; ``fraction`` from 0 to 1."""

    model_name: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The prompt is being read: tokens done of those that must be read, seconds so far."""

    done: int
    total: int
    seconds: float

    @property
    def seconds_left(self) -> float | None:
        """Expected at the speed so far; None while that is too early to say."""
        if self.done <= 0 or self.seconds < 1.0:
            return None
        return self.seconds * (self.total - self.done) / self.done


@dataclass(frozen=True, slots=True)
class Summarising:
    """The model writes a summary of what no longer fits; ``text`` is what it has written."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Stopping:
    """Stop was asked for; it acts at the end of the batch at the latest."""


Phase = Waiting | Loading | Summarising | Reading | Stopping


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence under an answer that ended badly, with its verbs as (action id, label)."""

    text: str
    tone: Literal["warning", "bad"] = "warning"
    actions: tuple[tuple[str, str], ...] = ()


def phase_fraction(phase: Phase) -> float:
    """How far it is, 0 to 1."""
    if isinstance(phase, Loading):
        return min(1.0, max(0.0, phase.fraction))
    if isinstance(phase, Reading) and phase.total > 0:
        return min(1.0, phase.done / phase.total)
    return 0.0
