"""Random faults and SIGKILLs while a program downloads; counts what must never happen."""

import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.library.download_entities import DownloadRequest
from tests.helpers import hub_faults as faults
from tests.helpers.download_stage import request_of
from tests.helpers.hub_faults import CDN, HUB
from tests.helpers.hub_repositories import HubRepository
from tests.helpers.hub_server import HubServer
from tests.helpers.transfers import sample_gguf

ROOT = Path(__file__).resolve().parents[2]
FILES = ("big-00001-of-00002.gguf", "big-00002-of-00002.gguf", "mmproj-big.gguf")
FULL = 150_000


class Nursery:
    """The process that forks programs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.download_process"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, order: dict[str, Any]) -> int:
        """Start a program; returns its pid."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._answer()["pid"])

    def wait(self) -> int:
        """Wait for the program's end; returns its status as ``waitpid`` gives it."""
        return int(self._answer()["status"])

    def _answer(self) -> dict[str, int]:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()


@contextlib.contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery while the block runs."""
    one = Nursery()
    try:
        yield one
    finally:
        one.close()


@dataclass
class Tally:
    """What many rounds showed."""

    rounds: int = 0
    kills: int = 0
    killed_in: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    by_fault: Counter[str] = field(default_factory=Counter)
    wanted: int = 0
    """Bytes of all files."""
    twice: int = 0
    """Bytes that came more than once, whatever the fault."""
    twice_by_kills: int = 0
    """The same where nothing but kills and broken connections happened."""
    wrong: list[str] = field(default_factory=list)
    """Files under a final name that are not what the repository holds."""

    def __str__(self) -> str:
        return (
            f"{self.rounds} rounds, {self.kills} SIGKILLs, {len(self.wrong)} wrong files, "
            f"{self.wanted:,} bytes wanted, {self.twice:,} fetched twice, of them "
            f"{self.twice_by_kills:,} after nothing but kills and broken connections\n"
            f"killed in: {dict(self.killed_in)}\nends: {dict(self.ends)}\n"
            f"faults: {dict(self.by_fault)}"
        )


def random_fault(chance: random.Random, server: HubServer) -> str:
    """Plan one fault; returns its name."""
    at = chance.choice((0, 1, FULL // 100, FULL // 2, FULL * 99 // 100, chance.randrange(FULL)))
    on_cdn: list[faults.Fault] = [
        faults.Cut(at), faults.Cut(at, reset=True), faults.Stall(at), faults.Slow(FULL * 2),
        faults.IgnoreRange(), faults.WrongContentRange(at, FULL), faults.WrongBody(at),
        faults.OtherLength(at + 1), faults.OtherLength(-at - 1), faults.ExpiredSignature(),
        faults.Body(b"<html></html>", {"Content-Type": "text/html"}), faults.Silent(),
        *(faults.Status(code) for code in (401, 403, 404, 416, 429, 500, 503)),
    ]  # fmt: skip
    on_hub: list[faults.Fault] = [
        faults.RedirectTo(), faults.Silent(), faults.rate_limited(2),
        *(faults.Status(code) for code in (401, 403, 404, 429, 500, 503)),
    ]  # fmt: skip
    side, choices = (HUB, on_hub) if chance.random() < 0.25 else (CDN, on_cdn)
    fault = chance.choice(choices)
    times = chance.choice((1, 1, 2, 3, 30))
    server.faults.add(fault, side=side, after=chance.randrange(3), times=times)
    code = getattr(fault, "code", "")
    return f"{side} {type(fault).__name__}{code}"


def one_round(nest: Nursery, server: HubServer, folder: Path, seed: int, tally: Tally) -> None:
    """One download through one fault and up to two kills; judges every end."""
    chance = random.Random(seed)
    repository = HubRepository("tiny/Big-GGUF")
    sizes = [chance.choice((FULL, FULL // 2)) for _file in FILES]
    repository.commit({path: sample_gguf(sizes[n], seed * 3 + n) for n, path in enumerate(FILES)})
    server.add(repository)
    server.faults.clear()
    server.forget()
    request = request_of(repository, *FILES[: chance.randint(1, len(FILES))])
    name = random_fault(chance, server) if chance.random() < 0.8 else "none"
    if chance.random() < 0.5:
        server.faults.add(faults.Slow(FULL * 4), side=CDN, times=None)
    kills = chance.choice((0, 1, 1, 2))
    for _kill in range(kills):
        _run(nest, server, folder, request, chance, chance.uniform(0.01, 0.3), tally)
        _check_files(folder, repository, tally, seed)
    state = _run(nest, server, folder, request, chance, None, tally)
    _check_files(folder, repository, tally, seed)
    tally.ends[state] += 1
    if state != "ready":
        # A named state with a way on: when the fault is gone, it ends well.
        assert "/" in state, f"seed {seed}: {state} has no reason"
        server.faults.clear()
        state = _run(nest, server, folder, request, chance, None, tally)
        assert state == "ready", f"seed {seed}: {state} without any fault"
        _check_files(folder, repository, tally, seed)
    wanted = sum(file.size for file in request.files)
    arrived = sum(path.stat().st_size for path in (folder / "models").rglob("*.gguf"))
    assert arrived == wanted, f"seed {seed}: not all files are there"
    twice = max(server.bytes_sent(side=CDN) - wanted, 0)
    tally.rounds += 1
    tally.by_fault[name] += 1
    tally.wanted += wanted
    tally.twice += twice
    if name.endswith(("Cut", "Stall", "Slow", "none", "500", "503")):
        tally.twice_by_kills += twice


def _run(
    nest: Nursery,
    server: HubServer,
    folder: Path,
    request: DownloadRequest,
    chance: random.Random,
    kill_after: float | None,
    tally: Tally,
) -> str:
    """Run a program to its end, or kill it; returns the state in which it ended."""
    folder.mkdir(exist_ok=True)
    order = {
        "folder": str(folder),
        "endpoint": server.endpoint,
        "request": asdict(request),
        "seed": chance.randrange(10**9),
        "wishes": kill_after is not None and chance.random() < 0.3,
    }
    pid = nest.begin(order)
    if kill_after is not None:
        time.sleep(kill_after)
        # Nobody else ends a pid of ours: the nursery waits for it and reports first.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    status = nest.wait()
    server.cut_connections()
    if kill_after is not None:
        assert status == 0 or os.WIFSIGNALED(status), "the program ended with an error"
        tally.kills += os.WIFSIGNALED(status)
        return ""
    assert status == 0, "the program ended with an error of its own"
    for state in json.loads((folder / "found.json").read_text()):
        tally.killed_in[state] += 1
    return str(json.loads((folder / "ended.json").read_text()))


def _check_files(folder: Path, repository: HubRepository, tally: Tally, seed: int) -> None:
    """Whatever has a final name is right."""
    expected = {
        path: file.content.sha256 for path, file in repository.commits[repository.head].items()
    }
    for path in (folder / "models").rglob("*.gguf"):
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected[path.name]:
            tally.wrong.append(f"seed {seed}: {path.name}")
