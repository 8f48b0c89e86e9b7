"""ChatGPT's export: trees, kinds of content, files of the zip, and what is wrong with it."""

import json
from pathlib import Path

import pytest

from app.history.entities import Role
from app.imports import chatgpt_content
from app.imports.chatgpt import ChatGptReader
from app.imports.entities import FoundFile
from app.imports.errors import ImportingError
from tests.helpers.foreign_chats import (
    TALK,
    folder,
    gpt_conversation,
    gpt_node,
    gpt_talk,
    gpt_words,
    png,
    zipped,
)
from tests.helpers.foreign_chats_reading import branch, one, read, written

READER = ChatGptReader()


def conversation(tmp_path: Path, *nodes: dict[str, object], current: str = ""):
    current = current or str(nodes[-1]["id"])
    return one(READER, written(tmp_path / "c.json", [gpt_conversation(nodes, current)]))


def question(key: str = "q", parent: str = "client-created-root") -> dict[str, object]:
    return gpt_node(key, parent, "user", gpt_words("Question?"), seconds=1_700_000_001)


def test_every_message_of_a_tree(tmp_path: Path) -> None:
    found = one(READER, written(tmp_path / "conversations.json", [gpt_talk()]))
    assert (found.title, found.id, found.leaf) == ("The Nile", "conversation-1", "a3")
    assert (found.created_ms, found.updated_ms) == (1_700_000_000_250, 1_700_000_100_750)
    by_id = {each.id: each for each in found.messages}
    assert set(by_id) == {said.id for said in TALK}
    for said in TALK:
        message = by_id[said.id]
        assert message.text == said.text
        assert message.reasoning == said.reasoning
        assert message.parent == said.parent
        assert message.role == said.role
        assert message.created_ms == round(said.seconds * 1000)
        assert message.model == (said.model if said.role == "assistant" else "")
        assert message.interrupted == said.stopped
    assert [each.id for each in branch(found)] == ["q1", "a1", "q2", "a3"]
    assert [each.id for each in found.messages if each.parent == "q1"] == ["a1", "a2"]


@pytest.mark.parametrize("shape", ["zip", "folder", "shards"])
def test_zip_and_folder(tmp_path: Path, shape: str) -> None:
    members = {"conversations.json": json.dumps([gpt_talk()]), "user.json": "{}", "chat.html": ""}
    if shape == "shards":
        members["export/conversations-000.json"] = members.pop("conversations.json")
        second = gpt_talk() | {"conversation_id": "conversation-2"}
        members["export/conversations-001.json"] = json.dumps([second])
        path = zipped(tmp_path / "export.zip", members)
    elif shape == "zip":
        path = zipped(tmp_path / "export.zip", members)
    else:
        path = folder(tmp_path / "export", members)
    assert READER.recognises(path, b"" if shape == "folder" else path.read_bytes()[:65536])
    found, unread = read(READER, path)
    assert [each.id for each in found] == ["conversation-1", "conversation-2"][: len(found)]
    assert len(found) == (2 if shape == "shards" else 1)
    assert not unread


def test_tools_are_the_reasoning_of_one_answer(tmp_path: Path) -> None:
    found = conversation(
        tmp_path,
        question(),
        gpt_node("t", "q", "assistant", {
            "content_type": "thoughts", "thoughts": [{"summary": "Plan", "content": "Compute."}],
        }),
        gpt_node("r", "t", "assistant", {
            "content_type": "reasoning_recap", "content": "Thought for 9s",
        }),
        gpt_node("c", "r", "assistant", {
            "content_type": "code", "language": "python", "text": "print('```')",
        }, recipient="python"),
        gpt_node("o", "c", "tool", {"content_type": "execution_output", "text": "```"},
                 author="python"),
        gpt_node("b", "o", "tool", {
            "content_type": "tether_quote", "url": "https://x.test", "title": "Page",
            "text": "Quoted.",
        }, author="browser"),
        gpt_node("h", "b", "assistant", gpt_words("Hidden."),
                 is_visually_hidden_from_conversation=True),
        gpt_node("a", "h", "assistant", gpt_words("Done."), seconds=1_700_000_009),
    )  # fmt: skip
    asked, answer = found.messages
    assert (asked.role, answer.role) == (Role.USER, Role.ASSISTANT)
    assert (answer.id, answer.parent, answer.text) == ("a", "q", "Done.")
    for words in ("**Plan**", "Compute.", "Thought for 9s", "print('```')", "Quoted.", "Page",
                  "Hidden."):  # fmt: skip
        assert words in answer.reasoning
    assert "````\nprint('```')\n````" in answer.reasoning


