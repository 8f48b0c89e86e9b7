"""Reads with one reader and checks what holds for everything that any reader finds."""

import json
from pathlib import Path
from typing import Any

from app.imports.entities import FoundConversation, FoundMessage, Unread
from app.imports.reader import Reader
from app.imports.sources import foreign_readers
from app.imports.streaming import HEAD_BYTES
from app.pictures import trouble_with
from app.wording import SENTENCES, sentence


def reader_of(path: Path) -> Reader | None:
    """Who recognises a file or folder first, asked as the import asks."""
    head = b""
    if path.is_file():
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    return next((each for each in foreign_readers() if each.recognises(path, head)), None)


def read(reader: Reader, path: Path) -> tuple[list[FoundConversation], list[Unread]]:
    """Everything that is found, checked for soundness."""
    found: list[FoundConversation] = []
    unread: list[Unread] = []
    for each in reader.read(path):
        if isinstance(each, Unread):
            assert each.code in SENTENCES
            assert sentence(each.code, {"where": each.where, **each.facts})
            unread.append(each)
        else:
            check_sound(reader, each)
            found.append(each)
    begins = {(each.id, each.messages[0].id) for each in found}
    assert len({each.id for each in found}) == len(begins), "an id for two conversations"
    return found, unread


def one(reader: Reader, path: Path) -> FoundConversation:
    found, _unread = read(reader, path)
    assert len(found) == 1
    return found[0]


def check_sound(reader: Reader, conversation: FoundConversation) -> None:
    """Parents first, ids once, the leaf is there, all text can be stored."""
    assert conversation.source == reader.name
    assert conversation.id
    seen: set[str] = set()
    for message in conversation.messages:
        assert message.parent is None or message.parent in seen
        assert message.id not in seen
        seen.add(message.id)
        assert message.created_ms is None or message.created_ms > 0
        for file in message.files:
            assert file.name
            assert not file.picture or not trouble_with(file.picture)
            assert not (file.picture and file.text)
    assert conversation.leaf in seen
    json.dumps(repr(conversation)).encode()
    repr(conversation).encode()


def branch(conversation: FoundConversation, leaf: str | None = None) -> list[FoundMessage]:
    """The messages up to the leaf, the first one first."""
    by_id = {each.id: each for each in conversation.messages}
    at = leaf or conversation.leaf
    found = []
    while at is not None:
        found.append(by_id[at])
        at = by_id[at].parent
    return found[::-1]


def written(path: Path, value: Any, encoding: str = "utf-8") -> Path:
    """A file of JSON."""
    path.write_bytes(json.dumps(value, ensure_ascii=False).encode(encoding, "surrogatepass"))
    return path
