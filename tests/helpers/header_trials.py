"""An application that takes headers that lie: reads, plans, rehearses, and loads for real.

Every stage ends in a name: "ok", a verdict, or the code of a sentence. What must not happen is
raised as AssertionError, or ends this process: an error without a name, a figure that nobody
can print, a worker that nobody ends, memory without bounds.
"""

import faulthandler
import json
import math
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from app.commands.placement_json import placement_object
from app.engine.client import Deadlines, EngineClient
from app.engine.entities import ChatMessage, SamplingParameters
from app.engine.errors import WorkerDiedError
from app.engine.outcomes import error_of
from app.engine.pipes import worker_command
from app.engine.protocol import Failed, Finished, FromWorker, Loaded
from app.placement.described import machine_of
from app.placement.entities import Machine, Placement, Wishes
from app.placement.placements import subject_of
from app.placement.planner import Planner
from app.placement.rehearsing import Rehearser
from app.placement.simulation import Outcome, Simulation, Subject
from app.placement.words import place_sentence, speed_sentence
from app.placement.workspace import GuessedWorkSpaces
from app.posting import CallbackQueue, Scheduler
from app.wording import sentence, sentence_for
from models.entities import ModelHandle
from models.errors import KnownError
from models.gguf import open_model
from models.naming import shorten
from models.stub import stub_of
from tests.helpers.moe_headers import Draft

DEADLINES = Deadlines(hello=60.0, load=30.0, rehearsal=20.0, reading=30.0, token=30.0)
"""As users have them, but shorter for what a small model does at once."""
STUCK_SECONDS = 60.0
"""Reading or planning that takes longer has no end."""
WORKER_KIB = 12 << 20
"""Of address space that a worker gets: a header may not cost the neighbours their memory."""
MOST_GROWN_BYTES = 256 << 20
"""Of the application's own memory by one header; it holds at most 64 MiB of one."""
_SENTENCE_CHARACTERS = 140
_GIB = 1 << 30
_LOAD_CONTEXT = 512
_STUB_EVERY = 3
_MOST_FIGURE = 1 << 62
"""A figure beyond it fits neither into a database nor into a frame."""


@dataclass
class Trial:
    """One header, and what every stage made of it; empty where it did not come to that."""

    label: str
    kind: str
    draft: Draft
    loads: bool = True
    """Whether it is loaded for real if it comes to that."""
    by_stub: bool = False
    """Whether a stub is rehearsed in place of the file."""
    read: str = ""
    planned: str = ""
    rehearsed: str = ""
    loaded: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    folder: Path = Path()
    subject: Subject | None = None
    handle: ModelHandle | None = None

    def result(self) -> dict[str, object]:
        """Without what lives only here."""
        return {
            "label": self.label, "kind": self.kind, "base": self.draft.base, "read": self.read,
            "planned": self.planned, "rehearsed": self.rehearsed, "loaded": self.loaded,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
        }  # fmt: skip


def named(error: KnownError) -> str:
    """The code of an error whose sentence can be told; with the signal of a crash."""
    said = sentence_for(error)
    assert said, error
    assert len(said) <= _SENTENCE_CHARACTERS, said
    assert "{" not in said, said
    assert said.isprintable(), repr(said)
    signal = error.facts.get("signal")
    return f"{error.code} ({signal})" if signal else error.code


