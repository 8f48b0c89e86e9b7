"""Turns and the host against a scripted worker: whatever comes in between, every turn ends."""

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.chat.events import TurnEnded, TurnEvent, TurnRefused, TurnStarted
from app.chat.prompting import prompt_messages
from app.chat.turns import Turns
from app.engine.client import Deadlines, EngineClient
from app.engine.entities import Plan, SamplingParameters
from app.engine.host import HostState, ModelHost
from app.engine.protocol import MAX_FRAME
from app.engine.start_guard import StartGuard
from app.history.entities import Conversation, Message, MessageState, Role
from app.history.repository import History
from app.history.schema import history_migrations
from app.ids import new_id
from app.library.entities import InstalledModel
from app.placement.entities import Wishes
from app.posting import CallbackQueue, Scheduler
from app.storage.opening import open_database
from models.entities import ModelFile, ModelHandle

SCRIPT = Path(__file__).resolve().parents[1] / "helpers" / "scripted_worker.py"
QUICK = Deadlines(
    hello=20.0, load=20.0, render=5.0, reading=5.0, token=5.0, pong=20.0, cancel=1.0, close=1.0
)
SAMPLING = SamplingParameters()


class Room:
    """History, host and turns as ``app.services`` wires them, with workers that misbehave."""

    def __init__(self, root: Path, behaviour: Callable[[], str]) -> None:
        self.queue = CallbackQueue()
        self.scheduler = Scheduler(self.queue.post)
        self.database = open_database(
            root / "history.sqlite3", history_migrations(), root / "backups", self.queue.post
        )
        self.history = History(self.database)
        self.guard_file = root / "loading-at-start"
        self.guard = StartGuard(self.guard_file)
        self.minutes = 15
        self.host = ModelHost(
            lambda on_death: EngineClient(
                self.queue.post, self.scheduler, on_death, QUICK,
                [sys.executable, str(SCRIPT), behaviour()],
            ),
            self.scheduler, self.guard, lambda: self.minutes, lambda: False,
        )  # fmt: skip
        self.handle = ModelHandle("k", (ModelFile.of(SCRIPT),))
        self.model = _model(self.handle)
        self.turns = Turns(
            self.history, self.host, self.scheduler, lambda _key: self.handle, self._ensure
        )
        self.events: list[TurnEvent] = []
        self.turns.subscribe(self.events.append)
        self.conversation = Conversation(new_id(), "")

    def _ensure(self, handle, _wishes, ready, failed, *, insist: bool = False) -> None:
        self.host.ensure(handle, Plan(), ready, failed, insist=insist)

    def send(self, text: str) -> bool:
        return self.turns.send(
            self.conversation, self.branch(), text, self.model, Wishes(), SAMPLING
        )

    def branch(self) -> list[Message]:
        known = {each.id for each in self.history.conversations()}
        identity = self.conversation.id
        return self.history.branch(identity) if identity in known else []

    def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        assert self.queue.run_until(condition, seconds), self.events

    def until_over(self) -> None:
        self.until(lambda: self.turns.active is None)

    def ended(self) -> Message:
        return next(each.message for each in reversed(self.events) if isinstance(each, TurnEnded))

    def close(self) -> None:
        self.turns.shut_down()
        self.host.shut_down()
        self.scheduler.close()
        self.database.close()


def _model(handle: ModelHandle) -> InstalledModel:
    return InstalledModel(
        key="k", name="Scripted", quantization="", architecture="", size_bytes=1, parameters=1,
        trained_context_tokens=2048, layers=1, expert_count=0, license="", is_demo=False,
        has_template=True, handle=handle, opened_ms=0, last_used_ms=0,
    )  # fmt: skip


@pytest.fixture
def room(tmp_path: Path) -> Iterator:
    rooms: list[Room] = []

    def begin(behaviour: str | Callable[[], str]) -> Room:
        folder = tmp_path / str(len(rooms))
        folder.mkdir()
        choose = behaviour if callable(behaviour) else lambda: behaviour
        rooms.append(Room(folder, choose))
        return rooms[-1]

    yield begin
    for each in rooms:
        each.close()


def test_a_prompt_that_no_frame_can_carry_ends_its_turn_at_once(room) -> None:
    here = room("good")
    assert here.send("x" * (MAX_FRAME + 1))
    here.until_over()
    assert here.ended().details.failure == "chat.context_full"
    # The worker is not blamed for it.
    assert here.host.is_ready("k")
    assert here.turns.send(Conversation(new_id(), ""), (), "y", here.model, Wishes(), SAMPLING)
    here.until_over()
    assert here.ended().state is MessageState.COMPLETE


def test_a_question_without_an_answer_goes_with_the_next_one(room) -> None:
    here = room("abort_in_stream")
    questions = [_message(Role.USER, "one"), _message(Role.ASSISTANT, ""), _message(Role.USER, "2")]
    told = prompt_messages("be kind", questions)
    assert [(each.role, each.content) for each in told] == [
        ("system", "be kind"), ("user", "one\n\n2"),
    ]  # fmt: skip
    assert here.turns.active is None


