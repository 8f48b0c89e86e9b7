"""From every program's files into a history: message by message, twice, and grown."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.history.repository import History
from app.imports.entities import FoundConversation
from app.imports.report import Standing
from tests.helpers.foreign_chats import (
    TALK,
    Said,
    folder,
    gpt_talk,
    jan_files,
    jan_message,
    jan_thread,
    openai_record,
    studio_talk,
    studio_user,
    webui_chat,
)
from tests.helpers.foreign_chats_gpt4all import QtChat, QtItem
from tests.helpers.foreign_chats_reading import branch, read, reader_of
from tests.helpers.imported import import_found
from tests.helpers.random_trees import Folder

MORE = Said("q3", "a3", "user", "And then?", seconds=1_700_000_050)


def chatgpt(talk: tuple[Said, ...]) -> Any:
    return {"conversations.json": json.dumps([gpt_talk(talk, talk[-1].id)]), "user.json": "{}"}


def openwebui(talk: tuple[Said, ...]) -> Any:
    return {"export.json": json.dumps([webui_chat(talk, talk[-1].id)])}


def jan(talk: tuple[Said, ...]) -> Any:
    shown = {"q1": "a1"}
    messages = [
        jan_message(said, parentId=said.parent, activeChildId=shown.get(said.id)) for said in talk
    ]
    return jan_files(jan_thread(), messages)


def lmstudio(talk: tuple[Said, ...]) -> Any:
    chat = copy.deepcopy(studio_talk())
    for said in talk[len(TALK) :]:
        chat["messages"].append({"versions": [studio_user(said.text)], "currentlySelected": 0})
    return {"conversations/1700000000123.conversation.json": json.dumps(chat)}


def gpt4all(talk: tuple[Said, ...]) -> Any:
    items = [
        QtItem("Prompt: " if said.role == "user" else "Response: ", said.text)
        for said in talk
        if said.id != "a2"
    ]
    return {"gpt4all-1.chat": QtChat(items).written()}


def jsonl(talk: tuple[Said, ...]) -> Any:
    record = openai_record(id="one")
    record["messages"] += [{"role": said.role, "content": said.text} for said in talk[len(TALK) :]]
    return {"train.jsonl": json.dumps(record)}


WRITERS = [chatgpt, openwebui, jan, lmstudio, gpt4all, jsonl]


@pytest.fixture
def history(tmp_path: Path) -> Iterator[Folder]:
    opened = Folder(tmp_path / "here")
    yield opened
    opened.close()


def found_in(path: Path, members: Any, source: str) -> list[FoundConversation]:
    reader = reader_of(folder(path, members))
    assert reader is not None
    assert reader.name == source
    found, unread = read(reader, path)
    assert not unread
    return found


@pytest.mark.parametrize("write", WRITERS)
def test_every_message_is_here_and_comes_once(
    tmp_path: Path, history: Folder, write: Callable[[tuple[Said, ...]], Any]
) -> None:
    source = write.__name__
    found = found_in(tmp_path / "first", write(TALK), source)
    preview, taken = import_found(history, found)
    assert preview.unread_count == 0
    (row,) = preview.rows
    assert (row.source, row.messages) == (source, len(found[0].messages))
    assert taken.added == 1
    kept = History(history.database)
    (conversation,) = kept.conversations()
    shown = kept.branch(conversation.id)
    assert [(each.role, each.text, each.reasoning, each.state) for each in shown] == [
        (each.role, each.text, each.reasoning, "interrupted" if each.interrupted else "complete")
        for each in branch(found[0])
    ]
    expected = [said.text for said in TALK if said.id != "a2"]
    assert [each.text for each in shown] == expected
    assert conversation.system_prompt == found[0].system_prompt
    for each, original in zip(shown, branch(found[0]), strict=True):
        assert (each.details.model_name if each.details else "") == original.model

    before = history.dump()
    again, taken = import_found(history, found_in(tmp_path / "again", write(TALK), source))
    assert [each.standing for each in again.rows] == [Standing.HERE]
    assert (taken.added, taken.messages) == (0, 0)
    assert history.dump() == before


@pytest.mark.parametrize("write", WRITERS)
def test_a_longer_chat_brings_what_is_new(
    tmp_path: Path, history: Folder, write: Callable[[tuple[Said, ...]], Any]
) -> None:
    source = write.__name__
    import_found(history, found_in(tmp_path / "first", write(TALK), source))
    longer = found_in(tmp_path / "longer", write((*TALK, MORE)), source)
    preview, taken = import_found(history, longer)
    assert [(row.standing, row.new_messages) for row in preview.rows] == [(Standing.GROWN, 1)]
    assert (taken.grown, taken.messages) == (1, 1)
    kept = History(history.database)
    (conversation,) = kept.conversations()
    assert kept.branch(conversation.id)[-1].text == MORE.text
