"""Jan's threads: branches, parts of messages, files, older layouts, and damaged files."""

import json
from pathlib import Path

import pytest

from app.imports.entities import FoundFile
from app.imports.errors import ImportingError
from app.imports.jan import JanReader
from tests.helpers.foreign_chats import (
    TALK,
    Said,
    data_url,
    folder,
    jan_files,
    jan_message,
    jan_talk,
    jan_thread,
    png,
    zipped,
)
from tests.helpers.foreign_chats_reading import branch, one, read

READER = JanReader()


def thread(tmp_path: Path, *messages: dict[str, object], **more: object) -> Path:
    return folder(tmp_path / "data", jan_files(jan_thread(**more), messages))


def test_every_message_of_a_tree(tmp_path: Path) -> None:
    found = one(READER, folder(tmp_path / "data", jan_talk()))
    assert (found.id, found.title, found.folder) == ("thread-1", "The Nile", "Rivers")
    assert (found.system_prompt, found.pinned) == ("Be brief.", True)
    assert (found.created_ms, found.updated_ms) == (1_700_000_000_000, 1_700_000_100_000)
    by_id = {each.id: each for each in found.messages}
    assert list(by_id) == ["q1", "a1", "q2", "a3", "a2"]
    for said in TALK:
        message = by_id[said.id]
        assert (message.text, message.reasoning) == (said.text, said.reasoning)
        assert (message.parent, message.role) == (said.parent, said.role)
        assert message.created_ms == int(said.seconds * 1000)
        assert message.model == (said.model if said.role == "assistant" else "")
        assert message.interrupted == said.stopped
    assert [each.id for each in branch(found)] == ["q1", "a1", "q2", "a3"]


def test_without_a_mark_the_newest_version_is_shown(tmp_path: Path) -> None:
    messages = [jan_message(said, parentId=said.parent) for said in TALK]
    found = one(READER, thread(tmp_path, *messages))
    assert found.leaf == "a2"
    roots = [jan_message(Said(key, None, "user", key), parentId=None) for key in ("r1", "r2")]
    metadata = {"activeRootId": "r1"}
    assert one(READER, thread(tmp_path, *roots, metadata=metadata)).leaf == "r1"


@pytest.mark.parametrize("place", ["threads/thread-1", "thread-1", "", "data/threads/thread-1"])
def test_where_threads_lie(tmp_path: Path, place: str) -> None:
    prefix = f"{place}/" if place else ""
    members = {
        f"{prefix}{name.rpartition('/')[2]}": content for name, content in jan_talk().items()
    } | {"llamacpp/models/model.gguf": "GGUF"}
    for path in (folder(tmp_path / "jan", members), zipped(tmp_path / "jan.zip", members)):
        assert READER.recognises(path, b"PK" if path.is_file() else b"")
        assert len(one(READER, path).messages) == 5


def test_an_old_list_of_messages(tmp_path: Path) -> None:
    messages = [
        jan_message(Said("1", None, "user", "Hi")),
        jan_message(Said("2", None, "assistant", "<think>\nWho?\n</think>\n\nHello.")),
        jan_message(Said("3", None, "user", "Bye")),
        jan_message(Said("4", None, "assistant", "<think>I am still")),
    ]
    found = one(READER, thread(tmp_path, *messages))
    assert [(each.parent, each.text, each.reasoning) for each in found.messages] == [
        (None, "Hi", ""),
        ("1", "Hello.", "Who?"),
        ("2", "Bye", ""),
        ("3", "", "I am still"),
    ]


def test_answers_that_lost_their_link_follow_their_question(tmp_path: Path) -> None:
    messages = [
        jan_message(Said("1", None, "user", "Hi"), parentId=None),
        jan_message(Said("2", None, "assistant", "Hello."), parentId=None),
        jan_message(Said("3", None, "user", "Bye"), parentId="2"),
        jan_message(Said("4", None, "assistant", "Bye.")),
    ]
    found = one(READER, thread(tmp_path, *messages))
    assert [each.parent for each in found.messages] == [None, "1", "2", "3"]


def test_parts_tools_and_files(tmp_path: Path) -> None:
    listed = (
        "What?\n\n[ATTACHED_FILES]\n"
        "- file_id: 1, name: notes, or so.txt, type: text/plain, size: 5, mode: inline\n"
        "- file_id: 2, name: paper.pdf\n[/ATTACHED_FILES]"
    )
    asked = jan_message(
        Said("q", None, "user", listed),
        inline_file_contents=[
            {"name": "notes, or so.txt", "content": "Ahoi"},
            {"name": "b.md", "content": "B"},
        ],
    )
    asked["content"].append({"type": "image_url", "image_url": {"url": data_url(png())}})
    asked["content"].append({"type": "image_url", "image_url": {"url": "https://x.test/y.png"}})
    answer = jan_message(
        Said("a", None, "assistant", "There."),
        tool_calls=[
            {
                "tool": {"id": "t", "function": {"name": "search", "arguments": '{"q": "boat"}'}},
                "response": {"content": [{"type": "text", "text": "found a boat"}]},
                "state": "ready",
            }
        ],
        model={"id": "other-model"},
    )
    answer["content"] += [
        {"type": "tool_call", "tool_name": "look", "input": {"at": "sea"}, "output": "waves"},
        {"type": "dream", "of": "sheep"},
    ]
    found, unread = read(READER, thread(tmp_path, asked, answer))
    first, second = found[0].messages
    assert first.text == "What?"
    assert first.files == (
        FoundFile("notes, or so.txt", text="Ahoi"),
        FoundFile("paper.pdf"),
        FoundFile("File 3", picture=png()),
        FoundFile("File 4"),
        FoundFile("b.md", text="B"),
    )
    assert (second.text, second.model) == ("There.", "other-model")
    for words in ("search", "boat", "found a boat", "look", "sea", "waves", "dream", "sheep"):
        assert words in second.reasoning
    assert [(each.code, each.facts) for each in unread] == [("import.names_only", {"count": 2})]


