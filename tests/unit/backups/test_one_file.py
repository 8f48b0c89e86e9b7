"""Everything in one file and out of it again; what strangers made of such a file is refused."""

import hashlib
import json
import os
import shutil
import zipfile
from collections import namedtuple
from pathlib import Path

import apsw
import pytest

from app.backups import one_file
from app.backups.errors import BackupError
from app.backups.one_file import HISTORY, SETTINGS, export_everything, import_everything, inspect
from app.backups.restoring import is_waiting
from app.history.schema import history_migrations
from app.paths import DataPaths
from app.storage.backup_files import Reason, list_backups
from app.storage.errors import StorageError
from tests.unit.backups.conftest import Folder


@pytest.fixture
def exported(folder: Folder, tmp_path: Path) -> Path:
    folder.chat("One")
    folder.chat("Two")
    folder.paths.settings.write_text('{"theme": "dark", "of_the_future": 1}')
    export_everything(folder.paths, tmp_path / "all.zip")
    return tmp_path / "all.zip"


def changed(source: Path, **parts: bytes | None) -> Path:
    """The same archive with other parts."""
    target = source.with_name("changed.zip")
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        contents = {name: old.read(name) for name in old.namelist()}
        names = {"manifest": "moestro.json", "history": HISTORY, "settings": SETTINGS}
        for key, content in parts.items():
            contents.pop(names[key], None)
            if content is not None:
                contents[names[key]] = content
        for name, content in contents.items():
            new.writestr(name, content)
    return target


def test_it_goes_to_another_computer_and_back(folder, exported, tmp_path) -> None:
    there = Folder(tmp_path / "elsewhere")
    there.chat("Of the other")
    there.paths.settings.write_text('{"theme": "light"}')
    import_everything(there.paths, exported)
    assert there.titles() == ["One", "Two"]
    assert json.loads(there.paths.settings.read_text()) == {"theme": "dark", "of_the_future": 1}
    before = there.paths.root / "settings.json.before-restore"
    assert json.loads(before.read_text()) == {"theme": "light"}
    assert Reason.RESTORE in {each.reason for each in list_backups(there.paths.backups, "history")}
    there.close()


def test_into_an_empty_folder(exported, tmp_path) -> None:
    there = Folder(tmp_path / "elsewhere")
    assert inspect(exported).parts.keys() == {HISTORY, SETTINGS}
    import_everything(there.paths, exported)
    assert there.titles() == ["One", "Two"]
    there.close()


def test_only_the_owner_may_read_it_and_nothing_else_is_left(exported) -> None:
    assert exported.stat().st_mode & 0o077 == 0
    assert {path.name for path in exported.parent.iterdir()} == {"all.zip", "data"}


def test_a_file_that_is_there_is_not_overwritten(folder, exported) -> None:
    before = exported.read_bytes()
    with pytest.raises(BackupError) as refusal:
        export_everything(folder.paths, exported)
    assert refusal.value.code == "backup.target_exists"
    assert exported.read_bytes() == before


def manifest(exported: Path, **changes: object) -> bytes:
    with zipfile.ZipFile(exported) as archive:
        return json.dumps(json.loads(archive.read("moestro.json")) | changes).encode()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("text", "backup.not_ours"), ("other zip", "backup.not_ours"),
        ("newer", "backup.not_ours"), ("no history", "backup.not_ours"),
        ("depth", "backup.not_ours"), ("other history", "backup.damaged"),
        ("bomb", "backup.damaged"), ("cut", "backup.not_ours"), ("absent", "backup.unknown"),
        ("part missing", "backup.damaged"), ("no database", "backup.damaged"),
    ],
)  # fmt: skip
def test_what_is_not_as_it_says_changes_nothing(folder, exported, tmp_path, name, code) -> None:
    source = tmp_path / "bad.zip"
    diary = b"Dear diary"
    match name:
        case "text":
            source.write_bytes(diary)
        case "absent":
            pass
        case "cut":
            source.write_bytes(exported.read_bytes()[:-40])
        case "other zip":
            with zipfile.ZipFile(source, "w") as archive:
                archive.writestr("../../evil", diary)
        case "newer":
            source = changed(exported, manifest=manifest(exported, version=2))
        case "no history":
            source = changed(exported, manifest=manifest(exported, parts={}))
        case "depth":
            source = changed(exported, manifest=b"[" * 200_000)
        case "other history":
            source = changed(exported, history=diary)
        case "bomb":
            source = changed(exported, history=bytes(50_000_000))
        case "part missing":
            source = changed(exported, history=None)
        case "no database":
            facts = {HISTORY: {"size": len(diary), "sha256": hashlib.sha256(diary).hexdigest()}}
            source = changed(exported, history=diary, manifest=manifest(exported, parts=facts))
    settings = folder.paths.settings.read_bytes()
    with pytest.raises(BackupError) as refusal:
        import_everything(folder.paths, source)
    assert refusal.value.code == code
    assert folder.titles() == ["One", "Two"]
    assert folder.paths.settings.read_bytes() == settings
    assert {path.name for path in folder.paths.root.iterdir()} <= {
        "history.sqlite3", "settings.json", "backups", "history.sqlite3.opening"
    }  # fmt: skip


