"""Which model is loaded: load on demand, unload when idle, stop after repeated crashes."""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import psutil

from app.engine.client import EngineClient
from app.engine.entities import ChatMessage, ModelFacts, Plan, SamplingParameters
from app.engine.errors import EngineError, WorkerDiedError
from app.engine.outcomes import ends_a_request, error_of, too_large
from app.engine.protocol import (
    Failed,
    FromWorker,
    Loaded,
    LoadProgress,
    ProtocolError,
)
from app.engine.start_guard import StartGuard
from app.posting import Delayed, Scheduler
from models.entities import ModelHandle
from models.errors import KnownError

log = logging.getLogger("moestro.host")

CRASHES_ALLOWED = 3
CRASH_WINDOW_SECONDS = 300.0
_GUESSED_BYTES_PER_SECOND = 400e6
"""Load speed until the first load was measured: a slow SSD."""

StartClient = Callable[[Callable[[WorkerDiedError | None], None]], EngineClient]


class HostState(StrEnum):
    """What the model button shows."""

    EMPTY = "empty"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class HostStatus:
    """A picture of the host at one moment."""

    state: HostState = HostState.EMPTY
    model_key: str = ""
    fraction: float = 0.0
    loading_since: float = 0.0
    """Monotonic seconds."""
    facts: ModelFacts | None = None
    plan: Plan | None = None
    failure: KnownError | None = None