def test_bad_lines_and_threads_spoil_no_other(tmp_path: Path) -> None:
    good, bad = jan_talk(), "threads/thread-2"
    lines = "\n".join(["{broken", "7", '{"id": 1}', json.dumps(jan_message(TALK[0])), ""])
    members = good | {
        f"{bad}/thread.json": "[]",
        f"{bad}/messages.jsonl": lines,
        "threads/thread-3/thread.json": "{",
        "threads/thread-4/thread.json": json.dumps(jan_thread(id="4", title="Empty")),
    }
    found, unread = read(READER, folder(tmp_path / "data", members))
    assert [len(each.messages) for each in found] == [5, 1]
    assert [(each.where, each.code) for each in unread] == [
        (f"{bad}/messages.jsonl, 1", "import.broken_json"),
        (f"{bad}/messages.jsonl, 2", "import.no_message"),
        (f"{bad}/messages.jsonl, 3", "import.no_message"),
        ("threads/thread-3/thread.json", "import.broken_json"),
        ("threads/thread-3", "import.empty_chat"),
        ("Empty", "import.empty_chat"),
    ]


def test_ids_that_come_twice(tmp_path: Path) -> None:
    same = jan_message(Said("x", None, "user", "Hi"), parentId=None)
    other = jan_message(Said("x", None, "user", "Other"), parentId=None)
    second = jan_message(Said("x.2", None, "user", "Second"), parentId=None)
    found, unread = read(READER, thread(tmp_path, same, same, second, other))
    assert [(each.id, each.text) for each in found[0].messages] == [
        ("x", "Hi"), ("x.2", "Second"), ("x.3", "Other"),
    ]  # fmt: skip
    assert [(each.code, each.facts) for each in unread] == [("import.misplaced", {"count": 1})]


def test_threads_with_one_id(tmp_path: Path) -> None:
    copied = {
        name.replace("threads/thread-1", "threads/thread-copy"): content
        for name, content in jan_talk().items()
    }
    found, _unread = read(READER, folder(tmp_path / "data", jan_talk() | copied))
    assert [each.id for each in found] == ["thread-1", "thread-1"]


def test_rings_are_opened(tmp_path: Path) -> None:
    messages = [
        jan_message(Said("1", None, "user", "1"), parentId="3"),
        jan_message(Said("2", None, "assistant", "2"), parentId="1"),
        jan_message(Said("3", None, "user", "3"), parentId="2"),
        jan_message(Said("4", None, "user", "4"), parentId="gone"),
    ]
    found, unread = read(READER, thread(tmp_path, *messages))
    told = [(each.id, each.parent) for each in found[0].messages]
    assert told == [("4", None), ("1", None), ("2", "1"), ("3", "2")]
    assert [(each.code, each.facts) for each in unread] == [("import.misplaced", {"count": 2})]


def test_a_ring_is_opened_and_what_hangs_below_it_stays_there(tmp_path: Path) -> None:
    messages = [
        jan_message(Said("1", None, "user", "1"), parentId="2"),
        jan_message(Said("2", None, "assistant", "2"), parentId="3"),
        jan_message(Said("3", None, "user", "3"), parentId="2"),
    ]
    found, unread = read(READER, thread(tmp_path, *messages))
    assert {each.id: each.parent for each in found[0].messages} == {"2": None, "1": "2", "3": "2"}
    assert [(each.code, each.facts) for each in unread] == [("import.misplaced", {"count": 1})]


def test_what_follows_instructions_follows_what_is_above_them(tmp_path: Path) -> None:
    messages = [
        jan_message(Said("1", None, "user", "1"), parentId=None),
        jan_message(Said("s", None, "system", "Be brief."), parentId="1"),
        jan_message(Said("2", None, "assistant", "2"), parentId="s"),
    ]
    found, unread = read(READER, thread(tmp_path, *messages))
    assert [(each.id, each.parent) for each in found[0].messages] == [("1", None), ("2", "1")]
    assert not unread


def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    outside = folder(tmp_path / "outside", jan_talk())
    inside = tmp_path / "data" / "threads"
    inside.mkdir(parents=True)
    (inside / "thread-1").symlink_to(outside / "threads" / "thread-1")
    with pytest.raises(ImportingError):
        list(READER.read(tmp_path / "data"))
    (inside / "two").mkdir()
    (inside / "two" / "thread.json").write_text(json.dumps(jan_thread()))
    (inside / "two" / "messages.jsonl").symlink_to(
        outside / "threads" / "thread-1" / "messages.jsonl"
    )
    found, unread = read(READER, tmp_path / "data")
    assert not found
    assert [each.code for each in unread] == ["import.empty_chat"]
