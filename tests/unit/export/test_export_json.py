"""JSON: everything of every branch, equal when it is read back."""

import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.export.base import ExportOptions, Given
from app.export.exports import Exports
from app.export.json_format import ExportedChats, JsonFormat
from app.export.sinks import MemorySink
from app.history.entities import (
    Conversation,
    Message,
    MessageState,
    Overflow,
    Role,
    Summary,
)
from app.ids import new_id
from tests.unit.history.conftest import DETAILS, Kept


@pytest.fixture
def kept(tmp_path):
    opened = Kept(tmp_path / "data")
    yield opened
    opened.database.close()


def exported(conversation: Conversation, messages: list[Message], summaries: list[Summary]) -> str:
    """The file of one conversation."""
    sink = MemorySink()
    given = Given(conversation, tuple(messages), (), tuple(summaries))
    JsonFormat().write([given], ExportOptions(), sink)
    return sink.data.decode()


def read_back(text: str) -> tuple[Conversation, list[Message], list[Summary]]:
    """What an import would have in its hands."""
    (told,) = msgspec.json.decode(text, type=ExportedChats, strict=True).conversations
    conversation = Conversation(
        id=told.id,
        title=told.title,
        system_prompt=told.system_prompt,
        sampling=told.sampling,
        model_key=told.model_key,
        leaf_id=told.leaf_id,
        created_ms=told.created_ms,
        updated_ms=told.updated_ms,
        overflow=Overflow.STOP if told.overflow is msgspec.UNSET else told.overflow,
    )
    summaries = [
        Summary(each.until_id, told.id, each.text, each.edited, each.created_ms)
        for each in told.summaries or []
    ]
    messages = [
        Message(
            id=m.id,
            conversation_id=told.id,
            parent_id=m.parent_id,
            role=m.role,
            text=m.text,
            reasoning=m.reasoning,
            state=m.state,
            created_ms=m.created_ms,
            sequence=m.sequence,
            details=m.details,
            pinned=m.pinned is True,
        )
        for m in told.messages
    ]
    return conversation, sorted(messages, key=lambda message: message.sequence), summaries


def test_every_branch_is_in_the_file(kept):
    conversation, user, first = kept.turn(Conversation(new_id(), "T"), "Why?", "One.")
    kept.turn(conversation, None, "Two.", user.id)
    text = Exports(kept.database, kept.posted.post).text(conversation.id, "json")
    assert text.startswith('{"format":"moestro","version":1')
    plain = json.loads(text)
    assert (plain["format"], plain["version"]) == ("moestro", 1)
    (exported,) = plain["conversations"]
    assert [m["id"] for m in exported["messages"]] == sorted(m["id"] for m in exported["messages"])
    assert {m["text"] for m in exported["messages"]} == {"Why?", "One.", "Two."}
    details = next(m for m in exported["messages"] if m["id"] == first.id)["details"]
    assert details["quantization"] == "Q4_K_M"
    assert details["plan"]["context_tokens"] == 2048
    assert details["timings"]["generated_tokens"] == 12


def test_the_same_chat_gives_the_same_bytes_at_any_time(kept):
    conversation = kept.chat("T", "One?", "Two?")
    before = Exports(kept.database, kept.posted.post).text(conversation.id, "json")
    kept.now += 10_000_000
    kept.chat("Other", "Else?")
    kept.reopen()
    assert Exports(kept.database, kept.posted.post).text(conversation.id, "json") == before


def test_what_was_not_asked_for_is_left_out(kept):
    conversation = kept.chat("T", "One?")
    kept.wait(kept.history.set_system_prompt, conversation.id, "Be brief.")
    options = ExportOptions(system_prompt=False, reasoning=False, statistics=False)
    exports = Exports(kept.database, kept.posted.post)
    (exported,) = json.loads(exports.text(conversation.id, "json", options))["conversations"]
    assert "system_prompt" not in exported
    assert all({"reasoning", "details"}.isdisjoint(m) for m in exported["messages"])
    full = Exports(kept.database, kept.posted.post).text(conversation.id, "json")
    assert '"system_prompt":"Be brief."' in full


