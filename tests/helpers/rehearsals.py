"""Rehearses plans as the application does, with a real worker or a scripted one."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from app.engine.client import Deadlines, EngineClient
from app.engine.entities import BufferOverride, DeviceAmount, Plan, Rehearsal, RehearsalJob
from app.engine.errors import WorkerDiedError
from app.placement.rehearsing import Outcome, Rehearser
from app.posting import CallbackQueue, Scheduler

MIB = 2**20
EXPERTS = r"\.ffn_(up|down|gate|gate_up)_(ch|)exps"


class RehearsalStage:
    """A rehearser with its own state thread: this one. Leaving ends its worker."""

    def __init__(
        self, commands: Sequence[list[str] | None] = (), deadlines: Deadlines | None = None
    ) -> None:
        """``commands`` are those of the first workers in turn; then the real one's follow."""
        self.queue = CallbackQueue()
        self._scheduler = Scheduler(self.queue.post)
        self._commands = list(commands)
        self._deadlines = deadlines
        self.clients: list[EngineClient] = []
        self.living = 0
        self.most_living = 0
        self.rehearser = Rehearser(self._start)

    def __enter__(self) -> "RehearsalStage":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.rehearser.close()
        for client in self.clients:
            client.close_and_wait()
        self._scheduler.close()

    def _start(self, on_death) -> EngineClient:
        def told(death: WorkerDiedError | None) -> None:
            self.living -= 1
            on_death(death)

        self.living += 1
        self.most_living = max(self.most_living, self.living)
        command = self._commands.pop(0) if self._commands else None
        if command == []:
            self.living -= 1
            raise OSError("no processes left")
        client = EngineClient(self.queue.post, self._scheduler, told, self._deadlines, command)
        self.clients.append(client)
        return client

    def rehearse(self, *jobs: RehearsalJob, seconds: float = 60.0) -> list[Outcome]:
        """The outcome of each job."""
        answers: list[list[Outcome]] = []
        self.rehearser.rehearse(jobs, answers.append)
        assert self.queue.run_until(lambda: bool(answers), seconds), "no answer"
        return answers[0]

    def result(self, paths: Sequence[Path], plan: Plan, *stood_in: str) -> Rehearsal:
        """What a plan that the engine accepts would take."""
        (outcome,) = self.rehearse(job(paths, plan, *stood_in))
        assert isinstance(outcome, Rehearsal), outcome
        return outcome


def job(paths: Sequence[Path], plan: Plan, *stood_in: str) -> RehearsalJob:
    return RehearsalJob(paths=tuple(map(str, paths)), plan=plan, stood_in=stood_in)


def gpu_plan(*devices: str, **changes: object) -> Plan:
    """Everything on the devices, the experts in RAM, a window cache that is no longer than it."""
    values: dict[str, object] = {
        "devices": devices,
        "gpu_layers": 999,
        "context_tokens": 8192,
        "full_window_cache": False,
        "overrides": (BufferOverride(EXPERTS, "CPU"),),
        **changes,
    }
    return Plan(**values)  # type: ignore[arg-type]


def mebibytes(amounts: Sequence[DeviceAmount]) -> dict[str, float]:
    return {amount.device: amount.bytes / MIB for amount in amounts}
