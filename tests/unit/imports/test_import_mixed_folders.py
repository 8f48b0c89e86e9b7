"""A folder or zip with chats of several programs: every file is read by its own reader, or told."""

import json
from pathlib import Path

import pytest

from app.imports.bundle import opened
from app.imports.report import Preview, told
from app.imports.sharing import shares
from app.imports.sources import foreign_readers
from tests.helpers.foreign_chats import (
    folder,
    gpt_talk,
    jan_talk,
    openai_record,
    studio_talk,
    webui_chat,
    zipped,
)
from tests.helpers.foreign_chats_gpt4all import QtChat, QtItem
from tests.helpers.import_stage import Stage

OURS = {"format": "moestro", "version": 1, "conversations": []}
MIXED = {
    "export/conversations.json": json.dumps([gpt_talk()]),
    "export/user.json": "{}",
    "webui.json": json.dumps([webui_chat()]),
    "17/1700000000123.conversation.json": json.dumps(studio_talk()),
    "chat.chat": QtChat([QtItem("Prompt: ", "Hello")]).written(),
    "train.jsonl": json.dumps(openai_record()),
    "notes.json": '{"a": 1}',
    "more/notes.jsonl": "",
    "picture.png": b"no",
    "ours.json": json.dumps(OURS),
    **jan_talk(),
}
EVERY = {"chatgpt", "openwebui", "lmstudio", "gpt4all", "jsonl", "jan"}


@pytest.fixture
def stage(tmp_path):
    opened_stage = Stage(tmp_path / "data")
    yield opened_stage
    opened_stage.close()


@pytest.mark.parametrize("packed", [False, True])
def test_every_program_in_it_is_read(stage: Stage, tmp_path: Path, packed: bool) -> None:
    path = zipped(tmp_path / "all.zip", MIXED) if packed else folder(tmp_path / "all", MIXED)
    preview, _importing = stage.read(path)
    assert isinstance(preview, Preview)
    assert {row.source for row in preview.rows} == EVERY
    assert len(preview.rows) == len(EVERY)


def test_what_nobody_knows_is_counted_in_one_line(stage: Stage, tmp_path: Path) -> None:
    members = {
        "conversations.json": json.dumps([gpt_talk()]), "user.json": "{}",
        "a.json": "{}", "b/c.jsonl": "", "d.chat": b"x", "e.txt": "",
    }  # fmt: skip
    preview, _importing = stage.read(folder(tmp_path / "all", members))
    assert isinstance(preview, Preview)
    assert [(each.code, each.facts) for each in preview.unread] == [
        ("import.passed_over", {"count": 3})
    ]
    assert "3 files" in told(preview.unread[0])


def test_a_broken_file_among_others_is_told_by_name(tmp_path: Path) -> None:
    members = {
        "1700000000001.conversation.json": json.dumps(studio_talk()),
        "1700000000002.conversation.json": '{"mess',
    }
    with opened(folder(tmp_path / "all", members)) as bundle:
        found = shares(bundle, foreign_readers(), lambda _head: False)
    assert found.foreign == {"lmstudio": frozenset(members)}
    assert found.left == 0


def test_two_exports_in_one_folder_come_once(stage: Stage, tmp_path: Path) -> None:
    """Yesterday's and today's: every chat lies in both."""
    longer = webui_chat()
    members: dict[str, bytes | str] = {
        "old/conversations.json": json.dumps([gpt_talk()]),
        "new/conversations.json": json.dumps([gpt_talk(), gpt_talk() | {"conversation_id": "2nd"}]),
        "old.json": json.dumps([webui_chat()]),
        "new.json": json.dumps([7, longer]),
        "old.chat": QtChat([QtItem("Prompt: ", "Hello")]).written(),
        "new.chat": QtChat([QtItem("Prompt: ", "Hello"), QtItem("Response: ", "Hi")]).written(),
        **{f"old/{name}": content for name, content in jan_talk().items()},
        **{f"new/{name}": content for name, content in jan_talk().items()},
    }
    preview, _importing = stage.read(folder(tmp_path / "all", members))
    assert isinstance(preview, Preview)
    assert sorted(row.source for row in preview.rows) == [
        "chatgpt", "chatgpt", "gpt4all", "jan", "openwebui",
    ]  # fmt: skip
    (grown,) = (row for row in preview.rows if row.source == "gpt4all")
    assert grown.messages == 2


def test_one_id_for_two_chats_is_two_chats(stage: Stage, tmp_path: Path) -> None:
    chats = [
        {"id": 0, "messages": [{"role": "user", "content": words}]} for words in ("one", "two")
    ]
    members = {f"{at}.jsonl": json.dumps(chat) for at, chat in enumerate(chats)}
    apart = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for path, chat in zip(apart, chats, strict=True):
        path.write_text(json.dumps(chat), "utf-8")
    for paths in ([folder(tmp_path / "all", members)], apart):
        preview, importing = stage.read(*paths)
        assert isinstance(preview, Preview)
        assert [row.messages for row in preview.rows] == [1, 1]
        importing.close()


def test_chats_of_open_webui_without_ids_are_known_by_their_words(
    stage: Stage, tmp_path: Path
) -> None:
    for number, words in enumerate(("one", "two")):
        chat = {"messages": [{"role": "user", "content": words}], "history": {}}
        (tmp_path / f"{number}.json").write_text(json.dumps([{"chat": chat}]), "utf-8")
    preview, _importing = stage.read(tmp_path / "0.json", tmp_path / "1.json")
    assert isinstance(preview, Preview)
    assert [row.messages for row in preview.rows] == [1, 1]
