"""Plans a model with the engine's own figures: probes working memory, plans, rehearses the plan.

The first guess is arithmetic. A probe with all experts in RAM tells the working memory for the
contexts in question; the plan made with it is rehearsed itself, and made again with less room
where the rehearsal says that it would not fit. A rehearsal that fails leaves arithmetic with a
wider margin, and the result says so. Where a model that computes alike was probed before, its
working memory stands for the probe; the plan is rehearsed all the same.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

from app.engine.entities import DeviceAmount, Plan, Rehearsal, RehearsalJob
from app.engine.errors import WorkerDiedError
from app.placement.engine_plan import engine_plan
from app.placement.entities import (
    PROCESSOR,
    DeviceShare,
    Machine,
    MachineDevice,
    Placement,
    Wishes,
)
from app.placement.layout import Setup, from_ranges, movable_bytes
from app.placement.planner import DEFAULT_CONTEXTS, Planner, missing_ram
from app.placement.workspace import (
    GuessedWorkSpaces,
    LearnedWorkSpaces,
    Sample,
    WorkSpace,
    WorkSpaces,
)
from models.errors import KnownError
from models.facts import KvType, ModelFacts

log = logging.getLogger("moestro.placement")

_ROUNDS = 4
_WIDER_MARGIN_BYTES = 256 * 2**20
_WIDER_MARGIN_SHARE = 0.1
_USUAL_UBATCH, _SMALL_UBATCH = 512, 256

Results = list[Rehearsal | KnownError]


class Rehearses(Protocol):
    """Builds plans without allocating: ``app.placement.rehearsing``, or its results kept."""

    def rehearse(self, jobs: Sequence[RehearsalJob], done: Callable[[Results], None]) -> None:
        """Give a result for every job, in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A model that is to be placed."""

    key: str
    """Model key, or whatever else stands for its header."""
    name: str
    paths: tuple[str, ...]
    """Its files, or sparse stubs of them."""
    facts: ModelFacts
    beside_bytes: int = 0
    """Of main memory that go with the model whatever its plan: what its projector takes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A placement, and why it rests on arithmetic if it does."""

    placement: Placement
    trouble: KnownError | None = None
    spaces: WorkSpaces | None = None
    """Working memory as it was learned; guesses for other wishes can use it."""


class Simulation:
    """One run for one model on one machine."""

    def __init__(
        self,
        rehearses: Rehearses,
        subject: Subject,
        machine: Machine,
        wishes: Wishes,
        done: Callable[[Outcome], None],
        spaces: WorkSpaces | None = None,
    ) -> None:
        self._rehearses = rehearses
        self._spaces = spaces
        self._subject = subject
        self._facts = subject.facts
        self._machine = machine
        self._wishes = wishes
        self._done = done
        self._reserved: dict[str, int] = {}
        self._rounds = 0

    def begin(self) -> None:
        """Start; ``done`` is called once, maybe before this returns."""
        devices = () if self._wishes.processor_only else _usable(self._machine)
        if not devices or self._spaces is not None:
            self._plan(self._spaces or GuessedWorkSpaces(self._facts))
            return
        setups = self._probed()
        jobs = [self._job(self._probe_plan(devices, setup), devices) for setup in setups]
        self._rehearses.rehearse(jobs, lambda results: self._learn(devices, setups, results))

    # --- working memory --------------------------------------------------------------------

    def _probed(self) -> list[Setup]:
        facts, wishes = self._facts, self._wishes
        limit = facts.trained_context_tokens or DEFAULT_CONTEXTS[-1]
        wished = wishes.context_tokens or DEFAULT_CONTEXTS[0]
        contexts = sorted({min(size, limit) for size in (wished, DEFAULT_CONTEXTS[-1], limit)})
        ends = sorted({contexts[0], contexts[-1]})
        kind: KvType = wishes.kv_type or "f16"
        usual = wishes.ubatch_tokens or _USUAL_UBATCH
        setups = [Setup(context, kind, usual) for context in contexts]
        if wishes.ubatch_tokens is None:
            more = (2048, _SMALL_UBATCH) if wishes.priority == "documents" else (_SMALL_UBATCH,)
            setups += [Setup(context, kind, ubatch) for ubatch in more for context in ends]
        if wishes.kv_type is None and "q8_0" in facts.kv_types:
            # Given up last, and only with the smallest ubatch.
            ubatch = wishes.ubatch_tokens or _SMALL_UBATCH
            setups += [Setup(context, "q8_0", ubatch) for context in ends]
        return setups

    def _probe_plan(self, devices: Sequence[MachineDevice], setup: Setup) -> Plan:
        """All layers on the devices in equal parts, every expert in RAM."""
        facts = self._facts
        count = len(facts.layers)
        ends = [count * number // len(devices) for number in range(len(devices) + 1)]
        counts = [end - start for start, end in pairwise(ends)]
        keeps = [movable_bytes(facts, layer) == 0 for layer in facts.layers]
        names = [device.name for device in devices]
        arrangement = from_ranges(names, counts, 0, keeps)
        return engine_plan(
            facts, self._machine, arrangement, setup, repacked=False, too_large=False
        )

    def _learn(
        self, devices: Sequence[MachineDevice], setups: Sequence[Setup], results: Results
    ) -> None:
        samples = []
        guess = GuessedWorkSpaces(self._facts)
        for setup, result in zip(setups, results, strict=True):
            if isinstance(result, Rehearsal):
                amounts = _by_device(result.compute)
                bodies = [amounts.get(device.name, 0) for device in devices[:-1]]
                head = amounts.get(devices[-1].name, 0)
                ram = amounts.get(PROCESSOR, 0)
                space = WorkSpace(head, max(bodies, default=head), ram, guess.of(setup).ram_alone)
                samples.append(Sample(setup, space))
        if samples:
            self._plan(LearnedWorkSpaces(samples))
        else:
            self._give_up(next(each for each in results if isinstance(each, KnownError)))

    # --- the plan --------------------------------------------------------------------------

    def _plan(self, spaces: WorkSpaces) -> None:
        machine = _narrowed(self._machine, self._reserved)
        placement = Planner(self._facts, machine, self._wishes, spaces).plan()
        placement = _seen_on(self._machine, placement)
        devices = [self._machine.device(name) for name in placement.plan.devices]
        self._rounds += 1

        def rehearsed(results: Results) -> None:
            result = results[0]
            if isinstance(result, KnownError):
                self._give_up(result)
            else:
                self._check(spaces, placement, self._refined(placement, result))

        self._rehearses.rehearse([self._job(placement.plan, devices)], rehearsed)

    def _check(self, spaces: WorkSpaces, planned: Placement, placement: Placement) -> None:
        over = {share.device.name: share.excess_bytes for share in placement.shares}
        if placement.verdict == "too_large":
            over.pop(PROCESSOR)  # that it does not fit is known
        elif self._machine.unified_memory:
            # Each may keep to its own limit and all together not to the memory they share.
            held = {share.device.name: share.bytes for share in placement.shares}
            over[PROCESSOR] = max(over[PROCESSOR], missing_ram(self._machine, held))
        if not any(over.values()):
            self._done(Outcome(placement, None, spaces if spaces.are_learned else None))
        elif self._rounds < _ROUNDS:
            for name in filter(over.get, over):
                # All that was counted too low, not the excess alone: else the same plan returns.
                error = placement.share(name).bytes.total - planned.share(name).bytes.total
                self._reserved[name] = max(error, self._reserved.get(name, 0) + over[name])
            self._plan(spaces)
        else:
            self._give_up(KnownError("placement.never_fits", name=self._subject.name))

    def _refined(self, placement: Placement, rehearsal: Rehearsal) -> Placement:
        """The placement with the engine's own figures in place of arithmetic."""
        caches, spaces = _by_device(rehearsal.kv_cache), _by_device(rehearsal.compute)
        fetched = self._fetched(placement)
        shares = []
        for share in placement.shares:
            name = share.device.name
            used = replace(
                share.bytes,
                kv_cache=caches.get(name, 0),
                compute=spaces.get(name, 0) + fetched.get(name, 0),
            )
            shares.append(DeviceShare(device=share.device, bytes=used))
        lacks = missing_ram(self._machine, {each.device.name: each.bytes for each in shares})
        if placement.verdict != "too_large":
            lacks = 0  # a little over is told apart by the shares, and planned again
        return replace(placement, shares=tuple(shares), missing_bytes=lacks, simulated=True)

    def _fetched(self, placement: Placement) -> dict[str, int]:
        """Room for fetched experts on devices that were stood in for, which never fetch."""
        largest = max((layer.largest_expert_bytes for layer in self._facts.layers), default=0)
        in_ram = any(each.experts == PROCESSOR for each in placement.layers)
        devices = [self._machine.device(name) for name in placement.plan.devices]
        return {
            device.name: largest
            for device in devices
            if in_ram and device.fetches_experts and not device.is_here
        }

    def _job(self, plan: Plan, devices: Sequence[MachineDevice]) -> RehearsalJob:
        absent = tuple(device.name for device in devices if not device.is_here)
        return RehearsalJob(paths=self._subject.paths, plan=plan, stood_in=absent)

    def _give_up(self, trouble: KnownError) -> None:
        """Arithmetic with a wider margin."""
        wider = {
            device.name: int(
                _WIDER_MARGIN_BYTES + _WIDER_MARGIN_SHARE * max(0, device.budget_bytes)
            )
            for device in self._machine.devices
        }
        machine = _narrowed(self._machine, wider)
        placement = Planner(
            self._facts, machine, self._wishes, GuessedWorkSpaces(self._facts)
        ).plan()
        log.warning("%s is planned by arithmetic: %s", self._subject.name, trouble)
        self._done(Outcome(_seen_on(self._machine, placement), _said_of_plans(trouble)))


