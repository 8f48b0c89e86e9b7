"""Exports of 10,000 conversations: ``python -m tests.benchmarks export [--folder F] [--quick]``.

Making the history takes a minute; with ``--folder`` it is kept there and used again.
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
from tests.helpers import large_history

_WAYS = (("json", "file"), ("md", "folder"), ("md", "zip"), ("html", "folder"))
_SIZE = (10_000, 100_000)
_QUICK = (20, 200)
_MOST_MIB = 200
_PATIENCE_SECONDS = 15 * 60.0


def main(arguments: Sequence[str]) -> int:
    """Make what is not there, measure, print a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks export", description=__doc__)
    parser.add_argument("--folder", type=Path, help="keep the made history here")
    parser.add_argument("--quick", action="store_true", help="tiny counts: does everything run?")
    parser.add_argument("--runs", type=int, default=3, metavar="N")
    options = parser.parse_args(arguments)
    conversations, messages = _QUICK if options.quick else _SIZE
    pace = Pace(_say, 0.0 if options.quick else _PATIENCE_SECONDS)
    _print(describe(), "", HEADER)
    with tempfile.TemporaryDirectory(prefix="moestro-export-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        made = large_history.make(folder / "history.sqlite3", conversations, messages, _say)
        for name, packing in _WAYS:
            _print(*_rows(made, conversations, (name, packing), options.runs, pace))
        _print(*_window_rows(Path(temporary), 40 if options.quick else 1000, options.runs, pace))
    _print("", pace.sentence())
    return 0


def _rows(
    made: large_history.LargeHistory,
    conversations: int,
    way: tuple[str, str],
    runs: int,
    pace: Pace,
) -> list[Row]:
    found = []
    for run in range(runs):
        found.append(pace.undisturbed(lambda: _measured(made.path, *way)))
        pace.say(f"{way}: run {run + 1} of {runs}")
    of = f"{conversations:,} conversations to {' '.join(way)}"
    return [
        Row(f"{of}: messages/s", [each["messages"] / each["seconds"] for each in found]),
        Row(f"{of}: seconds", [each["seconds"] for each in found], "s"),
        Row(
            f"{of}: most memory of the process",
            [each["peak_bytes"] / 2**20 for each in found], "MiB", f"≤ {_MOST_MIB} MiB",
        ),
        Row(f"{of}: size", [each["bytes"] / 1e6 for each in found], "MB"),
    ]  # fmt: skip


def _window_rows(folder: Path, messages: int, runs: int, pace: Pace) -> list[Row]:
    """The window's frames while one long conversation is exported behind it."""
    rows = []
    data = folder / "window"
    data.mkdir()
    with Child("export_window", str(data)) as window:
        window.ask(do="fill", messages=messages)
        for name in ("pdf", "docx", "html"):
            told = []
            for run in range(runs):
                target = str(folder / f"long.{name}")
                told.append(
                    pace.undisturbed(
                        lambda name=name, target=target: window.ask(  # type: ignore[misc]
                            do="export", format=name, target=target, all=False
                        )
                    )
                )
                pace.say(f"window, {name}: run {run + 1} of {runs}")
            frames = [1000 * frame for each in told for frame in each["frames"]]
            of = f"{messages:,} messages to {name}"
            p99 = f"p99 ≤ 33 ms: **{percentile(frames, 0.99):.1f} ms**"
            rows += [
                Row(f"{of}, from the window", [each["seconds"] for each in told], "s"),
                Row("– frame of the window meanwhile", frames, "ms", p99),
                Row("– times its progress was told", [each["told"] for each in told]),
            ]
    return rows


def _measured(path: Path, name: str, packing: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="moestro-exported-") as temporary:
        command = [sys.executable, "-m", "tests.benchmarks.export_process", str(path)]
        done = subprocess.run(
            [*command, name, packing, str(Path(temporary, "out"))],
            cwd=ROOT, capture_output=True, text=True, check=True, timeout=1800,
        )  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _print(*lines: object) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
