"""Kills a program at random moments and compares what its next start finds with what it was told.

Run as ``python -m tests.helpers.history_kills COUNT SEED FOLDER``: one process stays loaded and
forks each program; it prints its findings as JSON and is 1 when anything was lost.
"""

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.helpers.history_process import Busy

ALLOWED_SECONDS = 1.0
"""How much streamed text may be lost."""

ROUNDS = 25
"""Kills of one history, before the next is begun."""

_LONGEST = {"start": 0.25, "busy": 0.5, "stream": 1.6}
"""Seconds until the kill: after the fork, after the start, after the first streamed text."""

_PATIENCE = 60.0
_WINDOW = Path(__file__).resolve().parent / "driven_window.py"


@dataclass
class Expected:
    """What was acknowledged, and what was begun and may have happened or not."""

    titles: dict[str, str] = field(default_factory=dict)
    places: dict[str, str | None] = field(default_factory=dict)
    gone: dict[str, bool] = field(default_factory=dict)
    """Of chats and messages that were deleted or brought back."""
    folders: dict[str, str] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    backups: dict[str, list[str]] = field(default_factory=dict)
    """Name -> the questions that it owes."""
    under_way: dict[str, Any] = field(default_factory=dict)
    copying: list[str] = field(default_factory=list)
    acknowledged: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)

    def take(self, facts: dict[str, Any]) -> None:
        """What the program told."""
        assert "refused" not in facts, facts
        if "trouble" in facts:
            self.troubles[facts["trouble"]] += 1
        elif "begun" in facts:
            self.under_way = facts
        elif "done" in facts:
            order, self.under_way = self.under_way, {}
            self.acknowledged[order["operation"]] += 1
            self._done(order, facts["result"])
        elif "acknowledged" in facts:
            self.acknowledged["send"] += 1
            self.questions[facts["acknowledged"]] = facts["text"]
        elif "ended" in facts:
            self.answers[facts["ended"]] = facts["length"]
        elif "copying" in facts:
            self.copying = list(self.questions)
        elif "copied" in facts:
            self.acknowledged["backup"] += 1
            self.backups[facts["name"]] = self.copying

    def _done(self, order: dict[str, Any], result: Any) -> None:
        match order["operation"]:
            case "rename":
                self.titles[order["id"]] = order["title"]
            case "move":
                self.places[order["id"]] = order["folder"]
            case "folder":
                assert result is not None
                self.folders[result] = order["name"]
            case "delete" | "delete_message":
                self.gone[order["id"]] = True
            case "undo":
                # What was erased or brought back meanwhile is told as not done.
                if result:
                    self.gone[order["id"]] = False

    def compare(self, found: dict[str, Any]) -> list[str]:
        """What is missing; what was under way is learnt from what is found."""
        self._settle(found)
        chats, messages = found["chats"], found["messages"]
        lost = [f"notice {code}" for code in found["notices"]]
        if found["check"] != "ok":
            lost.append(f"damaged: {found['check']}")
        facts: list[tuple[str, str, object, object]] = [
            *(("title", key, value, chats.get(key, [None])[0])
              for key, value in self.titles.items()),
            *(("place", key, value, chats.get(key, [None, "?"])[1])
              for key, value in self.places.items()),
            *(("gone", key, value, _is_gone(found, key)) for key, value in self.gone.items()),
            *(("folder", key, value, found["folders"].get(key))
              for key, value in self.folders.items()),
            *(("question", key, value, messages.get(key, {}).get("text"))
              for key, value in self.questions.items()),
        ]  # fmt: skip
        lost += [f"{what} {key}: {owed!r}, found {is_!r}"
                 for what, key, owed, is_ in facts if owed != is_]  # fmt: skip
        for key, owed in self.answers.items():
            kept = messages.get(key, {}).get("length", 0)
            if kept < owed:
                lost.append(f"answer {key}: {kept} of {owed} characters")
        lost += [f"answer {key} is still being written" for key, each in messages.items()
                 if each["streaming"]]  # fmt: skip
        return lost + self._backups_lost(found)

    def _settle(self, found: dict[str, Any]) -> None:
        """One operation was begun and not acknowledged: either is right, and holds from now on."""
        order, self.under_way = self.under_way, {}
        match order.get("operation"):
            case "rename":
                if found["chats"].get(order["id"], [None])[0] == order["title"]:
                    self.titles[order["id"]] = order["title"]
            case "move":
                if found["chats"].get(order["id"], [None, "?"])[1] == order["folder"]:
                    self.places[order["id"]] = order["folder"]
            case "delete" | "delete_message" | "undo":
                now = _is_gone(found, order["id"])
                if now is not None:
                    self.gone[order["id"]] = now

    def _backups_lost(self, found: dict[str, Any]) -> list[str]:
        lost = []
        for name, owed in self.backups.items():
            if name not in found["backups"]:
                lost.append(f"backup {name} is not there")
            elif found["backups"][name] is None:
                lost.append(f"backup {name} is not sound")
            elif missing := set(owed) - set(found["backups"][name]):
                lost.append(f"backup {name} lacks {len(missing)} questions")
        self.backups.clear()
        # What was begun and has its name all the same has to be whole as well.
        lost += [f"backup {name} is not sound"
                 for name, held in found["backups"].items() if held is None]  # fmt: skip
        return lost


def _is_gone(found: dict[str, Any], key: str) -> bool | None:
    if key in found["chats"]:
        return bool(found["chats"][key][2])
    if key in found["messages"]:
        return bool(found["messages"][key]["gone"])
    return None


