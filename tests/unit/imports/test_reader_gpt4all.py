"""GPT4All's binary chats: every version, every kind of part, and bounded reading of damage."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.imports import gpt4all
from app.imports.entities import FoundFile
from app.imports.gpt4all import Gpt4AllReader
from app.imports.qt_stream import DamagedStreamError, QtStream
from tests.helpers.foreign_chats import TALK, folder, zipped
from tests.helpers.foreign_chats_gpt4all import QtChat, QtItem, text, variant
from tests.helpers.foreign_chats_reading import one, read

READER = Gpt4AllReader()
PLAIN = QtChat(
    [
        QtItem("Prompt: ", TALK[0].text),
        QtItem("Response: ", TALK[1].text, sources=(("nile.pdf", "It flows."),)),
        QtItem("Prompt: ", TALK[3].text),
        QtItem("Response: ", "Ja", stopped=True),
    ]
)
NEWEST = QtChat(
    [
        QtItem(
            "Prompt: ",
            "Look at it.",
            sources=(("nile.pdf", "It flows."), ("nile.pdf", "It ends."), ("b.txt", "Boats.")),
            attachments=(
                ("file:///home/me/my%20notes.txt", "Ahoi ✓".encode()),
                ("file:///home/me/t.xlsx", b"PK\x03\x04\x00\xff"),
            ),
        ),
        QtItem(
            "Response: ",
            "ignored, its parts count",
            parts=(
                QtItem("Think: ", "<think>First this.</think>"),
                QtItem("Text: ", "Then "),
                QtItem(
                    "ToolCall: ",
                    "<code>",
                    tool=("javascript", {"code": "1+1", "more": [1, 2.5, {"a": None}]}, "2"),
                    parts=(QtItem("ToolResponse: ", "2"),),
                ),
                QtItem("Response: ", "that."),
            ),
        ),
        QtItem("Response: ", "No.", is_error=True),
    ]
)


def chat_file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "gpt4all-0b5c7b9e-chat.chat"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("version", range(1, 13))
@pytest.mark.parametrize("with_context", [True, False])
def test_every_version(tmp_path: Path, version: int, with_context: bool) -> None:
    chat = PLAIN
    if version >= 11:  # the excerpts moved to the question
        first, second, *rest = PLAIN.items
        moved = QtItem(first.name, first.value, sources=second.sources)
        chat = QtChat([moved, QtItem(second.name, second.value), *rest])
    path = chat_file(tmp_path, chat.written(version, with_context))
    found, unread = read(READER, path)
    assert not unread
    assert len(found) == 1
    chat_found = found[0]
    assert (chat_found.id, chat_found.title) == (PLAIN.id, PLAIN.own_name)
    assert chat_found.created_ms == PLAIN.created * 1000
    messages = chat_found.messages
    assert [each.text for each in messages] == [each.value for each in PLAIN.items]
    assert [each.role for each in messages] == ["user", "assistant"] * 2
    assert [each.model for each in messages] == ["", "some-model.gguf"] * 2
    assert [each.interrupted for each in messages] == [False, False, False, True]
    assert [each.parent for each in messages] == [None, *[each.id for each in messages[:-1]]]
    excerpt = (FoundFile("nile.pdf", text="It flows."),) if version >= 3 else ()
    assert messages[0].files == excerpt
    assert not messages[1].files


def test_parts_of_the_newest_version(tmp_path: Path) -> None:
    found, unread = read(READER, chat_file(tmp_path, NEWEST.written()))
    asked, answer, error = found[0].messages
    assert asked.files == (
        FoundFile("my notes.txt", text="Ahoi ✓"),
        FoundFile("t.xlsx"),
        FoundFile("nile.pdf", text="It flows.\n\nIt ends."),
        FoundFile("b.txt", text="Boats."),
    )
    assert answer.text == "Then \n\nthat."
    for words in ("First this.", "javascript", "1+1", "2.5"):
        assert words in answer.reasoning
    assert "<think>" not in answer.reasoning
    assert error.interrupted
    assert [(each.code, each.facts) for each in unread] == [("import.names_only", {"count": 1})]


def test_ids_follow_from_the_words(tmp_path: Path) -> None:
    first = one(READER, chat_file(tmp_path, PLAIN.written()))
    again = one(READER, chat_file(tmp_path, PLAIN.written(11)))
    longer = QtChat([*PLAIN.items, QtItem("Prompt: ", "And?")])
    grown = one(READER, chat_file(tmp_path, longer.written()))
    ids = [each.id for each in first.messages]
    assert [each.id for each in again.messages] == ids
    assert [each.id for each in grown.messages][:-1] == ids


def test_folder_and_zip(tmp_path: Path) -> None:
    members = {
        "gpt4all-1.chat": PLAIN.written(),
        "gpt4all-2.chat": NEWEST.written().replace(text(NEWEST.id), text("other-id-chat")),
        "old/gpt4all-3.chat": PLAIN.written(5),
        "model.gguf": b"GGUF",
        "broken.chat": b"\xf5\xd5\x53\xcc\x00\x00",
    }
    places = (folder(tmp_path / "chats", members), zipped(tmp_path / "c.zip", members))
    for path in places:
        head = path.read_bytes()[:65536] if path.is_file() else b""
        assert READER.recognises(path, head)
        found, unread = read(READER, path)
        assert len(found) == 3
        codes = [each.code for each in unread]
        assert sorted(codes) == ["import.names_only", "import.no_chat_here"]


@pytest.mark.parametrize(("version", "code"), [(13, "newer_chat"), (0, "no_chat_here")])
def test_versions_of_no_program(tmp_path: Path, version: int, code: str) -> None:
    content = bytearray(PLAIN.written())
    content[4:8] = version.to_bytes(4, "big")
    found, unread = read(READER, chat_file(tmp_path, bytes(content)))
    assert not found
    assert [each.code for each in unread] == [f"import.{code}"]


@pytest.mark.parametrize("chat", [PLAIN, NEWEST])
@pytest.mark.parametrize("version", [4, 9, 12])
def test_cut_anywhere(tmp_path: Path, chat: QtChat, version: int) -> None:
    content = chat.written(version)
    whole = one(READER, chat_file(tmp_path, content))
    for length in range(0, len(content), 7):
        found, unread = read(READER, chat_file(tmp_path, content[:length]))
        assert unread
        for each in found:
            told = [(message.role, message.text) for message in each.messages]
            assert told == [(m.role, m.text) for m in whole.messages][: len(told)]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_bytes_are_read_within_bounds(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(NEWEST.written(data.draw(st.sampled_from([3, 7, 9, 12]))))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 4))
        content[at : at + 4] = data.draw(
            st.sampled_from([b"\xff\xff\xff\xff", b"\xff\xff\xff\xfe", b"\x7f\xff\xff\xff"])
            | st.binary(min_size=4, max_size=4)
        )
    path = tmp_path_factory.mktemp("chat") / "x.chat"
    path.write_bytes(content)
    read(READER, path)


def test_lone_surrogates_and_nul(tmp_path: Path) -> None:
    chat = QtChat([QtItem("Prompt: ", "a\ud800b\0c"), QtItem("Response: ", "\udfff")])
    found = one(READER, chat_file(tmp_path, chat.written()))
    assert found.messages[0].text == "a\ufffdb\0c"
    assert found.messages[1].text == "\ufffd"


def test_lengths_beyond_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for content in (b"\x7f\xff\xff\xff", b"\xff\xff\xff\xfe\x00\x00\x00\x10\x00\x00\x00\x00"):
        path.write_bytes(content)
        with path.open("rb") as file, pytest.raises(DamagedStreamError):
            QtStream(file, len(content), 1000).text()
    for content in (variant([[[[1]]]]), variant({"a": "b"})):
        path.write_bytes(content)
        with path.open("rb") as file:
            assert QtStream(file, len(content), 1000).variant() in ([[[[1]]]], {"a": "b"})
        with path.open("rb") as file, pytest.raises(DamagedStreamError):
            QtStream(file, len(content), 1000).variant(depth=1)


def test_counts_and_gaps_beyond_the_file() -> None:
    calls: list[Callable[[QtStream], object]] = [
        lambda stream: stream.count64(8),
        lambda stream: stream.skip(9),
        lambda stream: stream.skip(-1),
        lambda stream: (stream.uint64(), stream.uint32()),
    ]
    for call in calls:
        with pytest.raises(DamagedStreamError):
            call(QtStream(io.BytesIO(b"\0\0\0\0\0\0\0\x02"), 8, 1000))
    with pytest.raises(DamagedStreamError):  # the file is shorter than it was
        QtStream(io.BytesIO(b"\0\0\0\x08ab"), 100, 1000).data()


def test_items_of_no_kind(tmp_path: Path) -> None:
    first, *_rest = PLAIN.items
    deep = QtItem("Text: ", "deep")
    for _ in range(40):
        deep = QtItem("Text: ", "", parts=(deep,))
    for last in (QtItem("Weird: ", "?"), QtItem("Response: ", "", parts=(deep,))):
        found, unread = read(READER, chat_file(tmp_path, QtChat([first, last]).written()))
        assert [each.text for each in found[0].messages] == [first.value]
        assert [each.code for each in unread] == ["import.damaged_chat"]


def test_what_follows_a_whole_chat_is_told(tmp_path: Path) -> None:
    found, unread = read(READER, chat_file(tmp_path, PLAIN.written() + b"more"))
    assert len(found[0].messages) == 4
    assert [each.code for each in unread] == ["import.damaged_chat"]


def test_more_than_one_chat_can_be_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small items take many times their bytes once they are read."""
    chat = QtChat([QtItem("Prompt: ", "x")] * 2000)
    path = chat_file(tmp_path, chat.written())
    assert len(read(READER, path)[0][0].messages) == 2000
    monkeypatch.setattr(gpt4all, "MOST_OF_ONE_CHAT", 4 * path.stat().st_size)
    found, unread = read(READER, path)
    assert 0 < len(found[0].messages) < 2000
    assert [each.code for each in unread] == ["import.too_large"]