class HeaderStage:
    """The application's rooms that a header passes, on this thread; leaving ends the workers."""

    def __init__(self, tell: Callable[[str], None] = lambda _where: None) -> None:
        """``tell`` hears where it is before each step that could end the process."""
        self._tell = tell
        self._queue = CallbackQueue()
        self._scheduler = Scheduler(self._queue.post)
        self._clients: list[EngineClient] = []
        self._rehearser = Rehearser(self._start_client)
        self._folder = Path(tempfile.mkdtemp(prefix="headers-"))
        self._machines = machines()
        self.most_grown = 0
        self.workers = 0

    def __enter__(self) -> "HeaderStage":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._rehearser.close()
        for client in self._clients:
            client.close_and_wait()
        self._scheduler.close()
        shutil.rmtree(self._folder)

    def run(self, trials: Sequence[Trial]) -> None:
        """Take all trials through; their rehearsals wait in one line, as several plans would."""
        for number, trial in enumerate(trials):
            trial.folder = Path(tempfile.mkdtemp(dir=self._folder))
            trial.by_stub = number % _STUB_EVERY == _STUB_EVERY - 1
            self._tell(f"read {trial.label}")
            self._guarded(self._read, trial)
            if trial.subject is not None:
                self._tell(f"plan {trial.label}")
                machine = self._machines[number % len(self._machines)]
                self._guarded(lambda trial, on=machine: self._plan(trial, on), trial)
        self._tell(f"rehearse {', '.join(trial.label for trial in trials)}")
        self._rehearse([trial for trial in trials if trial.subject is not None])
        for trial in trials:
            if trial.subject is not None and trial.loads and trial.draft.is_small:
                self._tell(f"load {trial.label}")
                self._load(trial)
        for trial in trials:
            shutil.rmtree(trial.folder)

    def _guarded(self, step: Callable[[Trial], None], trial: Trial) -> None:
        """A step that ends the process with a trace when it does not end, or takes too much."""
        before = most_memory()
        if sys.stderr.isatty() or _is_file(sys.__stderr__):
            faulthandler.dump_traceback_later(STUCK_SECONDS, exit=True, file=sys.__stderr__)
        try:
            step(trial)
        finally:
            faulthandler.cancel_dump_traceback_later()
        self.most_grown = max(self.most_grown, most_memory() - before)
        assert self.most_grown < MOST_GROWN_BYTES, trial.label

    # --- reading and planning --------------------------------------------------------------

    def _read(self, trial: Trial) -> None:
        path = trial.draft.write(trial.folder)
        started = time.perf_counter()
        try:
            model = open_model(path)
            subject = subject_of(model)
            if trial.by_stub:
                folder = trial.folder / "stub"
                folder.mkdir()
                subject = subject_of(model, tuple(stub_of(model, folder)))
        except KnownError as error:
            trial.read = named(error)
        else:
            trial.read, trial.subject, trial.handle = "ok", subject, model.handle
        trial.seconds["read"] = time.perf_counter() - started

    def _plan(self, trial: Trial, machine: Machine) -> None:
        assert trial.subject is not None
        facts = trial.subject.facts
        started = time.perf_counter()
        placement = Planner(facts, machine, Wishes(), GuessedWorkSpaces(facts)).plan()
        trial.seconds["plan"] = time.perf_counter() - started
        trial.planned = placement.verdict
        check_placement(placement, trial.subject)

    # --- rehearsing ------------------------------------------------------------------------

    def _rehearse(self, trials: Sequence[Trial]) -> None:
        waiting = set(range(len(trials)))

        def ended(number: int, outcome: Outcome) -> None:
            trial = trials[number]
            trouble = outcome.trouble
            trial.rehearsed = "ok" if trouble is None else named(trouble)
            trial.seconds["rehearse"] = time.perf_counter() - started
            assert trial.subject is not None
            check_placement(outcome.placement, trial.subject)
            waiting.discard(number)

        for number, trial in enumerate(trials):
            assert trial.subject is not None
            started = time.perf_counter()
            machine = self._machines[1 + number % (len(self._machines) - 1)]
            Simulation(
                self._rehearser, trial.subject, machine, Wishes(),
                lambda outcome, at=number: ended(at, outcome),  # type: ignore[misc]
            ).begin()  # fmt: skip
        patience = STUCK_SECONDS + len(trials) * 3 * DEADLINES.rehearsal
        assert self._queue.run_until(lambda: not waiting, patience), [
            trials[number].label for number in waiting
        ]

    def _start_client(self, on_death: Callable[[WorkerDiedError | None], None]) -> EngineClient:
        client = EngineClient(
            self._queue.post, self._scheduler, on_death, DEADLINES, fenced_command()
        )
        self.workers += 1
        self._clients = [each for each in self._clients if each.is_alive]
        self._clients.append(client)
        return client

    # --- loading ---------------------------------------------------------------------------

    def _load(self, trial: Trial) -> None:
        """Load as planned for a small computer without devices, and let it say something."""
        assert trial.subject is not None
        assert trial.handle is not None
        facts = trial.subject.facts
        wishes = Wishes(context_tokens=_LOAD_CONTEXT)
        placement = Planner(facts, self._machines[0], wishes, GuessedWorkSpaces(facts)).plan()
        if placement.verdict == "too_large":
            trial.loaded = "placement.too_large"
            return
        started = time.perf_counter()
        client = self._start_client(lambda _death: None)
        try:
            handle, plan = trial.handle, placement.plan
            trial.loaded = self._ending(lambda heard: client.load(handle, plan, heard), Loaded)
            if trial.loaded == "ok":
                sampling = SamplingParameters(temperature=0.0, max_tokens=4)
                messages = [ChatMessage("user", "Hello")]
                said = self._ending(
                    lambda heard: client.generate(messages, sampling, heard), Finished
                )
                trial.loaded = "ok" if said == "ok" else f"then {said}"
        finally:
            client.close_and_wait()
            trial.seconds["load"] = time.perf_counter() - started

    def _ending(
        self,
        begin: Callable[[Callable[[FromWorker | WorkerDiedError], None]], object],
        wanted: type,
    ) -> str:
        heard: list[FromWorker | WorkerDiedError] = []
        begin(heard.append)
        ends = (wanted, Failed, WorkerDiedError)
        patience = DEADLINES.hello + DEADLINES.load + 2 * DEADLINES.reading
        assert self._queue.run_until(lambda: bool(heard) and isinstance(heard[-1], ends), patience)
        last = heard[-1]
        if isinstance(last, WorkerDiedError):
            return named(last)
        return named(error_of(last)) if isinstance(last, Failed) else "ok"