@dataclass
class Findings:
    """Of all kills."""

    kills: int = 0
    lost: list[str] = field(default_factory=list)
    under_way: Counter[str] = field(default_factory=Counter)
    """What had been begun and not acknowledged when the program was killed."""
    acknowledged: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    """How answers ended otherwise than by themselves."""
    starts: list[float] = field(default_factory=list)
    windows: list[float] = field(default_factory=list)
    """Seconds from the call of Python to the window, once for each history."""


class Killer:
    """One history that survives, or not."""

    def __init__(self, root: Path, seed: int, findings: Findings) -> None:
        self.root = root
        self._chance = random.Random(seed)
        self._expected = Expected()
        self._known: list[str] = []
        self._findings = findings

    def round(self, when: str) -> None:
        """Start, compare, go on, and die."""
        way = self._chance.choices(("start", "busy", "stream"), (1, 12, 7))[0]
        delay = self._chance.uniform(0, _LONGEST[way])
        shown: dict[str, list[tuple[float, int]]] = {}
        streaming = False
        pid, reading = self._fork(self._chance.randrange(1 << 30))
        due = time.monotonic() + (delay if way == "start" else _PATIENCE)
        killed = 0.0
        rest = b""
        while True:
            wait = None if killed else max(0.0, due - time.monotonic())
            ready, _, _ = select.select([reading], [], [], wait)
            if not ready:
                assert way == "start" or due - time.monotonic() < 1, when
                killed = time.monotonic()
                os.kill(pid, signal.SIGKILL)
                continue
            piece = os.read(reading, 1 << 16)
            if not piece:
                break
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                facts = json.loads(line)
                if "opened" in facts:
                    self._compare(facts, when)
                    due = time.monotonic() + delay if way == "busy" else due
                elif "shown" in facts:
                    moments = shown.setdefault(facts["shown"], [])
                    moments.append((time.monotonic(), facts["length"]))
                    if way == "stream" and not streaming:
                        streaming, due = True, time.monotonic() + delay
                else:
                    self._expected.take(facts)
        os.close(reading)
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status), f"{when}: the program ended by itself"
        self._died(killed, shown)

    def finish(self, when: str) -> None:
        """The start after the last kill."""
        pid, reading = self._fork(-1)
        told = b""
        while piece := os.read(reading, 1 << 16):
            told += piece
        os.close(reading)
        os.waitpid(pid, 0)
        self._compare(json.loads(told.splitlines()[0]), when)
        self._findings.acknowledged += self._expected.acknowledged
        self._findings.troubles += self._expected.troubles

    def _fork(self, seed: int) -> tuple[int, int]:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            os._exit(_program(self.root, seed, self._known, writing))
        os.close(writing)
        return pid, reading

    def _compare(self, facts: dict[str, Any], when: str) -> None:
        self._findings.starts.append(facts["opened"])
        lost = self._expected.compare(facts["state"])
        self._findings.lost += [f"{when}: {each}" for each in lost]
        self._known += facts["state"]["backups"]

    def _died(self, killed: float, shown: dict[str, list[tuple[float, int]]]) -> None:
        self._findings.kills += 1
        self._findings.under_way[self._expected.under_way.get("operation", "nothing")] += 1
        for answer, moments in shown.items():
            owed = [length for at, length in moments if at <= killed - ALLOWED_SECONDS]
            self._expected.answers.setdefault(answer, max(owed, default=0))
            self._findings.under_way["an answer"] += answer not in self._ended()

    def _ended(self) -> set[str]:
        return {key for key, length in self._expected.answers.items() if length}


def _program(root: Path, seed: int, known: list[str], writing: int) -> int:
    """What a fork does; a seed of -1 only starts."""
    try:
        busy = Busy(root, seed, known, writing)
        if seed < 0:
            busy.open().close()
        else:
            busy.run()
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def window_seconds(root: Path) -> float:
    """From calling Python until the window is there."""
    begun = time.monotonic()
    with subprocess.Popen(
        [sys.executable, str(_WINDOW), str(root), "0"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        told = process.stdout.readline()
        taken = time.monotonic() - begun
        process.kill()
    assert b"ready" in told, "no window"
    return taken


def main(count: int, seed: int, folder: Path) -> int:
    """Kill ``count`` programs."""
    findings = Findings()
    begun = time.monotonic()
    for first in range(0, count, ROUNDS):
        killer = Killer(folder / f"history-{first}", seed + first, findings)
        for number in range(first, min(count, first + ROUNDS)):
            killer.round(f"kill {number}, seed {seed}")
        killer.finish(f"after kill {number}, seed {seed}")
        findings.windows.append(window_seconds(killer.root))
        print(f"{number + 1} kills, {len(findings.lost)} lost", file=sys.stderr)  # noqa: T201
    starts, windows = sorted(findings.starts), sorted(findings.windows)
    print(  # noqa: T201
        json.dumps(
            {
                "kills": findings.kills,
                "lost": findings.lost,
                "acknowledged": findings.acknowledged,
                "under_way": findings.under_way,
                "troubles": findings.troubles,
                "start_median": starts[len(starts) // 2],
                "start_longest": starts[-1],
                "window_median": round(windows[len(windows) // 2], 2),
                "window_longest": round(windows[-1], 2),
                "seconds": round(time.monotonic() - begun),
            }
        )
    )
    return 1 if findings.lost else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
