"""Training data: OpenAI's and ShareGPT's forms, as lines, lists and single chats."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.imports.entities import FoundFile
from app.imports.jsonl import JsonlReader
from tests.helpers.foreign_chats import (
    TALK,
    data_url,
    folder,
    openai_record,
    png,
    sharegpt_record,
)
from tests.helpers.foreign_chats_reading import branch, one, read, written

READER = JsonlReader()
RECORDS = {"openai": openai_record(), "sharegpt": sharegpt_record()}


def lines(path: Path, *records: Any) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return path


@pytest.mark.parametrize("form", RECORDS)
@pytest.mark.parametrize("shape", ["lines", "list", "pretty", "one line"])
def test_every_message(tmp_path: Path, form: str, shape: str) -> None:
    record = RECORDS[form]
    path = tmp_path / "data.jsonl"
    path.write_text({
        "lines": json.dumps(record) + "\n" + json.dumps(record | {"id": "2", "x": 1}) + "\n",
        "list": json.dumps([record]),
        "pretty": json.dumps(record, indent=2),
        "one line": json.dumps(record),
    }[shape])  # fmt: skip
    assert READER.recognises(path, path.read_bytes()[:65536])
    found, unread = read(READER, path)
    assert not unread
    assert len(found) == (2 if shape == "lines" else 1)
    for conversation in found:
        assert conversation.system_prompt == "Be brief."
        shown = branch(conversation)
        assert [each.text for each in shown] == [TALK[i].text for i in (0, 1, 3, 4)]
        assert [each.role for each in shown] == ["user", "assistant"] * 2
        assert shown[1].reasoning == TALK[1].reasoning


def test_a_list_that_is_one_chat(tmp_path: Path) -> None:
    path = written(tmp_path / "c.json", openai_record()["messages"])
    assert READER.recognises(path, path.read_bytes())
    assert len(one(READER, path).messages) == 4


def test_ids_are_the_same_and_come_once(tmp_path: Path) -> None:
    path = lines(tmp_path / "d.jsonl", openai_record(), openai_record(), openai_record(more=1))
    found, unread = read(READER, path)
    assert [(each.where, each.code) for each in unread] == [("d.jsonl, 2", "import.twice")]
    assert len({each.id for each in found}) == 2
    again, _unread = read(READER, path)
    assert again == found
    named = lines(tmp_path / "e.jsonl", sharegpt_record(), sharegpt_record(system="Other"))
    found, unread = read(READER, named)
    assert found[0].id == f"share-1.{found[0].messages[0].id}"
    assert len({each.id for each in found}) == 2
    assert not unread


def test_tools_and_pictures(tmp_path: Path) -> None:
    record = {
        "title": "Waves",
        "model": "m",
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Look"},
                    {"type": "image_url", "image_url": {"url": data_url(png())}},
                    {"type": "input_audio", "input_audio": {"data": "beep"}},
                ],
            },
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}
                ],
            },
            {"role": "tool", "name": "look", "content": "sea"},
            {"role": "assistant", "content": "A sea."},
            {"role": "system", "content": "Late."},
            {"from": "function_call", "value": "call()"},
            {"from": "observation", "value": "seen"},
        ],
    }
    found = one(READER, lines(tmp_path / "d.jsonl", record))
    assert found.title == "Waves"
    assert found.system_prompt == "Late."
    asked, answer = found.messages
    assert asked.text.endswith("\n\nLook")
    assert asked.files == (FoundFile("File 1", picture=png()),)
    assert "beep" in asked.text
    assert not asked.reasoning
    assert (answer.text, answer.model) == ("A sea.", "m")
    for words in ("look", '{"at": 1}', "sea", "call()", "seen"):
        assert words in answer.reasoning


def test_bad_lines_spoil_no_other(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    deep = "[" * 100_000
    good = json.dumps(openai_record())
    path.write_text(f"{good}\n\n{{broken\n7\n{deep}\n{{\"messages\": 1}}\n"
                    f'{{"messages": [{{}}, {{"role": "user", "content": "x"}}]}}\n'
                    f'{{"messages": []}}\n{good[:-9]}')  # fmt: skip
    found, unread = read(READER, path)
    assert [len(each.messages) for each in found] == [4, 1]
    assert [each.code for each in unread] == [
        "import.broken_json", "import.no_chat_here", "import.too_deep", "import.no_chat_here",
        "import.no_message", "import.empty_chat", "import.broken_json",
    ]  # fmt: skip


def test_folder(tmp_path: Path) -> None:
    members = {"a.jsonl": json.dumps(openai_record()), "b/c.json": json.dumps([sharegpt_record()]),
               "notes.txt": "no"}  # fmt: skip
    path = folder(tmp_path / "data", members)
    assert READER.recognises(path, b"")
    assert len(read(READER, path)[0]) == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "d.jsonl"
    text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in RECORDS.values())
    path.write_bytes(text.encode(encoding))
    assert READER.recognises(path, path.read_bytes()[:65536])
    found, unread = read(READER, path)
    assert len(found) == 2
    assert not unread
    assert branch(found[0])[2].text == TALK[3].text
