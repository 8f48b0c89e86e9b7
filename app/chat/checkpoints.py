"""Writes down what has arrived of an answer, while it arrives."""

import logging
from collections.abc import Callable

from app.chat.turn import Phase, Turn
from app.history.repository import History
from app.posting import Delayed, Scheduler
from models.errors import KnownError

log = logging.getLogger("moestro.turns")

CHECKPOINT_SECONDS = 0.5
"""Half of what may be lost at most."""


class Checkpoints:
    """Of one turn at a time; without a history nothing is written."""

    def __init__(
        self,
        history: History | None,
        scheduler: Scheduler,
        not_saved: Callable[[Turn, KnownError], None],
    ) -> None:
        """``not_saved`` is told once a turn when the disk would not take what arrived."""
        self._history = history
        self._scheduler = scheduler
        self._not_saved = not_saved
        self._next: Delayed | None = None

    def begin(self, turn: Turn) -> None:
        """Write ``turn`` down again and again while it generates."""
        if self._history is None or turn.conversation.temporary:
            return

        def due() -> None:
            if turn.phase is Phase.GENERATING:
                self._save(turn)
                self.begin(turn)

        self._next = self._scheduler.call_later(CHECKPOINT_SECONDS, due)

    def stop(self) -> None:
        """The answer is over: whoever ended it writes it down."""
        if self._next is not None:
            self._next.cancel()

    def _save(self, turn: Turn) -> None:
        if not turn.unsaved or self._history is None:
            return

        def refused(error: KnownError) -> None:
            """Say it once a turn; the next one tries again."""
            log.error("a checkpoint was refused: %s", error)
            if turn.phase is Phase.FINISHING:
                return
            turn.unsaved = True
            if not turn.trouble_told:
                turn.trouble_told = True
                self._not_saved(turn, error)

        turn.unsaved = False
        text, reasoning = turn.snapshot()
        self._history.checkpoint(turn.answer.id, text, reasoning, failed=refused)
