"""RPC devices on loopback: real ``main.py rpc-worker`` processes, of any size."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from tests.helpers.worker_process import ROOT


@dataclass
class RpcDevice:
    """One server; its device is RPC0 in a plan that names its host alone."""

    process: subprocess.Popen[str]
    host: str
    memory_bytes: int

    def kill(self) -> None:
        """End it as a broken computer would."""
        self.process.kill()
        self.process.wait()

    def hang(self) -> None:
        """Connections stay and new ones are taken, but no answer comes."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Answer again after ``hang``."""
        self.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def rpc_device(
    memory_limit_bytes: int | None = None,
    *,
    told_bytes: int | None = None,
    total_bytes: int | None = None,
    overhead_bytes: int = 0,
    bind: str = "127.0.0.1:0",
) -> Iterator[RpcDevice]:
    """Serve this computer's processor as a device on a free port of loopback.

    With a limit the device says that it has so many bytes (or ``told_bytes``, if it lies), and
    allocating more on it fails. Of ``total_bytes`` others hold what is more than it says is free.
    ``overhead_bytes`` are missing as soon as anything is allocated.
    """
    program = [str(ROOT / "main.py")]
    if memory_limit_bytes is not None:
        told = memory_limit_bytes if told_bytes is None else told_bytes
        sizes = memory_limit_bytes, told, told if total_bytes is None else total_bytes
        numbers = map(str, (*sizes, overhead_bytes))
        program = ["-m", "tests.helpers.small_device", *numbers]
    process = subprocess.Popen(
        [sys.executable, *program, "rpc-worker", "--bind", bind, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "GGML_NO_BACKTRACE": "1", "GOMP_SPINCOUNT": "5000"},
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        told = _read_object(process)
        yield RpcDevice(process, told["host"], told["devices"][0]["memory_bytes"])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def rpc_devices(*memory_limits: int | None) -> Iterator[list[RpcDevice]]:
    """As many servers as limits; None is no limit. They are RPC0, RPC1, … in this order."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(rpc_device(limit)) for limit in memory_limits]


def _read_object(process: subprocess.Popen[str]) -> dict:
    """The JSON object that the server prints first; its end is a lone brace."""
    assert process.stdout is not None
    timer = threading.Timer(60, process.kill)
    timer.start()
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.rstrip() == "}":
                break
    finally:
        timer.cancel()
    return json.loads("".join(lines))