def _said_of_plans(trouble: KnownError) -> KnownError:
    """What ends a worker is told in sentences about answers; no answer was interrupted here."""
    if isinstance(trouble, WorkerDiedError) and trouble.code != "engine.no_rehearsal":
        return KnownError("placement.rehearsal_died")
    return trouble


def _usable(machine: Machine) -> list[MachineDevice]:
    """Devices that may be given something, the fastest first."""
    return sorted(
        (device for device in machine.devices if device.budget_bytes > 0),
        key=lambda device: -device.bytes_per_second,
    )


def _narrowed(machine: Machine, reserved: dict[str, int]) -> Machine:
    """The same machine with less room on some devices."""

    def less(device: MachineDevice) -> MachineDevice:
        taken = reserved.get(device.name, 0)
        return replace(device, budget_bytes=max(0, device.budget_bytes - taken))

    devices = tuple(less(device) for device in machine.devices)
    return replace(machine, devices=devices, processor=less(machine.processor))


def _seen_on(machine: Machine, placement: Placement) -> Placement:
    """The placement with the machine's own budgets instead of narrowed ones."""
    shares = tuple(
        DeviceShare(device=machine.device(share.device.name), bytes=share.bytes)
        for share in placement.shares
    )
    return replace(placement, shares=shares)


def _by_device(amounts: Sequence[DeviceAmount]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for amount in amounts:
        sums[amount.device] = sums.get(amount.device, 0) + amount.bytes
    return sums