def check_placement(placement: Placement, subject: Subject) -> None:
    """Whatever the header said: every figure can be printed, sent, stored and said."""
    made = placement_object(placement, subject.paths, subject.facts)
    json.dumps(made, allow_nan=False)
    for number in _numbers(made):
        assert math.isfinite(number), made
        assert -1 <= number < _MOST_FIGURE, number
    assert len(placement.layers) == len(subject.facts.layers) + 1
    said = (
        place_sentence(placement, shorten(subject.name), sentence),
        speed_sentence(placement.predicted, sentence),
    )
    for each in said:
        assert each, said
        assert len(each) <= _SENTENCE_CHARACTERS, each


def _numbers(made: object) -> list[float]:
    if isinstance(made, dict):
        return [number for each in made.values() for number in _numbers(each)]
    if isinstance(made, list | tuple):
        return [number for each in made for number in _numbers(each)]
    return [made] if isinstance(made, int | float) else []


def fenced_command() -> list[str]:
    """A worker that cannot take all of this computer's memory."""
    fence = f'ulimit -v {WORKER_KIB}; exec "$@"'
    return ["sh", "-c", fence, "sh", *worker_command()]


def machines() -> tuple[Machine, ...]:
    """The first has no device and little memory; the others one, two unequal ones, a shared one."""
    card = {"kind": "gpu", "link_bytes_per_second": 12e9}
    small = {**card, "name": "small", "memory_bytes": 8 * _GIB, "bytes_per_second": 272e9}
    large = {**card, "name": "large", "memory_bytes": 24 * _GIB, "bytes_per_second": 936e9}
    shared = {**card, "kind": "unified", "name": "M", "memory_bytes": 48 * _GIB,
              "bytes_per_second": 400e9}  # fmt: skip
    return tuple(
        machine_of(
            json.dumps(
                {"ram_bytes": ram * _GIB, "ram_bytes_per_second": 60e9, "cores": 8,
                 "devices": devices}
            ).encode(),
            "machine.json",
        )
        for ram, devices in ((4, []), (64, [small]), (128, [small, large]), (64, [shared]))
    )  # fmt: skip


def most_memory(who: int = resource.RUSAGE_SELF) -> int:
    """Bytes that this process had at most so far, or the largest of its workers that ended."""
    most = resource.getrusage(who).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _is_file(stream: object) -> bool:
    try:
        return stream is not None and stream.fileno() >= 0  # type: ignore[attr-defined]
    except (OSError, ValueError):
        return False
