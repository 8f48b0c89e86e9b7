"""Takes thousands of headers that lie through the application, and counts how they end.

``python -m tests.helpers.header_run [COUNT]`` does it and prints the table of docs/faults.md.
"""

import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.helpers.header_process import BY_HAND

ROOT = Path(__file__).resolve().parent.parent.parent
FULL = 10_000
LOAD_EVERY = 4
"""Of the mutations of small models, one in so many is loaded if it comes to that."""
_PROCESSES = 2
_SILENT_SECONDS = 1600.0
"""More than all deadlines of one chunk together."""
_MOST_BYTES = 800 << 20
"""Of an application's memory at its highest."""
_MOST_WORKER_BYTES = 3 << 30
"""Of a worker's, though it is fenced in further out: the models that it loads are tiny."""


@dataclass
class Summary:
    """How a run ended."""

    results: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    workers: int = 0
    largest_worker: int = 0
    """Bytes."""
    most_bytes: int = 0
    grown_bytes: int = 0
    seconds: float = 0.0

    def count(self, stage: str) -> Counter[str]:
        """Headers by what ``stage`` made of them, those that came to it."""
        return Counter(each[stage] for each in self.results if each[stage])

    @property
    def by_hand(self) -> int:
        """Headers that were made by hand."""
        return sum(1 for each in self.results if each["kind"] == BY_HAND)


def run(count: int, load_every: int = LOAD_EVERY) -> Summary:
    """All hand-made headers and ``count`` mutations, in processes side by side."""
    summary = Summary()
    started = time.monotonic()
    said: queue.SimpleQueue[tuple[int, dict[str, Any] | None]] = queue.SimpleQueue()
    children = [_Child(count, load_every, number, said) for number in range(_PROCESSES)]
    try:
        for number, facts in _listen(children, said, summary):
            children[number].at = facts.get("at", children[number].at)
            if "trial" in facts:
                summary.results.append(facts["trial"])
            elif "end" in facts:
                end = facts["end"]
                summary.workers += end["workers"]
                summary.largest_worker = max(summary.largest_worker, end["largest"])
                summary.most_bytes = max(summary.most_bytes, end["most"])
                summary.grown_bytes = max(summary.grown_bytes, end["grown"])
    finally:
        for child in children:
            child.end(summary)
    if summary.most_bytes > _MOST_BYTES:
        summary.faults.append(f"an application of {summary.most_bytes} bytes")
    if summary.largest_worker > _MOST_WORKER_BYTES:
        summary.faults.append(f"a worker of {summary.largest_worker} bytes")
    summary.seconds = time.monotonic() - started
    return summary


class _Child:
    """One process, and where it said that it was."""

    def __init__(
        self,
        count: int,
        load_every: int,
        number: int,
        said: "queue.SimpleQueue[tuple[int, dict[str, Any] | None]]",
    ) -> None:
        self.at = "start"
        self.is_over = False
        self._number = number
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by end()
        arguments = [str(each) for each in (count, load_every, number, _PROCESSES)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.header_process", *arguments],
            stdout=subprocess.PIPE, stderr=self._errors, text=True, cwd=ROOT,
        )  # fmt: skip
        assert self.process.stdout is not None
        reader = threading.Thread(target=self._read, args=(self.process.stdout, said), daemon=True)
        reader.start()

    def _read(
        self, stream: IO[str], said: "queue.SimpleQueue[tuple[int, dict[str, Any] | None]]"
    ) -> None:
        with stream:
            for line in stream:
                said.put((self._number, json.loads(line)))
        said.put((self._number, None))

    def end(self, summary: Summary) -> None:
        """See to it that it is gone; whatever was not right is a fault."""
        if not self.is_over:
            self.process.kill()
        code = self.process.wait()
        with self._errors as errors:
            errors.seek(0)
            told = errors.read()
        if code:
            summary.faults.append(f"ended with {code} at {self.at}\n{told[-3000:]}")


