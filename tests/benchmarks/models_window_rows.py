"""Frames of the window while it downloads, and a library of 500 files that is opened."""

import os
from pathlib import Path

from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import open_services
from tests.benchmarks.download_rates import ServedFile
from tests.benchmarks.download_server import GIGABIT
from tests.benchmarks.machine import Pace
from tests.benchmarks.measure import Row, percentile
from tests.benchmarks.processes import STARTER, Child
from tests.helpers.transfers import sample_gguf

LONGEST_FRAME_MS = 33
_FILES = 500
_STILL_SECONDS = 5.0
_GIVEN_UP = "http://127.0.0.1:9"
"""Where nothing is asked for."""


def frame_rows(root: Path, size: int, runs: int, pace: Pace) -> list[Row]:
    """The Downloads tab is shown and one file arrives, on a line of 1 Gbit/s and without limit."""
    served = ServedFile(root, size)
    rows: list[Row] = []
    try:
        folders = str(root / "data"), served.endpoint, str(root / "models")
        with Child("models_window", *folders) as window:
            still = window.ask(do="still", seconds=_STILL_SECONDS)["frames"]
            rows.append(_frames("Frame of the Downloads tab, nothing arrives", still, ""))
            for rate, line in ((GIGABIT, "1 Gbit/s"), (None, "no limit")):
                served.set(rate)
                told = []
                for run in range(runs):
                    answer = pace.undisturbed(
                        lambda: window.ask(do="frames", file=served.described)
                    )
                    if answer["state"] != "ready":
                        raise RuntimeError(f"the download ended as {answer['state']}")
                    told.append(answer)
                    worst = 1000 * percentile(answer["frames"], 0.99)
                    pace.say(
                        f"frames, {line}: run {run + 1} of {runs}, p99 {worst:.1f} ms, "
                        f"load {os.getloadavg()[0]:.1f}"
                    )
                frames = [each for answer in told for each in answer["frames"]]
                worst = 1000 * percentile(frames, 0.99)
                target = f"p99 ≤ {LONGEST_FRAME_MS} ms: **{worst:.1f} ms**"
                giga = served.size / 1e9
                rows += [
                    _frames(f"Frame while a file arrives, {line}", frames, target),
                    Row("– the window's rate", [giga * 1000 / one["seconds"] for one in told],
                        "MB/s"),
                    Row("– processor time of the window's process per GB",
                        [one["processor"] / giga for one in told], "s"),
                    Row("– share of one core",
                        [100 * one["processor"] / one["seconds"] for one in told], "%"),
                ]  # fmt: skip
    finally:
        served.close()
    return rows


def _frames(what: str, seconds: list[float], target: str) -> Row:
    return Row(what, [each * 1000 for each in seconds], "ms", target)


def library_rows(root: Path, runs: int, pace: Pace) -> list[Row]:
    """A library of 500 models, opened in a program that was just started."""
    data = root / "data"
    fill(data, root / "files")
    told = []
    for run in range(runs):

        def work() -> dict[str, float]:
            with Child("models_window", str(data), _GIVEN_UP, str(data / "models")) as window:
                return window.ask(do="open")

        told.append(pace.undisturbed(work))
        pace.say(f"library: run {run + 1} of {runs}, {1000 * told[-1]['first']:.0f} ms")
        if told[-1]["rows"] <= _FILES:
            raise RuntimeError(f"only {told[-1]['rows']} rows are shown")
    rows = (
        (f"Library of {_FILES} files: read", "read", ""),
        ("– opened: from the click to the end of its drawing", "first", "≤ 300 ms"),
        ("– opened once more", "again", "≤ 300 ms"),
        ("– making the page of models itself, once in a program's life", "made", ""),
    )
    return [
        Row(what, [1000 * each[key] for each in told], "ms", target) for what, key, target in rows
    ]


def fill(data: Path, files: Path) -> None:
    """500 small models of different names in a data folder."""
    callbacks = CallbackQueue()
    services = open_services(DataPaths(data), callbacks.post, starter=STARTER)
    try:
        for number in range(_FILES):
            path = files / f"Publisher-{number % 40}" / f"Model-{number}-Q4_K_M.gguf"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sample_gguf(20_000, number, f"Model {number} of a publisher"))
            services.library.add_file(path)
    finally:
        services.close()
