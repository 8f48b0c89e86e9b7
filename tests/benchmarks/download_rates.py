"""A download through the manager beside ``curl`` from the same server, in pairs."""

import hashlib
import os
import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.download_server import GIGABIT
from tests.benchmarks.machine import Pace
from tests.benchmarks.measure import Row, ratios
from tests.benchmarks.processes import Child
from tests.helpers.gguf_bytes import Tensor, model

REPOSITORY, PATH = "figures/Served-GGUF", "served-F32.gguf"
_MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class Download:
    """One download from its beginning to its end."""

    seconds: float
    processor: float
    """Seconds of processor time of the process that downloaded."""
    size: int
    settling: float = 0.0
    """Of the seconds, those after the last byte: hash compared, synced, checked, renamed."""

    @property
    def rate(self) -> float:
        """Bytes per second."""
        return self.size / self.seconds


class ServedFile:
    """A GGUF file of about ``size`` bytes that a server of its own serves; close it.

    Its weights are a hole, so that nothing has to be read from a disk to be served.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "served.gguf"
        rows = size // 128
        weights = [
            Tensor("token_embd.weight"),
            Tensor("blk.0.attn_q.weight"),
            Tensor("blk.1.attn_q.weight", shape=(32, rows), size=128 * rows),
        ]
        small = [*weights[:2], Tensor("blk.1.attn_q.weight", shape=(32, rows), size=0)]
        head = model(tensors=small).build()
        with path.open("wb") as stream:
            stream.write(head)
            stream.truncate(len(head) + 128 * rows)
        self.size = path.stat().st_size
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        self.server = Child("download_server")
        told = self.server.ask(do="serve", file=str(path), sha256=sha256)
        self.endpoint, self.cdn = told["endpoint"], told["cdn"]
        self.described: dict[str, Any] = {
            "repository": REPOSITORY, "path": PATH, "size": self.size, "sha256": sha256,
            "commit": told["commit"],
        }  # fmt: skip

    def set(self, rate: float | None, stall_at: int | None = None) -> None:
        """From now on at most ``rate`` bytes per second, and stalled after some bytes."""
        self.server.ask(do="set", rate=rate, stall_at=stall_at)

    def application(self, name: str) -> Child:
        """A process with the application's services that downloads from here."""
        folders = str(self.folder / name), self.endpoint, str(self.folder / f"{name}-models")
        return Child("downloading_process", *folders)

    def by_manager(self, child: Child) -> Download:
        """Download with the application."""
        told = child.ask(do="get", file=self.described)
        settling = told["seconds"] - told["moments"]["verifying"]
        return Download(told["seconds"], told["processor"], self.size, settling)

    def by_curl(self) -> Download:
        """Download with curl, to the same disk."""
        target = self.folder / "curl.gguf"
        address = f"{self.endpoint}/{REPOSITORY}/resolve/main/{PATH}"
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        subprocess.run(["curl", "-sSfL", "--noproxy", "*", "-o", target, address], check=True)
        seconds = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        target.unlink()
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Download(seconds, used, self.size)

    def close(self) -> None:
        """End the server."""
        self.server.close()
        (self.folder / "served.gguf").unlink()


def rate_rows(root: Path, size: int, pairs: int, pace: Pace, *, limited: bool) -> list[Row]:
    """Pairs of the same download by the manager and by curl, which goes first in turn."""
    mine, theirs = _pairs(root, size, pairs, pace, GIGABIT if limited else None)
    line = "1 Gbit/s" if limited else "no limit"
    rows = [
        Row(f"Manager ÷ curl, {line}", ratios([d.rate for d in mine], [d.rate for d in theirs]),
            "×", "≥ 0.97" if limited else ""),
        Row(f"Manager, {line}", [each.rate / _MEGA for each in mine], "MB/s"),
        Row(f"`curl`, {line}", [each.rate / _MEGA for each in theirs], "MB/s"),
    ]  # fmt: skip
    if limited:
        share = [each.rate / GIGABIT for each in theirs]
        rows.append(Row("`curl` ÷ the limit, the server's accuracy", share, "×", "0.98 – 1.02"))
    return [
        *rows,
        Row("– after the last byte: sync, hash, structure, rename",
            [each.settling for each in mine], "s"),
        Row("– processor time per GB, manager", [_per_gb(each) for each in mine], "s"),
        Row("– processor time per GB, `curl`", [_per_gb(each) for each in theirs], "s"),
        Row("– share of one core, manager",
            [100 * each.processor / each.seconds for each in mine], "%"),
    ]  # fmt: skip


def _pairs(
    root: Path, size: int, pairs: int, pace: Pace, rate: float | None
) -> tuple[list[Download], list[Download]]:
    mine: list[Download] = []
    theirs: list[Download] = []
    served = ServedFile(root, size)
    try:
        served.set(rate)
        with served.application("data") as child:
            for pair in range(pairs):
                manager_first = pair % 2 == 0
                both = pace.undisturbed(lambda: _pair(served, child, manager_first))  # noqa: B023
                mine.append(both[0])
                theirs.append(both[1])
                pace.say(
                    f"downloads: pair {pair + 1} of {pairs}, "
                    f"{both[0].rate / _MEGA:.1f} and {both[1].rate / _MEGA:.1f} MB/s, "
                    f"load {os.getloadavg()[0]:.1f}"
                )
    finally:
        served.close()
    return mine, theirs


def _pair(served: ServedFile, child: Child, manager_first: bool) -> tuple[Download, Download]:
    # What the one before left to be written must not be charged to the one that comes next.
    if manager_first:
        os.sync()
        mine = served.by_manager(child)
        os.sync()
        return mine, served.by_curl()
    os.sync()
    theirs = served.by_curl()
    os.sync()
    return served.by_manager(child), theirs


def _per_gb(download: Download) -> float:
    return download.processor / (download.size / 1e9)
