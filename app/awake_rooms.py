"""Builds what stands between this program and the computer's sleep."""

from collections.abc import Callable
from dataclasses import dataclass

from app.awake import Awake, awake_command
from app.awake_answers import AwakeForAnswers
from app.awake_devices import DevicesAfterSleep
from app.chat.turns import Turns
from app.engine.host import ModelHost
from app.notices import Notice
from app.placement.loader import Loader
from app.placement.survey import Survey
from app.posting import Scheduler
from models.entities import ModelHandle


@dataclass(frozen=True, slots=True)
class AwakeRooms:
    """No sleep while an answer is written; what sleep took is noticed."""

    answers: AwakeForAnswers
    devices: DevicesAfterSleep

    def close(self) -> None:
        """Let the computer sleep."""
        self.answers.close()


def open_awake(
    turns: Turns,
    host: ModelHost,
    loader: Loader,
    survey: Survey,
    scheduler: Scheduler,
    handle_for: Callable[[str], ModelHandle],
    tell: Callable[[Notice], None],
    *,
    follows: bool,
) -> AwakeRooms:
    """``follows`` for a window: a command ends before anything could have slept for long."""
    answers = AwakeForAnswers(turns, Awake(awake_command("Answer")))
    devices = DevicesAfterSleep(host, loader, survey, turns, scheduler, handle_for, tell)
    if follows:
        devices.watch.start()
    return AwakeRooms(answers, devices)
