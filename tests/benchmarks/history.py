"""A history of a million messages: ``python -m tests.benchmarks history [--folder F] [--quick]``.

Making it takes some minutes and 1.2 GB; with ``--folder`` it is kept there and used again.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.machine import Pace, describe
from tests.benchmarks.measure import HEADER, Row, percentile
from tests.benchmarks.processes import ROOT, Child
from tests.benchmarks.start import started
from tests.helpers import large_history

_SIZES = ((1_000, 100_000, "≤ 50 ms"), (10_000, 1_000_000, "≤ 300 ms"))
_QUICK = ((20, 2_000, ""),)
_PATIENCE_SECONDS = 15 * 60.0


def main(arguments: Sequence[str]) -> int:
    """Make what is not there, measure, print a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks history", description=__doc__)
    parser.add_argument("--folder", type=Path, help="keep the made histories here")
    parser.add_argument("--quick", action="store_true", help="tiny counts: does everything run?")
    options = parser.parse_args(arguments)
    runs = 2 if options.quick else 10
    pace = Pace(_say, 0.0 if options.quick else _PATIENCE_SECONDS)
    _print(describe(), "", HEADER)
    with tempfile.TemporaryDirectory(prefix="moestro-history-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for conversations, messages, target in _QUICK if options.quick else _SIZES:
            data = folder / str(messages)
            data.mkdir(exist_ok=True)
            made = large_history.make(data / "history.sqlite3", conversations, messages, _say)
            _print(*_rows(made, conversations, runs, target, pace))
            _print(*_window_rows(made, runs, pace))
    _print("", pace.sentence())
    return 0


def _rows(
    made: large_history.LargeHistory, conversations: int, runs: int, target: str, pace: Pace
) -> list[Row]:
    found = []
    for run in range(runs):
        found.append(pace.undisturbed(lambda run=run: _measured(made.path, conversations, run)))
        pace.say(f"{made.messages} messages: run {run + 1} of {runs}")
    of = f"{made.messages:,} messages"

    def p95(what: str) -> list[float]:
        return [percentile(each[what], 0.95) * 1000 for each in found]

    size = made.path.stat().st_size
    return [
        Row(f"{of}: database opened and list read", [e["start"] * 1000 for e in found], "ms"),
        Row(f"{of}: a chat of 100 read, p95 of 60", p95("opened"), "ms", "≤ 200 ms"),
        Row(f"{of}: search, p95 of 60 queries", p95("searched"), "ms", target),
        Row(f"{of}: search, slowest of 60", [max(e["searched"]) * 1000 for e in found], "ms"),
        Row(f"{of}: a question on disk, p95 of 40", p95("committed"), "ms"),
        Row(f"{of}: memory for history and search", [e["memory"] / 2**20 for e in found], "MiB"),
        Row(f"{of}: size on disk ÷ raw text", [size / made.raw_bytes]),
    ]


def _measured(path: Path, conversations: int, seed: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.history_process", str(path)]
    done = subprocess.run(
        [*command, str(conversations), str(seed)],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _window_rows(made: large_history.LargeHistory, runs: int, pace: Pace) -> list[Row]:
    """The window itself, with this history in its data folder."""
    data = made.path.parent
    usable = []
    for run in range(runs + 1):
        seconds = pace.undisturbed(lambda: _usable(data))
        if run:
            usable.append(seconds)
        pace.say(f"window: run {run} of {runs}")
    opened, frames, rows = [], [], 0
    with Child("history_window", str(data)) as window:
        for run in range(runs):
            told = pace.undisturbed(lambda: window.ask(do="scroll"))
            frames += [1000 * each for each in told["frames"]]
            rows = told["rows"]
            for chat in range(6):
                identity = large_history.conversation_id(7 * run + chat)
                told = pace.undisturbed(
                    lambda identity=identity: window.ask(do="open", chat=identity)
                )  # type: ignore[misc]
                opened.append(1000 * told["seconds"])
            pace.say(f"window: scrolled {run + 1} of {runs}")
    of = f"{made.messages:,} messages"
    worst = f"none above 33 ms: **{max(frames):.1f} ms**"
    return [
        Row(f"{of}: start to usable window", usable, "s", "≤ 2 s"),
        Row(f"{of}: a chat of 100 opened, click to painted", opened, "ms", "≤ 200 ms"),
        Row(f"{of}: frame while {rows:,} rows of the list scroll by", frames, "ms", worst),
    ]


def _usable(data: Path) -> float:
    with started(data) as window:
        return window.usable


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _print(*lines: object) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
