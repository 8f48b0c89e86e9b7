"""One worker's life as the application sees it: deadlines, requests, and how it ended."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.engine.deaths import death_of
from app.engine.entities import ChatMessage, Plan, RehearsalJob, SamplingParameters
from app.engine.errors import WorkerDiedError
from app.engine.pipes import WorkerPipes, worker_command
from app.engine.protocol import (
    Cancel,
    Counted,
    CountTokens,
    Devices,
    Failed,
    Finished,
    Forget,
    FromWorker,
    Generate,
    Hello,
    ListDevices,
    Load,
    Loaded,
    LoadProgress,
    Measured,
    MeasureSpeed,
    Measuring,
    Ping,
    Pong,
    ProtocolError,
    Reading,
    Rehearse,
    Rehearsed,
    Rendering,
    Tokens,
)
from app.posting import Post, Scheduler
from models.entities import ModelHandle

log = logging.getLogger("moestro.worker")

_CHECK_SECONDS = 0.5
_LATE_SECONDS = 2.0
_PING_SECONDS = 2.0
_HELLO, _PONG = -1, -2
"""Keys of deadlines that belong to no request."""

OnEvent = Callable[[FromWorker | WorkerDiedError], None]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds of silence after which a worker is killed. Parents own them, workers do not."""

    hello: float = 30.0
    load: float = 180.0
    """Between two signs of progress."""
    devices: float = 60.0
    """Waking a graphics driver can take long."""
    rehearsal: float = 20.0
    """Of one plan; most take less than half a second."""
    measuring: float = 30.0
    """Beside three times the seconds that a measurement may take."""
    render: float = 10.0
    """A chat template that has not produced the prompt by then never will."""
    reading: float = 300.0
    """Between two pieces of a prompt."""
    token: float = 300.0
    pong: float = 20.0
    """A process that is stopped or swapped out answers no ping."""
    cancel: float = 10.0
    """Or five times the last measured piece of a prompt, whichever is longer."""
    close: float = 2.0


@dataclass(slots=True)
class _Request:
    """What waits for an answer and the callback that gets it."""

    on_event: OnEvent
    cancelled: bool = False
    jobs: int = 1
    """Answers that are expected; only of a rehearsal more than one."""


