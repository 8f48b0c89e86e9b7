"""Plans against reality on a GPU: ``python -m tests.benchmarks gpu`` prints the tables.

Writes a mixture-of-experts model of many GiB with random weights in a real shape, has Moestro
plan it for part of the GPU's memory, and measures that plan beside the simple ones: a plain
layer split in the same memory, all experts in RAM, everything on the GPU, the processor alone.
Needs neither a network nor a window. What to bring to a bare machine: docs/gpu.md.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median

from app.engine.builds import EngineBuilds, installed_key
from app.engine.entities import Device, Plan
from app.placement.entities import PROCESSOR, Placement
from models.facts_reading import read_facts
from models.gguf import open_model
from tests.benchmarks.gpu_plans import Bench, compute_bytes, layers_within, moestro_plan
from tests.benchmarks.gpu_session import NotDone, Run, Session
from tests.helpers.moe_models import tensor_bytes, write_large
from tests.helpers.moe_shapes import QWEN3_30B, SMALL_QWEN3MOE, MoeShape
from tests.helpers.rpc_devices import rpc_device
from tests.helpers.worker_process import ROOT, STARTER

GIB = 2**30
MIB = 2**20
_SHARE_OF_MODEL = 0.45
"""Of the model's size is the budget when none is given: VRAM is scarce, attention fits."""

SPEED_HEADER = (
    "| Plan | On the GPU | Decode, tokens/s | Prompt, tokens/s | Load, s | Predicted decode |\n"
    "| --- | ---: | ---: | ---: | ---: | ---: |"
)
MEMORY_HEADER = (
    "| Device | Planned | Buffers of the load | Difference | Free memory shrank by | Difference |\n"
    "| --- | ---: | ---: | ---: | ---: | ---: |"
)


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="moestro-gpu-") as folder, _hosts(options) as hosts:
        path = options.model or Path(folder) / "model.gguf"
        if not path.exists():
            shape = SMALL_QWEN3MOE if options.small else cut(QWEN3_30B, int(options.gib * GIB))
            _say(f"writing {shape.name}, {shape.layers} layers …")
            write_large(shape, path, tokenizer=options.tokenizer)
        with Session(_engine_folder(options.engine), hosts) as session:
            devices = session.devices()
            names = _chosen(devices, options.device)
            _print(describe(devices, names, path), "")
            return measure(session, path, Bench(options.context, names, hosts), options)


def measure(session: Session, path: Path, bench: Bench, options: argparse.Namespace) -> int:
    """All plans of one model; 1 when one of them could not be measured."""
    model = open_model(path)
    facts = read_facts(model.headers)
    budget = int(options.vram * GIB) or int(_SHARE_OF_MODEL * path.stat().st_size)
    plans: dict[str, tuple[Plan, Placement | None]] = {}
    if bench.devices:
        _say("measuring this computer, then planning …")
        types = tuple(dict.fromkeys(facts.types.get("routed_experts", {"Q4_K": 0})))[:2]
        speeds = session.speeds(types, options.measure_seconds)
        budgets = {bench.devices[0]: budget}
        placement = moestro_plan(session, model, bench, speeds, budgets, options.expert_layers)
        plain = bench.plain()
        count = layers_within(facts, plain, budget, compute_bytes(placement.shares))
        plans[f"Moestro, {budget / GIB:.1f} GiB"] = (placement.plan, placement)
        plans[f"Plain layer split, {count} layers"] = (bench.layers(count), None)
        plans["All experts in RAM"] = (bench.experts_in_ram(), None)
        plans["Everything on the GPU"] = (bench.everything(), None)
    plans["Processor alone"] = (bench.plain(), None)
    _print(SPEED_HEADER)
    memory: list[str] = []
    failed = 0
    for name, (plan, placement) in plans.items():
        _say(f"{name} …")
        try:
            run = session.run(model.handle, plan, options.runs, options.words, options.tokens)
        except NotDone as error:
            failed = 1
            _print(f"| {name} | – | – | – | – | – |", f"<!-- {error} -->")
            continue
        _print(speed_row(name, run, bench, placement))
        if placement is not None:
            memory = memory_rows(placement, run)
    if memory:
        _print("", MEMORY_HEADER, *memory)
    return failed


def cut(shape: MoeShape, size: int) -> MoeShape:
    """The same model with as many layers as fit into ``size`` bytes, at least two."""
    layers = [
        sum(tensor_bytes(each) for each in replace(shape, layers=count).tensors())
        for count in range(1, shape.layers + 1)
    ]
    fitting = sum(total <= size for total in layers)
    return replace(shape, layers=max(2, fitting))


