"""The simulation with an engine that says what it is told to: figures, rounds, and faults."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from app.engine.entities import DeviceAmount, Rehearsal, RehearsalJob
from app.engine.errors import EngineError, WorkerDiedError
from app.placement.described import machine_of
from app.placement.entities import PROCESSOR, Machine, Placement, Wishes
from app.placement.planner import Planner
from app.placement.simulation import Outcome, Results, Simulation, Subject
from app.placement.workspace import GuessedWorkSpaces
from app.wording import sentence
from models.errors import KnownError
from tests.helpers.verdict_models import facts_for

MIB, GIB = 1 << 20, 1 << 30
FACTS = facts_for("Qwen3-30B-A3B", "Q4_K_M")
SUBJECT = Subject(key="k", name="Qwen3", paths=("a.gguf",), facts=FACTS)
CRASH = WorkerDiedError("engine.crashed", signal="SIGABRT")


def machine(*gibibytes: float, is_here: bool = True) -> Machine:
    """A computer with so many cards of these sizes, each twice as fast as the one before."""
    devices = ",".join(
        f'{{"name": "GPU{number}", "kind": "gpu", "memory_bytes": {int(size * GIB)},'
        f' "bytes_per_second": {(number + 1) * 2e11}, "link_bytes_per_second": 1e10}}'
        for number, size in enumerate(gibibytes)
    )
    text = f'{{"ram_bytes": {64 * GIB}, "ram_bytes_per_second": 5e10, "cores": 8,'
    described = machine_of(f'{text} "devices": [{devices}]}}'.encode(), "test")
    cards = tuple(replace(device, is_here=is_here) for device in described.devices)
    return replace(described, devices=cards)


Answer = Callable[[int, RehearsalJob], Rehearsal | KnownError]


@dataclass
class Engine:
    """Rehearses by saying what ``answer`` gives for a round and a job."""

    answer: Answer
    rounds: list[Sequence[RehearsalJob]] = field(default_factory=list)

    def rehearse(self, jobs: Sequence[RehearsalJob], done: Callable[[Results], None]) -> None:
        self.rounds.append(jobs)
        number = len(self.rounds)
        done([self.answer(number, job) for job in jobs])


def rehearsal(job: RehearsalJob, compute: int, ram: int = 100 * MIB) -> Rehearsal:
    """The same on each device of the job, and a cache of 1 MiB."""
    names = job.plan.devices
    spaces = [DeviceAmount(name, compute) for name in names] + [DeviceAmount(PROCESSOR, ram)]
    caches = tuple(DeviceAmount(name, MIB) for name in (names or (PROCESSOR,)))
    return Rehearsal(
        layers=(), kv_cache=caches, compute=tuple(spaces), context_tokens=0, seconds=0.0
    )


def simulate(engine: Engine, on: Machine, wishes: Wishes | None = None) -> Outcome:
    outcomes: list[Outcome] = []
    Simulation(engine, SUBJECT, on, wishes or Wishes(), outcomes.append).begin()
    (outcome,) = outcomes
    return outcome


def guessed(on: Machine) -> Placement:
    return Planner(FACTS, on, Wishes(), GuessedWorkSpaces(FACTS)).plan()


# --- when the engine answers -----------------------------------------------------------------


def test_the_engine_s_figures_stand_in_the_placement() -> None:
    engine = Engine(lambda _round, job: rehearsal(job, 333 * MIB))
    outcome = simulate(engine, machine(12))
    placement = outcome.placement
    assert placement.simulated
    assert outcome.trouble is None
    assert outcome.spaces is not None
    share = placement.share("GPU0").bytes
    assert (share.compute, share.kv_cache) == (333 * MIB, MIB)
    assert placement.share(PROCESSOR).bytes.compute == 100 * MIB
    assert placement.verdict == "hybrid"
    # First working memory is probed, then the plan itself is rehearsed.
    probes, (final,) = engine.rounds
    assert len(probes) > 3
    assert final.plan == placement.plan
    assert all(job.paths == SUBJECT.paths for job in probes)


def test_working_memory_that_is_known_spares_the_probe_and_not_the_plan_s_own_figures() -> None:
    first = simulate(Engine(lambda _round, job: rehearsal(job, 333 * MIB)), machine(12))
    engine = Engine(lambda _round, job: rehearsal(job, 334 * MIB))
    outcomes: list[Outcome] = []
    Simulation(engine, SUBJECT, machine(12), Wishes(), outcomes.append, first.spaces).begin()
    ((job,),) = engine.rounds
    assert job.plan == first.placement.plan
    assert outcomes[0].placement.share("GPU0").bytes.compute == 334 * MIB
    assert outcomes[0].spaces is first.spaces


def test_known_working_memory_that_is_too_little_still_ends_within_the_budget() -> None:
    first = simulate(Engine(lambda _round, job: rehearsal(job, 50 * MIB)), machine(12))
    engine = Engine(lambda _round, job: rehearsal(job, 2 * GIB))
    outcomes: list[Outcome] = []
    Simulation(engine, SUBJECT, machine(12), Wishes(), outcomes.append, first.spaces).begin()
    share = outcomes[0].placement.share("GPU0")
    assert len(engine.rounds) > 1
    assert share.bytes.total <= share.device.budget_bytes


def test_more_is_given_where_less_is_needed() -> None:
    little = simulate(Engine(lambda _round, job: rehearsal(job, 50 * MIB)), machine(12)).placement
    much = simulate(Engine(lambda _round, job: rehearsal(job, 3 * GIB)), machine(12)).placement
    assert little.expert_layers > much.expert_layers
    for placement in (little, much):
        assert placement.share("GPU0").excess_bytes == 0


def test_a_plan_that_turns_out_too_large_is_made_again_with_less_room() -> None:
    """The probes said little; the plan itself needs more."""

    def answer(number: int, job: RehearsalJob) -> Rehearsal:
        return rehearsal(job, 50 * MIB if number == 1 else 2 * GIB)

    engine = Engine(answer)
    placement = simulate(engine, machine(12)).placement
    assert len(engine.rounds) == 3
    first, second = (jobs[0].plan for jobs in engine.rounds[1:])
    assert first != second
    assert placement.simulated
    share = placement.share("GPU0")
    assert share.excess_bytes == 0
    assert share.bytes.compute == 2 * GIB
    assert share.device.budget_bytes == machine(12).devices[0].budget_bytes, "not the narrowed one"


def test_a_count_that_always_grows_ends_in_arithmetic() -> None:
    def answer(number: int, job: RehearsalJob) -> Rehearsal:
        return rehearsal(job, 50 * MIB + (number - 1) * 3 * GIB)

    engine = Engine(answer)
    outcome = simulate(engine, machine(12))
    assert outcome.trouble is not None
    assert outcome.trouble.code == "placement.never_fits"
    assert not outcome.placement.simulated
    assert len(engine.rounds) <= 6


def test_devices_that_are_not_here_are_stood_in_for() -> None:
    engine = Engine(lambda _round, job: rehearsal(job, 300 * MIB))
    placement = simulate(engine, machine(12, is_here=False)).placement
    assert {job.stood_in for jobs in engine.rounds for job in jobs} == {("GPU0",)}
    # A stand-in never fetches experts: their room is added.
    fetched = max(layer.largest_expert_bytes for layer in FACTS.layers)
    assert placement.share("GPU0").bytes.compute == 300 * MIB + fetched
    here = Engine(lambda _round, job: rehearsal(job, 300 * MIB))
    simulate(here, machine(12))
    assert {job.stood_in for jobs in here.rounds for job in jobs} == {()}


@pytest.mark.parametrize("budget", [0, 1, 200 * MIB])
def test_a_device_without_room_gets_nothing(budget: int) -> None:
    poor = machine(12, 12)
    cards = tuple(
        replace(device, budget_bytes=budget) if device.name == "GPU1" else device
        for device in poor.devices
    )
    engine = Engine(lambda _round, job: rehearsal(job, 300 * MIB))
    placement = simulate(engine, replace(poor, devices=cards)).placement
    assert placement.plan.devices == ("GPU0",)
    assert placement.share("GPU1").bytes.total == 0
    none = tuple(replace(device, budget_bytes=budget) for device in poor.devices)
    alone = simulate(engine, replace(poor, devices=none)).placement
    assert (alone.verdict, alone.plan.devices) == ("cpu", ())


def test_without_devices_nothing_is_probed() -> None:
    for on, wishes in ((machine(), Wishes()), (machine(12), Wishes(processor_only=True))):
        engine = Engine(lambda _round, job: rehearsal(job, 0, 200 * MIB))
        placement = simulate(engine, on, wishes).placement
        assert len(engine.rounds) == 1
        assert (placement.verdict, placement.simulated) == ("cpu", True)
        assert placement.share(PROCESSOR).bytes.compute == 200 * MIB


# --- when it does not ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (CRASH, "placement.rehearsal_died"),
        (WorkerDiedError("engine.no_rehearsal"), "engine.no_rehearsal"),
        (EngineError("placement.rehearsal_model", name="a"), "placement.rehearsal_model"),
    ],
)
def test_an_engine_that_fails_leaves_arithmetic_with_a_wider_margin(
    error: KnownError, told: str
) -> None:
    outcome = simulate(Engine(lambda _round, _job: error), machine(12))
    placement = outcome.placement
    assert outcome.trouble is not None
    assert outcome.trouble.code == told
    assert "wider margin" in sentence(told, outcome.trouble.facts)
    assert outcome.spaces is None
    assert not placement.simulated
    plain = guessed(machine(12))
    before, after = plain.share("GPU0"), placement.share("GPU0")
    assert after.bytes.total <= before.bytes.total - 256 * MIB
    assert after.bytes.total <= 0.9 * before.device.budget_bytes
    assert placement.expert_layers < plain.expert_layers
    assert after.device.budget_bytes == before.device.budget_bytes


def test_a_probe_that_fails_is_done_without() -> None:
    """As long as one of them tells something."""

    def answer(_round: int, job: RehearsalJob) -> Rehearsal | KnownError:
        odd = job.plan.kv_type == "q8_0" or job.plan.ubatch_tokens == 256
        return CRASH if odd else rehearsal(job, 333 * MIB)

    outcome = simulate(Engine(answer), machine(12))
    assert outcome.trouble is None
    assert outcome.placement.simulated


def test_a_plan_that_cannot_be_rehearsed_itself_is_arithmetic() -> None:
    def answer(number: int, job: RehearsalJob) -> Rehearsal | KnownError:
        return rehearsal(job, 50 * MIB) if number == 1 else CRASH

    outcome = simulate(Engine(answer), machine(12))
    assert outcome.trouble is not None
    assert outcome.trouble.code == "placement.rehearsal_died"
    assert not outcome.placement.simulated
    assert outcome.placement.verdict == "hybrid"
