"""LM Studio's chats: versions, steps, files, folders, and files that a power cut left."""

import json
from pathlib import Path

import pytest

from app.imports import lmstudio
from app.imports.entities import FoundFile
from app.imports.errors import ImportingError
from app.imports.lmstudio import LmStudioReader
from app.text import clean
from tests.helpers.foreign_chats import (
    TALK,
    data_url,
    folder,
    png,
    studio_answer,
    studio_block,
    studio_chat,
    studio_generation,
    studio_talk,
    studio_user,
    zipped,
)
from tests.helpers.foreign_chats_reading import branch, one, read, written

READER = LmStudioReader()
NAME = "1700000000123.conversation.json"
OTHER = "1700000000999.conversation.json"


def test_every_message_with_its_versions(tmp_path: Path) -> None:
    found = one(READER, written(tmp_path / NAME, studio_talk()))
    assert (found.id, found.title, found.pinned) == ("1700000000123", "The Nile", True)
    assert found.system_prompt == "Be brief."
    assert (found.created_ms, found.updated_ms) == (1_700_000_000_123, 1_700_000_040_000)
    shown = branch(found)
    assert [each.text for each in shown] == [TALK[i].text for i in (0, 1, 3, 4)]
    assert [each.role for each in shown] == ["user", "assistant"] * 2
    assert [each.model for each in shown] == ["", "some-model"] * 2
    assert [each.created_ms for each in shown] == [None, 1_700_000_010_123] * 2
    assert shown[1].reasoning == TALK[1].reasoning
    (other,) = (each for each in found.messages if each not in shown)
    assert (other.text, other.parent) == (TALK[2].text, shown[0].id)
    assert other.interrupted
    assert not shown[1].interrupted


def test_ids_are_the_same_and_grow(tmp_path: Path) -> None:
    first = one(READER, written(tmp_path / NAME, studio_talk()))
    talk = studio_talk()
    talk["messages"].append({"versions": [studio_user("More?")], "currentlySelected": 0})
    grown = one(READER, written(tmp_path / NAME, talk))
    assert {each.id for each in first.messages} < {each.id for each in grown.messages}
    same = studio_chat((1, [studio_answer(studio_block(["Yes"]))] * 2))
    twins = one(READER, written(tmp_path / NAME, same))
    assert len(twins.messages) == 2
    assert twins.leaf == twins.messages[1].id


def test_its_own_folder(tmp_path: Path) -> None:
    picture = png()
    user = studio_user(
        "Look",
        {"type": "file", "fileIdentifier": "17 - 1.png", "fileType": "image", "sizeBytes": 1},
        {"type": "file", "fileIdentifier": "17 - 2.txt", "fileType": "text/plain"},
        {"type": "file", "fileIdentifier": "17 - 3.jpg", "fileType": "image"},
        {"type": "file", "fileIdentifier": "../../secret.txt", "fileType": "text/plain"},
    )
    members = {
        f"conversations/{NAME}": json.dumps(studio_talk()),
        f"conversations/Rivers/{OTHER}": json.dumps(studio_chat((0, [user]))),
        "conversations/conversation-config.json": "{}",
        "user-files/17 - 1.png": picture,
        "user-files/17 - 1.png.metadata.json": json.dumps({"originalName": "boat.png"}),
        "user-files/17 - 2.txt": "Ahoi",
        "user-files/17 - 3.jpg.metadata.json": json.dumps(
            {"originalName": "cat.jpg", "preview": {"data": data_url(picture)}}
        ),
        "user-files/17 - 3.jpg": b"",
        "models/publisher/model.gguf": "GGUF",
        "settings.json": "{}",
        "secret.txt": "secret",
    }
    for path in (folder(tmp_path / "home", members), zipped(tmp_path / "home.zip", members)):
        assert READER.recognises(path, b"PK" if path.is_file() else b"")
        found, unread = read(READER, path)
        assert [each.folder for each in found] == ["", "Rivers"]
        assert found[1].messages[0].files == (
            FoundFile("boat.png", picture=picture),
            FoundFile("17 - 2.txt", text="Ahoi"),
            FoundFile("cat.jpg", picture=picture),
            FoundFile("../../secret.txt"),
        )
        assert [each.code for each in unread] == ["import.names_only", "import.no_chat_here"]


