"""Prints the figures as a Markdown table: ``python -m tests.benchmarks [--quick] [NAME…]``.

``gpu``, ``placement``, ``downloads``, ``history`` and ``export`` have options of their own and are
not among everything: the first needs a GPU, memory and a disk, the second checks more than it
measures, the others write gigabytes.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from tests.benchmarks import (
    decode,
    downloads,
    export,
    gpu,
    history,
    placement,
    start,
    window_figures,
)
from tests.benchmarks.attachments import attachment_rows
from tests.benchmarks.machine import Pace, describe
from tests.benchmarks.measure import HEADER
from tests.benchmarks.second_turn import back_rows, second_turn_rows
from tests.benchmarks.transcript import decode_rows, transcript_rows
from tests.benchmarks.turn import turn_rows


class Counts:
    """How often everything is done: for figures, or only to see that it runs."""

    def __init__(self, *, quick: bool) -> None:
        self.patience_seconds = 0.0 if quick else 25 * 60.0
        self.pairs = 2 if quick else 24
        self.runs = 2 if quick else 10
        self.keys = 12 if quick else 600


def say(text: str) -> None:
    """Progress, for the person who waits."""
    sys.stderr.write(text + "\n")


def _decode(root: Path, counts: Counts, pace: Pace) -> Sequence[object]:
    threads = max(1, _cores() - 1)
    label = f"{threads} of {_cores()} cores"
    return decode.rows(decode.compare(root, threads, counts.pairs, pace), label, judged=True)


def _decode_all(root: Path, counts: Counts, pace: Pace) -> Sequence[object]:
    label = f"all {_cores()} cores"
    speeds = decode.compare(root, _cores(), counts.pairs, pace)
    return decode.rows(speeds, label, judged=False)


Figures = Callable[[Path, Counts, Pace], Sequence[object]]
FIGURES: dict[str, Figures] = {
    "decode": _decode,
    "decode-all-cores": _decode_all,
    "threads": lambda r, c, p: window_figures.thread_rows(r, c.pairs, _cores(), p),
    "cost": lambda r, c, p: window_figures.cost_rows(r, c.runs, p),
    "keys": lambda r, c, p: window_figures.key_rows(r, c.keys, p),
    "start": lambda r, c, p: start.start_rows(r, c.runs, p),
    "memory": lambda r, c, p: start.memory_rows(r, c.runs, p),
    "transcript": lambda r, c, p: transcript_rows(r, c.runs, p),
    "transcript-decode": lambda r, c, p: decode_rows(r, c.pairs, _cores(), p),
    "second-turn": lambda r, c, p: second_turn_rows(r, c.runs, p),
    "back": lambda r, c, p: back_rows(r, min(c.runs, 6), p),
    "attachments": lambda r, c, p: attachment_rows(r, c.runs, p),
    "turn": lambda r, c, p: turn_rows(r, c.runs, p),
}


def main(arguments: Sequence[str]) -> int:
    """Measure what is named, or everything."""
    if list(arguments[:1]) == ["gpu"]:  # options of its own, and a machine of its own
        return gpu.main(arguments[1:])
    if list(arguments[:1]) == ["placement"]:
        return placement.main(arguments[1:])
    if list(arguments[:1]) == ["downloads"]:
        return downloads.main(arguments[1:])
    if list(arguments[:1]) == ["history"]:
        return history.main(arguments[1:])
    if list(arguments[:1]) == ["export"]:
        return export.main(arguments[1:])
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join([*FIGURES, "imports"]))
    parser.add_argument("--quick", action="store_true", help="tiny counts: does everything run?")
    options = parser.parse_args(arguments)
    names = options.names or [*FIGURES, "imports"]
    unknown = set(names) - {*FIGURES, "imports"}
    if unknown:
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    counts = Counts(quick=options.quick)
    pace = Pace(say, counts.patience_seconds)
    _print(describe(), "", HEADER)
    with tempfile.TemporaryDirectory(prefix="moestro-figures-") as folder:
        for name in names:
            if name in FIGURES:
                root = Path(folder) / name
                root.mkdir()
                _print(*FIGURES[name](root, counts, pace))
        _print("", pace.sentence())
        if "imports" in names:
            _print("", *start.import_lines(Path(folder)))
    return 0


def _print(*lines: object) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _cores() -> int:
    return psutil.cpu_count(logical=False) or 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
