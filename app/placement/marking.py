"""Which quantization of a model to recommend on a machine."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.placement.entities import Verdict

_BITS = re.compile(r"(?:I?Q|MXFP|NVFP)(\d)|(?:BF|F)(\d\d)", re.IGNORECASE)
_NATIVE = re.compile(r"(MX|NV)FP4", re.IGNORECASE)
_FEWEST_GOOD, _MOST_GOOD = 4, 6
"""Below 4 bits answers get visibly worse; above 6 nobody can tell."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One quantization with its verdict."""

    label: str
    """As file names have it, "Q4_K_M"."""
    size_bytes: int
    verdict: Verdict

    @property
    def bits(self) -> int:
        """Of most weights; 0 when the label does not say."""
        found = _BITS.search(self.label)
        return int(found[1] or found[2]) if found else 0


def marked(choices: Sequence[Judged]) -> Judged:
    """The one to recommend; there must be at least one.

    What its makers published in 4 bits is best in that. Else the largest of 4 to 6 bits that is
    all on GPUs; else the largest 4-bit one that fits at all; else the largest that fits; if
    none does, the smallest.
    """
    fitting = [each for each in choices if each.verdict != "too_large"]
    native = [each for each in fitting if _NATIVE.search(each.label)]
    good = [
        each
        for each in fitting
        if each.verdict == "gpu" and _FEWEST_GOOD <= each.bits <= _MOST_GOOD
    ]
    usual = [each for each in fitting if each.bits == _FEWEST_GOOD]
    for group in (native, good, usual, fitting):
        if group:
            return max(group, key=lambda each: each.size_bytes)
    return min(choices, key=lambda each: each.size_bytes)