# --- rows --------------------------------------------------------------------------------------


def speed_row(name: str, run: Run, bench: Bench, placement: Placement | None) -> str:
    """One plan's line in the table of speeds."""
    on_devices = sum(line.bytes for line in run.facts.buffers if line.device in bench.devices)
    predicted = ""
    if placement is not None:
        speed = placement.predicted.decode
        predicted = f"{speed.expected:.1f} ({speed.low:.1f} – {speed.high:.1f})"
    cells = [
        name, f"{on_devices / GIB:.2f} GiB", _spread(run.decode), _spread(run.prompt),
        f"{run.load_seconds:.1f}", predicted,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def memory_rows(placement: Placement, run: Run) -> list[str]:
    """Planned against measured, by device: the load's own buffers, and what became unavailable."""
    rows = []
    for share in placement.shares:
        name, planned = share.device.name, share.bytes.total
        buffers = sum(line.bytes for line in run.facts.buffers if line.device == name)
        cells = [name, f"{planned / MIB:.0f} MiB", f"{buffers / MIB:.0f} MiB"]
        cells.append(_difference(buffers, planned))
        # A server on loopback lends main memory: what it says is free does not move.
        taken = None if name.startswith("RPC") else run.taken.get(name)
        cells += ["–", "–"] if taken is None else [
            f"{taken / MIB:.0f} MiB", _difference(taken, planned),
        ]  # fmt: skip
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _difference(measured: int, planned: int) -> str:
    """With the bound that is held: 3 % or 64 MiB, whichever is more."""
    off = measured - planned
    verdict = "" if abs(off) <= max(0.03 * planned, 64 * MIB) else " (beyond 3 % and 64 MiB)"
    share = f", {off / planned:+.1%}" if planned else ""
    return f"{off / MIB:+.1f} MiB{share}{verdict}"


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.1f} ({min(values):.1f} – {max(values):.1f})"


def describe(devices: Sequence[Device], names: Sequence[str], path: Path) -> str:
    """Date, machine, engine's devices and the model: one line."""
    used = ", ".join(
        f"{each.name}: {each.description}, {each.memory_bytes / GIB:.0f} GiB"
        for each in devices
        if each.name in (*names, PROCESSOR)
    )
    return (
        f"{date.today()}; {used}; {os.cpu_count()} threads; {platform.system()} "
        f"{platform.machine()}; model of {path.stat().st_size / GIB:.1f} GiB"
    )


# --- options -----------------------------------------------------------------------------------


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks gpu", description=__doc__)
    add = parser.add_argument
    add("--device", default="auto", help="its name; auto: the first GPU; none; rpc (loopback)")
    add("--engine", type=Path, help="folder of a second engine; else the one that is in use")
    add("--gib", type=float, default=10.0, help="size of the model that is written")
    add("--small", action="store_true", help="a model of some MiB: does everything run?")
    add("--model", type=Path, help="written here if it is absent, and kept")
    add("--tokenizer", type=Path, default=STARTER, help="the starter model, or its header alone")
    add("--vram", type=float, default=0.0, help="GiB that may be used; 0: 45 %% of the model")
    add("--expert-layers", type=int, help="on the GPU, instead of the planner's own number")
    add("--context", type=int, default=4096, help="tokens")
    add("--words", type=int, default=1200, help="of the prompt; a word is about a token")
    add("--tokens", type=int, default=128, help="of the answer")
    add("--runs", type=int, default=5, help="answers by each plan, after one to warm up")
    add("--measure-seconds", type=float, default=10.0, help="for the first speed")
    return parser.parse_args(arguments)


@contextmanager
def _hosts(options: argparse.Namespace) -> Iterator[tuple[str, ...]]:
    """The loopback server that stands in for a GPU, if one is asked for."""
    with rpc_device() if options.device == "rpc" else nullcontext() as server:
        yield () if server is None else (server.host,)


def _engine_folder(asked: Path | None) -> Path | None:
    if asked is not None:
        return asked.resolve()
    builds = EngineBuilds(ROOT / ".engines", installed_key(), lambda callback: callback())
    return builds.chosen("auto").folder


def _chosen(devices: Sequence[Device], asked: str) -> tuple[str, ...]:
    """The device to plan for. Raises SystemExit when it is not there."""
    if asked == "none":
        return ()
    others = [device.name for device in devices if device.kind != "cpu"]
    found = [name for name in others if asked in ("auto", name) or name.lower().startswith(asked)]
    if not found:
        raise SystemExit(f"no such device; there is {', '.join(others) or 'the processor alone'}")
    return (found[0],)


def _print(*lines: object) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
