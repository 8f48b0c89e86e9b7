"""The budget with a real worker, the starter model's tokenizer and template, and a few of its
layers: what fits, every choice when it does not, answers written on, summaries, and what waits.

What is written means nothing, and costs a tenth."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.chat.budget import Measured, Wanted, wanted_of
from app.chat.context import room_for_answer
from app.chat.events import TurnCounted, TurnOverfull, TurnSummarised, TurnSummarising
from app.chat.order import question_of
from app.chat.seen import Differs, differs, wanted_for_answer
from app.chat.summarising import Summariser, parts_of_conversation
from app.engine.entities import SamplingParameters
from app.history.entities import Message, MessageState, Overflow, QueuedMessage, Role, Summary
from app.ids import new_id
from app.placement.entities import ContextPrice
from models.errors import KnownError
from tests.helpers.chat_room import ChatRoom
from tests.helpers.short_model import with_layers


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, starter_model: Path) -> Iterator[ChatRoom]:
    root = tmp_path_factory.mktemp("room")
    model = with_layers(starter_model, root / "short.gguf", 2)
    opened = ChatRoom(root, None, model, context_tokens=512)
    yield opened
    opened.close()


@pytest.fixture
def room(shared: ChatRoom) -> Iterator[ChatRoom]:
    """The same worker for all, which takes a second to start; a conversation for each."""
    shared.begin_anew()
    yield shared
    shared.turns.stop()
    shared.until(lambda: shared.turns.active is None)


def measure(room: ChatRoom, **changes) -> Measured:
    values = {"system_prompt": "", "branch": room.branch(), "max_tokens": 24, **changes}
    heard: list[Measured | KnownError] = []
    room.budget.measure(Wanted(**values), heard.append, heard.append)
    room.until(lambda: bool(heard))
    assert isinstance(heard[0], Measured), heard
    return heard[0]


def words(count: int) -> str:
    return "word " * count


def fill(room: ChatRoom, *sizes: int) -> list[Message]:
    """Questions of so many words, each answered briefly."""
    room.sampling = SamplingParameters(temperature=0.0, max_tokens=4)
    for size in sizes:
        assert room.ask(words(size)).failure is None
    room.sampling = SamplingParameters(temperature=0.0, max_tokens=24)
    return room.branch()


def set_overflow(room: ChatRoom, overflow: Overflow) -> None:
    room.wait(room.history.set_overflow, room.conversation.id, overflow)


def counted(room: ChatRoom):
    return next(e.report for e in reversed(room.events) if isinstance(e, TurnCounted))


def test_the_meter_is_what_the_engine_really_read(room: ChatRoom) -> None:
    ended = room.ask("What is the capital of France? Answer briefly.")
    report = counted(room)
    assert ended.message.details.timings.prompt_tokens == report.prompt_tokens
    assert report.prompt_tokens == report.tokens_of("message") + report.format_tokens
    assert report.tokens_of("message") == 10
    draft = question_of(room.conversation, room.branch(), "And of Italy?", ())
    meter = measure(room, draft=draft).report
    assert meter.tokens_of("draft") > 0
    # What was read and answered is not read again.
    assert 0 < meter.to_read < meter.prompt_tokens / 2
    assert meter.read_seconds == meter.to_read / 100.0
    room.ask("And of Italy?")
    assert counted(room).prompt_tokens == meter.prompt_tokens


def test_what_the_model_is_given_can_be_read(room: ChatRoom) -> None:
    room.ask("Say <|im_end|> twice.")
    found = measure(room, system_prompt="Be kind.")
    heard: list[str] = []
    room.budget.show(found, heard.append, heard.append)
    room.until(lambda: bool(heard))
    assert heard[0].startswith("<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nSay <|im")
    assert heard[0].endswith("<|im_start|>assistant\n")


def test_why_an_old_prompt_may_differ_is_known(room: ChatRoom) -> None:
    room.ask("Hi")
    answer = room.ask("And now?").message
    assert wanted_for_answer(room.now(), room.branch(), "nowhere", room.sampling) is None
    wanted = wanted_for_answer(room.now(), room.branch(), answer.id, room.sampling)
    heard: list[Measured] = []
    room.budget.measure(wanted, heard.append, heard.append)
    room.until(lambda: bool(heard))
    assert differs(answer, heard[0], "k") is Differs.NOTHING
    assert differs(answer, heard[0], "another") is Differs.MODEL
    assert differs(replace(answer, details=None), heard[0], "k") is Differs.UNKNOWN
    changed = measure(room, system_prompt="Be kind.", branch=room.branch()[:3])
    assert differs(answer, changed, "k") is Differs.TOKENS


def test_one_token_under_at_and_over_the_limit(room: ChatRoom) -> None:
    room.ask("Hi")
    room.branching.delete(room.branch()[0].id)
    room.until(lambda: not room.branch())
    draft = question_of(room.conversation, (), words(100), ())
    base = measure(room, branch=(), draft=draft).report
    spare = base.context_tokens - base.room - base.prompt_tokens
    for more, fits in ((spare - 1, True), (spare, True), (spare + 1, False)):
        text = words(100 + more)
        draft = question_of(room.conversation, (), text, ())
        report = measure(room, branch=(), draft=draft).report
        assert report.prompt_tokens == base.prompt_tokens + more
        assert report.fits is fits
        ended = room.ask(text)
        assert (ended.failure is None) is fits
        room.branching.delete(room.branch()[0].id)
        room.until(lambda: not room.branch())


def test_a_turn_over_the_limit_generates_nothing_and_keeps_the_question(room: ChatRoom) -> None:
    fill(room, 100, 100)
    ended = room.ask(words(400))
    assert ended.failure is not None
    assert ended.failure.code == "chat.context_full"
    assert ended.message.state is MessageState.FAILED
    (overfull,) = (each for each in room.events if isinstance(each, TurnOverfull))
    assert overfull.report.needed_tokens > 512
    assert room.branch()[-2].text == words(400)
    assert room.host.is_ready("k")


@pytest.mark.parametrize("overflow", [Overflow.OLDEST, Overflow.MIDDLE])
def test_whole_exchanges_are_left_out_but_never_a_pinned_one(room, overflow) -> None:
    branch = fill(room, 80, 90, 100)
    room.wait(room.history.set_pinned, branch[3].id, True)
    set_overflow(room, overflow)
    ended = room.ask(words(200))
    assert ended.failure is None
    report = counted(room)
    kept = {part.message_id for part in report.parts}
    gone = [each.id for each in branch if each.id not in kept]
    assert list(report.left_out) == gone
    assert {branch[2].id, branch[3].id} <= kept
    assert (branch[0].id in gone) is (overflow is Overflow.OLDEST)
    assert report.prompt_tokens + report.room <= 512 < report.whole_tokens + report.room
    assert ended.message.details.left_out == len(gone)
    assert ended.message.details.timings.prompt_tokens == report.prompt_tokens
    # Nothing is taken out of the history.
    assert len(room.branch()) == 8


def test_what_may_not_go_ends_the_turn(room: ChatRoom) -> None:
    branch = fill(room, 100, 100)
    for each in branch:
        room.wait(room.history.set_pinned, each.id, True)
    set_overflow(room, Overflow.OLDEST)
    assert room.ask(words(300)).failure.code == "chat.context_full"


def test_growing_loads_a_longer_window_once(room: ChatRoom) -> None:
    fill(room, 100, 100)
    room.prices = (
        ContextPrice(context_tokens=1024, expert_layers=0, decode=1.0, verdict="cpu"),
        ContextPrice(context_tokens=2048, expert_layers=0, decode=1.0, verdict="cpu"),
    )
    draft = question_of(room.conversation, room.branch(), words(400), ())
    report = measure(room, draft=draft).report
    assert not report.fits
    assert report.growth == room.prices[0]
    set_overflow(room, Overflow.GROW)
    room.loaded.clear()
    assert room.ask(words(400)).failure is None
    assert counted(room).context_tokens == 1024
    assert room.ask("And now?").failure is None
    assert room.loaded == [512, 1024, 1024]
    room.prices = ()
    assert room.ask(words(900)).failure.code == "chat.context_full"


def test_a_summary_stands_for_what_falls_out(room: ChatRoom) -> None:
    branch = fill(room, 60, 60, 120)
    summariser = Summariser(room.host)
    heard: list[str] = []
    grown: list[str] = []
    assert summariser.summarise(branch[:4], "", grown.append, heard.append, heard.append)
    assert not summariser.summarise(branch[:4], "", grown.append, heard.append, heard.append)
    room.until(lambda: bool(heard))
    assert isinstance(heard[0], str)
    assert grown[-1].strip() == heard[0]
    edited = Summary(branch[3].id, room.conversation.id, "Only words so far.", edited=True)
    room.wait(room.history.set_summary, edited)
    assert room.ask(words(200)).failure is None
    report = counted(room)
    assert report.summarised == tuple(each.id for each in branch[:4])
    assert 0 < report.tokens_of("summary") < 40
    # On another branch it does not count.
    other = room.branching.edit_question(room.now(), branch[2].id, words(50), room.answering)
    assert other
    assert room.ended().failure is None
    assert counted(room).tokens_of("summary") == 0


def test_a_turn_that_overflows_is_summarised_by_itself_where_that_was_chosen(room) -> None:
    branch = fill(room, 60, 60, 120)
    set_overflow(room, Overflow.SUMMARISE)
    ended = room.ask(words(200))
    assert ended.failure is None
    (told,) = (each for each in room.events if isinstance(each, TurnSummarised))
    heard = [each.text for each in room.events if isinstance(each, TurnSummarising)]
    assert heard[0] == ""
    assert heard[-1].strip() == told.summary.text
    assert room.history.summaries(room.conversation.id)[0].text == told.summary.text
    report = counted(room)
    assert report.summarised
    assert report.summarised[-1] == told.summary.until_id
    assert set(report.summarised) <= {each.id for each in branch}
    assert ended.message.details.left_out == len(report.summarised)
    # There is room now: the next one needs no summary of its own.
    room.sampling = SamplingParameters(temperature=0.0, max_tokens=4)
    room.ask("And?")
    assert counted(room).summarised == report.summarised
    # Then the next summary takes the one before in.
    assert room.ask(words(300)).failure is None
    assert len(room.history.summaries(room.conversation.id)) == 2


def test_a_summary_is_stopped_with_its_turn(room: ChatRoom) -> None:
    fill(room, 60, 60, 120)
    set_overflow(room, Overflow.SUMMARISE)
    assert room.send(words(200))
    room.until(lambda: any(isinstance(each, TurnSummarising) for each in room.events))
    room.turns.stop()
    ended = room.ended()
    assert ended.message.details.stop_reason == "cancelled"
    assert room.history.summaries(room.conversation.id) == []
    set_overflow(room, Overflow.OLDEST)
    assert room.ask("Go on.").failure is None


def test_an_answer_goes_before_a_summary(room: ChatRoom) -> None:
    branch = fill(room, 60, 60)
    heard: list[KnownError] = []
    summariser = Summariser(room.host, lambda: room.turns.active is not None)
    assert summariser.summarise(branch, "", lambda _text: None, heard.append, heard.append)
    summariser.give_way()
    assert [each.code for each in heard] == ["chat.summary_put_off"]
    assert room.send("Hi")
    assert not summariser.summarise(branch, "", lambda _text: None, heard.append, heard.append)
    assert room.ended().failure is None
    assert len(heard) == 1


def test_what_would_fall_out_is_told_before_anything_is_chosen(room: ChatRoom) -> None:
    branch = fill(room, 80, 90, 100)
    draft = question_of(room.conversation, branch, words(200), ())
    wanted = wanted_of(room.now(), branch, room.sampling, draft=draft)
    heard: list[Measured] = []
    room.budget.measure(wanted, heard.append, heard.append)
    room.until(lambda: bool(heard))
    report = heard[0].report
    assert not report.fits
    assert report.left_out == ()
    assert report.falls_out == tuple(each.id for each in branch[:2])
    assert report.falls_out_helps
    long = question_of(room.conversation, branch, words(600), ())
    assert not measure(room, draft=long).report.falls_out_helps
    short = question_of(room.conversation, branch, "Hi", ())
    assert measure(room, draft=short).report.falls_out == ()


def test_an_edit_tells_what_must_be_read_again(room: ChatRoom) -> None:
    branch = fill(room, 60, 60, 60)
    last = question_of(room.conversation, branch[:4], words(61), ())
    first = question_of(room.conversation, (), words(61), ())
    late = measure(room, branch=branch[:4], draft=last).report
    early = measure(room, branch=branch[:0], draft=first).report
    # What stands before the edit has been read, but for where it differs.
    assert late.prompt_tokens > early.prompt_tokens
    assert late.to_read < late.prompt_tokens / 2
    assert measure(room, branch=branch, draft=first).report.to_read > 60
    assert late.read_seconds == late.to_read / 100.0


def test_a_history_of_any_length_is_brought_within_the_window(room: ChatRoom) -> None:
    """Far more than is counted exactly: left out by a guess first, then counted."""
    room.ask("Hi")
    roles = (Role.USER, Role.ASSISTANT)
    branch = [
        Message(str(n), room.conversation.id, None, roles[n % 2], f"{n} {words(20_000)}")
        for n in range(20)
    ]
    branch += [
        Message(f"small {n}", room.conversation.id, None, roles[n % 2], words(20)) for n in range(6)
    ]
    draft = question_of(room.conversation, (), "What now?", ())
    report = measure(room, branch=branch, draft=draft, overflow=Overflow.OLDEST).report
    assert report.fits
    assert report.exact
    assert report.left_out == tuple(each.id for each in branch[:20])
    assert report.whole_tokens > 350_000
    report = measure(room, branch=branch, draft=draft).report
    assert not report.exact
    assert report.falls_out == tuple(each.id for each in branch[:20])


def test_a_summary_of_more_than_fits_is_made_in_parts(room: ChatRoom) -> None:
    room.ask("Hi")
    long = [
        Message(str(n), "c", None, Role.USER if n % 2 else Role.ASSISTANT, f"{n} {words(60)}")
        for n in range(4)
    ]
    chunks = parts_of_conversation(long, 500)
    assert all(len(each) <= 500 for each in chunks)
    assert "".join(chunks).count("word") >= 4 * 60 - len(chunks)
    heard: list[object] = []
    Summariser(room.host).summarise(long, "before", lambda _text: None, heard.append, heard.append)
    room.until(lambda: bool(heard), 120)
    assert isinstance(heard[0], str) or heard[0].code == "chat.no_summary"


def test_an_answer_that_stopped_is_written_on_where_it_was(room: ChatRoom) -> None:
    room.sampling = SamplingParameters(temperature=0.0, max_tokens=12)
    first = room.ask("Write a story about a small dog.").message
    assert first.details.stop_reason == "length"
    room.branching.continue_answer(room.now(), first.id, room.answering)
    second = room.ended().message
    assert second.id == first.id
    assert second.text.startswith(first.text)
    assert len(second.text) > len(first.text)
    assert room.branch()[-1].text == second.text
    # As if it had been written at once.
    room.sampling = SamplingParameters(temperature=0.0, max_tokens=24)
    room.branching.regenerate(room.now(), first.id, room.answering)
    assert room.ended().message.text[:60] == second.text[:60]
    # Where others follow, a copy is written on.
    room.ask("Go on.")
    shown = room.ended().message.id
    place = room.history.place(shown).position
    assert place == 0
    question = room.branch()[-2]
    room.branching.continue_answer(room.now(), question.parent_id, room.answering)
    copy = room.ended().message
    assert copy.id != question.parent_id
    assert room.history.message(question.parent_id).text in copy.text


def test_a_models_words_can_be_changed_and_gone_on_from(room: ChatRoom) -> None:
    answer = room.ask("What is the capital of France?").message
    edited = room.wait(room.branching.edit_answer, answer.id, "It is spelled: P-A-R")
    assert edited.details.edited
    assert room.branch()[-1].id == edited.id
    room.branching.continue_answer(room.now(), edited.id, room.answering)
    assert room.ended().message.text.startswith("It is spelled: P-A-R")
    assert room.ended().message.details.edited
    assert room.history.message(answer.id).text == answer.text


def test_an_answer_that_could_not_be_written_on_is_as_it_was(room: ChatRoom) -> None:
    room.sampling = SamplingParameters(temperature=0.0, max_tokens=12)
    room.conversation = replace(
        room.conversation, system_prompt="You tell long stories to children. " * 32
    )
    before = room.ask("Write a story about a small dog.").message
    assert before.details.stop_reason == "length"
    room.sampling = SamplingParameters(temperature=0.0, max_tokens=400)
    room.branching.continue_answer(room.now(), before.id, room.answering)
    ended = room.ended()
    assert ended.failure.code == "chat.context_full"
    after = room.branch()[-1]
    assert (after.text, after.state) == (before.text, MessageState.INTERRUPTED)
    assert after.details.failure == "chat.context_full"
    assert after.details.timings == before.details.timings
    # Stopped before a word was added: nothing has changed.
    room.sampling = SamplingParameters(temperature=0.0, max_tokens=12)
    room.host.unload()
    room.branching.continue_answer(room.now(), before.id, room.answering)
    room.turns.stop()
    assert room.ended().message.details.timings == before.details.timings


def test_what_waits_is_sent_when_the_answer_is_complete(room: ChatRoom) -> None:
    room.send("Say one word.")
    room.until(lambda: room.turns.active is not None and bool(room.branch()))
    for text in ("Say two words.", "Say three words."):
        room.wait(room.waiting.add, room.conversation.id, text)
    room.until(lambda: len(room.branch()) == 6 and room.turns.active is None)
    assert [each.text for each in room.branch()[2::2]] == ["Say two words.", "Say three words."]
    assert room.waiting.waiting(room.conversation.id) == []


def test_after_a_stop_what_waits_goes_on_waiting(room: ChatRoom) -> None:
    room.sampling = SamplingParameters(temperature=0.0, max_tokens=400)
    room.send("Write a very long story.")
    room.until(lambda: bool(room.branch()) and bool(room.turns.active.tokens))
    room.wait(room.waiting.add, room.conversation.id, "Next.")
    room.turns.stop()
    room.ended()
    room.pump(0.1)
    assert [each.text for each in room.waiting.waiting(room.conversation.id)] == ["Next."]
    room.sampling = SamplingParameters(temperature=0.0, max_tokens=4)
    assert room.waiting.send_next(room.conversation.id)
    room.until(lambda: room.turns.active is None)
    assert room.branch()[-2].text == "Next."


def test_deleting_what_is_being_answered_stops_the_answer(room: ChatRoom) -> None:
    room.ask("Hi")
    room.sampling = SamplingParameters(temperature=0.0, max_tokens=400)
    room.send("Write a very long story.")
    room.until(lambda: room.turns.active is not None and bool(room.turns.active.tokens))
    question = room.branch()[-2]
    room.wait(room.branching.delete, question.id)
    ended = room.ended()
    assert ended.message.details.stop_reason == "cancelled"
    assert len(room.branch()) == 2
    room.wait(room.branching.undo_delete, question.id)
    assert room.branch()[-1].text == ended.message.text != ""


def test_what_waits_for_another_conversations_answer_is_sent_after_it(room: ChatRoom) -> None:
    room.ask("Say one word.")
    other = room.wait(room.history.fork, room.conversation.id, room.branch()[-1].id, "Other")
    room.sampling = SamplingParameters(temperature=0.0, max_tokens=200)
    room.send("Write a long story.")
    room.until(lambda: room.turns.active is not None and bool(room.turns.active.tokens))
    room.wait(room.waiting.add, other, "Say two words.")
    room.sampling = SamplingParameters(temperature=0.0, max_tokens=4)
    room.turns.stop()
    room.until(lambda: len(room.history.branch(other)) == 4 and room.turns.active is None)
    assert room.history.branch(other)[2].text == "Say two words."


def test_what_waits_in_the_trash_is_not_sent(room: ChatRoom) -> None:
    room.ask("Hi")
    room.wait(room.history.trash, [room.conversation.id])
    room.wait(room.waiting.add, room.conversation.id, "Next.")
    assert not room.waiting.send_next(room.conversation.id)
    assert room.turns.active is None


def test_a_command_sends_nothing_that_waits(room: ChatRoom) -> None:
    room.ask("Hi")
    room.wait(room.history.queue, QueuedMessage(new_id(), room.conversation.id, "Next."))
    room.waiting._follows = False
    room.ask("Once more.")
    room.pump(0.1)
    assert [each.text for each in room.history.queued(room.conversation.id)] == ["Next."]


def test_room_for_the_answer() -> None:
    assert room_for_answer(4096, None) == 512
    assert room_for_answer(512, None) == 64
    assert room_for_answer(4096, 100) == 100
    assert room_for_answer(4096, 1_000_000) == 2048


def test_nothing_is_counted_without_a_model(room: ChatRoom) -> None:
    room.host.unload()
    heard: list[KnownError] = []
    room.budget.measure(Wanted(system_prompt="", branch=()), heard.append, heard.append)
    assert heard[0].code == "engine.not_loaded"