def test_a_chat_without_messages_is_a_whole_file(kept):
    conversation = kept.chat("Empty")
    text = Exports(kept.database, kept.posted.post).text(conversation.id, "json")
    assert json.loads(text)["conversations"][0]["messages"] == []


TEXTS = st.text(max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    title=TEXTS,
    system=TEXTS,
    rows=st.lists(
        st.tuples(
            TEXTS,
            TEXTS,
            st.sampled_from(Role),
            # What is being written is interrupted in a file.
            st.sampled_from([each for each in MessageState if each is not MessageState.STREAMING]),
            st.sampled_from([None, DETAILS]),
            st.booleans(),
            st.none() | st.tuples(TEXTS, st.booleans()),
        ),
        max_size=6,
    ),
    overflow=st.sampled_from(Overflow),
)
def test_read_back_it_is_the_same(title, system, rows, overflow):
    conversation = Conversation(
        new_id(),
        title,
        system_prompt=system,
        sampling=DETAILS.sampling,
        leaf_id="leaf",
        created_ms=1,
        updated_ms=2,
        overflow=overflow,
    )
    messages: list[Message] = []
    summaries: list[Summary] = []
    # Ids that were made within one millisecond are in no order.
    ids = sorted((new_id() for _ in rows), reverse=True)
    for number, (text, reasoning, role, state, details, pinned, summed) in enumerate(rows, 1):
        if summed is not None:
            summaries.append(Summary(ids[number - 1], conversation.id, *summed, number))
        parent = messages[-1].id if messages else None
        messages.append(
            Message(
                ids[number - 1],
                conversation.id,
                parent,
                role,
                text,
                reasoning,
                state,
                created_ms=number,
                sequence=number,
                details=details,
                pinned=pinned,
            )
        )
    text = exported(conversation, messages, summaries)
    (plain,) = json.loads(text)["conversations"]
    assert [m["id"] for m in plain["messages"]] == ids[::-1]
    summaries.sort(key=lambda each: each.until_id)
    found, kept, summed = read_back(text)
    assert (found, kept, summed) == (conversation, messages, summaries)
    assert exported(found, kept, summed) == text


def test_pins_the_choice_for_a_full_context_and_summaries_are_kept(kept):
    conversation, user, answer = kept.turn(Conversation(new_id(), "T"), "Why?", "One.")
    history = kept.history
    plain = Exports(kept.database, kept.posted.post).text(conversation.id, "json")
    assert all(word not in plain for word in ('"pinned"', '"overflow"', '"summaries"'))
    kept.wait(history.set_pinned, user.id, True)
    kept.wait(history.set_overflow, conversation.id, Overflow.SUMMARISE)
    kept.wait(history.set_summary, Summary(answer.id, conversation.id, "Asked why.", edited=True))
    (told,) = json.loads(Exports(kept.database, kept.posted.post).text(conversation.id, "json"))[
        "conversations"
    ]
    assert told["overflow"] == "summarise"
    assert {each["id"]: each.get("pinned") for each in told["messages"]} == {
        user.id: True, answer.id: None,
    }  # fmt: skip
    (summary,) = told["summaries"]
    assert (summary["until_id"], summary["text"]) == (answer.id, "Asked why.")
    assert summary["edited"] is True


def test_a_summary_of_a_deleted_branch_is_not_in_the_file(kept):
    conversation, _user, answer = kept.turn(Conversation(new_id(), "T"), "Why?", "One.")
    kept.wait(kept.history.set_summary, Summary(answer.id, conversation.id, "A secret."))
    kept.wait(kept.history.trash_message, answer.id)
    assert "A secret." not in Exports(kept.database, kept.posted.post).text(conversation.id, "json")