def _message(role: Role, text: str) -> Message:
    return Message(new_id(), "c", None, role, text)


@pytest.mark.parametrize("how", ["unload", "shut_down"])
def test_giving_up_a_load_at_start_is_no_crash(room, how: str) -> None:
    here = room("never_loads")
    here.host.ensure(here.handle, Plan(), lambda: None, lambda _error: None, at_start=True)
    assert here.guard.crashed_with() == "k"
    assert here.guard_file.stat().st_mode & 0o077 == 0
    getattr(here.host, how)()
    assert here.guard.crashed_with() == ""


def test_a_crash_of_a_load_at_start_is_remembered(room) -> None:
    here = room("segv_at_load")
    failures: list[object] = []
    here.host.ensure(here.handle, Plan(), lambda: None, failures.append, at_start=True)
    here.until(lambda: bool(failures))
    here.host.shut_down()
    assert here.guard.crashed_with() == "k"


def test_another_idle_time_counts_at_once(room) -> None:
    here = room("good")
    loaded: list[bool] = []
    here.host.ensure(here.handle, Plan(), lambda: loaded.append(True), lambda _error: None)
    here.until(lambda: bool(loaded))
    here.minutes = 0.001
    here.host.idle_minutes_changed()
    here.until(lambda: here.host.status.state is HostState.EMPTY)


def test_never_unloading_counts_at_once(room) -> None:
    here = room("good")
    here.minutes = 0.005
    loaded: list[bool] = []
    here.host.ensure(here.handle, Plan(), lambda: loaded.append(True), lambda _error: None)
    here.until(lambda: bool(loaded))
    here.minutes = 0
    here.host.idle_minutes_changed()
    assert not here.queue.run_until(lambda: here.host.status.state is HostState.EMPTY, 1.0)


def test_a_listener_that_fails_leaves_no_turn_without_an_end(room) -> None:
    here = room("good")

    def fail(event: TurnEvent) -> None:
        if isinstance(event, TurnStarted):
            raise RuntimeError("a fault in a view")

    here.turns.subscribe(fail)
    here.send("Hi")
    with pytest.raises(RuntimeError):
        here.until_over()
    here.until_over()
    assert here.ended().state is MessageState.COMPLETE


@pytest.mark.parametrize("phase", ["storing", "loading", "generating"])
def test_stop_acts_in_every_phase(room, phase: str) -> None:
    here = room("never_loads" if phase == "loading" else "wait_for_cancel")
    here.send("Hi")
    here.until(lambda: here.turns.active.phase == phase)
    here.turns.stop()
    here.until_over()
    assert here.ended().details.stop_reason == "cancelled"
    assert here.ended().state is MessageState.COMPLETE
    assert here.branch()[-1].state is MessageState.COMPLETE


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_commands_and_deaths_ends_every_turn(room, seed: int) -> None:
    chance = random.Random(seed)
    kinds = ["good", "wait_for_cancel", "abort_in_stream", "no_cancel", "segv_at_load"]
    here = room(lambda: chance.choice(kinds))
    for number in range(12):
        _step(here, chance, number)
        here.queue.run_until(lambda: False, chance.choice([0.0, 0.01, 0.05, 0.2]))
    here.turns.stop()
    here.until_over()
    _check(here)


def _step(here: Room, chance: random.Random, number: int) -> None:
    branch = here.branch()
    match chance.randrange(8):
        case 0 | 1 | 2:
            here.send(f"question {number}")
        case 3:
            if branch:
                here.turns.try_again(here.conversation, branch[:-1], here.model, Wishes(), SAMPLING)
        case 4:
            here.turns.stop()
        case 5:
            here.turns.stop()
            here.host.unload()
        case 6:
            here.history.rename(here.conversation.id, f"title {number}")
            here.history.trash([here.conversation.id])
            here.history.restore([here.conversation.id])
        case 7:
            plan = Plan(context_tokens=chance.choice([512, 4096]))
            here.host.ensure(here.handle, plan, lambda: None, lambda _error: None, insist=True)


def _check(here: Room) -> None:
    """Every question that was acknowledged is kept, and no answer is left without an end."""
    started = [each for each in here.events if isinstance(each, TurnStarted)]
    ended = [each for each in here.events if isinstance(each, TurnEnded)]
    assert [each.answer.id for each in started] == [each.message.id for each in ended]
    assert not [each for each in here.events if isinstance(each, TurnRefused)]
    if not started:
        return
    kept = {each.id: each for each in here.history.messages(here.conversation.id)}
    for each in started:
        assert each.user is None or kept[each.user.id].text == each.user.text
    for each in ended:
        assert kept[each.message.id].state is each.message.state is not MessageState.STREAMING