def _listen(
    children: Sequence[_Child],
    said: "queue.SimpleQueue[tuple[int, dict[str, Any] | None]]",
    summary: Summary,
) -> Iterator[tuple[int, dict[str, Any]]]:
    """What the processes say until all are over, or silent for too long."""
    while not all(child.is_over for child in children):
        try:
            number, facts = said.get(timeout=_SILENT_SECONDS)
        except queue.Empty:
            summary.faults.append(f"silence at {[child.at for child in children]}")
            return
        if facts is None:
            children[number].is_over = True
        else:
            yield number, facts


# --- the tables --------------------------------------------------------------------------------

_STAGES = {"read": "reader", "planned": "planner", "rehearsed": "rehearsal", "loaded": "real load"}
_DEATHS = {"engine.crashed", "engine.killed", "engine.exited", "placement.rehearsal_died"}
_SAID = {"ok": {"read": "read", "rehearsed": "rehearsed", "loaded": "loaded and answered"}}

_COLUMNS = ("lie", "headers", "refused by the reader", "refused by the engine, rehearsing",
            "ended the rehearsal's worker", "rehearsed", "loaded for real", "of these refused",
            "ended their worker", "answered")  # fmt: skip


def tables(summary: Summary) -> str:
    """As Markdown: by stage and result, and by kind of lie."""
    lines = ["| stage | result | headers |", "|---|---|---|"]
    for stage, name in _STAGES.items():
        for result, count in summary.count(stage).most_common():
            shown = _SAID.get(result, {}).get(stage, f"`{result}`")
            lines.append(f"| {name} | {shown.replace('`then ', 'loaded, then `')} | {count:,} |")
    lines += ["", f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    for kind, _count in Counter(each["kind"] for each in summary.results).most_common():
        lines.append(_row(kind, [each for each in summary.results if each["kind"] == kind]))
    lines.append(_row("all", summary.results))
    return "\n".join(lines)


def _row(kind: str, results: Sequence[dict[str, Any]]) -> str:
    rehearsed = [each["rehearsed"] for each in results if each["rehearsed"]]
    died = sum(1 for each in rehearsed if _is_death(each))
    loaded = [each["loaded"] for each in results if each["loaded"]]
    ended = sum(1 for each in loaded if _is_death(each))
    answered, fine = loaded.count("ok"), rehearsed.count("ok")
    refused = len(results) - len(rehearsed)
    cells = (len(results), refused, len(rehearsed) - died - fine, died, fine, len(loaded),
             len(loaded) - ended - answered, ended, answered)  # fmt: skip
    return f"| {kind} | " + " | ".join(f"{cell:,}" for cell in cells) + " |"


def _is_death(result: str) -> bool:
    code = result.removeprefix("then ").partition(" ")[0]
    return code in _DEATHS or ".no_" in code


def figures(summary: Summary) -> str:
    """What the run took, in words."""
    slowest = {
        stage: max((each["seconds"].get(stage, 0.0) for each in summary.results), default=0.0)
        for stage in ("read", "plan", "load")
    }
    loads = sum(summary.count("loaded").values())
    return (
        f"{len(summary.results):,} headers ({summary.by_hand} by hand), {loads:,} real loads, "
        f"{summary.workers:,} workers, {summary.seconds:,.0f} s; slowest: "
        + ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in slowest.items())
        + f"; the application at most {summary.most_bytes >> 20} MiB, "
        f"{summary.grown_bytes >> 20} MiB by one header; a worker at most "
        f"{summary.largest_worker >> 20} MiB"
    )


def main(arguments: Sequence[str]) -> int:
    """Run and print."""
    summary = run(int(arguments[0]) if arguments else FULL)
    sys.stdout.write(f"{figures(summary)}\n\n{tables(summary)}\n")
    sys.stdout.write("".join(f"\nFAULT {fault}\n" for fault in summary.faults))
    return 1 if summary.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
