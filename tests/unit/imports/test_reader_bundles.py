"""Folders, zips and files to read from: nothing unpacked, nothing outside, nothing unbounded."""

import io
import os
import struct
import zipfile
from pathlib import Path

import pytest

from app.imports import bundle as bundles
from app.imports.bundle import is_safe_name, opened, read_whole
from app.imports.chatgpt import ChatGptReader
from app.imports.errors import ImportingError
from app.imports.streaming import MIB
from app.imports.zip_outline import has_bounded_directory
from tests.helpers.foreign_chats import folder, zipped


def code_of(path: Path, name: str = "a.json") -> str:
    with pytest.raises(ImportingError) as caught, opened(path) as bundle:
        read_whole(bundle, name, MIB)
    return caught.value.code


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "a/../../x", "a//b", "", "./x", "x\0y", "a" * 2000, "a/"]
)
def test_names_that_lead_outside(name: str) -> None:
    assert not is_safe_name(name)


def test_a_zip_shows_only_names_inside(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"../up.json": "1", "/abs.json": "2", "in/ok.json": "3"})
    with opened(path) as bundle:
        assert bundle.names() == ["in/ok.json"]
        assert bundle.names("in") == ["in/ok.json"]
        assert bundle.names("other") == []
        with pytest.raises(FileNotFoundError):
            bundle.open("../up.json")


def test_nothing_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "x.zip", {"a.json": "{}"})
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with opened(path) as bundle:
        assert read_whole(bundle, "a.json", 10) == b"{}"
        assert read_whole(bundle, "a.json", 1) is None
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_follows_no_link(tmp_path: Path) -> None:
    outside = folder(tmp_path / "outside", {"secret.json": "1"})
    inside = folder(tmp_path / "in", {"a.json": "1"})
    (inside / "link.json").symlink_to(outside / "secret.json")
    (inside / "sub").symlink_to(outside)
    with opened(inside) as bundle:
        assert bundle.names() == ["a.json"]
        assert bundle.names("sub") == []
        for name in ("link.json", "sub/secret.json", "../outside/secret.json"):
            assert bundle.size(name) == 0
            with pytest.raises(FileNotFoundError):
                bundle.open(name)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert code_of(tmp_path / "pipe") == "import.cannot_open"
    with opened(tmp_path) as bundle:
        assert bundle.names() == []


def test_a_bomb_by_its_ratio(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("conversations.json", "w") as file,
    ):
        for _ in range(80):
            file.write(b" " * MIB)
    assert path.stat().st_size < MIB
    with opened(path) as bundle:
        assert read_whole(bundle, "conversations.json", MIB) is None
        with pytest.raises(ImportingError) as caught:
            bundle.open("conversations.json")
    assert caught.value.code == "import.zip_bomb"
    with pytest.raises(ImportingError) as caught:
        list(ChatGptReader().read(path))
    assert caught.value.code == "import.zip_bomb"


def test_all_files_of_a_zip_together_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "_MOST_UNPACKED", 3 * MIB)
    members = {f"{number}.json": os.urandom(MIB) for number in range(4)}
    path = zipped(tmp_path / "x.zip", members)
    with opened(path) as bundle:
        for name in bundle.names()[:3]:
            assert read_whole(bundle, name, MIB) is not None
        with pytest.raises(ImportingError) as caught:
            read_whole(bundle, "3.json", MIB)
    assert caught.value.code == "import.zip_bomb"


def test_a_member_that_is_longer_than_it_says(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.json": "x" * 1000})
    content = path.read_bytes()
    assert content.count(struct.pack("<I", 1000)) == 2
    path.write_bytes(content.replace(struct.pack("<I", 1000), struct.pack("<I", 10)))
    with opened(path) as bundle:
        assert bundle.size("a.json") == 10
    with opened(path) as bundle, pytest.raises(OSError, match="damaged"):
        read_whole(bundle, "a.json", MIB)


def test_damage_is_an_error_of_the_file(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.json": os.urandom(5000).hex()})
    content = bytearray(path.read_bytes())
    content[200:260] = b"\xff" * 60
    path.write_bytes(content)
    with opened(path) as bundle, pytest.raises(OSError, match="damaged"):
        read_whole(bundle, "a.json", MIB)
    path.write_bytes(bytes(content[:1000]))
    assert code_of(path) == "import.damaged_zip"


def test_a_locked_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.json": "{}"})
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    path.write_bytes(content)
    assert code_of(path) == "import.locked_zip"


def test_a_list_of_files_that_is_too_long(tmp_path: Path) -> None:
    """The list is never read: the zip here only says how long it is."""
    size = 70 * MIB
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 9, 9, size, 0, 0)
    path = tmp_path / "x.zip"
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(size + 100)
        file.seek(0, os.SEEK_END)
        file.write(end)
    assert code_of(path) == "import.too_many_files"
    record = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 9, 9, 1 << 40, 0)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 4, 1)
    short = end[:12] + bytes(4) + end[16:]
    assert not has_bounded_directory(io.BytesIO(b"PK\x03\x04" + record + locator + short))
    assert has_bounded_directory(io.BytesIO(b"no zip at all"))


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "_MOST_FILES", 3)
    path = folder(tmp_path / "many", {f"{number}.json": "" for number in range(4)})
    with opened(path) as bundle, pytest.raises(ImportingError) as caught:
        bundle.names()
    assert caught.value.code == "import.too_many_files"


def test_what_may_not_be_opened(tmp_path: Path) -> None:
    assert code_of(tmp_path / "absent") == "import.cannot_open"
    assert code_of(Path("a\0b")) == "import.cannot_open"
    single = tmp_path / "a.json"
    single.write_text("{}")
    with opened(single) as bundle:
        assert bundle.names() == ["a.json"]
        assert bundle.size("a.json") == 2
        with pytest.raises(FileNotFoundError):
            bundle.open("b.json")
