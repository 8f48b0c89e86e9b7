"""Turns: what is stored when, in which order, and what comes back."""

import math

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine.entities import SamplingParameters, Timings
from app.history.entities import AnswerDetails, Conversation, Message, MessageState, Role
from app.history.errors import HistoryError
from app.ids import new_id
from tests.unit.history.conftest import DETAILS, Kept


def test_a_turn_is_whole_on_disk_before_it_is_told(kept):
    conversation = Conversation(new_id(), "Title", system_prompt="Be brief.")
    stored, user, answer = kept.turn(conversation, "Why?")
    other = apsw.Connection(str(kept.path))
    rows = other.execute("SELECT text, state FROM messages ORDER BY sequence").fetchall()
    other.close()
    assert rows == [("Why?", "complete"), ("", "streaming")]
    assert stored.leaf_id == answer.id
    assert stored.model_key == DETAILS.model_key
    assert stored.system_prompt == "Be brief."
    assert (user.sequence, answer.sequence) == (1, 2)
    assert (user.parent_id, answer.parent_id) == (None, user.id)
    assert (stored.created_ms, stored.updated_ms, user.created_ms) == (kept.now,) * 3
    assert kept.history.conversation(conversation.id) == stored
    assert kept.history.messages(conversation.id) == [user, answer]


def test_everything_is_there_after_a_restart(kept):
    conversation = kept.chat("Title", "One?", "Two?")
    before = kept.history.messages(conversation.id)
    kept.reopen()
    assert kept.history.conversations() == [conversation] or (
        kept.history.conversations()[0].id == conversation.id
    )
    assert kept.history.messages(conversation.id) == before
    assert [message.text for message in before] == [
        "One?",
        "Answer to One?",
        "Two?",
        "Answer to Two?",
    ]
    assert before[1].details == DETAILS


def test_a_turn_that_cannot_be_kept_changes_nothing(kept):
    conversation = kept.chat("Title", "One?")
    before = kept.history.messages(conversation.id), kept.history.conversations()
    taken = before[0][0].id
    user = Message(new_id(), conversation.id, before[0][1].id, Role.USER, "Two?")
    answer = Message(taken, conversation.id, user.id, Role.ASSISTANT, "")
    with pytest.raises(Exception, match=r"general\.unexpected"):
        kept.wait(kept.history.begin_turn, conversation, user, answer)
    assert (kept.history.messages(conversation.id), kept.history.conversations()) == before


def test_an_answer_to_a_message_that_is_gone_is_refused(kept):
    conversation = kept.chat("Title", "One?")
    other = kept.chat("Other", "Else?")
    for parent in (new_id(), kept.history.messages(other.id)[0].id):
        user = Message(new_id(), conversation.id, parent, Role.USER, "Two?")
        answer = Message(new_id(), conversation.id, user.id, Role.ASSISTANT, "")
        with pytest.raises(HistoryError) as error:
            kept.wait(kept.history.begin_turn, conversation, user, answer)
        assert error.value.code == "history.no_message"
    assert len(kept.history.messages(conversation.id)) == 2


def test_a_turn_fills_an_empty_title_and_keeps_a_given_one(kept):
    conversation = kept.wait(kept.history.create, Conversation(new_id(), ""))
    named = Conversation(conversation.id, "From the question")
    stored, _user, answer = kept.turn(named, "One?", "Yes.")
    assert stored.title == "From the question"
    kept.wait(kept.history.rename, conversation.id, "Mine")
    stored, _user, _answer = kept.turn(named, "Two?", "Yes.", answer.id)
    assert stored.title == "Mine"


def test_checkpoints_are_kept_and_the_answer_closes_them(kept):
    conversation = Conversation(new_id(), "Title")
    _stored, _user, answer = kept.turn(conversation, "Why?")
    kept.wait(kept.history.checkpoint, answer.id, "Bec", "Hmm")
    (_first, half) = kept.history.messages(conversation.id)
    assert (half.text, half.reasoning, half.state) == ("Bec", "Hmm", MessageState.STREAMING)
    kept.now += 5000
    finished = kept.wait(
        kept.history.finish_answer,
        answer.id,
        "Because.",
        "Hmm.",
        MessageState.COMPLETE,
        DETAILS,
    )
    kept.wait(kept.history.checkpoint, answer.id, "late", "late")
    assert kept.history.messages(conversation.id)[1] == finished
    assert finished.text == "Because."
    assert kept.history.conversation(conversation.id).updated_ms == kept.now


