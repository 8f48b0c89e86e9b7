"""Kills the application at random moments while it streams and counts what was lost."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from app.history.entities import MessageState
from app.history.repository import History
from app.history.schema import history_migrations
from app.posting import CallbackQueue
from app.storage.opening import open_database

SCRIPT = Path(__file__).resolve().parent / "driven_window.py"
ALLOWED_SECONDS = 1.0
"""How much streamed text may be lost."""


@dataclass
class Seen:
    """What one run of the application acknowledged and showed, with monotonic moments."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    shown: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    worker_pids: list[int] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)
    streaming: threading.Event = field(default_factory=threading.Event)

    def take(self, line: str) -> None:
        facts = json.loads(line)
        if "ready" in facts:
            self.ready.set()
        elif "acknowledged" in facts:
            self.acknowledged[facts["acknowledged"]] = facts["text"]
        elif "shown" in facts:
            moments = self.shown.setdefault(facts["shown"], [])
            moments.append((time.monotonic(), facts["length"]))
            self.streaming.set()
        elif "ended" in facts:
            self.ended[facts["ended"]] = facts["length"]


@dataclass
class Losses:
    """What the database lacks after a kill; all empty when the promise holds."""

    questions: list[str] = field(default_factory=list)
    text: list[tuple[str, int, int]] = field(default_factory=list)
    damaged: str = ""

    def __bool__(self) -> bool:
        return bool(self.questions or self.text or self.damaged)


def kill_once(root: Path, seed: int) -> tuple[Seen, float]:
    """Run the application, kill it at a random moment after its first streamed token."""
    chance = random.Random(seed)
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(root), str(seed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    seen = Seen()
    assert process.stdout is not None

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.endswith("\n"):
                seen.take(line)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert seen.streaming.wait(60), "the application never streamed"
        time.sleep(chance.uniform(0.0, 2.5))
    finally:
        killed = time.monotonic()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        reader.join()
        process.stdout.close()
    return seen, killed


def losses(root: Path, seen: Seen, killed: float) -> Losses:
    """Open the history as the next start would and compare."""
    result = Losses()
    database = open_database(
        root / "history.sqlite3", history_migrations(), None, CallbackQueue().post
    )
    try:
        if database.notices:
            result.damaged = str(database.notices)
        check = database.read(
            lambda connection: next(iter(connection.execute("PRAGMA integrity_check")))[0]
        )
        if check != "ok":
            result.damaged = str(check)
        history = History(database)
        history.mark_interrupted()
        stored = {
            message.id: message
            for conversation in history.conversations()
            for message in history.messages(conversation.id)
        }
    finally:
        database.close()
    for question, text in seen.acknowledged.items():
        if question not in stored or stored[question].text != text:
            result.questions.append(question)
    for answer, moments in seen.shown.items():
        message = stored.get(answer)
        kept = len(message.text) + len(message.reasoning) if message else 0
        owed = max((length for at, length in moments if at <= killed - ALLOWED_SECONDS), default=0)
        owed = seen.ended.get(answer, owed)
        if kept < owed:
            result.text.append((answer, kept, owed))
        if message is not None and message.state is MessageState.STREAMING:
            result.damaged = "an answer is still marked as being written"
    return result