def test_branches_that_part_within_an_answer(tmp_path: Path) -> None:
    found = conversation(
        tmp_path,
        question(),
        gpt_node("c", "q", "assistant", gpt_words("Let me see.")),
        gpt_node("a1", "c", "assistant", gpt_words("One.")),
        gpt_node("a2", "c", "assistant", gpt_words("Two.")),
        question("q2", "a1"),
    )
    assert [(each.id, each.parent, each.text) for each in found.messages] == [
        ("q", None, "Question?"),
        ("c", "q", "Let me see."),
        ("a1", "c", "One."),
        ("q2", "a1", "Question?"),
        ("a2", "c", "Two."),
    ]


def test_instructions_are_the_system_prompt(tmp_path: Path) -> None:
    found = conversation(
        tmp_path,
        gpt_node("s0", "client-created-root", "system", gpt_words("")),
        gpt_node("s", "s0", "user", {
            "content_type": "user_editable_context",
            "user_profile": "wrapped: A sailor.", "user_instructions": "wrapped: Be brief.",
        }, user_context_message_data={
            "about_user_message": "A sailor.", "about_model_message": "Be brief.",
        }),
        gpt_node("m", "s", "assistant", {
            "content_type": "model_editable_context", "model_set_context": "1. Likes boats.",
        }),
        gpt_node("sys", "m", "system", gpt_words("You are a custom GPT.")),
        question("q", "sys"),
    )  # fmt: skip
    assert found.system_prompt.split("\n\n") == [
        "A sailor.", "Be brief.", "1. Likes boats.", "You are a custom GPT.",
    ]  # fmt: skip
    assert [(each.id, each.parent) for each in found.messages] == [("q", None)]


def test_canvas_is_part_of_the_answer(tmp_path: Path) -> None:
    created = {"name": "ship.py", "type": "code/python", "content": "ship = 1"}
    changed = {"updates": [{"pattern": ".*", "multiple": True, "replacement": "ship = 2"}]}
    small = {"updates": [{"pattern": "2", "multiple": False, "replacement": "3"}]}
    found = conversation(
        tmp_path,
        question(),
        *[
            gpt_node(key, parent, "assistant", {"content_type": "code", "text": json.dumps(body)},
                     recipient=f"canmore.{call}_textdoc")
            for key, parent, call, body in (
                ("c1", "q", "create", created), ("c2", "c1", "update", changed),
                ("c3", "c2", "update", small),
            )
        ],
        gpt_node("a", "c3", "assistant", gpt_words("There it is.")),
    )  # fmt: skip
    answer = found.messages[1]
    assert answer.text == (
        "**ship.py**\n\n```python\nship = 1\n```\n\n```python\nship = 2\n```\n\nThere it is."
    )
    assert '"pattern": "2"' in answer.reasoning


def test_unknown_content_is_kept(tmp_path: Path) -> None:
    found = conversation(
        tmp_path,
        question(),
        gpt_node("u", "q", "assistant", {"content_type": "hologram", "rays": [1, "beam"]}),
        gpt_node("e", "u", "tool", {"content_type": "sensor", "value": 7}, author="lab"),
        gpt_node("a", "e", "assistant", {
            "content_type": "multimodal_text",
            "parts": [{"content_type": "smell", "of": "pine"}, "Pine."],
        }),
    )  # fmt: skip
    answer = found.messages[1]
    assert answer.text == "Pine."
    for words in ("hologram", "beam", "sensor", "lab", "smell", "pine"):
        assert words in answer.reasoning


def test_citations_become_their_links(tmp_path: Path) -> None:
    mark = "\ue200cite\ue202turn0search1\ue201"
    found = conversation(
        tmp_path,
        question(),
        gpt_node("a", "q", "assistant", gpt_words(f"Known.{mark} Lost.\ue200x\ue201"),
                 content_references=[{"matched_text": mark, "alt": " ([Page](https://x.test))"}]),
    )  # fmt: skip
    assert found.messages[1].text == "Known. ([Page](https://x.test)) Lost."


