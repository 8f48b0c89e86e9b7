"""Loads models where they belong: plans, loads, repairs what did not fit, remembers what worked."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from app.engine.entities import DeviceAmount, Timings
from app.engine.errors import (
    EngineError,
    OutOfMemoryError,
)
from app.engine.host import HostState, ModelHost
from app.placement.entities import PROCESSOR, Placement, Wishes
from app.placement.loaded import LoadedPlacement
from app.placement.placements import Placements
from app.placement.records import PlacementRecords
from app.placement.remembered import RememberedPlan, RepairStep
from app.placement.repair import GIVEN_UP_DEVICES, Repair, next_repair
from app.placement.simulation import Outcome, Subject
from app.placement.survey import Survey, Surveyed
from app.placement.words import short_name
from app.wording import sentence
from models.entities import ModelHandle
from models.errors import KnownError
from models.naming import shown_name

log = logging.getLogger("moestro.placement")

TOO_LARGE = "placement.too_large"
"""Code of the error when a model does not fit and nobody wished to run it from the disk."""

_GIB = 2**30
_TELLING_TOKENS = 16
"""Answers with fewer say nothing about speed."""

_BEYOND_REPAIR = frozenset(
    {
        "engine.load_given_up",
        "engine.unknown_architecture",
        "engine.unknown_device",
        "engine.not_chat_model",
        "engine.no_start_loading",
        "engine.crashes_often",
        TOO_LARGE,
    }
)
"""A load that ended so would end so with any plan."""


@dataclass(slots=True)
class _Job:
    """One load under way."""

    handle: ModelHandle
    asked: Wishes | None
    insist: bool
    at_start: bool
    waiting: list[tuple[Callable[[], None], Callable[[KnownError], None]]]
    subject: Subject | None = None
    surveyed: Surveyed | None = None
    wishes: Wishes = field(default_factory=Wishes)
    """What was asked for, or chosen once."""
    tried: Wishes | None = None
    """The wishes of the plan that is tried now, repairs included."""
    steps: tuple[RepairStep, ...] = ()
    gave_up: Placement | None = None
    """The plan that did not load, until the next one says what giving it up costs."""


class Loader:
    """Between turns and the host. Used on the state thread."""

    def __init__(
        self,
        host: ModelHost,
        survey: Survey,
        placements: Placements,
        records: PlacementRecords,
        when_ended: Callable[[Callable[[], None]], None],
        usual_context: Callable[[], int],
    ) -> None:
        """``when_ended`` calls back when ended workers have given back what they held.

        ``usual_context`` is the setting in tokens; 0 leaves it to the planner.
        """
        self._when_ended = when_ended
        self._usual_context = usual_context
        self._host = host
        self._survey = survey
        self._placements = placements
        self._records = records
        self._job: _Job | None = None
        self._current: LoadedPlacement | None = None
        self._listeners: list[Callable[[LoadedPlacement], None]] = []
        self._last_surveyed: Surveyed | None = None

    @property
    def current(self) -> LoadedPlacement | None:
        """What is loaded or was loaded last."""
        return self._current

    def subscribe(self, listener: Callable[[LoadedPlacement], None]) -> None:
        """Tell ``listener`` each plan that is tried, and again when it is loaded."""
        self._listeners.append(listener)

    # --- loading ---------------------------------------------------------------------------

    def ensure(
        self,
        handle: ModelHandle,
        wishes: Wishes | None,
        ready: Callable[[], None],
        failed: Callable[[KnownError], None],
        *,
        insist: bool = False,
        at_start: bool = False,
    ) -> None:
        """Call ``ready`` when this model is loaded as wished, loading it if need be.

        Wishes of None are those that somebody chose for this model, or else automatic.
        ``insist`` and ``at_start`` are the host's.
        """
        job, current = self._job, self._current
        if job is not None and job.handle.key == handle.key and job.asked == wishes:
            job.waiting.append((ready, failed))
            return
        same = current is not None and (current.model_key, current.asked) == (handle.key, wishes)
        if job is None and same and self._host.is_ready(handle.key):
            ready()
            return
        self._begin(_Job(handle, wishes, insist, at_start, [(ready, failed)]))

    def chosen(self, model_key: str, surveyed: Surveyed) -> Wishes:
        """What somebody chose for this model on this computer, or else automatic."""
        kept = self._records.wishes(model_key, surveyed.fingerprint)
        return kept or Wishes(context_tokens=self._usual_context() or None)

    def reload(
        self,
        handle: ModelHandle,
        ready: Callable[[], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        """Load this model again, as it is chosen now."""
        self._current = None
        self._begin(_Job(handle, None, True, False, [(ready, failed)]))

    def unload(self) -> int:
        """Give up a load under way, end the worker, and return the bytes that this frees."""
        job, self._job = self._job, None
        freed = self._host.unload()
        if job is not None:
            self._tell_failure(job, EngineError("engine.load_given_up"))
        return freed

    def shut_down(self) -> None:
        """Forget a load under way; nobody is told any more."""
        self._job = None
        self._listeners.clear()

    def answered(self, model_key: str, timings: Timings | None) -> None:
        """Note the speed of an answer beside the plan that gave it."""
        current, surveyed = self._current, self._last_surveyed
        if current is None or surveyed is None or timings is None:
            return
        if current.model_key != model_key or timings.generated_tokens < _TELLING_TOKENS:
            return
        self._records.note_speed(
            current.model_key,
            surveyed.fingerprint,
            current.wishes.context_tokens,
            timings.tokens_per_second,
            timings.prompt_tokens_per_second,
        )

    def _begin(self, job: _Job) -> None:
        old, self._job = self._job, None
        self._host.announce(job.handle)
        self._job = job
        if old is not None:
            self._tell_failure(old, EngineError("engine.load_given_up"))
        try:
            job.subject = self._placements.subject(job.handle)
        except KnownError as error:
            self._fail(job, error)
            return
        # What the model before held counts as free, and a host serves one worker at a time.
        self._when_ended(lambda: self._look(job))

    def _look(self, job: _Job) -> None:
        if not self._is_over(job):
            self._survey.look(
                lambda surveyed: self._surveyed(job, surveyed),
                lambda error: self._fail(job, error),
            )

    def _surveyed(self, job: _Job, surveyed: Surveyed) -> None:
        if self._is_over(job):
            return
        job.surveyed = self._last_surveyed = surveyed
        job.wishes = job.asked or self.chosen(job.handle.key, surveyed)
        remembered = self._records.working_plan(
            job.handle.key, surveyed.fingerprint, job.wishes.context_tokens
        )
        if remembered is not None and remembered.asked == job.wishes and remembered.repairs:
            job.steps = remembered.repairs
            self._plan(job, remembered.wishes)
        else:
            self._plan(job, job.wishes)

    def _plan(self, job: _Job, wishes: Wishes) -> None:
        assert job.subject is not None and job.surveyed is not None  # noqa: PT018
        job.tried = wishes
        self._placements.place_to_load(
            job.subject,
            job.surveyed.machine,
            wishes,
            lambda outcome: self._load(job, outcome),
        )

    def _load(self, job: _Job, outcome: Outcome) -> None:
        if self._is_over(job):
            return
        placement = outcome.placement
        if job.gave_up is not None:
            job.steps = (*job.steps[:-1], _told(job.steps[-1], job.gave_up, placement))
            job.gave_up = None
        current = LoadedPlacement(
            job.handle.key, job.asked, job.wishes, placement, job.steps, outcome.trouble
        )
        self._set(current)
        assert job.tried is not None
        if placement.verdict == "too_large" and not job.tried.from_disk:
            self._fail(job, _too_large(job.handle, placement))
            return
        self._host.ensure(
            job.handle,
            placement.plan,
            lambda: self._loaded(job, current),
            lambda error: self._not_loaded(job, placement, error),
            insist=job.insist,
            at_start=job.at_start,
        )

    def _loaded(self, job: _Job, current: LoadedPlacement) -> None:
        if self._job is not job:
            return
        self._job = None
        current = replace(current, facts=self._host.status.facts)
        self._learn(job, current)
        self._set(current)
        for ready, _failed in job.waiting:
            ready()

    def _not_loaded(self, job: _Job, placement: Placement, error: KnownError) -> None:
        if self._job is not job:
            return
        repair = self._repair(job, placement, error)
        if repair is None:
            self._fail(job, error)
            return
        log.warning("%s; next: %s %s", error.code, repair.code, dict(repair.facts))
        device = _device_at_fault(placement, error)
        facts: dict[str, str | int | float] = {**repair.facts, "device": device}
        job.steps = (*job.steps, RepairStep(code=repair.code, facts=facts))
        job.gave_up = placement
        job.insist = False  # crashes of this load count like any others
        self._host.announce(job.handle)
        self._plan(job, repair.wishes)

    def _repair(self, job: _Job, placement: Placement, error: KnownError) -> Repair | None:
        """The next rung; a load that crashed without a word gets one smaller try, then RAM.

        A worker that was killed while the processor alone was to compute is not started again:
        who killed it is not known, and asking again is a click.
        """
        if error.code in _BEYOND_REPAIR or error.code.startswith("engine.rpc_"):
            return None
        lacks_memory = isinstance(error, OutOfMemoryError)
        if not lacks_memory and not placement.plan.devices:
            return None
        assert job.subject is not None and job.tried is not None  # noqa: PT018
        return next_repair(
            placement,
            job.tried,
            job.subject.facts.kv_types,
            len(job.steps),
            crashed=not lacks_memory,
        )

    # --- ends ------------------------------------------------------------------------------

    def _learn(self, job: _Job, current: LoadedPlacement) -> None:
        """Keep what worked, and what devices took beyond the plan."""
        facts, surveyed = current.facts, job.surveyed
        assert job.tried is not None
        if facts is None or surveyed is None:
            return
        placement = current.placement
        for memory in facts.devices:
            planned = placement.share(memory.device).bytes.total
            took = memory.free_before - memory.free_after
            if placement.simulated and took > 0:
                self._records.learn_overhead(surveyed.fingerprint, memory.device, took - planned)
        self._records.keep_working_plan(
            job.handle.key,
            surveyed.fingerprint,
            job.wishes.context_tokens,
            RememberedPlan(
                plan=placement.plan,
                asked=job.wishes,
                wishes=job.tried,
                planned=tuple(
                    DeviceAmount(share.device.name, share.bytes.total) for share in placement.shares
                ),
                measured=tuple(
                    DeviceAmount(name, size) for name, size in current.measured_bytes.items()
                ),
                predicted=placement.predicted,
                repairs=job.steps,
            ),
        )

    def _fail(self, job: _Job, error: KnownError) -> None:
        if self._job is not job:
            return
        self._job = None
        if self._host.status.state is HostState.LOADING:
            self._host.withdraw(error)
        self._tell_failure(job, error)

    def _tell_failure(self, job: _Job, error: KnownError) -> None:
        for _ready, failed in job.waiting:
            failed(error)

    def _is_over(self, job: _Job) -> bool:
        """Whether somebody unloaded, or wants another model by now."""
        if self._job is not job:
            return True
        status = self._host.status
        if status.state is HostState.LOADING and status.model_key == job.handle.key:
            return False
        self._fail(job, EngineError("engine.load_given_up"))
        return True

    def _set(self, current: LoadedPlacement) -> None:
        self._current = current
        for listener in list(self._listeners):
            listener(current)

    @property
    def uses_hosts(self) -> bool:
        """Whether a worker of ours has, or is about to have, the plan's RPC hosts to itself."""
        status = self._host.status
        is_there = status.state in (HostState.LOADING, HostState.READY)
        return is_there and status.plan is not None and bool(status.plan.rpc_hosts)

    def held(self) -> dict[str, int]:
        """Bytes that our loaded model takes by device; main memory's without mapped files."""
        current = self._current
        if current is None or self._host.status.state is not HostState.READY:
            return {}
        held = {
            share.device.name: share.bytes.total
            for share in current.placement.shares
            if share.device.name != PROCESSOR and share.bytes.total
        }
        held[PROCESSOR] = self._host.private_bytes()
        return held


def _device_at_fault(placement: Placement, error: KnownError) -> str:
    """What people call the device that ran out of memory, or the first one of the plan."""
    named = error.facts.get("device")
    shares = {share.device.name: share.device for share in placement.shares}
    device = shares.get(str(named)) or placement.shares[0].device
    return short_name(device, sentence)


def _told(step: RepairStep, before: Placement, after: Placement) -> RepairStep:
    """The step with what it costs; another one when the devices were given up altogether."""
    old, new = before.predicted.decode.expected, after.predicted.decode.expected
    percent = max(0, round(100 * (1 - new / old))) if old else 0
    facts: dict[str, str | int | float] = {**step.facts, "percent": percent}
    # A smaller part of it on a device would be slower than none.
    left = before.plan.devices and not after.plan.devices
    return RepairStep(code=GIVEN_UP_DEVICES if left else step.code, facts=facts)


def _too_large(handle: ModelHandle, placement: Placement) -> OutOfMemoryError:
    """Nobody is to wait for answers from the disk without having asked for it."""
    return OutOfMemoryError(
        TOO_LARGE,
        name=shown_name(handle.path),
        needed=round(placement.needed_bytes / _GIB, 1),
        free=round(placement.offered_bytes / _GIB, 1),
    )
