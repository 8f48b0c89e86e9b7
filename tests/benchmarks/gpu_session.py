"""One worker at a time, asked on this thread: what it has, how a plan loads, how fast it is."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from app.engine.client import EngineClient
from app.engine.entities import (
    ChatMessage,
    Device,
    MeasuredSpeeds,
    ModelFacts,
    Plan,
    SamplingParameters,
    Timings,
)
from app.engine.errors import WorkerDiedError
from app.engine.pipes import worker_command
from app.engine.protocol import Devices, Failed, Finished, FromWorker, Loaded, Measured
from app.posting import CallbackQueue, Scheduler
from models.entities import ModelHandle
from tests.benchmarks.prompts import long_question

_PATIENCE_SECONDS = 900.0

Event = FromWorker | WorkerDiedError


class NotDone(Exception):  # noqa: N818 - a result of a measurement
    """A plan that could not be loaded or did not answer."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one plan did."""

    facts: ModelFacts
    load_seconds: float
    decode: tuple[float, ...]
    """Tokens a second of each answer."""
    prompt: tuple[float, ...]
    """Tokens read a second, up to the first token of the answer."""
    taken: dict[str, int]
    """Bytes by which a device's free memory shrank from before loading to after answering."""


class Session:
    """Workers with one engine. Use as a context manager."""

    def __init__(self, engine_folder: Path | None, rpc_hosts: tuple[str, ...] = ()) -> None:
        self._callbacks = CallbackQueue()
        self._scheduler = Scheduler(self._callbacks.post)
        self._command = worker_command(engine_folder)
        self._rpc_hosts = rpc_hosts

    @property
    def callbacks(self) -> CallbackQueue:
        """Where everything is called back."""
        return self._callbacks

    def start(self, on_death: Callable[[WorkerDiedError | None], None]) -> EngineClient:
        """A worker, as the placement room starts them."""
        return EngineClient(self._callbacks.post, self._scheduler, on_death, command=self._command)

    def devices(self) -> tuple[Device, ...]:
        """What the engine has, asked of a fresh worker."""
        client = self.start(_nothing)
        try:
            return self._list(client, self._rpc_hosts)
        finally:
            client.close_and_wait()

    def speeds(self, type_names: tuple[str, ...], seconds: float) -> MeasuredSpeeds:
        """The computer's first speed, as the application measures it."""
        client = self.start(_nothing)
        try:
            event = self._ask(lambda heard: client.measure_speed(type_names, seconds, heard))
        finally:
            client.close_and_wait()
        if not isinstance(event, Measured):
            raise NotDone(str(event))
        return event.speeds

    def run(self, handle: ModelHandle, plan: Plan, answers: int, words: int, tokens: int) -> Run:
        """Load, answer once to warm up and then ``answers`` times; the prompt is new each time."""
        client = self.start(_nothing)
        try:
            before = _free(self._list(client, plan.rpc_hosts))
            began = time.perf_counter()
            event = self._ask(lambda heard: client.load(handle, plan, heard))
            if not isinstance(event, Loaded):
                raise NotDone(str(event))
            seconds = time.perf_counter() - began
            timings = [self._answer(client, at, words, tokens) for at in range(answers + 1)][1:]
            after = _free(self._list(client, plan.rpc_hosts))
            return Run(
                facts=event.facts,
                load_seconds=seconds,
                decode=tuple(each.tokens_per_second for each in timings),
                prompt=tuple(map(_prompt_speed, timings)),
                taken={name: before[name] - free for name, free in after.items()},
            )
        finally:
            client.close_and_wait()

    def _list(self, client: EngineClient, rpc_hosts: tuple[str, ...]) -> tuple[Device, ...]:
        event = self._ask(lambda heard: client.list_devices(heard, rpc_hosts))
        if not isinstance(event, Devices):
            raise NotDone(str(event))
        return event.devices

    def _answer(self, client: EngineClient, number: int, words: int, tokens: int) -> Timings:
        messages = [ChatMessage("user", long_question(number, words))]
        sampling = SamplingParameters(temperature=0.0, max_tokens=tokens)
        event = self._ask(lambda heard: client.generate(messages, sampling, heard))
        if not isinstance(event, Finished):
            raise NotDone(str(event))
        return event.timings

    def _ask(self, begin: Callable[[Callable[[Event], None]], object]) -> Event:
        heard: list[Event] = []
        begin(heard.append)
        ends = (Devices, Loaded, Finished, Measured, Failed, WorkerDiedError)
        in_time = self._callbacks.run_until(
            lambda: any(isinstance(event, ends) for event in heard), _PATIENCE_SECONDS
        )
        if not in_time:
            raise NotDone(f"nothing for {_PATIENCE_SECONDS:.0f} s")
        return heard[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._scheduler.close()


def _free(devices: tuple[Device, ...]) -> dict[str, int]:
    return {device.name: device.free_bytes for device in devices if device.kind != "cpu"}


def _prompt_speed(timings: Timings) -> float:
    """A GPU computes on while the call that reads has returned: only a token proves it done."""
    read = timings.prompt_tokens - timings.reused_tokens
    return read / timings.seconds_to_first_token


def _nothing(_death: WorkerDiedError | None) -> None:
    """The request that was under way is told."""
