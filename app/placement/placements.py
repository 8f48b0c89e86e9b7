"""Plans models on this computer or on described ones: facts, machine, simulation, memory of it."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from app.engine.entities import RehearsalJob
from app.placement.entities import Machine, Placement, Wishes
from app.placement.kept_rehearsals import KeptRehearsals
from app.placement.planner import Planner
from app.placement.records import PlacementRecords
from app.placement.rehearsing import Rehearser
from app.placement.simulation import Outcome, Results, Simulation, Subject
from app.placement.workspace import GuessedWorkSpaces, WorkSpaces
from app.posting import Delayed, Scheduler
from models.entities import ModelHandle
from models.errors import ModelFileAbsent
from models.facts_reading import read_facts
from models.gguf import CheckedModel, open_model
from models.naming import display_name_of, shown_name

_T = TypeVar("_T")

_REHEARSER_SECONDS = 20.0
"""How long the worker that rehearses waits for another question."""
_KEPT = 64
_LEAST_COMPUTE = 128 * 2**20
_AMPLE = 0.6
"""Of RAM's budget: a plan for the processor that takes less needs no exact figures."""


class Placements:
    """Used on the state thread."""

    def __init__(
        self,
        rehearser: Rehearser,
        records: PlacementRecords,
        scheduler: Scheduler,
        engine: Callable[[], str],
    ) -> None:
        self._rehearser = rehearser
        self._records = records
        self._scheduler = scheduler
        self._engine = engine
        self._subjects: OrderedDict[str, Subject] = OrderedDict()
        self._spaces: OrderedDict[str, WorkSpaces] = OrderedDict()
        self._running = 0
        self._closing: Delayed | None = None
        self._closed = False

    def subject(self, handle: ModelHandle) -> Subject:
        """The facts of an installed model, read again when its files changed.

        Raises ModelFileError.
        """
        found = self._subjects.get(handle.key)
        if found is None or not handle.is_unchanged():
            found = subject_of(open_model(handle.path))
            if found.key != handle.key:
                raise ModelFileAbsent("library.replaced", name=shown_name(handle.path))
            _keep(self._subjects, handle.key, found)
        beside = _beside(handle)
        return replace(found, beside_bytes=beside) if beside else found

    def guess(self, subject: Subject, machine: Machine, wishes: Wishes) -> Placement:
        """A placement at once, with the working memory of the last simulation if there was one."""
        spaces = self._spaces.get(subject.key) or GuessedWorkSpaces(subject.facts)
        return Planner(subject.facts, _left_for(subject, machine), wishes, spaces).plan()

    def place(
        self,
        subject: Subject,
        machine: Machine,
        wishes: Wishes,
        done: Callable[[Outcome], None],
        spaces: WorkSpaces | None = None,
    ) -> None:
        """The placement with the engine's own figures; ``done`` may be called at once.

        It is not called any more after ``close``. ``spaces`` are those of the outcome of a
        model that computes alike (``app.placement.workspace.computes_like``), for the same
        machine and wishes: most of the engine's work is spared then.
        """
        self._running += 1
        if self._closing is not None:
            self._closing.cancel()

        def finished(outcome: Outcome) -> None:
            self._running -= 1
            if outcome.spaces is not None:
                _keep(self._spaces, subject.key, outcome.spaces)
            if not self._running:
                self._closing = self._scheduler.call_later(_REHEARSER_SECONDS, self._let_go)
            done(outcome)

        kept = KeptRehearsals(self, self._records, subject.key, self._engine())
        left = _left_for(subject, machine)
        Simulation(kept, subject, left, wishes, finished, spaces).begin()

    def warm_up(self) -> None:
        """Start the worker that rehearses, for plans that will be asked for in a moment."""
        if self._closed:
            return
        self._rehearser.warm_up()
        if not self._running:
            if self._closing is not None:
                self._closing.cancel()
            self._closing = self._scheduler.call_later(_REHEARSER_SECONDS, self._let_go)

    def place_to_load(
        self,
        subject: Subject,
        machine: Machine,
        wishes: Wishes,
        done: Callable[[Outcome], None],
    ) -> None:
        """As ``place``, but without asking the engine where nothing hangs on it.

        A model that the processor runs alone and that fills RAM by far not is planned by
        arithmetic: its load then measures what it takes.
        """
        if not machine.devices or wishes.processor_only:
            placement = self.guess(subject, machine, wishes)
            share = placement.shares[-1]
            if share.bytes.total <= _AMPLE * share.device.budget_bytes:
                done(Outcome(placement))
                return
        self.place(subject, machine, wishes, done)

    def rehearse(self, jobs: Sequence[RehearsalJob], done: Callable[[Results], None]) -> None:
        """Give a result for every job, in order; nothing after ``close``."""

        def answered(results: Results) -> None:
            if not self._closed:
                done(results)

        if not self._closed:
            self._rehearser.rehearse(jobs, answered)

    def close(self) -> None:
        """End the worker that rehearses, for good: plans under way are forgotten."""
        self._closed = True
        if self._closing is not None:
            self._closing.cancel()
        self._rehearser.close()

    def _let_go(self) -> None:
        if not self._running:
            self._rehearser.close()


def subject_of(model: CheckedModel, paths: tuple[Path, ...] = ()) -> Subject:
    """The model in checked files; ``paths`` are stubs that stand for them."""
    files = paths or tuple(file.path for file in model.handle.files)
    return Subject(
        key=model.handle.key,
        name=display_name_of(model.handle.path, model.header.name),
        paths=tuple(str(path) for path in files),
        facts=read_facts(model.headers),
    )


def _beside(handle: ModelHandle) -> int:
    """Bytes that a projector takes of main memory: all of its file, and what it computes in.

    It computes in about a quarter of its size (one picture at a time), small ones in 128 MiB.
    """
    if handle.projector is None:
        return 0
    size = handle.projector.size
    return size + max(_LEAST_COMPUTE, size // 4)


def _left_for(subject: Subject, machine: Machine) -> Machine:
    """The machine without the memory that the model's projector takes."""
    if not subject.beside_bytes:
        return machine
    left = max(0, machine.processor.budget_bytes - subject.beside_bytes)
    return replace(machine, processor=replace(machine.processor, budget_bytes=left))


def _keep(cache: OrderedDict[str, _T], key: str, value: _T) -> None:
    cache[key] = value
    cache.move_to_end(key)
    while len(cache) > _KEPT:
        cache.popitem(last=False)