class EngineClient:
    """Starts one worker, asks it, watches it, and ends it.

    Every request's callback gets protocol messages and last either Finished, Counted, Loaded,
    Failed, or a WorkerDiedError. ``on_death`` is told once when the process is gone, with
    None if that was asked for.
    """

    def __init__(
        self,
        post: Post,
        scheduler: Scheduler,
        on_death: Callable[[WorkerDiedError | None], None],
        deadlines: Deadlines | None = None,
        command: Sequence[str] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``now`` counts seconds; while the computer sleeps it may go on or stand still."""
        self._now = now
        self._scheduler = scheduler
        self._on_death = on_death
        self._deadlines = deadlines or Deadlines()
        self._requests: dict[int, _Request] = {}
        self._due: dict[int, tuple[float, str]] = {}
        self._next_request = 1
        self._killed_for: str | None = None
        self._closing = False
        self._ended = False
        self._greeted = False
        self._ubatch_seconds = 0.0
        self._measuring_patience = 0.0
        self._rpc_hosts: tuple[str, ...] = ()
        self._last_reading: Reading | None = None
        self._pipes = WorkerPipes(
            command or worker_command(), post, self._received, self._process_ended
        )
        self._next_check = self._now()
        self._watch(_HELLO, "engine.no_start", self._deadlines.hello)
        self._check_deadlines()

    @property
    def pid(self) -> int:
        """Process id of the worker."""
        return self._pipes.pid

    @property
    def is_alive(self) -> bool:
        """Whether the worker can still be asked."""
        return not self._ended and not self._closing and self._killed_for is None

    @property
    def has_greeted(self) -> bool:
        """Whether the worker ever came to life."""
        return self._greeted

    def load(
        self,
        handle: ModelHandle,
        plan: Plan,
        on_event: OnEvent,
        *,
        sandbox: bool = True,
    ) -> None:
        """Load a model; the callback gets LoadProgress, then Loaded or Failed."""
        paths = tuple(str(file.path) for file in handle.files)
        self._rpc_hosts = plan.rpc_hosts
        self._requests[0] = _Request(on_event)
        self._watch(0, "engine.no_load", self._deadlines.load + self._deadlines.hello)
        seen = handle.projector
        projector = str(seen.path) if seen is not None and seen.is_unchanged() else ""
        self._pipes.send(Load(paths=paths, plan=plan, sandbox=sandbox, projector=projector))

    def generate(
        self,
        messages: Sequence[ChatMessage],
        sampling: SamplingParameters,
        on_event: OnEvent,
        *,
        resume: bool = False,
        thinking: bool | None = None,
    ) -> int:
        """Answer the last message; returns the request's number for ``cancel``.

        With ``resume`` the last message is an answer, and is written on. Raises ProtocolError when
        the messages do not fit into a frame; nothing was asked then.
        """
        number = self._begin(on_event, "engine.no_render", self._deadlines.reading)
        message = Generate(
            request=number, messages=tuple(messages), sampling=sampling, thinking=thinking,
            resume=resume,
        )  # fmt: skip
        self._send(number, message)
        return number

    def count_tokens(
        self,
        messages: Sequence[ChatMessage],
        on_event: OnEvent,
        *,
        resume: bool = False,
        pieces: Sequence[tuple[int, ...]] = (),
        shows: bool = False,
        thinking: bool | None = None,
    ) -> int:
        """Count the tokens of the prompt that ``generate`` would send.

        ``pieces`` are, for each message, the lengths in characters of what its content is made
        of; ``shows`` asks for the prompt's text, too. Raises ProtocolError as ``generate`` does.
        """
        number = self._begin(on_event, "engine.no_render", self._deadlines.reading)
        message = CountTokens(
            request=number, messages=tuple(messages), resume=resume, pieces=tuple(pieces),
            shows=shows, thinking=thinking,
        )  # fmt: skip
        self._send(number, message)
        return number

    def list_devices(self, on_event: OnEvent, rpc_hosts: Sequence[str] = ()) -> None:
        """Ask what the engine can compute on; answered by Devices, or Failed naming a host.

        The devices of ``rpc_hosts`` are RPC0, RPC1, … in their order.
        """
        number = self._begin(on_event, "engine.no_devices", self._deadlines.devices)
        self._rpc_hosts = tuple(rpc_hosts)
        self._pipes.send(ListDevices(request=number, rpc_hosts=self._rpc_hosts))

    def rehearse(self, jobs: Sequence[RehearsalJob], on_event: OnEvent) -> None:
        """Build plans without allocating; answered by one Rehearsed for each, in order.

        There must be at least one. The worker cannot load a model any more.
        """
        waking = self._deadlines.hello if _HELLO in self._due else 0.0
        number = self._begin(on_event, "engine.no_rehearsal", self._deadlines.rehearsal + waking)
        self._requests[number].jobs = len(jobs)
        self._pipes.send(Rehearse(request=number, jobs=tuple(jobs)))

    def measure_speed(self, type_names: Sequence[str], seconds: float, on_event: OnEvent) -> None:
        """Measure this computer in about ``seconds``; answered by Measuring, then Measured.

        ``type_names`` are quantization types of experts, the most important first.
        """
        self._measuring_patience = 3 * seconds + self._deadlines.measuring
        number = self._begin(on_event, "engine.no_measurement", self._measuring_patience)
        self._pipes.send(
            MeasureSpeed(request=number, type_names=tuple(type_names), seconds=seconds)
        )

    def forget(self) -> None:
        """Let the worker forget everything that it read of conversations."""
        self._pipes.send(Forget())

    def cancel(self, number: int) -> None:
        """Stop a request; a worker that does not is killed after its deadline."""
        request = self._requests.get(number)
        if request is None or request.cancelled:
            return
        request.cancelled = True
        self._pipes.send(Cancel(request=number))
        patience = max(self._deadlines.cancel, 5 * self._ubatch_seconds)
        self._watch(number, "engine.no_cancel", patience)

    def close(self) -> None:
        """Ask the worker to exit; it is killed when it does not. ``on_death(None)`` follows."""
        if self._closing or self._ended:
            return
        self._closing = True
        self._pipes.close()
        self._scheduler.call_later(self._deadlines.close, self._pipes.kill)

    def close_and_wait(self) -> None:
        """As ``close``, but return when the process is gone. For shutdown."""
        self._closing = True
        self._pipes.close()
        if not self._pipes.wait(self._deadlines.close):
            self._pipes.kill()
            self._pipes.wait(self._deadlines.close)

    def kill(self, code: str = "engine.no_reply") -> None:
        """End the worker now; ``code`` names the reason that requests are told."""
        if not self._ended and self._killed_for is None:
            log.warning("worker %d is killed: %s", self.pid, code)
            self._killed_for = code
            self._pipes.kill()

    # --- what arrives --------------------------------------------------------------------

    def _received(self, message: FromWorker) -> None:
        match message:
            case Hello():
                self._greeted = True
                self._unwatch(_HELLO)
                log.info("worker %d: %s", self.pid, message.engine)
                self._send_ping()
            case Pong():
                self._unwatch(_PONG)
                self._scheduler.call_later(_PING_SECONDS, self._send_ping)
            case LoadProgress():
                self._progress(0, message, "engine.no_load", self._deadlines.load)
            case Loaded():
                self._finish(0, message)
            case Measuring(request=number):
                patience = self._measuring_patience
                self._progress(number, message, "engine.no_measurement", patience)
            case Rendering(request=number):
                self._progress(number, message, "engine.no_render", self._deadlines.render)
            case Reading(request=number):
                self._measure_ubatch(message)
                self._progress(number, message, "engine.no_progress", self._deadlines.reading)
            case Tokens(request=number):
                self._progress(number, message, "engine.no_progress", self._deadlines.token)
            case Rehearsed(request=number, job=place) if not self._is_last(number, place):
                seconds = self._deadlines.rehearsal
                self._progress(number, message, "engine.no_rehearsal", seconds)
            case (
                Finished(request=number)
                | Counted(request=number)
                | Devices(request=number)
                | Measured(request=number)
                | Rehearsed(request=number)
                | Failed(request=number)
            ):
                self._finish(number, message)

    def _measure_ubatch(self, reading: Reading) -> None:
        before = self._last_reading
        if before is not None and before.request == reading.request:
            self._ubatch_seconds = reading.seconds - before.seconds
        self._last_reading = reading

    def _send_ping(self) -> None:
        if self.is_alive:
            self._watch(_PONG, "engine.no_reply", self._deadlines.pong)
            self._pipes.send(Ping())

    def _process_ended(self, exit_code: int, nonsense: str) -> None:
        self._ended = True
        self._due.clear()
        death = self._death(exit_code, nonsense)
        log.info("worker %d ended with %d (%s)", self.pid, exit_code, death)
        for request in list(self._requests.values()):
            request.on_event(death or WorkerDiedError("engine.closed"))
        self._requests.clear()
        self._on_death(death)

    def _death(self, exit_code: int, nonsense: str) -> WorkerDiedError | None:
        if self._killed_for is None and self._closing:
            return None
        return death_of(self._killed_for, nonsense, exit_code, self._rpc_hosts)

    # --- requests and their deadlines ----------------------------------------------------

    def _begin(self, on_event: OnEvent, code: str, seconds: float) -> int:
        number = self._next_request
        self._next_request += 1
        self._requests[number] = _Request(on_event)
        self._watch(number, code, seconds)
        return number

    def _send(self, number: int, message: Generate | CountTokens) -> None:
        try:
            self._pipes.send(message)
        except ProtocolError:
            self._requests.pop(number)
            self._unwatch(number)
            raise

    def _progress(self, number: int, message: FromWorker, code: str, seconds: float) -> None:
        request = self._requests.get(number)
        if request is None:
            return  # late words of a request that is over
        if not request.cancelled:
            self._watch(number, code, seconds)
        request.on_event(message)

    def _is_last(self, number: int, job: int) -> bool:
        request = self._requests.get(number)
        return request is None or job + 1 >= request.jobs

    def _finish(self, number: int, message: FromWorker) -> None:
        request = self._requests.pop(number, None)
        self._unwatch(number)
        if request is not None:
            request.on_event(message)

    def _watch(self, key: int, code: str, seconds: float) -> None:
        self._due[key] = (self._now() + seconds, code)

    def _unwatch(self, key: int) -> None:
        self._due.pop(key, None)

    def _check_deadlines(self) -> None:
        if self._ended:
            return
        now = self._now()
        late = now - self._next_check
        self._next_check = now + _CHECK_SECONDS
        if late > _LATE_SECONDS:
            # It was we who stood still (sleep, a stopped terminal, a busy disk): what the worker
            # said meanwhile is still waiting to be read.
            self._due = {key: (due + late, code) for key, (due, code) in self._due.items()}
        for due, code in list(self._due.values()):
            if now > due:
                self.kill(code)
        self._scheduler.call_later(_CHECK_SECONDS, self._check_deadlines)
