"""Figures as rows of a table: medians with an interval that assumes no distribution."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

HEADER = (
    "| What | Median | 95 % interval | Least – most | Runs | Target |\n"
    "| --- | ---: | ---: | ---: | ---: | --- |"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured, every value, and what it should be."""

    what: str
    values: Sequence[float]
    unit: str = ""
    target: str = ""

    def __str__(self) -> str:
        low, high = median_interval(self.values)
        cells = (
            self.what,
            f"{_digits(median(self.values))} {self.unit}".strip(),
            f"{_digits(low)} – {_digits(high)}",
            f"{_digits(min(self.values))} – {_digits(max(self.values))}",
            str(len(self.values)),
            self.target,
        )
        return "| " + " | ".join(cells) + " |"


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the median by order statistics; all values when there are few."""
    ordered = sorted(values)
    count = len(ordered)
    below = 0.0
    rank = 0
    for successes in range(count // 2):
        # By logarithms: with a thousand values the coefficients no longer fit a float.
        choices = math.lgamma(count + 1) - math.lgamma(successes + 1)
        choices -= math.lgamma(count - successes + 1)
        below += math.exp(choices - count * math.log(2))
        if below > 0.025:
            break
        rank = successes
    return ordered[rank], ordered[count - 1 - rank]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def ratios(upper: Iterable[float], lower: Iterable[float]) -> list[float]:
    """Pairs taken one after another, as ratios."""
    return [over / under for over, under in zip(upper, lower, strict=True)]


def _digits(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
