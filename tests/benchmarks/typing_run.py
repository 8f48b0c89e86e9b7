"""Types while the worker is idle, reads long prompts and streams, until every phase has its keys.

The phase of a key is the one at its press.
"""

from collections.abc import Callable
from typing import Any

from app.chat.events import TurnEnded, TurnEvent, TurnStarted, TurnText
from tests.benchmarks.key_watch import KeyWatch
from tests.benchmarks.prompts import long_question

_ANSWER_TOKENS = 700

Listener = Callable[[TurnEvent], None]


class Typing:
    """One run. ``reply`` gets the seconds of every key by phase."""

    def __init__(
        self,
        keys: KeyWatch,
        ask: Callable[[str, int, int, Listener], None],
        stop_turn: Callable[[], None],
        counts: dict[str, int],
        reply: Callable[[dict[str, Any]], None],
    ) -> None:
        self._keys = keys
        self._ask = ask
        self._stop_turn = stop_turn
        self._counts = counts
        self._reply = reply
        self._delays: dict[str, list[float]] = {phase: [] for phase in counts}
        self._phase = "between"
        self._turn = 0
        keys.start(self._phase_now, self._painted)

    def go_on(self) -> None:
        """Begin what still lacks keys, or end."""
        if self._wants("idle"):
            self._phase = "idle"
        elif self._wants("reading") or self._wants("streaming"):
            self._turn += 1
            self._ask(long_question(self._turn), _ANSWER_TOKENS, self._turn, self._heard)
        else:
            self._keys.stop()
            self._reply({"delays": self._delays})

    def _wants(self, phase: str) -> bool:
        return len(self._delays.get(phase, ())) < self._counts.get(phase, 0)

    def _phase_now(self) -> str:
        return self._phase

    def _painted(self, phase: str, seconds: float) -> None:
        if phase in self._delays:
            self._delays[phase].append(seconds)
        if self._phase == "idle" and not self._wants("idle"):
            self._phase = "between"
            self.go_on()

    def _heard(self, event: TurnEvent) -> None:
        match event:
            case TurnStarted():
                self._phase = "reading"
            case TurnText():
                self._phase = "streaming"
                if not self._wants("streaming"):
                    self._stop_turn()
            case TurnEnded(message=message):
                if message.details is None or message.details.failure:
                    raise RuntimeError(f"the window showed no answer: {message.details}")
                self._phase = "between"
                self.go_on()
