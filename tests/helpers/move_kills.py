"""Moves of a library that are killed at random, and what every start after it has to find."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.transfer_part import PartPaths
from tests.helpers.move_stage import MoveStage, a_request, content, files_below
from tests.helpers.worker_process import ROOT

_PART_HASH = "a" * 64


class Mover:
    """The process that forks programs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.move_process"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, root: Path, target: Path, at: int, *, only_starts: bool = False) -> int:
        """Move, or only start, and die at that call (0: never); returns the calls if it ended."""
        order: dict[str, Any] = {
            "root": str(root), "target": str(target), "at": at, "only_starts": only_starts,
        }  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        status = told["status"]
        assert status == 0 or os.WIFSIGNALED(status), "the program ended with an error"
        return int(told["count"])

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()


@dataclass
class MoveKills:
    """One library that goes to and fro between two folders."""

    root: Path
    seed: int
    kills: int = 0
    found: Counter[str] = field(default_factory=Counter)

    def run(self, mover: Mover, rounds: int) -> None:
        """Kill that many moves; fails when anything was lost or left over."""
        chance = random.Random(self.seed)
        places = [self.root / "data" / "models", self.root / "other"]
        self._prepare()
        calls = mover.run(self.root, places[1], 0)
        self.check("whole")
        starts = mover.run(self.root, places[1], 0, only_starts=True)
        for number in range(rounds):
            now = self.check(f"round {number}")
            target = next(place for place in places if place != now)
            at = chance.randrange(1, calls)
            self.kills += mover.run(self.root, target, at) == 0
            if chance.random() < 0.4:
                at = chance.randrange(1, starts)
                self.kills += mover.run(self.root, target, at, only_starts=True) == 0
            after = self.check(f"round {number}, seed {self.seed}, call {at} of {calls}")
            self.found["old" if after == now else "new"] += 1

    def _prepare(self) -> None:
        stage = MoveStage(self.root)
        stage.fill()
        self._models, self._names = stage.models(), files_below(stage.folder)
        identifier = stage.rooms.downloads.add(a_request(_PART_HASH, 100_000))
        stage.rooms.downloads.pause(identifier)
        assert stage.queue.run_until(lambda: stage.rooms.downloads.is_over(identifier), 20)
        stage.close()
        stage = MoveStage(self.root)
        part = PartPaths(stage.folder / ".downloads", _PART_HASH)
        part.folder.mkdir(exist_ok=True)
        part.part.write_bytes(random.Random(self.seed).randbytes(50_000))
        self._part = content(part.part)
        write_part_record(part)
        stage.close()

    def check(self, when: str) -> Path:
        """What the next start finds; returns the library's folder."""
        stage = MoveStage(self.root)
        try:
            stage.settle()
            assert stage.models() == self._models, when
            folder = stage.folder
            assert stage.folders() == {folder}, when
            # An empty file of a lock that was held says nothing.
            here = [name for name in files_below(folder) if not name.endswith(".lock")]
            assert [name for name in here if name.endswith(".gguf")] == self._names, when
            (other,) = {self.root / "data" / "models", self.root / "other"} - {folder}
            left = files_below(other) if other.exists() else []
            assert left == [], f"{when}: {left}"
            (download,) = stage.rooms.downloads.entries()
            assert download.library == folder, when
            part = PartPaths(folder / ".downloads", _PART_HASH)
            assert content(part.part) == self._part, when
            extra = {part.part.name, part.record.name}
            assert {Path(name).name for name in here} == extra | {
                Path(name).name for name in self._names
            }, when
            return folder
        finally:
            stage.close()


def write_part_record(part: PartPaths) -> None:
    """As a paused download leaves it."""
    from models.transfer_record import PartRecord, write_record

    write_record(
        part.record,
        PartRecord("org/Big-GGUF", "c" * 40, "Big-Q4_0.gguf", 100_000, part.sha256, 50_000, ""),
    )
