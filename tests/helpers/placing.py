"""The real services without a window, for tests that plan and load."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

from app.chat.events import TurnEnded, TurnEvent, TurnText
from app.engine.client import Deadlines
from app.engine.entities import KernelSpeed, MeasuredSpeeds, SamplingParameters
from app.history.entities import Conversation, Message
from app.ids import new_id
from app.library.entities import InstalledModel
from app.paths import DataPaths
from app.placement.entities import Wishes
from app.placement.fingerprint import engine_fingerprint, machine_fingerprint
from app.placement.inventory import inventory_without_engine
from app.placement.loaded import LoadedPlacement
from app.placement.simulation import Outcome
from app.placement.survey import Surveyed
from app.posting import CallbackQueue
from app.services import open_services
from models.entities import ModelHandle
from models.errors import KnownError
from models.gguf import open_model

MIB = 2**20
_T = TypeVar("_T")


class Placing:
    """One data folder's services, with this thread as the state thread. Close it after use."""

    def __init__(
        self, root: Path, *, rpc_hosts: tuple[str, ...] = (), deadlines: Deadlines | None = None
    ) -> None:
        self.queue = CallbackQueue()
        self.services = open_services(
            DataPaths(root), self.queue.post, rpc_hosts=rpc_hosts, deadlines=deadlines
        )
        self.loads: list[LoadedPlacement] = []
        """Every plan that was tried, and again when it was loaded."""
        self.events: list[TurnEvent] = []
        self.services.loader.subscribe(self.loads.append)
        self.services.turns.subscribe(self.events.append)

    def close(self) -> None:
        """End everything; what was posted meanwhile is run, and must reach nobody."""
        self.services.close()
        self.queue.run_until(lambda: False, 0.2)

    # --- loading ---------------------------------------------------------------------------

    def begin(self, path: Path | ModelHandle, wishes: Wishes | None = None, **options: bool):
        """Ask for a model; the list gets None when it is loaded, or the error."""
        told: list[KnownError | None] = []
        handle = path if isinstance(path, ModelHandle) else handle_of(path)
        self.services.loader.ensure(
            handle, wishes, lambda: told.append(None), told.append, **options
        )
        return told

    def load(
        self, path: Path | ModelHandle, wishes: Wishes | None = None, **options: bool
    ) -> LoadedPlacement:
        """Load a model that can be loaded."""
        error = self.outcome(self.begin(path, wishes, **options))
        assert error is None, error
        current = self.services.loader.current
        assert current is not None
        assert current.facts is not None
        return current

    def refusal(self, path: Path | ModelHandle, wishes: Wishes | None = None) -> KnownError:
        """The error of a load that cannot be done."""
        error = self.outcome(self.begin(path, wishes))
        assert error is not None
        return error

    def outcome(self, told: list[_T], seconds: float = 90.0) -> _T:
        """Wait for what a list is told first."""
        self.until(lambda: bool(told), seconds)
        return told[0]

    def until(self, condition: Callable[[], bool], seconds: float = 90.0) -> None:
        """Run callbacks until ``condition`` holds."""
        assert self.queue.run_until(condition, seconds), "waited too long"

    @property
    def tried(self) -> list[LoadedPlacement]:
        """The plans that were tried, in order."""
        return [each for each in self.loads if each.facts is None]

    # --- planning --------------------------------------------------------------------------

    def look(self) -> Surveyed:
        """This computer as it is planned for."""
        found: list[Surveyed | KnownError] = []
        self.services.survey.look(found.append, found.append)
        surveyed = self.outcome(found)
        assert isinstance(surveyed, Surveyed), surveyed
        return surveyed

    def plan(self, path: Path, wishes: Wishes | None = None) -> Outcome:
        """What would be loaded now."""
        outcomes: list[Outcome] = []
        placements = self.services.placements
        machine = self.look().machine
        subject = placements.subject(handle_of(path))
        placements.place(subject, machine, wishes or Wishes(), outcomes.append)
        return self.outcome(outcomes)

    # --- asking ----------------------------------------------------------------------------

    def send(self, model: InstalledModel, tokens: int = 8, wishes: Wishes | None = None) -> None:
        """Ask a question in a new conversation."""
        sampling = SamplingParameters(temperature=0.0, max_tokens=tokens)
        conversation = Conversation(new_id(), "", model_key=model.key)
        assert self.services.turns.send(conversation, (), "Hello?", model, wishes, sampling)

    def answer(
        self, model: InstalledModel, tokens: int = 8, wishes: Wishes | None = None
    ) -> Message:
        """Ask, wait, and return the answer as it was kept."""
        self.send(model, tokens, wishes)
        return self.answered()

    def answered(self, seconds: float = 90.0) -> Message:
        """Wait for the end of the turn under way."""
        self.until(lambda: self.services.turns.active is None, seconds)
        return next(each.message for each in reversed(self.events) if isinstance(each, TurnEnded))

    @property
    def has_text(self) -> bool:
        """Whether words of an answer have come."""
        return any(isinstance(each, TurnText) for each in self.events)


def handle_of(path: Path) -> ModelHandle:
    """The checked files of a model."""
    return open_model(path).handle


def workers() -> list[int]:
    """The worker processes that this one has now."""
    found = []
    for child in psutil.Process(os.getpid()).children():
        try:
            if "--worker" in child.cmdline() and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child.pid)
        except psutil.Error:
            continue
    return found


def keep_speeds(placing: Placing, processor: float, *, threads: int = 2) -> None:
    """Remember a measurement: the processor reads ``processor`` bytes per second of any type."""
    kernels = tuple(
        KernelSpeed(
            type_name=name, threads=threads, bytes_per_second=processor,
            operations_per_second=20 * processor,
        )
        for name in ("Q4_K", "Q8_0")
    )  # fmt: skip
    inventory = inventory_without_engine()
    assert inventory is not None, "RPC devices are no part of a computer's name"
    speeds = MeasuredSpeeds(kernels=kernels, devices=(), seconds=1.0)
    machine, engine = machine_fingerprint(inventory), engine_fingerprint()
    placing.services.records.keep_speeds(machine, engine, speeds, 1)
