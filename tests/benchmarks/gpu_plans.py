"""The plans that are compared: the simple ones that everybody has, and Moestro's own."""

from dataclasses import dataclass

from app.engine.entities import BufferOverride, MeasuredSpeeds, Plan
from app.placement.engine_plan import EXPERTS
from app.placement.entities import PROCESSOR, DeviceShare, Placement, Wishes
from app.placement.inventory import inventory_of
from app.placement.machine import machine_here
from app.placement.placements import subject_of
from app.placement.rehearsing import Rehearser
from app.placement.simulation import Outcome, Simulation
from models.facts import ModelFacts
from models.gguf import CheckedModel
from tests.benchmarks.gpu_session import NotDone, Session

_ALL_LAYERS = 999
_PLANNING_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Bench:
    """What all plans have in common."""

    context_tokens: int
    devices: tuple[str, ...]
    """Empty: the processor alone."""
    rpc_hosts: tuple[str, ...] = ()

    def plain(self) -> Plan:
        """The processor computes everything."""
        return Plan(context_tokens=self.context_tokens)

    def layers(self, count: int) -> Plan:
        """The last ``count`` layers on the devices; the output head counts as one."""
        return Plan(
            context_tokens=self.context_tokens,
            devices=self.devices,
            gpu_layers=count,
            rpc_hosts=self.rpc_hosts,
        )

    def everything(self) -> Plan:
        """All layers on the devices."""
        return self.layers(_ALL_LAYERS)

    def experts_in_ram(self) -> Plan:
        """All layers on the devices but every routed expert in RAM: ``--cpu-moe``."""
        return Plan(
            context_tokens=self.context_tokens,
            devices=self.devices,
            gpu_layers=_ALL_LAYERS,
            overrides=(BufferOverride(rf"\.{EXPERTS}", PROCESSOR),),
            load_mode="read",
            rpc_hosts=self.rpc_hosts,
        )


def layers_within(facts: ModelFacts, plan: Plan, budget: int, compute: int) -> int:
    """How many layers, the output head counted, fit into ``budget`` beside ``compute`` bytes.

    What a person does who tries ``--n-gpu-layers`` until it just fits.
    """
    left = budget - compute - facts.output_bytes
    if left < 0:
        return 0
    count = 1
    for layer in reversed(facts.layers):
        left -= layer.bytes.total
        left -= layer.kv_bytes(plan.kv_type, plan.context_tokens, plan.ubatch_tokens)
        if left < 0:
            break
        count += 1
    return count


def moestro_plan(
    session: Session,
    model: CheckedModel,
    bench: Bench,
    speeds: MeasuredSpeeds,
    budgets: dict[str, int],
    expert_layers: int | None = None,
) -> Placement:
    """Moestro's own placement for this computer, simulated by the engine.

    ``budgets`` are bytes by device, as a user would give them; ``expert_layers`` is where a user
    would put the slider, None leaves it to the planner. Raises NotDone when the plan
    rests on arithmetic: then there would be nothing exact to compare with.
    """
    inventory = inventory_of(session.devices())
    machine = machine_here(inventory, speeds, budgets, rpc_hosts=bench.rpc_hosts)
    rehearser = Rehearser(session.start)
    outcomes: list[Outcome] = []
    wishes = Wishes(context_tokens=bench.context_tokens, expert_layers=expert_layers)
    try:
        Simulation(rehearser, subject_of(model), machine, wishes, outcomes.append).begin()
        session.callbacks.run_until(lambda: bool(outcomes), _PLANNING_SECONDS)
    finally:
        rehearser.close()
    if not outcomes or outcomes[0].trouble is not None:
        raise NotDone(f"no simulated plan: {outcomes}")
    return outcomes[0].placement


def compute_bytes(shares: tuple[DeviceShare, ...]) -> int:
    """Working memory of the first device, which a plain split needs about as well."""
    return shares[0].bytes.compute