def test_steps_and_parts(tmp_path: Path) -> None:
    asked = {"type": "toolCallRequest", "callId": 1, "name": "look", "parameters": {"at": "sea"}}
    nested = {"type": "toolCallRequest", "toolCallRequest": {"name": "dive", "arguments": {"m": 3}}}
    answered = {"type": "toolCallResult", "callId": 1, "content": "waves"}
    structural = {"type": "text", "text": "<think>", "isStructural": True}
    answer = studio_answer(
        studio_block([], content=[structural, {"type": "text", "text": "Hm."}],
                     style={"type": "thinking"}),
        studio_block([], content=[asked, nested]),
        {"type": "toolStatus", "statusState": {"status": {"type": "toolCallSucceeded"}}},
        studio_block([], role="tool", content=[answered]),
        {"type": "citationBlock", "citedText": "cited words"},
        studio_block(["<think>Inline.</think>\n\nDone"]),
        studio_block(["."], genInfo=studio_generation()),
    )  # fmt: skip
    found = one(READER, written(tmp_path / NAME, studio_chat((0, [answer]))))
    (message,) = found.messages
    assert message.text == "Done\n\n."
    for words in ("Hm.", "look", "sea", "dive", "waves", "cited words", "Inline."):
        assert words in message.reasoning
    assert "**Tool answered: look**" in message.reasoning
    assert "toolCallSucceeded" not in message.reasoning


def test_plain_messages_of_older_versions(tmp_path: Path) -> None:
    chat = studio_chat()
    chat["messages"] = [
        {"role": "system", "content": "Be old."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]},
    ]
    found = one(READER, written(tmp_path / "chat.json", chat))
    assert [each.text for each in found.messages] == ["", "Hi", "Hello"]
    assert "Be old." in found.messages[0].reasoning


def test_files_of_a_power_cut(tmp_path: Path) -> None:
    whole = json.dumps(studio_talk())
    members = {
        f"conversations/170000000000{number}.conversation.json": content
        for number, content in enumerate(
            [whole + "\0" * 500, "\0" * 500, whole[:-50], "", "[]", '{"messages": 7}']
        )
    }
    found, unread = read(READER, folder(tmp_path / "home", members))
    assert len(found) == 1
    assert [each.code for each in unread] == [
        "import.broken_json", "import.broken_json", "import.broken_json",
        "import.no_chat_here", "import.no_chat_here",
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path / NAME, studio_talk(), encoding)
    assert READER.recognises(path, path.read_bytes()[:65536])
    assert [each.text for each in branch(one(READER, path))][2] == TALK[3].text


def test_latin_1_keeps_what_is_ascii(tmp_path: Path) -> None:
    chat = studio_chat((0, [studio_user("Grüße")]), name="Café")
    found = one(READER, written(tmp_path / NAME, chat, "latin-1"))
    assert found.messages[0].text == "Gr\ufffd\ufffde"


def test_lone_surrogates_and_nul(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text(json.dumps(studio_chat((0, [studio_user("a\ud800b\0c \ud83d\ude00")]))))
    assert one(READER, path).messages[0].text == clean("a\ud800b\0c 😀")


def test_one_file_that_may_not_be_read(tmp_path: Path) -> None:
    members = {
        "conversations/1700000000001.conversation.json": json.dumps(studio_talk()),
        "conversations/1700000000002.conversation.json": json.dumps(studio_talk()),
    }
    home = folder(tmp_path / "home", members)
    second = home / "conversations" / "1700000000002.conversation.json"
    # A file that vanishes while the others are read, as the program itself may remove it.
    reading = READER.read(home)
    first = next(reading)
    second.unlink()
    rest = list(reading)
    assert first.id == "1700000000001"
    assert [each.code for each in rest] == ["import.cannot_read"]


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(ImportingError):
        list(READER.read(folder(tmp_path / "home", {"settings.txt": "", "x.txt": ""})))


def test_one_name_in_two_folders(tmp_path: Path) -> None:
    members = {
        f"conversations/{place}{NAME}": json.dumps(studio_talk()) for place in ("", "a/", "b/")
    }
    found, _unread = read(READER, folder(tmp_path / "home", members))
    assert [each.id for each in found] == ["1700000000123"] * 3


def test_files_of_one_chat_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = png()
    monkeypatch.setattr(lmstudio, "MOST_OF_ONE_CHAT", len(picture))
    parts = [{"type": "file", "fileIdentifier": f"{n}.png", "fileType": "image"} for n in range(2)]
    members = {
        f"conversations/{NAME}": json.dumps(studio_chat((0, [studio_user("Look", *parts)]))),
        "user-files/0.png": picture,
        "user-files/1.png": picture,
    }
    found, _unread = read(READER, folder(tmp_path / "home", members))
    assert [each.picture for each in found[0].messages[0].files] == [picture, b""]
