"""What is known of a repository's quantizations on a machine: rows, and which one to take."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.amounts import memory_size
from app.notices import Notice
from app.placement.entities import Placement
from app.placement.marking import Judged, marked
from models.errors import KnownError
from models.repository import Quantization

Stage = Literal["waiting", "estimate", "exact", "refused"]

_NATIVE = re.compile(r"(MX|NV)FP4", re.IGNORECASE)
_OLD = re.compile(r"Q[45]_[01](?:_[48]_[48])?")
_FEWEST_GOOD, _MOST_GOOD = 4, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRow:
    """One quantization with what is known of it so far."""

    quantization: Quantization
    label: str
    """From its name or, once it was read, from its header; empty when neither tells."""
    stage: Stage = "waiting"
    """``estimate`` rests on its size and another file's header or on arithmetic, ``exact`` on
    its own header and the engine's count; ``refused`` cannot be used, ``trouble`` says why."""
    placement: Placement | None = None
    placement_is_own: bool = False
    """Whether an estimate rests on the row's own header after all."""
    parameters: int = 0
    """0 until a header told."""
    trouble: KnownError | None = None
    """Why it is refused, or why it stays an estimate."""

    @property
    def is_folded(self) -> bool:
        """Whether it does not run here, and is shown below the others."""
        return self.reason is not None

    @property
    def reason(self) -> Notice | None:
        """Why it does not run here."""
        if self.stage == "refused" and self.trouble is not None:
            return Notice(self.trouble.code, self.trouble.facts)
        if self.placement is not None and self.placement.verdict == "too_large":
            lacking = memory_size(self.placement.missing_bytes)
            return Notice("repository.too_large", {"needed": lacking})
        return None

    @property
    def bits_per_weight(self) -> float:
        """On average; 0.0 until the number of parameters is known."""
        return self.quantization.bits_per_weight(self.parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A repository's quantizations, the smallest first. The order never changes."""

    rows: tuple[JudgedRow, ...]
    recommended: int | None = None
    """Place of the row to take; None until all are estimated, or when none can be used."""
    why: Notice | None = None
    """Why that one."""
    is_done: bool = False
    """Whether nothing more comes."""
    fetched_bytes: int = 0
    """Of headers."""
    requests: int = 0


def recommended(rows: Sequence[JudgedRow]) -> tuple[int | None, Notice | None]:
    """The place of the row to take, and a sentence why."""
    places: dict[int, Judged] = {}
    for place, row in enumerate(rows):
        if row.stage == "refused":
            continue
        if row.placement is None:
            return None, None
        places[place] = Judged(row.label or "?", row.quantization.size_bytes, row.placement.verdict)
    if not places:
        return None, None
    fitting = [each for each in places.values() if each.verdict != "too_large"]
    # Of the same size, what came later answers better: the old forms are for old programs.
    modern = [each for each in fitting if not _OLD.fullmatch(each.label)]
    chosen = marked(modern or fitting or list(places.values()))
    place = next(place for place, each in places.items() if each is chosen)
    return place, Notice(f"repository.why_{_why(chosen)}", {"name": rows[place].label or "?"})


def _why(chosen: Judged) -> str:
    """Which of the rules of ``app.placement.marking`` chose it."""
    if chosen.verdict == "too_large":
        return "none_fits"
    if _NATIVE.search(chosen.label):
        return "native"
    if chosen.verdict == "gpu" and _FEWEST_GOOD <= chosen.bits <= _MOST_GOOD:
        return "gpu"
    return "four_bits" if chosen.bits == _FEWEST_GOOD else "largest"