def test_finishing_an_answer_that_is_gone_is_told(kept):
    with pytest.raises(HistoryError) as error:
        kept.wait(kept.history.finish_answer, new_id(), "", "", MessageState.COMPLETE, None)
    assert error.value.code == "history.no_message"


def test_answers_cut_off_by_a_kill_become_interrupted(kept):
    conversation = Conversation(new_id(), "Title")
    _stored, _user, answer = kept.turn(conversation, "Why?")
    kept.wait(kept.history.checkpoint, answer.id, "Bec", "")
    done = kept.chat("Done", "One?")
    kept.reopen()
    assert kept.history.mark_interrupted() == 1
    assert kept.history.mark_interrupted() == 0
    half = kept.history.messages(conversation.id)[1]
    assert (half.text, half.state) == ("Bec", MessageState.INTERRUPTED)
    assert kept.history.messages(done.id)[1].state is MessageState.COMPLETE


def test_an_answer_of_a_running_terminal_survives_being_marked(kept):
    _stored, _user, answer = kept.turn(Conversation(new_id(), "Title"), "Why?")
    kept.history.mark_interrupted()
    kept.wait(kept.history.checkpoint, answer.id, "still going", "")
    finished = kept.wait(
        kept.history.finish_answer, answer.id, "done", "", MessageState.COMPLETE, DETAILS
    )
    assert finished.state is MessageState.COMPLETE


def test_marking_looks_at_no_finished_message(kept):
    plan = kept.database.read(
        lambda connection: connection.execute(
            "EXPLAIN QUERY PLAN UPDATE messages SET state = 'x' WHERE state = 'streaming'"
        ).fetchall()
    )
    assert "messages_streaming" in str(plan)


def test_answering_anew_makes_a_branch(kept):
    conversation, user, first = kept.turn(Conversation(new_id(), "T"), "Why?", "One.")
    stored, no_user, second = kept.turn(conversation, None, "Two.", user.id)
    assert no_user is None
    assert stored.leaf_id == second.id
    assert kept.history.siblings(first.id) == [first.id, second.id]
    assert kept.history.siblings(user.id) == [user.id]
    assert [m.text for m in kept.history.branch(conversation.id)] == ["Why?", "Two."]
    assert [m.text for m in kept.history.branch(conversation.id, first.id)] == ["Why?", "One."]
    kept.wait(kept.history.set_leaf, conversation.id, first.id)
    assert [m.text for m in kept.history.branch(conversation.id)] == ["Why?", "One."]
    assert len(kept.history.messages(conversation.id)) == 3


def test_two_first_questions_are_siblings(kept):
    conversation, first, _answer = kept.turn(Conversation(new_id(), "T"), "Why?", "One.")
    _stored, second, _answer = kept.turn(conversation, "Why not?", "Two.")
    other = kept.chat("Other", "Elsewhere?")
    assert kept.history.siblings(first.id) == [first.id, second.id]
    assert len(kept.history.siblings(kept.history.messages(other.id)[0].id)) == 1


def test_a_leaf_of_another_chat_is_refused(kept):
    one = kept.chat("One", "1?")
    two = kept.chat("Two", "2?")
    with pytest.raises(HistoryError) as error:
        kept.wait(kept.history.set_leaf, one.id, two.leaf_id)
    assert error.value.code == "history.no_message"
    assert kept.history.conversation(one.id).leaf_id == one.leaf_id


