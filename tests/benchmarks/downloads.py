"""The model manager's figures: ``python -m tests.benchmarks downloads [WHAT…] [--quick]``.

``limited`` and ``unlimited`` download one file by the manager and by ``curl`` in turn; ``frames``
watches the window meanwhile; ``cancel`` stops downloads; ``verdicts`` judges repositories by
their headers; ``plan`` has the command plan a model of the Hub; ``library`` opens 500 files.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.download_cancel import cancel_rows
from tests.benchmarks.download_rates import rate_rows
from tests.benchmarks.hub_plan import plan_rows
from tests.benchmarks.hub_verdicts import verdict_rows
from tests.benchmarks.machine import Pace, describe
from tests.benchmarks.measure import HEADER, Row
from tests.benchmarks.models_window_rows import frame_rows, library_rows

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class _Counts:
    """How much is done: for figures, or only to see that it runs."""

    size: int = 2048 * _MIB
    pairs: int = 5
    unlimited_pairs: int = 3
    frame_size: int = 1024 * _MIB
    frame_runs: int = 2
    cancels: int = 20
    runs: int = 5


_QUICK = _Counts(64 * _MIB, 1, 1, 64 * _MIB, 1, 2, 1)

_PARTS: dict[str, Callable[[Path, _Counts, Pace], list[Row]]] = {
    "limited": lambda r, c, p: rate_rows(r, c.size, c.pairs, p, limited=True),
    "unlimited": lambda r, c, p: rate_rows(r, c.size, c.unlimited_pairs, p, limited=False),
    "frames": lambda r, c, p: frame_rows(r, c.frame_size, c.frame_runs, p),
    "cancel": lambda r, c, p: cancel_rows(r, c.cancels, p),
    "verdicts": lambda r, c, p: verdict_rows(r, c.runs, p),
    "plan": lambda r, c, p: plan_rows(r, min(c.runs, 3), p),
    "library": lambda r, c, p: library_rows(r, c.runs, p),
}


def main(arguments: Sequence[str]) -> int:
    """Measure what is named, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks downloads")
    parser.add_argument("what", nargs="*", metavar="WHAT", help=", ".join(_PARTS))
    parser.add_argument("--quick", action="store_true", help="tiny counts: does everything run?")
    parser.add_argument("--pairs", type=int, help="of downloads on a line of 1 Gbit/s")
    parser.add_argument("--folder", type=Path, help="on the disk that is to be measured")
    options = parser.parse_args(arguments)
    unknown = set(options.what) - set(_PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    counts = _QUICK if options.quick else _Counts(pairs=options.pairs or _Counts().pairs)
    # Nothing is repeated: what the kernel does for disk and network would count as others' work.
    pace = Pace(_say, 0.0)
    _print(describe(), "", HEADER)
    with tempfile.TemporaryDirectory(prefix="moestro-figures-", dir=options.folder) as folder:
        for part in options.what or _PARTS:
            _say(f"{part}: load {os.getloadavg()[0]:.1f} before")
            root = Path(folder) / part
            root.mkdir()
            _print(*_PARTS[part](root, counts, pace))
    _print("", pace.sentence())
    return 0


def _print(*lines: object) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
