"""The transcript's figures: opening, streaming, long answers, resizing; beside a naive way.

``transcript`` measures the real window and one text browser that is given everything anew;
what rendering costs the engine is in the group ``transcript-decode``.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import decode, transcript_texts
from tests.benchmarks.machine import Pace
from tests.benchmarks.measure import Row, percentile, ratios
from tests.benchmarks.processes import Child

_NAIVE = "one text browser"
_MIB = 2**20
_BEHIND = 1000
"""Messages of the conversation that an answer is streamed into."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """A kind of answer that streams in, and what is asked of it."""

    name: str
    before: str
    text: str
    rate: int
    limit_ms: int
    """What 99 of 100 frames stay below, or updates if it is ``per_update``."""
    per_update: bool = False


def streamed_kinds(seconds: float) -> list[Streamed]:
    """The answers of the table, long enough for ``seconds`` and the wait before."""
    enough = 4 * round(seconds + 10)
    texts = transcript_texts
    return [
        Streamed(
            "200 tokens/s into a 4 kB message", texts.long_answer(4000), texts.prose(200 * enough),
            200, 33,
        ),
        Streamed(
            "200 tokens/s into a 100 kB answer", texts.long_answer(100_000),
            texts.prose(200 * enough), 200, 16, per_update=True,
        ),
        Streamed(
            "200 tokens/s into an open code block of 30 kB", texts.open_code(30_000),
            texts.open_code(200 * enough).partition("\n")[2], 200, 16,
            per_update=True,
        ),
        Streamed(
            "500 tokens/s of maths and code", texts.maths_and_code(1200),
            texts.maths_and_code(500 * enough), 500, 100,
        ),
    ]  # fmt: skip


def transcript_rows(root: Path, runs: int, pace: Pace) -> list[Row]:
    """All figures of the window, each beside the naive way's."""
    rows: list[Row] = []
    seconds = 2.0 if runs < 5 else 8.0
    for messages in (1000, 10_000):
        for naive in (False, True):
            tries = min(runs, 2) if naive and messages > 1000 else runs
            rows += _opened(root / f"open-{messages}-{naive}", messages, tries, pace, naive=naive)
    for kind in streamed_kinds(seconds):
        for naive in (False, True):
            tries = min(runs, 2) if naive else runs
            rows += _streamed(root / f"stream-{naive}", kind, tries, seconds, pace, naive=naive)
    return rows


def decode_rows(root: Path, rounds: int, cores: int, pace: Pace) -> list[Row]:
    """Decode speed with the window drawing, as a share of that without a window."""
    rows: list[Row] = []
    for threads in sorted({max(1, cores - 1), cores}):
        speeds = decode.compare(root / str(threads), threads, rounds, pace)
        target = "≥ 0.97" if threads < cores else ""
        label = f"Decode with the window drawing ÷ without a window, {threads} of {cores} cores"
        rows.append(Row(label, ratios(speeds["window"], speeds["client"]), "×", target))
    return rows


def _child(root: Path, *, naive: bool) -> Child:
    root.mkdir(parents=True, exist_ok=True)
    return Child("naive_transcript") if naive else Child("transcript_window", str(root))


def _opened(root: Path, messages: int, runs: int, pace: Pace, *, naive: bool) -> list[Row]:
    """A process for each opening: what one has opened before, it opens faster."""
    opened, resized = [], []
    for run in range(runs):
        with _child(root / str(run), naive=naive) as window:
            window.ask(do="fill", messages=messages)
            opened.append(pace.undisturbed(lambda: window.ask(do="open")))
            resized += [window.ask(do="resize")["seconds"] * 1000 for _ in range(4)]
        pace.say(f"open {messages} messages, naive {naive}: run {run + 1} of {runs}")
    name = f"{messages:,} messages of 1.5 kB"
    if naive:
        name += f", {_NAIVE}"
    first = messages == 1000 and not naive
    limit = "" if naive else "≤ 200 ms" if first else "≤ 1000 ms"
    return [
        Row(f"Open {name}: first paint", [each["seconds"] * 1000 for each in opened], "ms", limit),
        Row("– its processor time", [each["processor"] * 1000 for each in opened], "ms"),
        Row(
            f"– memory more, {name}", [each["bytes"] / _MIB for each in opened], "MiB",
            "≤ 50 MiB" if first else "",
        ),
        Row(f"– new width, {name}", resized, "ms", "" if naive else "≤ 100 ms"),
    ]  # fmt: skip


def _streamed(
    root: Path, kind: Streamed, runs: int, seconds: float, pace: Pace, *, naive: bool
) -> list[Row]:
    told: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    with _child(root, naive=naive) as window:
        window.ask(do="fill", messages=_BEHIND)
        for run in range(runs):
            for watched in (True, False):
                told[watched].append(
                    pace.undisturbed(lambda: _ask(window, kind, seconds, watched=watched))  # noqa: B023
                )
            pace.say(f"{kind.name}, naive {naive}: run {run + 1} of {runs}")
    name = f"{kind.name}, {_NAIVE}" if naive else kind.name
    limit = 0 if naive else kind.limit_ms
    rows = [
        _worst(f"Frame, {name}", told[True], "frames", 0 if kind.per_update else limit),
        _worst("– update, processor time", told[False], "passes", limit if kind.per_update else 0),
        Row(
            "– share of a core of the window's process",
            [100 * each["share"] for each in told[False]], "%",
            "≤ 25 %" if not naive and kind.limit_ms == 33 else "",
        ),
    ]  # fmt: skip
    if not naive:
        stops = [1000 * each["stop"] for each in told[True]]
        rows.append(Row("– Stop pressed to its painting", stops, "ms", "≤ 100 ms"))
    return rows


def _worst(name: str, told: list[dict[str, Any]], what: str, limit_ms: int) -> Row:
    values = [1000 * each for answer in told for each in answer[what]] or [0.0]
    limit = f" ≤ {limit_ms} ms" if limit_ms else ""
    return Row(name, values, "ms", f"p99{limit}: **{percentile(values, 0.99):.1f} ms**")


def _ask(window: Child, kind: Streamed, seconds: float, *, watched: bool) -> dict[str, Any]:
    answer = window.ask(
        do="stream", before=kind.before, text=kind.text, rate=kind.rate, seconds=seconds,
        watched=watched,
    )  # fmt: skip
    if answer["failure"] or answer["reason"] not in ("", "cancelled"):
        raise RuntimeError(f"the answer did not stream to the end: {answer['failure']}")
    return answer
