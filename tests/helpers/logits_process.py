"""Loads a model by a plan in a process of its own and tells the logits of fixed tokens.

The engine ends its process on some failures, so tests do not load it into theirs. On standard
input one JSON object with ``path``, ``plan`` and ``logits`` (a file to write): the logits of the
last of ``PROMPT`` tokens and then of each step. On standard output the buffers that loading made.
With ``reading_gives`` computing goes wrong with that status, and only the refusal is told.
"""

import contextlib
import ctypes
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from app.engine.entities import BufferLine, DeviceMemory, Plan
from tests.helpers.worker_process import ROOT

PROMPT = 48
STEPS = 6


@dataclass(frozen=True)
class Run:
    """What one placement gave."""

    logits: np.ndarray
    """One row for the prompt and one for each step."""
    buffers: tuple[BufferLine, ...]
    devices: tuple[DeviceMemory, ...]

    def bytes_of(self, kind: str, device: str) -> int:
        """Bytes of one kind on one device."""
        return sum(
            line.bytes for line in self.buffers if line.kind == kind and line.device == device
        )


def logits_of(path: Path, plan: Plan, folder: Path) -> Run:
    """Run ``plan`` in a process of its own."""
    file = folder / "logits.bin"
    order = {"path": str(path), "plan": msgspec.to_builtins(plan), "logits": str(file)}
    answer = subprocess.run(
        [sys.executable, "-m", "tests.helpers.logits_process"],
        input=json.dumps(order), capture_output=True, text=True, cwd=ROOT, timeout=100,
        env={**os.environ, "GGML_NO_BACKTRACE": "1", "GOMP_SPINCOUNT": "5000"},
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr[-3000:]
    told = json.loads(answer.stdout)
    return Run(
        np.fromfile(file, np.float32).reshape(STEPS + 1, -1),
        msgspec.convert(told["buffers"], tuple[BufferLine, ...]),
        msgspec.convert(told["devices"], tuple[DeviceMemory, ...]),
    )


def main() -> None:
    import llama_cpp.llama_cpp as native

    from app.engine.errors import RefusedError
    from app.engine.hooks import CancelFlag, EngineLog
    from app.engine.llama import LoadedModel, install_log
    from app.engine.rpc import RpcHosts

    order = json.load(sys.stdin)
    output = os.dup(1)
    os.dup2(2, 1)
    engine_log = EngineLog(lambda line: os.write(2, line) and None)
    install_log(engine_log)
    plan = msgspec.convert(order["plan"], Plan)
    wrong = order.get("reading_gives")
    if wrong is not None:
        # A graphics driver would do this; no other device can be made to.
        LoadedModel.read = lambda _model, _tokens: wrong  # type: ignore[method-assign]
    try:
        model = LoadedModel(
            [order["path"]], plan, (1, 1), engine_log, CancelFlag(), lambda _: None, RpcHosts()
        )
    except RefusedError as error:
        os.write(output, json.dumps({"refused": error.code}).encode())
        os._exit(0)
    rows = []

    def keep(status: int) -> None:
        assert status == 0
        address = native.llama_get_logits_ith(model._context, -1)
        row = ctypes.cast(address, ctypes.POINTER(ctypes.c_float))
        rows.append(np.ctypeslib.as_array(row, (model.vocabulary.size,)).copy())

    keep(model.read([(7 * i * i + 11) % 4000 + 100 for i in range(PROMPT)]))
    for step in range(STEPS):
        keep(model.step(500 + 37 * step))
    np.array(rows, np.float32).tofile(order["logits"])
    told = {
        "buffers": msgspec.to_builtins(model.buffers),
        "devices": msgspec.to_builtins(model.device_memory),
    }
    with contextlib.suppress(BrokenPipeError):
        os.write(output, json.dumps(told).encode())
    # Leaving by the front door would free buffers of hosts that may be gone already.
    os._exit(0)


if __name__ == "__main__":
    main()
