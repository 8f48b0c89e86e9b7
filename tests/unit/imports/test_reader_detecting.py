"""Which program something is from is told by its content, whatever its name is."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.imports.outline import is_lines, outline
from tests.helpers.foreign_chats import (
    folder,
    gpt_talk,
    jan_talk,
    openai_record,
    sharegpt_record,
    studio_talk,
    webui_chat,
    zipped,
)
from tests.helpers.foreign_chats_gpt4all import QtChat, QtItem
from tests.helpers.foreign_chats_reading import reader_of


def name_of(path: Path) -> str:
    reader = reader_of(path)
    return reader.name if reader is not None else ""


CHAT = QtChat([QtItem("Prompt: ", "Hi")]).written()
FILES: list[tuple[str, Any]] = [
    ("chatgpt", [gpt_talk()]),
    ("chatgpt", gpt_talk()),
    ("openwebui", [webui_chat()]),
    ("openwebui", webui_chat()),
    ("openwebui", webui_chat()["chat"]),
    ("lmstudio", studio_talk()),
    ("jsonl", [openai_record()]),
    ("jsonl", sharegpt_record()),
    ("jsonl", openai_record()["messages"]),
]
MEMBERS: list[tuple[str, dict[str, Any]]] = [
    ("chatgpt", {"user.json": "{}", "conversations.json": json.dumps([gpt_talk()])}),
    ("jan", jan_talk()),
    ("gpt4all", {"gpt4all-1.chat": CHAT, "x.gguf": b"GGUF"}),
    ("lmstudio", {"conversations/1700000000123.conversation.json": json.dumps(studio_talk())}),
    ("openwebui", {"chat-export.json": json.dumps([webui_chat()]), "b.txt": ""}),
    ("jsonl", {"train.jsonl": json.dumps(openai_record()), "test.jsonl": ""}),
]


@pytest.mark.parametrize(("source", "value"), FILES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("indent", [None, 2])
def test_files(tmp_path: Path, source: str, value: Any, encoding: str, indent: int | None) -> None:
    path = tmp_path / "download (3).bin"
    path.write_bytes(json.dumps(value, indent=indent).encode(encoding))
    assert name_of(path) == source


def test_a_chat_of_gpt4all(tmp_path: Path) -> None:
    path = tmp_path / "chat.json"
    path.write_bytes(CHAT)
    assert name_of(path) == "gpt4all"


@pytest.mark.parametrize(("source", "members"), MEMBERS)
def test_folders_and_zips(tmp_path: Path, source: str, members: dict[str, Any]) -> None:
    for path in (folder(tmp_path / "some folder", members), zipped(tmp_path / "x.chat", members)):
        assert name_of(path) == source


def test_long_beginnings(tmp_path: Path) -> None:
    chat = gpt_talk()
    chat = {"title": "x" * 30_000} | chat
    path = tmp_path / "c.json"
    path.write_text(json.dumps([chat]))
    assert name_of(path) == "chatgpt"
    record = openai_record()
    record["messages"][1]["content"] = "y" * 200_000
    path.write_text(json.dumps(record))
    assert name_of(path) == "jsonl"


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"hello", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"\xff\xfe", b"\0" * 99,
     b'{"a": "\\"mapping\\": {}"}', b'["mapping"]', b"%PDF-1.7", b"[" * 70_000],
)  # fmt: skip
def test_what_nobody_knows(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "conversations.json"
    path.write_bytes(content)
    assert reader_of(path) is None


def test_an_outline_ends_anywhere() -> None:
    head = json.dumps([gpt_talk()]).encode()
    whole = outline(head)
    assert {"[].mapping", "[].mapping.q1.message.author", "[].current_node"} <= whole
    for length in range(0, len(head), 37):
        assert outline(head[:length]) <= whole


def test_lines() -> None:
    assert is_lines(b'{"a": 1}\n{"b": 2}\n')
    assert is_lines(b'\n\n{"a": "' + b"x" * 70_000)
    assert not is_lines(b'{\n "a": 1\n}')
    assert not is_lines(b"[1]\n")
    assert not is_lines(b"")
