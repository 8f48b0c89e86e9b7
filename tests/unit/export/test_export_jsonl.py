"""JSONL: each line is a chat as trainers read it, and what a model was given of it."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.attachments.given import prompt_text
from app.export.base import ExportOptions, Given
from app.export.jsonl import JsonlFormat
from app.history.entities import MessageState, Role
from app.pictures import IMAGE_MARK
from app.text import clean
from tests.helpers.export_samples import (
    CHAT,
    KeptSink,
    answered,
    asked,
    exported,
    file_of,
    forked,
    given_of,
    picture,
    placed,
    png,
)


def lines(given, **options) -> list[list[dict]]:
    data = exported(JsonlFormat(), given, **options)
    assert data == b"" or data.endswith(b"\n")
    found = [json.loads(line) for line in data.decode().split("\n")[:-1]]
    assert all(list(line) == ["messages"] for line in found)
    return [line["messages"] for line in found]


def contents(messages: list[dict]) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in messages]


def test_one_line_is_one_chat():
    made = given_of(asked("Why?"), answered("So.\n\n```\nx\n```", "Hm."), asked("And?"))
    assert lines(made) == [
        [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Why?"},
            {"role": "assistant", "content": "So.\n\n```\nx\n```", "reasoning_content": "Hm."},
            {"role": "user", "content": "And?"},
        ]
    ]


def test_what_was_not_asked_for_is_left_out():
    made = given_of(asked("Why?"), answered("So.", "Hm."))
    (messages,) = lines(made, system_prompt=False, reasoning=False)
    assert messages == [
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "So."},
    ]


def test_many_conversations_are_many_lines():
    several = [given_of(asked("One?"), answered("1")), given_of(asked("Two?"), answered("2"))]
    assert [contents(line)[1][1] for line in lines(several)] == ["One?", "Two?"]
    assert JsonlFormat().together


def test_only_the_shown_branch_or_a_line_for_each_leaf():
    (shown,) = lines(forked())
    assert [text for _role, text in contents(shown)][1:] == ["Why is the sky blue?", "Scattering."]
    first, second = lines(forked(), branches=True)
    assert first == shown
    assert [text for _role, text in contents(second)][1:] == [
        "Why is the sky blue?", "Because.", "Really?", "Yes.",
    ]  # fmt: skip


def test_files_are_inside_as_the_model_got_them():
    attached = file_of("notes.txt", "line\n```\nend")
    (messages,) = lines(given_of(asked("Look.", attached), answered("Yes.")))
    assert messages[1]["content"] == prompt_text("Look.", [attached])
    assert "line\n```\nend" in messages[1]["content"]
    (messages,) = lines(given_of(asked("Look.", attached)), attachments=False)
    assert messages[1]["content"] == "File: notes.txt\n\nLook."


def test_pictures_are_parts():
    (messages,) = lines(given_of(asked("Look.", picture("a.png"), file_of("b.txt", "words"))))
    parts = messages[1]["content"]
    assert [part["type"] for part in parts] == ["text", "image_url", "text"]
    assert list(parts[0]) == ["type", "text"]
    assert "a.png" in parts[0]["text"]
    assert parts[2]["text"].endswith("Look.")
    assert "words" in parts[2]["text"]
    address = parts[1]["image_url"]["url"]
    assert address.startswith("data:image/png;base64,")
    assert base64.b64decode(address.partition(",")[2]) == png()


def test_a_picture_that_a_fault_ruined_is_named():
    (messages,) = lines(given_of(asked("Look.", file_of("x.png", "data:oops", "image"))))
    assert isinstance(messages[1]["content"], str)
    assert "x.png" in messages[1]["content"]


def test_nobodys_words_can_pose_as_a_picture():
    marked = f"{IMAGE_MARK} here {IMAGE_MARK}"
    made = given_of(asked(marked, picture(f"n{IMAGE_MARK}")), answered(marked, marked))
    data = exported(JsonlFormat(), made).decode()
    assert IMAGE_MARK not in data
    assert data.count("image_url") == 2  # the part and its key


def test_roles_take_turns_and_empty_answers_are_left_out():
    made = given_of(
        asked("One?"),
        answered("", state=MessageState.FAILED),
        asked("Two?"),
        answered("", "only thought"),
    )
    (messages,) = lines(made, reasoning=False)
    assert contents(messages)[1:] == [("user", "One?\n\nTwo?")]
    (messages,) = lines(made)
    assert messages[-1] == {
        "role": "assistant", "content": "", "reasoning_content": "only thought",
    }  # fmt: skip


def test_an_answer_that_comes_first_has_something_to_answer():
    (messages,) = lines(given_of(answered("Hello.")))
    assert contents(messages)[1:] == [("user", "…"), ("assistant", "Hello.")]


def test_an_empty_conversation_has_no_line():
    assert exported(JsonlFormat(), given_of()) == b""
    assert exported(JsonlFormat(), given_of(answered(""))) == b""


@settings(max_examples=100, deadline=None)
@given(
    words=st.lists(st.text(st.characters(exclude_characters=IMAGE_MARK)), min_size=1, max_size=5)
)
def test_every_text_comes_back_and_a_line_is_a_line(words):
    messages = [(asked if number % 2 == 0 else answered)(f"-{w}") for number, w in enumerate(words)]
    data = exported(JsonlFormat(), given_of(*messages), system_prompt=False).decode()
    assert len(data.splitlines()) == 1
    assert [text for _role, text in contents(json.loads(data)["messages"])] == [
        clean(f"-{w}") for w in words
    ]


def test_no_character_ends_a_line_too_early():
    text = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg"
    data = exported(JsonlFormat(), given_of(asked(text))).decode()
    assert len(data.splitlines()) == 1
    assert json.loads(data)["messages"][1]["content"] == text


def test_every_message_is_counted_once_and_a_cancel_stops_at_once():
    sink = KeptSink()
    JsonlFormat().write([forked(), forked()], ExportOptions(branches=True), sink)
    assert sink.steps == 10
    stopped = KeptSink(stop_at=2)
    with pytest.raises(InterruptedError):
        JsonlFormat().write([forked(), forked()], ExportOptions(branches=True), stopped)
    assert stopped.after_stop == 0
    assert stopped.data.count(b"\n") == 1


def test_a_part_of_a_tree_stands_alone():
    reply = placed(answered("Yes."), "y", "gone", 5)
    assert reply.role is Role.ASSISTANT
    (messages,) = lines(Given(CHAT, (reply,), ("y",)), branches=True)
    assert contents(messages)[-1] == ("assistant", "Yes.")
