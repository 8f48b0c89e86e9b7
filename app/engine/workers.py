"""All workers of one program: starts them, knows which are ending, and leaves none behind."""

from collections.abc import Callable

from app.engine.client import EngineClient
from app.engine.errors import WorkerDiedError
from app.posting import Scheduler

StartClient = Callable[[Callable[[WorkerDiedError | None], None]], EngineClient]

_PATIENCE_SECONDS = 10.0
"""A driver may hold an ended process for ever."""


class Workers:
    """Used on the state thread. ``start`` is handed to whoever needs workers."""

    def __init__(self, start_client: StartClient, scheduler: Scheduler) -> None:
        self._start_client = start_client
        self._scheduler = scheduler
        self._living: set[EngineClient] = set()
        self._waiting: list[Callable[[], None]] = []

    def start(self, on_death: Callable[[WorkerDiedError | None], None]) -> EngineClient:
        """Start one; ``on_death`` is told once when it is gone. Raises OSError."""

        def died(death: WorkerDiedError | None) -> None:
            self._living.discard(client)
            on_death(death)
            self._settle()

        client = self._start_client(died)
        self._living.add(client)
        return client

    def when_ended(self, callback: Callable[[], None]) -> None:
        """Call back when those that were told to end have: memory and RPC hosts are free again.

        At once when there are none. One that hangs is not waited for longer than ten seconds.
        """
        if not self._are_ending:
            callback()
            return
        told = False

        def once() -> None:
            nonlocal told
            if not told:
                told = True
                callback()

        self._waiting.append(once)
        self._scheduler.call_later(_PATIENCE_SECONDS, once)

    def shut_down(self) -> None:
        """End all and wait for them, each about 2 s at most before it is killed."""
        self._waiting.clear()
        living = list(self._living)
        for client in living:
            client.close()
        for client in living:
            client.close_and_wait()

    @property
    def _are_ending(self) -> bool:
        return not all(client.is_alive for client in self._living)

    def _settle(self) -> None:
        if not self._are_ending:
            waiting, self._waiting = self._waiting, []
            for callback in waiting:
                callback()
