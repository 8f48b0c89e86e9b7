"""Simulated memory against what a real load takes, on models that are small enough to run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.engine.entities import BufferKind, Device
from app.engine.entities import ModelFacts as LoadedFacts
from app.placement.entities import DeviceShare, Machine, Placement, Wishes
from app.placement.inventory import inventory_of
from app.placement.machine import machine_here
from app.placement.placements import subject_of
from app.placement.simulation import Outcome, Simulation
from models.gguf import open_model
from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL, MoeShape
from tests.helpers.rehearsals import RehearsalStage
from tests.helpers.rpc_devices import rpc_devices
from tests.helpers.worker_process import WorkerProcess

MIB = 2**20
_CONTEXT = 2048
_DEVICE_BYTES = 2**33
_SECONDS = 120.0
MOST_MIB = 1.0
"""That a simulated figure may be away from the measured one."""

HEADER = (
    "| Model | Placement | Device | Kind | Simulated, MiB | Measured, MiB | Difference |\n"
    "| --- | --- | --- | --- | ---: | ---: | ---: |"
)
_KINDS: dict[str, tuple[BufferKind, ...]] = {
    "weights": ("weights",),
    "KV cache": ("kv_cache",),
    "working memory": ("compute", "output"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One placement: what is wished of it, and the budgets of the devices that it may use."""

    name: str
    wishes: Wishes
    budgets: tuple[int, ...] = (_DEVICE_BYTES,)
    """In bytes, of RPC0 and so on."""


def cases(layers: int) -> tuple[Case, ...]:
    """The placements of a model with so many layers of experts."""
    plain = Wishes(context_tokens=_CONTEXT)
    unequal = (30 * MIB, 130 * MIB)
    return (
        Case("processor alone", replace(plain, processor_only=True)),
        Case("all on the device", plain),
        Case("experts in RAM", replace(plain, expert_layers=0)),
        Case("half the experts in RAM", replace(plain, expert_layers=layers // 2)),
        Case("two devices, 30 and 130 MiB", plain, unequal),
        Case(
            "the same, half the experts in RAM", replace(plain, expert_layers=layers // 2), unequal
        ),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One figure."""

    device: str
    kind: str
    simulated: int
    measured: int

    @property
    def difference(self) -> float:
        """In MiB."""
        return (self.measured - self.simulated) / MIB

    def row(self, model: str, case: str) -> str:
        """A row of the table."""
        figures = f"{self.simulated / MIB:.2f} | {self.measured / MIB:.2f}"
        return (
            f"| {model} | {case} | {self.device} | {self.kind} | {figures} "
            f"| {self.difference:+.2f} |"
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one placement took."""

    placement: Placement
    lines: tuple[Line, ...]
    resident_mib: float
    """That the worker gained."""

    @property
    def in_ram_mib(self) -> float:
        """What the plan has in main memory."""
        return self.placement.shares[-1].bytes.total / MIB


def memory_table(folder: Path) -> Iterator[str]:
    """The tables' lines; a line that begins with "WRONG" is one too many."""
    growth = []
    yield HEADER
    with rpc_devices(None, None) as servers, RehearsalStage() as stage:
        hosts = tuple(server.host for server in servers)
        for shape in SMALL:
            path = write_model(shape, folder / f"{shape.architecture}.gguf")
            for case in cases(_with_experts(shape)):
                found = compare(path, case, hosts, stage)
                for line in found.lines:
                    yield line.row(shape.architecture, case.name)
                    if abs(line.difference) > MOST_MIB:
                        yield f"WRONG {line}"
                plan = f"{found.in_ram_mib:.1f} | {found.resident_mib:.1f}"
                growth.append(f"| {shape.architecture} | {case.name} | {plan} |")
    yield ""
    yield "| Model | Placement | In RAM by the plan, MiB | Worker's resident memory grew by, MiB |"
    yield "| --- | --- | ---: | ---: |"
    yield from growth


def compare(path: Path, case: Case, hosts: Sequence[str], stage: RehearsalStage) -> Comparison:
    """Simulate a placement, then load it for real."""
    machine = _machine(hosts[: len(case.budgets)], case.budgets)
    outcomes: list[Outcome] = []
    subject = subject_of(open_model(path))
    Simulation(stage.rehearser, subject, machine, case.wishes, outcomes.append).begin()
    assert stage.queue.run_until(lambda: bool(outcomes), _SECONDS), "no plan"
    placement, trouble = outcomes[0].placement, outcomes[0].trouble
    assert trouble is None, trouble
    if len(case.budgets) > 1 and not case.wishes.processor_only:
        assert len(placement.plan.devices) == len(case.budgets), placement.plan
    with WorkerProcess() as worker:
        facts = worker.load(path, placement.plan)
    lines = [
        Line(share.device.name, kind, _simulated(share, kind), _measured(facts, share, kind))
        for share in placement.shares
        if share.bytes.total
        for kind in _KINDS
    ]
    return Comparison(placement, tuple(lines), facts.memory_bytes / MIB)


def _simulated(share: DeviceShare, kind: str) -> int:
    held = share.bytes
    return {"weights": held.weights, "KV cache": held.kv_cache, "working memory": held.compute}[
        kind
    ]


def _measured(facts: LoadedFacts, share: DeviceShare, kind: str) -> int:
    return sum(
        line.bytes
        for line in facts.buffers
        if line.device == share.device.name and line.kind in _KINDS[kind]
    )


def _with_experts(shape: MoeShape) -> int:
    return shape.layers - shape.leading_dense


def _machine(hosts: Sequence[str], budgets: Sequence[int]) -> Machine:
    """This computer with RPC devices that pass for fast ones, so that plans use them."""
    lent = [
        Device(
            name=f"RPC{number}", description=host, kind="gpu", backend="RPC",
            memory_bytes=_DEVICE_BYTES, free_bytes=_DEVICE_BYTES,
        )
        for number, host in enumerate(hosts)
    ]  # fmt: skip
    own = Device(
        name="CPU", description="CPU", kind="cpu", backend="CPU", memory_bytes=0, free_bytes=0
    )
    asked = {device.name: budget for device, budget in zip(lent, budgets, strict=True)}
    machine = machine_here(inventory_of((*lent, own)), None, asked, rpc_hosts=tuple(hosts))
    devices = tuple(
        replace(device, bytes_per_second=1e12 / number)
        for number, device in enumerate(machine.devices, 1)
    )
    return replace(machine, devices=devices)
