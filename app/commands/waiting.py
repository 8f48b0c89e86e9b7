"""Lets a command wait for what comes by callbacks."""

from collections.abc import Callable
from typing import Any

from app.posting import CallbackQueue
from models.errors import KnownError

Begin = Callable[[Callable[[Any], None], Callable[[KnownError], None]], object]


class Waiter:
    """Runs what is posted until an answer is there. Ctrl+C ends every wait."""

    def __init__(self, callbacks: CallbackQueue) -> None:
        self._callbacks = callbacks

    def result(self, begin: Begin) -> Any:
        """What ``begin`` gives to its first argument; raises what it gives to its second."""
        results: list[Any] = []
        errors: list[KnownError] = []
        begin(results.append, errors.append)
        self._callbacks.run_until(lambda: bool(results or errors))
        if errors:
            raise errors[0]
        return results[0]

    def until(self, done: Callable[[], bool]) -> None:
        """Wait until ``done()``."""
        self._callbacks.run_until(done)