class ModelHost:
    """Holds at most one worker with one model. Lives on the state thread."""

    def __init__(
        self,
        start_client: StartClient,
        scheduler: Scheduler,
        guard: StartGuard,
        idle_minutes: Callable[[], int],
        lock_down: Callable[[], bool],
    ) -> None:
        self._start_client = start_client
        self._scheduler = scheduler
        self._guard = guard
        self._idle_minutes = idle_minutes
        self._lock_down = lock_down
        self._client: EngineClient | None = None
        self._status = HostStatus()
        self._waiting: list[tuple[Callable[[], None], Callable[[KnownError], None]]] = []
        self._subscribers: list[Callable[[HostStatus], None]] = []
        self._crashes: dict[str, deque[float]] = {}
        self._busy = 0
        self._idle: Delayed | None = None
        self._waits_minutes = 0
        self._bytes_per_second = _GUESSED_BYTES_PER_SECOND
        self._handle: ModelHandle | None = None

    # --- what others see -------------------------------------------------------------------

    @property
    def status(self) -> HostStatus:
        """The state now."""
        return self._status

    def subscribe(self, callback: Callable[[HostStatus], None]) -> None:
        """Call back after each change."""
        self._subscribers.append(callback)

    def is_ready(self, model_key: str) -> bool:
        """Whether this model can answer at once."""
        return self._status.state is HostState.READY and self._status.model_key == model_key

    def expected_load_seconds(self, size: int) -> float:
        """How long loading ``size`` bytes takes, from the last load on this computer."""
        return 0.5 + size / self._bytes_per_second

    def resident_bytes(self) -> int:
        """Bytes of memory that ending the worker gives back; 0 without one."""
        if self._client is None or not self._client.is_alive:
            return 0
        try:
            return int(psutil.Process(self._client.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def private_bytes(self) -> int:
        """Resident bytes of the worker that are no mapped files; 0 without one."""
        if self._client is None or not self._client.is_alive:
            return 0
        try:
            memory = psutil.Process(self._client.pid).memory_info()
        except psutil.Error:
            return 0
        return max(0, int(memory.rss) - int(getattr(memory, "shared", 0)))

    # --- loading ---------------------------------------------------------------------------

    def announce(self, handle: ModelHandle) -> None:
        """Another model is about to be loaded: end the old worker, and say so while it is planned.

        ``ensure`` or ``withdraw`` follows, or ``unload`` when somebody thinks better of it.
        """
        self.unload()
        since = time.monotonic()
        self._set(HostStatus(HostState.LOADING, handle.key, loading_since=since))

    def withdraw(self, error: KnownError) -> None:
        """What was announced will not be loaded."""
        self._load_failed(error)

    def ensure(
        self,
        handle: ModelHandle,
        plan: Plan,
        ready: Callable[[], None],
        failed: Callable[[KnownError], None],
        *,
        insist: bool = False,
        at_start: bool = False,
    ) -> None:
        """Call ``ready`` when this model with this plan is loaded, loading it if need be.

        A model that crashed three times in five minutes is refused unless ``insist``.
        ``at_start`` marks the load so that a crash is remembered over a restart.
        """
        if self._status.model_key == handle.key and self._status.plan == plan:
            if self._status.state is HostState.READY:
                ready()
                return
            if self._status.state is HostState.LOADING:
                self._waiting.append((ready, failed))
                return
        if insist:
            self._crashes.pop(handle.key, None)
        if self._crashes_often(handle.key):
            failed(WorkerDiedError("engine.crashes_often", name=handle.path.name))
            return
        self.unload()
        self._waiting.append((ready, failed))
        self._begin_load(handle, plan, at_start)

    def unload(self) -> int:
        """End the worker and return the bytes of memory that this frees."""
        freed = self.resident_bytes()
        client, self._client = self._client, None
        self._busy = 0
        self._stop_idle_timer()
        self._forget_start()
        waiting, self._waiting = self._waiting, []
        if client is not None:
            client.close()
        self._set(HostStatus())
        for _ready, failed in waiting:
            failed(EngineError("engine.load_given_up"))
        return freed

    def shut_down(self) -> None:
        """End the worker and wait for it, 2 s at most before it is killed."""
        client, self._client = self._client, None
        self._stop_idle_timer()
        self._forget_start()
        self._subscribers.clear()
        if client is not None:
            client.close_and_wait()

    def _forget_start(self) -> None:
        """A load that is given up on purpose is no crash for the next start to remember."""
        if self._status.state is HostState.LOADING:
            self._guard.disarm(self._status.model_key)

    def _begin_load(self, handle: ModelHandle, plan: Plan, at_start: bool) -> None:
        self._handle = handle
        if at_start:
            self._guard.arm(handle.key)
        started = time.monotonic()
        self._set(HostStatus(HostState.LOADING, handle.key, loading_since=started, plan=plan))
        try:
            client = self._start_client(lambda death: self._died(client, death))
        except OSError as error:
            log.error("the worker could not be started: %s", error)
            self._guard.disarm(handle.key)
            self._load_failed(WorkerDiedError("engine.no_start"))
            return
        self._client = client
        client.load(
            handle,
            plan,
            lambda event: self._load_event(client, handle, event),
            sandbox=self._lock_down(),
        )

    def _load_event(
        self, client: EngineClient, handle: ModelHandle, event: FromWorker | WorkerDiedError
    ) -> None:
        if client is not self._client:
            return
        match event:
            case LoadProgress(fraction=fraction):
                self._change_fraction(fraction)
            case Loaded(facts=facts):
                self._guard.disarm(handle.key)
                if facts.load_seconds > 0:
                    self._bytes_per_second = max(handle.size / facts.load_seconds, 1e6)
                status = self._status
                self._set(
                    HostStatus(HostState.READY, status.model_key, 1.0, 0.0, facts, status.plan)
                )
                self._restart_idle_timer()
                waiting, self._waiting = self._waiting, []
                for ready, _failed in waiting:
                    ready()
            case Failed():
                log.warning("loading was refused: %s %s", event.code, event.detail)
                self._guard.disarm(handle.key)
                self._client = None
                client.close()
                self._load_failed(error_of(event, handle))

    def _change_fraction(self, fraction: float) -> None:
        status = self._status
        if fraction - status.fraction >= 0.01 or fraction >= 1.0:
            self._set(
                HostStatus(
                    HostState.LOADING,
                    status.model_key,
                    fraction,
                    status.loading_since,
                    plan=status.plan,
                )
            )

    def _load_failed(self, error: KnownError) -> None:
        status = self._status
        self._set(HostStatus(HostState.FAILED, status.model_key, plan=status.plan, failure=error))
        waiting, self._waiting = self._waiting, []
        for _ready, failed in waiting:
            failed(error)

    def _died(self, client: EngineClient, death: WorkerDiedError | None) -> None:
        if client is not self._client:
            return
        self._client = None
        self._busy = 0
        self._stop_idle_timer()
        if death is None or self._handle is None:
            self._set(HostStatus())
            return
        self._crashes.setdefault(self._handle.key, deque(maxlen=CRASHES_ALLOWED)).append(
            time.monotonic()
        )
        if self._status.state is HostState.LOADING:
            facts = {**death.facts, "name": self._handle.path.name}
            self._load_failed(type(death)(death.code + "_loading", **facts))
        else:
            self._set(HostStatus(failure=death))

    def _crashes_often(self, key: str) -> bool:
        moments = self._crashes.get(key)
        if moments is None or len(moments) < CRASHES_ALLOWED:
            return False
        return time.monotonic() - moments[0] < CRASH_WINDOW_SECONDS

    # --- asking ----------------------------------------------------------------------------

    def generate(
        self,
        messages: Sequence[ChatMessage],
        sampling: SamplingParameters,
        on_event: Callable[[FromWorker | WorkerDiedError], None],
        *,
        resume: bool = False,
        thinking: bool | None = None,
    ) -> Callable[[], None]:
        """Answer the last message with the loaded model; returns what cancels it.

        With ``resume`` the last message is an answer, and is written on.
        Raises EngineError when no model is loaded, or when no frame can carry the messages.
        """
        return self._ask(
            messages,
            on_event,
            lambda client, relay: client.generate(
                messages, sampling, relay, resume=resume, thinking=thinking
            ),
        )

    def forget(self) -> None:
        """Nothing of what was read of conversations stays in memory: some were erased."""
        if self._client is not None:
            self._client.forget()

    def count_tokens(
        self,
        messages: Sequence[ChatMessage],
        on_event: Callable[[FromWorker | WorkerDiedError], None],
        *,
        resume: bool = False,
        pieces: Sequence[tuple[int, ...]] = (),
        shows: bool = False,
        thinking: bool | None = None,
    ) -> None:
        """Count the prompt that ``generate`` would send, and the pieces of its messages.

        ``pieces`` are lengths in characters; ``shows`` asks for its text, too. Answered by
        Counted or what ends any request; raises as ``generate`` does.
        """
        self._ask(
            messages,
            on_event,
            lambda client, relay: client.count_tokens(
                messages, relay, resume=resume, pieces=pieces, shows=shows, thinking=thinking
            ),
        )

    def _ask(
        self,
        messages: Sequence[ChatMessage],
        on_event: Callable[[FromWorker | WorkerDiedError], None],
        ask: Callable[[EngineClient, Callable[[FromWorker | WorkerDiedError], None]], int],
    ) -> Callable[[], None]:
        client, facts = self._client, self._status.facts
        if client is None or facts is None:
            raise EngineError("engine.not_loaded")

        def relay(event: FromWorker | WorkerDiedError) -> None:
            if ends_a_request(event) and client is self._client:
                self._busy = max(0, self._busy - 1)
                self._restart_idle_timer()
            on_event(event)

        try:
            number = ask(client, relay)
        except ProtocolError:
            raise too_large(messages, facts.context_tokens) from None
        self._busy += 1
        self._stop_idle_timer()
        return lambda: client.cancel(number)

    # --- idle ------------------------------------------------------------------------------

    def idle_minutes_changed(self) -> None:
        """Wait from now on for the new number of minutes, or no longer at all."""
        if self._status.state is HostState.READY and self._idle_minutes() != self._waits_minutes:
            self._restart_idle_timer()

    def _restart_idle_timer(self) -> None:
        self._stop_idle_timer()
        minutes = self._waits_minutes = self._idle_minutes()
        if minutes and not self._busy:
            self._idle = self._scheduler.call_later(minutes * 60.0, self._idle_passed)

    def _stop_idle_timer(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _idle_passed(self) -> None:
        if not self._busy:
            log.info("unloaded after %d idle minutes", self._idle_minutes())
            self.unload()

    def _set(self, status: HostStatus) -> None:
        self._status = status
        for callback in list(self._subscribers):
            callback(status)
