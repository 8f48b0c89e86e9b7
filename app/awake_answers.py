"""Keeps the computer awake while an answer is written, whichever way it ends."""

from app.awake import Awake
from app.chat.events import TurnEvent
from app.chat.turns import Turns


class AwakeForAnswers:
    """Follows the turns: from the moment a turn begins, loading included, until it is over."""

    def __init__(self, turns: Turns, awake: Awake) -> None:
        self._turns, self._awake = turns, awake
        turns.subscribe(self._heard)

    def close(self) -> None:
        """Let the computer sleep: nothing is written any more, even if no end was told."""
        self._awake.hold(False)

    def _heard(self, _event: TurnEvent) -> None:
        # Not by the kind of the event: who hears of an end may have begun the next turn by now.
        self._awake.hold(self._turns.active is not None)
