"""Everything that can be done to a conversation, in any order, beside a plain model of it."""

import tempfile
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.chat.events import TurnEnded, TurnRefused, TurnStarted
from app.history.entities import Message, MessageState, Overflow, Role
from app.history.errors import HistoryError
from app.history.tree import Tree
from tests.helpers.chat_room import ChatRoom

BEHAVIOURS = ["good", "good", "wait_for_cancel", "abort_in_stream"]
PLACE = st.integers(0, 1000)


class ChatMachine(RuleBasedStateMachine):
    """What was acknowledged is kept: once, in order, with its words, seen unless deleted."""

    def __init__(self) -> None:
        super().__init__()
        self.behaviour = "good"
        self.folder = tempfile.TemporaryDirectory()
        self.room = ChatRoom(Path(self.folder.name), lambda: self.behaviour)
        self.words: dict[str, str] = {}
        """Of every acknowledged message; an answer under way has what was known before."""
        self.order: list[str] = []
        self.deleted: dict[str, list[str]] = {}
        self.queued: list[str] = []
        self.asked = 0
        self.room.turns.subscribe(self.heard)

    def heard(self, event: object) -> None:
        match event:
            case TurnStarted(user=user, answer=answer):
                if user is not None:
                    self.learn(user)
                    if user.text in self.queued:
                        self.queued.remove(user.text)
                self.learn(answer)
            case TurnEnded(message=message):
                assert message.text.startswith(self.words[message.id]), "words were lost"
                self.words[message.id] = message.text
            case TurnRefused():
                raise AssertionError(event)

    def learn(self, message: Message) -> None:
        if message.id not in self.words:
            self.order.append(message.id)
        self.words[message.id] = message.text

    # --- what is seen ----------------------------------------------------------------------

    def tree(self) -> Tree:
        return self.room.history.tree(self.room.conversation.id)

    @property
    def begun(self) -> bool:
        return bool(self.order)

    def seen(self, place: int, role: Role | None = None) -> Message | None:
        messages = self.room.history.messages(self.room.conversation.id) if self.begun else []
        fitting = [each for each in messages if role is None or each.role is role]
        return fitting[place % len(fitting)] if fitting else None

    def text(self) -> str:
        self.asked += 1
        return f"question {self.asked}"

    def settle(self) -> None:
        self.room.turns.stop()
        self.room.until(lambda: self.room.turns.active is None)

    # --- what people and machines do -------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.room.ask(self.text())

    @rule()
    def send(self) -> None:
        self.room.send(self.text())

    @rule()
    def stop(self) -> None:
        self.room.turns.stop()

    @rule(seconds=st.sampled_from([0.0, 0.01, 0.05]))
    def time_passes(self, seconds: float) -> None:
        self.room.pump(seconds)

    @rule()
    def wait_for_the_end(self) -> None:
        if self.behaviour == "wait_for_cancel":
            self.room.turns.stop()
        self.room.pump(0.2)

    @rule(place=PLACE)
    def edit_a_question(self, place: int) -> None:
        message = self.seen(place, Role.USER)
        if message is not None:
            room = self.room
            room.branching.edit_question(room.now(), message.id, self.text(), room.answering)

    @rule(place=PLACE)
    def regenerate(self, place: int) -> None:
        message = self.seen(place)
        if message is not None and message.role is Role.USER:
            room = self.room
            room.branching.regenerate(room.now(), message.id, room.answering)

    @rule(place=PLACE)
    def continue_an_answer(self, place: int) -> None:
        message = self.seen(place, Role.ASSISTANT)
        if message is not None and message.state is not MessageState.STREAMING:
            room = self.room
            room.branching.continue_answer(room.now(), message.id, room.answering)

    @rule(place=PLACE)
    def edit_an_answer(self, place: int) -> None:
        message = self.seen(place, Role.ASSISTANT)
        if message is not None:
            self.learn(
                self.room.wait(self.room.branching.edit_answer, message.id, f"Mine {place}.")
            )

    @rule(place=PLACE)
    def switch(self, place: int) -> None:
        message = self.seen(place)
        if message is not None:
            shown, _shape = self.room.wait(self.room.history.switch, message.id)
            assert message.id in self.tree().path(shown.leaf_id)

    @rule(place=PLACE, alone=st.booleans())
    def delete(self, place: int, alone: bool) -> None:
        message = self.seen(place)
        if message is not None:
            gone = [message.id] if alone else self.tree().branch(message.id)
            before = set(self.order)
            self.room.wait(self.room.branching.delete, message.id, alone=alone)
            # What was stored between asking and doing went along, too.
            late = [each for each in self.order if each not in before and each not in self.tree()]
            self.deleted[message.id] = [*gone, *late]

    @rule(place=PLACE)
    def undo(self, place: int) -> None:
        if not self.deleted:  # no precondition: what was deleted depends on time
            return
        root = list(self.deleted)[place % len(self.deleted)]
        shown = self.room.wait(self.room.branching.undo_delete, root)
        del self.deleted[root]
        assert root in self.tree().path(shown.leaf_id)

    @rule()
    def queue(self) -> None:
        if self.begun:
            text = self.text()
            self.queued.append(text)
            self.room.wait(self.room.waiting.add, self.room.conversation.id, text)

    @rule()
    def send_what_waits(self) -> None:
        self.room.waiting.send_next(self.room.conversation.id)

    @rule(place=PLACE, pinned=st.booleans())
    def pin(self, place: int, pinned: bool) -> None:
        message = self.seen(place)
        if message is not None:
            self.room.wait(self.room.history.set_pinned, message.id, pinned)
            assert self.room.history.message(message.id).pinned is pinned

    @rule(overflow=st.sampled_from(list(Overflow)))
    def choose_what_to_do_when_it_is_full(self, overflow: Overflow) -> None:
        if self.begun:
            self.room.wait(self.room.history.set_overflow, self.room.conversation.id, overflow)

    @rule()
    def send_more_than_fits(self) -> None:
        self.room.send(f"{self.text()} {'much ' * 1500}")

    @rule()
    def crash_and_start_again(self) -> None:
        """Nothing is told to anybody any more; what was acknowledged is there again."""
        room = self.room
        room.kill_worker()
        room.scheduler.close()
        room.database.close()
        room.open()
        room.turns.subscribe(self.heard)
        room.history.mark_interrupted()
        for message in room.history.messages(room.conversation.id):
            # A write that nobody heard of may have been made, whole, or not at all.
            assert message.text.startswith(self.words.get(message.id, ""))
            assert message.state is not MessageState.STREAMING
            self.learn(message)
        asked = {each.text for each in room.history.messages(room.conversation.id)}
        waiting = [each.text for each in room.waiting.waiting(room.conversation.id)]
        assert [each for each in self.queued if each not in asked] == waiting
        self.queued = waiting

    @rule(behaviour=st.sampled_from(BEHAVIOURS))
    def change_the_model(self, behaviour: str) -> None:
        self.behaviour = behaviour
        self.room.host.unload()

    @rule()
    def kill_the_worker(self) -> None:
        self.room.kill_worker()

    @rule(place=PLACE)
    def fork(self, place: int) -> None:
        message = self.seen(place)
        if message is not None:
            room = self.room
            new = room.wait(room.history.fork, room.conversation.id, message.id, "Fork")
            copied = [each.role for each in room.history.branch(new)]
            branch = room.history.branch(room.conversation.id, message.id)
            assert copied == [each.role for each in branch]

    # --- what always holds -----------------------------------------------------------------

    @invariant()
    def nothing_acknowledged_is_lost_and_nothing_is_there_twice(self) -> None:
        if not self.begun:
            return
        room, hidden = self.room, {each for gone in self.deleted.values() for each in gone}
        tree, turn = self.tree(), self.room.turns.active
        messages = {each.id: each for each in room.history.messages(room.conversation.id)}
        pending = set() if turn is None else {turn.answer.id, turn.user.id if turn.user else ""}
        assert set(messages) - pending == set(self.order) - hidden - pending
        for each, message in messages.items():
            if each not in pending:
                assert message.text == self.words[each]
        place = {each: at for at, each in enumerate(self.order)}
        path = [each for each in tree.path(room.now().leaf_id) if each in place]
        assert [place[each] for each in path] == sorted(place[each] for each in path)
        waiting = [each.text for each in room.waiting.waiting(room.conversation.id)]
        assert waiting == self.queued or turn is not None

    def teardown(self) -> None:
        try:
            self.settle()
            self.room.pump(0.05)
            self.settle()
            self.nothing_acknowledged_is_lost_and_nothing_is_there_twice()
            self.room.close()
            self.room.open()
            self.nothing_acknowledged_is_lost_and_nothing_is_there_twice()
            for root in reversed(list(self.deleted)):
                try:
                    self.room.wait(self.room.history.restore_message, root)
                except HistoryError as error:
                    raise AssertionError("a deletion could not be undone") from error
            self.deleted.clear()
            self.nothing_acknowledged_is_lost_and_nothing_is_there_twice()
        finally:
            self.room.close()
            self.folder.cleanup()
