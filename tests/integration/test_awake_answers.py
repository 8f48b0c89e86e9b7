"""No sleep while an answer is written: the real turns, and a process that stands for the system's.

The process writes "held" when it begins and lives as long as sleep is held off, exactly as the
system's own command does.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.awake import Awake
from app.awake_answers import AwakeForAnswers
from app.chat.events import TurnRefused, TurnStarted, TurnText
from tests.helpers.chat_room import ChatRoom


class Inhibitor:
    """Notes what the process did that keeps the computer awake."""

    def __init__(self, folder: Path, room: ChatRoom) -> None:
        self._notes = folder / "held"
        self._notes.mkdir()
        code = (
            "import os, pathlib, sys;"
            f"pathlib.Path({str(self._notes)!r}, str(os.getpid())).touch();"
            "sys.stdin.read()"
        )
        self.room = room
        self.awake = Awake((sys.executable, "-c", code))
        self.answers = AwakeForAnswers(room.turns, self.awake)

    @property
    def begun(self) -> list[int]:
        """Process ids, in no order."""
        return [int(path.name) for path in self._notes.iterdir()]

    def until_begun(self) -> int:
        """Wait for the process of this answer."""
        deadline = time.monotonic() + 30
        while not self.begun:
            assert time.monotonic() < deadline
            self.room.pump(0.02)
        (pid,) = self.begun
        return pid


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[[str], Inhibitor]]:
    made: list[Inhibitor] = []

    def begin(behaviour: str) -> Inhibitor:
        made.append(Inhibitor(tmp_path, ChatRoom(tmp_path, lambda: behaviour)))
        return made[-1]

    yield begin
    for each in made:
        each.room.close()
        each.answers.close()


def heard(inhibitor: Inhibitor, kind: type) -> Callable[[], bool]:
    return lambda: any(isinstance(each, kind) for each in inhibitor.room.events)


def test_held_from_the_question_to_the_last_word(stage) -> None:
    here = stage("wait_for_cancel")
    assert here.room.send("Hello?")
    here.room.until(heard(here, TurnStarted))
    assert here.awake.is_held, "loading takes long, too"
    here.room.until(heard(here, TurnText))
    pid = here.until_begun()
    assert is_there(pid)
    here.room.turns.stop()
    here.room.ended()
    assert not here.awake.is_held
    assert not is_there(pid)


@pytest.mark.parametrize(
    "behaviour",
    ["good", "abort_in_stream", "killed_in_stream", "exit_at_load", "segv_at_load", "half_frame"],
)
def test_released_whichever_way_it_ends(stage, behaviour: str) -> None:
    here = stage(behaviour)
    assert here.room.send("Hello?")
    held = []
    here.room.turns.subscribe(lambda _event: held.append(here.awake.is_held))
    here.room.ended()
    assert held[0]
    assert not held[-1]
    assert not any(is_there(pid) for pid in here.begun)


def test_released_when_the_disk_takes_no_question(stage) -> None:
    here = stage("good")
    here.room.database.writer.submit(lambda connection: connection.execute("drop table messages"))
    assert here.room.send("Hello?")
    here.room.until(heard(here, TurnRefused))
    assert not here.awake.is_held


def test_released_at_the_programs_end_in_the_middle_of_an_answer(stage) -> None:
    here = stage("hang_in_stream")
    assert here.room.send("Hello?")
    here.room.until(heard(here, TurnText))
    pid = here.until_begun()
    here.room.turns.shut_down()
    here.answers.close()  # what services do: nobody runs what was posted any more
    assert not is_there(pid)


def test_held_through_a_second_turn_that_begins_at_the_end_of_the_first(stage) -> None:
    here, again = stage("good"), [True]

    def go_on(_event: object) -> None:
        if here.room.turns.active is None and again.pop(0) if again else False:
            assert here.room.send("And then?")
            held.append(here.awake.is_held)

    held: list[bool] = []
    here.room.turns.subscribe(go_on)
    assert here.room.send("Hello?")
    here.room.until(lambda: bool(held) and here.room.turns.active is None)
    assert not here.awake.is_held