def test_order_is_by_sequence_whatever_the_clock_says(kept):
    one = kept.chat("One", "1?")
    kept.now = 0
    two = kept.chat("Two", "2?")
    kept.now = 4_000_000_000_000
    three = kept.chat("Three")
    kept.now = 1000
    assert [c.title for c in kept.history.conversations()] == ["Three", "Two", "One"]
    kept.turn(one, "Again?", "Yes.", one.leaf_id)
    assert [c.id for c in kept.history.conversations()] == [one.id, three.id, two.id]
    texts = [m.text for m in kept.history.branch(one.id)]
    assert texts == ["1?", "Answer to 1?", "Again?", "Yes."]


HARD_TEXTS = st.one_of(
    st.text(max_size=60),
    # Text strategies leave surrogates out, so these are put together here.
    st.lists(
        st.sampled_from([*"\0\ud800\udfff\ud83d\ude00\u202e\ufeff\ufffe\u200d\r\nab", "👩‍👩‍👧"]),
        max_size=20,
    ).map("".join),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(question=HARD_TEXTS, answer=HARD_TEXTS, reasoning=HARD_TEXTS, title=HARD_TEXTS)
def test_any_text_comes_back_equal_but_for_lone_surrogates(
    kept: Kept, question, answer, reasoning, title
):
    def sound(text: str) -> str:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)

    conversation = Conversation(new_id(), title, system_prompt=question)
    stored, user, pending = kept.turn(conversation, question)
    details = AnswerDetails(
        model_key="k", model_name=title, failure_facts={"text": answer, "bad": math.nan}
    )
    finished = kept.wait(
        kept.history.finish_answer,
        pending.id,
        answer,
        reasoning,
        MessageState.COMPLETE,
        details,
    )
    for text, original in (
        (stored.title, title),
        (stored.system_prompt, question),
        (user.text, question),
        (finished.text, answer),
        (finished.reasoning, reasoning),
        (finished.details.model_name, title),
    ):
        assert text == sound(original)
    assert finished.repair_note == ""


@st.composite
def trees(draw):
    """Parents of n messages: each answers an earlier one or begins anew."""
    count = draw(st.integers(1, 14))
    return [draw(st.integers(-1, number - 1)) for number in range(count)]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(parents=trees())
def test_any_tree_is_kept_with_its_branches(kept: Kept, parents):
    conversation = Conversation(new_id(), "Tree")
    ids: list[str] = []
    for number, parent in enumerate(parents):
        message = Message(
            new_id(),
            conversation.id,
            None if parent < 0 else ids[parent],
            Role.ASSISTANT,
            str(number),
            details=DETAILS,
        )
        kept.wait(kept.history.begin_turn, conversation, None, message)
        ids.append(message.id)
    messages = kept.history.messages(conversation.id)
    assert [m.id for m in messages] == ids
    assert [m.sequence for m in messages] == list(range(1, len(ids) + 1))
    for number, message in enumerate(messages):
        way = [number]
        while parents[way[0]] >= 0:
            way.insert(0, parents[way[0]])
        branch = kept.history.branch(conversation.id, message.id)
        assert [m.text for m in branch] == [str(n) for n in way]
        expected = [ids[n] for n in range(len(ids)) if parents[n] == parents[number]]
        assert kept.history.siblings(message.id) == expected
    assert kept.history.branch(conversation.id)[-1].id == ids[-1]


def test_sampling_and_timings_come_back_as_they_were(kept):
    sampling = SamplingParameters(temperature=1.5, max_tokens=9, stop=("a", "b\0"))
    conversation = kept.chat("T", "Q?")
    stored = kept.wait(kept.history.set_sampling, conversation.id, sampling)
    assert stored.sampling == sampling
    assert kept.wait(kept.history.set_sampling, conversation.id, None).sampling is None
    timings = Timings(prompt_seconds=0.1 + 0.2, tokens_per_second=math.inf)
    details = AnswerDetails(model_key="k", model_name="n", timings=timings)
    finished = kept.wait(
        kept.history.finish_answer,
        conversation.leaf_id,
        "a",
        "",
        MessageState.FAILED,
        details,
    )
    assert finished.details.timings == Timings(prompt_seconds=0.1 + 0.2, tokens_per_second=0.0)