def test_a_part_with_a_flipped_byte_is_seen(exported: Path) -> None:
    content = bytearray(exported.read_bytes())
    content[len(content) // 2] ^= 1
    exported.write_bytes(content)
    with pytest.raises(BackupError) as refusal:
        inspect(exported)
    assert refusal.value.code == "backup.damaged"


def test_names_in_it_write_nowhere(folder, exported, tmp_path) -> None:
    with zipfile.ZipFile(exported, "a") as archive:
        archive.writestr("../outside", b"x")
        archive.writestr("/tmp/outside-of-all", b"x")
    there = DataPaths(tmp_path / "there")
    import_everything(there, exported)
    assert not (tmp_path / "outside").exists()
    assert {path.name for path in there.root.iterdir()} == {
        "history.sqlite3.waiting", "settings.json"
    }  # fmt: skip


def test_more_than_it_says_is_not_even_read(exported, monkeypatch) -> None:
    source = changed(exported, history=bytes(60_000_000))
    read: list[int] = []
    real = zipfile.ZipExtFile.read

    def counted(stream: zipfile.ZipExtFile, size: int = -1) -> bytes:
        block = real(stream, size)
        read.append(len(block))
        return block

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    with pytest.raises(BackupError) as refusal:
        inspect(source)
    assert refusal.value.code == "backup.damaged"
    assert sum(read) < 5_000_000


def test_a_part_of_the_same_length_but_other_content_is_seen(exported: Path) -> None:
    source = changed(exported, settings=b'{"theme": "dark", "of_the_future": 2}')
    with pytest.raises(BackupError) as refusal:
        inspect(source)
    assert refusal.value.code == "backup.damaged"


def test_one_of_a_newer_moestro_changes_nothing(folder, exported, tmp_path) -> None:
    newer = tmp_path / "newer.sqlite3"
    with zipfile.ZipFile(exported) as archive:
        newer.write_bytes(archive.read(HISTORY))
    raw = apsw.Connection(str(newer))
    raw.execute("CREATE TABLE of_the_future (row INTEGER PRIMARY KEY)")
    raw.pragma("user_version", len(history_migrations()) + 1)
    raw.close()
    content = newer.read_bytes()
    facts = {HISTORY: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}}
    source = changed(exported, history=content, manifest=manifest(exported, parts=facts))
    settings = folder.paths.settings.read_bytes()
    with pytest.raises(BackupError) as refusal:
        import_everything(folder.paths, source)
    assert refusal.value.code == "backup.newer"
    assert folder.titles() == ["One", "Two"]
    assert folder.paths.settings.read_bytes() == settings


def test_settings_that_are_none_change_nothing(folder, exported) -> None:
    with zipfile.ZipFile(exported) as archive:
        parts = json.loads(archive.read("moestro.json"))["parts"]
    content = b"Dear diary"
    parts[SETTINGS] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    source = changed(exported, settings=content, manifest=manifest(exported, parts=parts))
    before = folder.paths.settings.read_bytes()
    with pytest.raises(BackupError) as refusal:
        import_everything(folder.paths, source)
    assert refusal.value.code == "backup.damaged"
    assert not is_waiting(folder.paths)
    assert folder.paths.settings.read_bytes() == before


def test_settings_of_before_are_kept_however_often_and_for_the_owner_alone(
    folder, exported
) -> None:
    root = folder.paths.root
    before = os.umask(0)
    try:
        for number in range(3):
            folder.paths.settings.write_text(f'{{"theme": "{number}"}}')
            import_everything(folder.paths, exported)
    finally:
        os.umask(before)
    kept = sorted(root.glob("settings.json.before-restore*"))
    assert [json.loads(path.read_text())["theme"] for path in kept] == ["0", "1", "2"]
    assert {path.stat().st_mode & 0o077 for path in [*kept, folder.paths.settings]} == {0}


def test_settings_that_cannot_be_kept_change_nothing(folder, exported, monkeypatch) -> None:
    def refuse(_path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(one_file, "write_atomically", refuse)
    with pytest.raises(BackupError) as refusal:
        import_everything(folder.paths, exported)
    assert refusal.value.code == "backup.io"
    assert not is_waiting(folder.paths)


def test_a_person_s_files_of_like_names_are_left_alone(folder, tmp_path) -> None:
    folder.chat("One")
    for name in ("all.zip.part", "all.zip.history", "history.sqlite3"):
        (tmp_path / name).write_text("mine")
    export_everything(folder.paths, tmp_path / "all.zip")
    for name in ("all.zip.part", "all.zip.history", "history.sqlite3"):
        assert (tmp_path / name).read_text() == "mine"


def test_without_room_for_both_nothing_is_left(folder, tmp_path, monkeypatch) -> None:
    folder.chat("One")
    size = folder.paths.history.stat().st_size
    room = namedtuple("room", "total used free")
    free = 100_000_000 + size + size // 2
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: room(10**12, 10**12, free))
    with pytest.raises(StorageError) as refusal:
        export_everything(folder.paths, tmp_path / "all.zip")
    assert refusal.value.code == "backup.no_room"
    assert {path.name for path in tmp_path.iterdir()} == {"data"}