def test_files_of_the_zip(tmp_path: Path) -> None:
    picture, drawn = png(16), png(20)
    user = gpt_node("q", "client-created-root", "user", {
        "content_type": "multimodal_text",
        "parts": [
            {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_00ab12cd"},
            "What is it?",
        ],
    }, attachments=[
        {"id": "file_00ab12cd", "name": "boat.png", "mime_type": "image/png"},
        {"id": "file-NOTES123", "name": "notes.txt", "mime_type": "text/plain"},
        {"id": "file-PAPER123", "name": "paper.pdf", "mime_type": "application/pdf"},
        {"id": "file-GONE1234", "name": "gone.txt"},
    ])  # fmt: skip
    tool = gpt_node("d", "q", "tool", {
        "content_type": "multimodal_text",
        "parts": [{
            "content_type": "image_asset_pointer", "asset_pointer": "file-service://file-DRAWN123",
        }],
    }, author="dalle.text2im")  # fmt: skip
    value = gpt_conversation([user, tool], "d")
    path = zipped(
        tmp_path / "export.zip",
        {
            "conversations.json": json.dumps([value]),
            "file_00ab12cd-sanitized.png": picture,
            "file-NOTES123-notes.txt": "Aye, aye – ✓".encode(),
            "file-PAPER123-paper.pdf": b"%PDF-1.7\x00\xff",
            "dalle-generations/file-DRAWN123-0000.webp": drawn,
        },
    )
    found, unread = read(READER, path)
    asked, answer = found[0].messages
    assert asked.text == "What is it?"
    assert asked.files == (
        FoundFile("boat.png", picture=picture),
        FoundFile("notes.txt", text="Aye, aye – ✓"),
        FoundFile("paper.pdf"),
        FoundFile("gone.txt"),
    )
    assert answer.files == (FoundFile("file-DRAWN123", picture=drawn),)
    assert [(each.code, each.facts) for each in unread] == [("import.names_only", {"count": 2})]


def test_projects_are_folders(tmp_path: Path) -> None:
    value = gpt_talk() | {"gizmo_id": "g-p-0123456789abcdef", "is_starred": True}
    found = one(READER, written(tmp_path / "c.json", [value]))
    assert found.folder == "Project 01234567"
    assert found.pinned


def test_rings_and_lost_parents(tmp_path: Path) -> None:
    value = gpt_conversation(
        [
            question(),
            gpt_node("lost", "nowhere", "assistant", gpt_words("Lost.")),
            gpt_node("r1", "r2", "user", gpt_words("Ring 1.")),
            gpt_node("r2", "r1", "assistant", gpt_words("Ring 2.")),
            gpt_node("self", "self", "user", gpt_words("Self.")),
        ],
        "q",
    )
    found, unread = read(READER, written(tmp_path / "c.json", [value]))
    assert {each.text for each in found[0].messages} == {
        "Question?", "Lost.", "Ring 1.", "Ring 2.", "Self.",
    }  # fmt: skip
    assert [(each.code, each.facts) for each in unread] == [("import.misplaced", {"count": 3})]


def test_a_long_branch(tmp_path: Path) -> None:
    nodes = [question("n0")]
    for number in range(1, 5000):
        role = "assistant" if number % 2 else "user"
        nodes.append(gpt_node(f"n{number}", f"n{number - 1}", role, gpt_words(str(number))))
    found = conversation(tmp_path, *nodes)
    assert len(branch(found)) == 5000


def test_bad_conversations_spoil_no_other(tmp_path: Path) -> None:
    empty = gpt_conversation([], "client-created-root", conversation_id="empty")
    values = [7, None, {"title": "x"}, empty, gpt_talk(), gpt_talk(), {"mapping": []}]
    found, unread = read(READER, written(tmp_path / "c.json", values))
    assert [each.id for each in found] == ["conversation-1", "conversation-1"]
    assert [each.code for each in unread] == [
        "import.no_chat_here", "import.no_chat_here", "import.no_chat_here", "import.empty_chat",
        "import.no_chat_here",
    ]  # fmt: skip


def test_cut_off_in_the_middle(tmp_path: Path) -> None:
    whole = json.dumps([gpt_talk(), gpt_talk() | {"conversation_id": "second"}])
    path = tmp_path / "c.json"
    path.write_text(whole[: len(whole) - 300])
    found, unread = read(READER, path)
    assert [each.id for each in found] == ["conversation-1"]
    assert [each.code for each in unread] == ["import.broken_json"]


def test_depth(tmp_path: Path) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    path = tmp_path / "c.json"
    path.write_text(f'[{{"mapping": {{"a": {deep}}}}}, {json.dumps(gpt_talk())}]')
    found, unread = read(READER, path)
    assert len(found) == 1
    assert [each.code for each in unread] == ["import.too_deep"]


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(ImportingError) as caught:
        list(READER.read(folder(tmp_path / "none", {"a.txt": "", "b.txt": ""})))
    assert caught.value.code == "import.no_chats"
    with pytest.raises(ImportingError) as caught:
        list(READER.read(tmp_path / "absent"))
    assert caught.value.code == "import.cannot_open"


def test_files_of_one_chat_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = png()
    monkeypatch.setattr(chatgpt_content, "MOST_OF_ONE_CHAT", len(picture))
    pointers = [
        {"content_type": "image_asset_pointer", "asset_pointer": f"sediment://file_00000{n}"}
        for n in range(2)
    ]
    node = question()
    node["message"]["content"] = {"content_type": "multimodal_text", "parts": pointers}
    members = {
        "conversations.json": json.dumps([gpt_conversation([node], "q")]),
        "file_000000.png": picture,
        "file_000001.png": picture,
    }
    found, _unread = read(READER, zipped(tmp_path / "x.zip", members))
    assert [each.picture for each in found[0].messages[0].files] == [picture, b""]
