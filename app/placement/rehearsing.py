"""Has plans rehearsed by a worker, and goes on with a fresh one when a plan takes it down."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.engine.client import EngineClient
from app.engine.entities import Rehearsal, RehearsalJob
from app.engine.errors import EngineError, WorkerDiedError
from app.engine.protocol import Failed, FromWorker, Rehearsed
from app.placement.inventory import StartClient
from models.errors import KnownError

log = logging.getLogger("moestro.placement")

Outcome = Rehearsal | KnownError
Done = Callable[[list[Outcome]], None]

_HOPELESS = frozenset({"engine.no_start", "engine.exited", "engine.nonsense"})
"""Ends of a worker that no plan is to blame for: the next worker would end like that too."""
_MOST_DEATHS = 2
"""That the plans of one model may cause in a row: it is the model's file then, not the plan, and
every further plan would cost another worker, or the deadline of one that hangs."""


@dataclass(slots=True)
class _Round:
    """One call of ``rehearse``."""

    jobs: tuple[RehearsalJob, ...]
    done: Done
    outcomes: list[Outcome] = field(default_factory=list)
    deaths: int = 0
    """In a row, of plans of one model."""

    @property
    def is_complete(self) -> bool:
        return len(self.outcomes) == len(self.jobs)

    def give_up(self, error: KnownError) -> None:
        """Let every job that has no outcome end with ``error``."""
        self.outcomes += [error] * (len(self.jobs) - len(self.outcomes))

    def take(self, outcome: Outcome) -> None:
        """Take the outcome of the next job; after too many deaths also that of its like."""
        files = self.jobs[len(self.outcomes)].paths
        self.outcomes.append(outcome)
        self.deaths = self.deaths + 1 if isinstance(outcome, WorkerDiedError) else 0
        if not self._goes_on_with(files):
            self.deaths = 0
        while self.deaths >= _MOST_DEATHS and self._goes_on_with(files):
            self.outcomes.append(outcome)

    def _goes_on_with(self, files: tuple[str, ...]) -> bool:
        return not self.is_complete and self.jobs[len(self.outcomes)].paths == files


class Rehearser:
    """Keeps at most one worker, from the first plan on until ``close``.

    Everything happens on the state thread. A plan that the engine refuses, or that crashes or
    hangs its worker, ends with its own error; the others are rehearsed all the same, but no
    further plans of a model of which two in a row did so.
    """

    def __init__(self, start_client: StartClient) -> None:
        self._start_client = start_client
        self._client: EngineClient | None = None
        self._rounds: deque[_Round] = deque()
        self._is_asked = False
        """Whether the worker is at work on the first round."""

    def rehearse(self, jobs: Sequence[RehearsalJob], done: Done) -> None:
        """Rehearse ``jobs``; ``done`` gets the outcome of each, in their order.

        Calls are answered one after the other. Without jobs, or when no worker can be started,
        ``done`` may be called at once.
        """
        self._rounds.append(_Round(tuple(jobs), done))
        self._go_on()

    def warm_up(self) -> None:
        """Start a worker beforehand, when there is none; that takes most of a second."""
        if self._client is None:
            try:
                self._client = self._start_client(self._ended)
            except OSError as error:
                log.warning("no worker for rehearsals: %s", error)

    def close(self) -> None:
        """End the worker; what was not rehearsed yet ends with ``engine.closed``.

        May be called when there is none. A later ``rehearse`` starts another worker.
        """
        if self._client is not None:
            self._client.close()
        rounds, self._rounds = self._rounds, deque()
        self._is_asked = False
        for each in rounds:
            each.give_up(WorkerDiedError("engine.closed"))
            each.done(each.outcomes)

    # --- one after the other ---------------------------------------------------------------

    def _go_on(self) -> None:
        """Answer what is complete, and ask for the next that is not."""
        while self._rounds and not self._is_asked:
            current = self._rounds[0]
            if current.is_complete:
                self._rounds.popleft()
                current.done(current.outcomes)
            elif not self._ask(current):
                return

    def _ask(self, current: _Round) -> bool:
        """Ask a worker, or give up; False while an old worker has yet to be gone."""
        if self._client is None:
            try:
                self._client = self._start_client(self._ended)
            except OSError as error:
                log.warning("no worker for rehearsals: %s", error)
                current.give_up(WorkerDiedError("engine.no_start"))
                return True
        if not self._client.is_alive:
            return False
        self._is_asked = True
        rest = current.jobs[len(current.outcomes) :]
        self._client.rehearse(rest, lambda event: self._answered(current, event))
        return True

    def _answered(self, current: _Round, event: FromWorker | WorkerDiedError) -> None:
        if not self._rounds or self._rounds[0] is not current:
            return  # closed meanwhile
        match event:
            case Rehearsed():
                current.take(_outcome(event))
                self._is_asked = not current.is_complete
            case Failed():
                # The worker is well, but has given up the whole request.
                current.take(EngineError(event.code, **event.facts))
                self._is_asked = False
            case WorkerDiedError():
                # The others have to wait until its end is told: one worker at a time.
                current.take(event)
                if event.code in _HOPELESS:
                    current.give_up(event)
                return
        self._go_on()

    def _ended(self, _death: WorkerDiedError | None) -> None:
        self._client = None
        self._is_asked = False
        self._go_on()


def _outcome(event: Rehearsed) -> Outcome:
    if event.result is not None:
        return event.result
    log.info("a plan was refused: %s %s", event.code, event.detail)
    return EngineError(event.code, **event.facts)
