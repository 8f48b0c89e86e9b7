"""Verdicts of a repository with many quantizations, from headers of a Hub that takes its time."""

import itertools
import os
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.machine import Pace
from tests.benchmarks.measure import Row
from tests.benchmarks.processes import Child
from tests.helpers.described_machines import DescribedMachine
from tests.helpers.hub_faults import CDN, HUB, Before
from tests.helpers.hub_quantizations import quantization, write_sparse_file
from tests.helpers.hub_repositories import HubRepository, repository
from tests.helpers.hub_server import HubServer, hub
from tests.helpers.moe_shapes import DEEPSEEK_V3, QWEN3_30B, MoeShape

LABELS = (
    "Q2_K", "Q3_K_S", "Q3_K_M", "Q3_K_L", "IQ4_XS", "Q4_0", "Q4_K_S", "Q4_K_M", "Q5_K_S",
    "Q5_K_M", "Q6_K", "Q8_0",
)  # fmt: skip
WAIT_SECONDS = 0.02
"""Before each answer of the Hub and of what it redirects to."""
SHAPES = (QWEN3_30B, DEEPSEEK_V3)
_MACHINES = {QWEN3_30B: DescribedMachine("24", 64), DEEPSEEK_V3: DescribedMachine("24", 512)}


def publish(shape: MoeShape, folder: Path, labels: tuple[str, ...] = LABELS) -> HubRepository:
    """A repository with a file for each label: real headers, holes for weights."""
    name = shape.name.replace(" ", "-")
    files = {
        f"{name}-{label}.gguf": write_sparse_file(
            quantization(shape, label), folder / f"{label}.gguf"
        )
        for label in labels
    }
    return repository(f"figures/{name}-GGUF", {**files})


def slow(server: HubServer) -> None:
    """Let every answer wait, as a Hub on the other side of a continent does."""
    for side in (HUB, CDN):
        server.faults.add(Before(lambda: time.sleep(WAIT_SECONDS)), side=side, times=None)


def verdict_rows(root: Path, runs: int, pace: Pace) -> list[Row]:
    """Each run has a data folder of its own, where nothing was read or rehearsed before."""
    rows: list[Row] = []
    for shape in SHAPES:
        folder = root / shape.architecture
        folder.mkdir(parents=True)
        published = publish(shape, folder / "files")
        machine = _MACHINES[shape].write(folder)
        with hub(published) as server:
            slow(server)
            numbers = itertools.count()
            told = []
            for run in range(runs):
                answer = pace.undisturbed(
                    lambda: _judge(server, folder / f"data-{next(numbers)}", machine, published)  # noqa: B023
                )
                told.append(answer)
                pace.say(
                    f"verdicts, {shape.name}: run {run + 1} of {runs}, "
                    f"{answer['exact']:.2f} s, load {os.getloadavg()[0]:.1f}"
                )
        rows += _rows(shape, told)
    return rows


def _judge(
    server: HubServer, data: Path, machine: Path, published: HubRepository
) -> dict[str, Any]:
    server.forget()
    with Child("judging_process", str(data), server.endpoint, str(machine)) as child:
        fresh = child.ask(do="judge", repository=published.id)
        again = child.ask(do="judge", repository=published.id)
    if set(fresh["stages"]) != {"exact"}:
        raise RuntimeError(f"not all verdicts are exact: {fresh['stages']}")
    return {**fresh, "again": again["exact"]}


def _rows(shape: MoeShape, told: list[dict[str, Any]]) -> list[Row]:
    def row(what: str, key: str, unit: str = "", target: str = "", scale: float = 1.0) -> Row:
        return Row(what, [each[key] * scale for each in told], unit, target)

    count = len(LABELS)
    return [
        row(f"{shape.name}, {count} quantizations: estimates in all rows", "estimated", "s",
            "≤ 0.5 s"),
        row("– all rows exact", "exact", "s", "≤ 3 s"),
        row("– again, with what is kept", "again", "s"),
        row("– looking the repository up, before", "looked_up", "s"),
        row("– bytes of headers", "fetched_bytes", "MB", scale=1e-6),
        row("– requests for them", "requests"),
    ]  # fmt: skip
