"""From the start of the process to a window that can be typed into, and what it weighs."""

import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from app.history.entities import AnswerDetails, Conversation, Message, MessageState, Role
from app.ids import new_id
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import open_services
from tests.benchmarks.machine import Pace
from tests.benchmarks.measure import Row
from tests.benchmarks.processes import ROOT, STARTER
from tests.helpers import hard_profile

_SCRIPT = Path(__file__).with_name("started_window.py")
_SETTLE_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Started:
    """A window that is open; moments in seconds after the process was started."""

    process: psutil.Process
    first_paint: float
    usable: float


@contextmanager
def started(data: Path, *options: str, errors: Any = subprocess.DEVNULL) -> Iterator[Started]:
    """Start the program, wait until it can be typed into, and close it in the end."""
    # Compiled modules are kept beside the data: the first start writes them, as everywhere.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    compiled = str(data.parent / "compiled")
    environment = {**kept, "QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": compiled}
    command = [sys.executable, *options, str(_SCRIPT), str(data)]
    began = time.monotonic()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            told = json.loads(process.stdout.readline())
            yield Started(
                psutil.Process(process.pid), told["first_paint"] - began, told["usable"] - began
            )
            process.stdin.close()
            process.wait(20)
        finally:
            process.kill()


def start_rows(root: Path, runs: int, pace: Pace) -> list[Row]:
    """A used data folder with warm and with evicted files, and a new folder."""
    used = root / "used"
    fill(used)
    _warm_up(used)
    warm: list[tuple[float, float]] = []
    new, cold = [], []
    folders = itertools.count()
    for run in range(runs):
        warm.append(pace.undisturbed(lambda: _moments(used)))
        new.append(pace.undisturbed(lambda: _moments(root / f"new-{next(folders)}"))[1])
        pace.say(f"start: run {run + 1} of {runs}")
    for run in range(runs):
        evict(Path(sys.prefix), ROOT / "app", ROOT / "ui", ROOT / "models", root / "compiled")
        cold.append(_moments(used)[1])
        pace.say(f"start without file cache: run {run + 1} of {runs}")
    return [
        Row("Start to first paint, 60 chats, warm", [paint for paint, _ in warm], "s"),
        Row(
            "Start to usable window, 60 chats, warm",
            [usable for _, usable in warm],
            "s",
            "≤ 1.0 s",
        ),
        Row("Start to usable window, new data folder", new, "s"),
        Row("Start to usable window, 60 chats, files not in memory", cold, "s"),
    ]


def _moments(data: Path) -> tuple[float, float]:
    with started(data) as window:
        return window.first_paint, window.usable


def memory_rows(root: Path, runs: int, pace: Pace) -> list[Row]:
    """Of the window's process, settled, before a model is loaded or a chat is opened."""
    used = root / "used"
    if not used.exists():
        fill(used)
    _warm_up(used)
    resident, proportional, own = [], [], []
    for run in range(runs):
        with started(used) as window:
            time.sleep(_SETTLE_SECONDS)
            memory = window.process.memory_full_info()
        resident.append(memory.rss / 2**20)
        proportional.append(memory.pss / 2**20)
        own.append(memory.uss / 2**20)
        pace.say(f"memory: run {run + 1} of {runs}")
    return [
        Row("Window process, RSS", resident, "MiB", "≤ 150 MiB"),
        Row("Window process, PSS (shared pages shared out)", proportional, "MiB"),
        Row("Window process, its own pages alone (USS)", own, "MiB"),
    ]


def import_lines(root: Path) -> list[str]:
    """The ten packages whose modules take longest to import before the window shows."""
    used = root / "used"
    if not used.exists():
        fill(used)
    _warm_up(used)
    report = root / "imports.txt"
    with report.open("wb") as errors, started(used, "-X", "importtime", errors=errors):
        pass
    own: dict[str, int] = {}
    line = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")
    for match in line.finditer(report.read_text(encoding="utf-8", errors="replace")):
        name = match[2]
        package = name if name.startswith("PySide6") else name.partition(".")[0]
        own[package] = own.get(package, 0) + int(match[1])
    most = sorted(own.items(), key=lambda item: -item[1])[:10]
    total = sum(own.values()) / 1000
    return [f"All imports: {total:.0f} ms. Most expensive, without what they import:"] + [
        f"- `{name}` {microseconds / 1000:.1f} ms" for name, microseconds in most
    ]


def _warm_up(data: Path) -> None:
    for _ in range(2):
        with started(data):
            pass


def fill(root: Path) -> None:
    """A data folder with 60 chats of long titles."""
    callbacks = CallbackQueue()
    services = open_services(DataPaths(root), callbacks.post, starter=STARTER)
    try:
        for chat in reversed(hard_profile.conversations()):
            _write_turn(services.history, callbacks, replace(chat, id=new_id(), leaf_id=None))
        services.library.entries()
    finally:
        services.close()


def _write_turn(history: Any, callbacks: CallbackQueue, chat: Conversation) -> None:
    stored: list[object] = []
    user = Message(new_id(), chat.id, None, Role.USER, chat.title)
    state = MessageState.STREAMING
    answer = Message(new_id(), chat.id, user.id, Role.ASSISTANT, "", state=state)
    details = AnswerDetails(model_key="model", model_name="Model", stop_reason="stop")
    answer = replace(answer, details=details)
    history.begin_turn(chat, user, answer, done=stored.append, failed=stored.append)
    callbacks.run_until(lambda: len(stored) == 1, 30)
    history.finish_answer(
        answer.id, "It depends.", "", MessageState.COMPLETE, details,
        done=lambda _none=None: stored.append(None), failed=stored.append,
    )  # fmt: skip
    callbacks.run_until(lambda: len(stored) == 2, 30)


def evict(*folders: Path) -> None:
    """Ask the system to drop files from its cache; those that other programs use stay."""
    if not hasattr(os, "posix_fadvise"):
        return
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                with suppress(OSError):
                    _drop(path)


def _drop(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)
