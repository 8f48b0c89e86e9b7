"""All data in another folder: whole, checked, and never in neither."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from app import data_move
from app.backups.data_parts import DataPart, measure
from app.backups.erasing import erase_everything
from app.data_move import MoveStopped, begin_anew, check_move, finish_move, move_data, place_in
from app.data_place import MARK, NOTE, MarkState, mark_of
from app.errors import DataFolderError
from app.paths import DataPaths, data_paths
from app.settings.store import SettingsStore
from app.storage.errors import StorageError
from app.wording import sentence_for
from tests.helpers.data_folders import opened, titles, write


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MOESTRO_DATA_DIR")
    monkeypatch.setattr("app.paths.usual_place", lambda: tmp_path / "usual")
    return tmp_path / "usual"


@pytest.fixture
def paths(home: Path) -> DataPaths:
    made = data_paths()
    assert made == DataPaths(home, home)
    write(made, "A chat")
    SettingsStore(made.settings).change(theme="dark")
    for name in ("backups/one.sqlite3", "logs/moestro.log", "kv/a/b", "models/org/model.gguf"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(name.encode() * 100)
    (home / "letter.txt").write_text("not of Moestro")
    return made


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "disk").mkdir()
    return tmp_path / "disk" / "Moestro"


def test_everything_of_ours_goes_and_the_next_start_finds_it(
    paths: DataPaths, target: Path
) -> None:
    heard: list[tuple[int, int]] = []
    moved = move_data(paths, target, lambda done, total: heard.append((done, total)))
    now = data_paths()
    assert now == DataPaths(target, paths.home)
    assert titles(now) == ["A chat"]
    assert (target / "kv/a/b").read_bytes() == b"kv/a/b" * 100
    settings = SettingsStore(now.settings).current
    assert settings.theme == "dark"
    assert settings.library_folder == str(paths.models), "models stay, and are found"
    assert heard[-1][0] == heard[-1][1] == moved.size_bytes
    assert [done for done, _total in heard] == sorted(done for done, _total in heard)
    assert moved.kept is not None
    assert (moved.kept / "history.sqlite3").is_file()
    left = {each.name for each in paths.root.iterdir() if not each.name.endswith(".opening")}
    assert left == {"models", "letter.txt", NOTE, moved.kept.name}
    assert not (target / "models").exists()
    assert not (target / "letter.txt").exists()


def test_for_the_owner_alone(paths: DataPaths, target: Path) -> None:
    move_data(paths, target)
    for each in (target, target / "kv", target / "history.sqlite3", target / MARK):
        assert each.stat().st_mode & 0o077 == 0, each


def test_and_back_again(paths: DataPaths, target: Path, home: Path) -> None:
    move_data(paths, target)
    there = data_paths()
    write(there, "Another chat")
    move_data(there, home)
    assert not (home / NOTE).exists()
    assert sorted(titles(data_paths())) == ["A chat", "Another chat"]
    assert data_paths().root == home
    assert SettingsStore(data_paths().settings).current.library_folder == str(home / "models")


def test_a_link_stays_a_link(paths: DataPaths, target: Path, tmp_path: Path) -> None:
    shutil.move(paths.backups, tmp_path / "elsewhere")
    paths.backups.symlink_to("../elsewhere")
    move_data(paths, target)
    assert (target / "backups").is_symlink()
    assert (target / "backups").resolve() == tmp_path / "elsewhere"
    assert (tmp_path / "elsewhere" / "one.sqlite3").is_file()


# --- what is refused -----------------------------------------------------------------------


def test_folders_that_cannot_take_it(paths: DataPaths, tmp_path: Path, home: Path) -> None:
    full = tmp_path / "full" / "Moestro"
    full.mkdir(parents=True)
    (full / "letter").write_text("of somebody")
    (tmp_path / "file").write_text("a file")
    for folder, code in (
        (home, "data.move_same"), (home / "below", "data.move_inside"),
        (home.parent, "data.move_inside"), (tmp_path / "no" / "such", "data.move_no_folder"),
        (tmp_path / "file", "data.move_no_folder"), (full, "data.move_not_empty"),
    ):  # fmt: skip
        with pytest.raises(DataFolderError) as caught:
            move_data(paths, folder)
        assert caught.value.code == code
        assert len(sentence_for(caught.value)) <= 140
    assert data_paths() == paths
    assert titles(paths) == ["A chat"]


def test_a_folder_of_the_option_is_not_moved(paths: DataPaths, target: Path) -> None:
    with pytest.raises(DataFolderError) as caught:
        check_move(DataPaths(paths.root), target)
    assert caught.value.code == "data.move_chosen"


def test_no_room(paths: DataPaths, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(paths.root)._replace(free=100_000_000)
    monkeypatch.setattr(data_move.shutil, "disk_usage", lambda _folder: usage)
    with pytest.raises(DataFolderError) as caught:
        check_move(paths, target)
    assert caught.value.code == "data.move_no_room"


def test_a_command_that_still_writes_keeps_it_from_moving(paths: DataPaths, target: Path) -> None:
    database = opened(paths)
    try:
        with pytest.raises(StorageError) as caught:
            move_data(paths, target)
        assert caught.value.code == "storage.busy"
    finally:
        database.close()
    assert not target.exists()
    assert data_paths() == paths


def test_stopped_nothing_stays(paths: DataPaths, target: Path) -> None:
    with pytest.raises(MoveStopped):
        move_data(paths, target, stop=lambda: True)
    assert not target.exists()
    assert titles(data_paths()) == ["A chat"]


@pytest.mark.parametrize("step", ["_copy_all", "_check", "point"])
def test_a_disk_that_refuses_changes_nothing(
    paths: DataPaths, target: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_all: object) -> None:
        raise OSError(errno.EIO, "input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(data_move, step, refuse)
        with pytest.raises(DataFolderError) as caught:
            move_data(paths, target)
    assert caught.value.code == "data.move_io"
    assert not target.exists()
    assert titles(data_paths()) == ["A chat"]
    assert move_data(paths, target).folder == target


def test_what_is_read_back_differently_is_refused(
    paths: DataPaths, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def lie(descriptor: int) -> None:
        real(descriptor)
        if os.fstat(descriptor).st_size > 10_000:
            os.pwrite(descriptor, b"\0lie", 5_000)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", lie)
        with pytest.raises(DataFolderError) as caught:
            move_data(paths, target)
    assert caught.value.code == "data.move_differs"
    assert titles(data_paths()) == ["A chat"]


def test_a_damaged_history_is_not_moved(paths: DataPaths, target: Path) -> None:
    content = bytearray(paths.history.read_bytes())
    content[4096 * 5 : 4096 * 7] = bytes(8192)
    paths.history.write_bytes(content)
    with pytest.raises((DataFolderError, StorageError)):
        move_data(paths, target)
    assert not target.exists()
    # Nothing but in the header how it keeps its log.
    assert paths.history.read_bytes()[100:] == content[100:]


# --- a disk that is away -------------------------------------------------------------------


def test_a_disk_that_is_away_is_said_and_nothing_is_begun(
    paths: DataPaths, target: Path, home: Path
) -> None:
    move_data(paths, target)
    target.rename(target.with_name("unplugged"))
    before = sorted(home.iterdir())
    with pytest.raises(DataFolderError) as caught:
        data_paths()
    assert caught.value.code == "data.away"
    assert str(target)[-15:] in sentence_for(caught.value)
    # Some systems leave an empty folder; another disk has another history.
    target.mkdir()
    with pytest.raises(DataFolderError):
        data_paths()
    (target / "history.sqlite3").write_bytes(b"of another disk")
    with pytest.raises(DataFolderError):
        data_paths()
    assert sorted(home.iterdir()) == before
    shutil.rmtree(target)
    target.with_name("unplugged").rename(target)
    assert titles(data_paths()) == ["A chat"]


def test_option_and_environment_need_no_disk(
    paths: DataPaths, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_data(paths, target)
    target.rename(target.with_name("unplugged"))
    assert data_paths(str(tmp_path / "option")) == DataPaths(tmp_path / "option")
    monkeypatch.setenv("MOESTRO_DATA_DIR", str(tmp_path / "variable"))
    assert data_paths() == DataPaths(tmp_path / "variable")


def test_beginning_anew_forgets_nothing(paths: DataPaths, target: Path, home: Path) -> None:
    move_data(paths, target)
    note = (home / NOTE).read_bytes()
    begin_anew(home)
    assert data_paths() == DataPaths(home, home)
    assert titles(data_paths()) == []
    assert (home / f"{NOTE}.before-1").read_bytes() == note
    assert titles(DataPaths(target)) == ["A chat"]


def test_beginning_anew_takes_no_half_copy(paths: DataPaths, target: Path, home: Path) -> None:
    move_data(paths, target)
    (home / "history.sqlite3").write_bytes(b"half a copy")
    mark = mark_of(target)
    assert mark is not None
    data_move.put_mark(home, data_move.replace(mark, state=MarkState.COPYING))
    begin_anew(home)
    assert titles(data_paths()) == []
    assert not list(home.glob("*.damaged-*"))


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"format": 1}', b"\xff\xfe"])
def test_a_note_that_makes_no_sense_begins_nothing(home: Path, content: bytes) -> None:
    home.mkdir()
    (home / NOTE).write_bytes(content)
    with pytest.raises(DataFolderError) as caught:
        data_paths()
    assert caught.value.code == "data.note_damaged"
    assert len(sentence_for(caught.value)) <= 140
    assert [each.name for each in home.iterdir()] == [NOTE]


def test_a_half_copied_folder_is_never_believed(paths: DataPaths, target: Path) -> None:
    move_data(paths, target)
    mark = mark_of(target)
    assert mark is not None
    data_move.put_mark(target, data_move.replace(mark, state=MarkState.COPYING))
    with pytest.raises(DataFolderError):
        data_paths()


# --- afterwards ----------------------------------------------------------------------------


def test_what_was_left_in_place_is_set_aside_at_the_next_start(
    paths: DataPaths, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(data_move, "finish_move", lambda _paths: None)
        move_data(paths, target)
    assert paths.history.is_file()
    kept = finish_move(data_paths())
    assert kept is not None
    assert (kept / "history.sqlite3").is_file()
    assert not paths.history.exists()
    assert finish_move(data_paths()) is None


def test_deleting_everything_means_what_was_set_aside_too(
    paths: DataPaths, target: Path, home: Path
) -> None:
    moved = move_data(paths, target)
    erase_everything(data_paths(), models=False)
    assert moved.kept is not None
    assert not moved.kept.exists()
    assert not (home / NOTE).exists()
    assert not (target / MARK).exists()
    assert data_paths() == DataPaths(home, home)


def test_the_page_knows_the_note_and_what_was_set_aside(
    paths: DataPaths, target: Path, home: Path
) -> None:
    move_data(paths, target)
    use = measure(DataPaths(home), home / "models")
    assert use is not None
    assert use.of(DataPart.ASIDE).files > 0
    assert use.of(DataPart.OTHER).files == 1
    there = measure(data_paths(), home / "models")
    assert there is not None
    assert there.of(DataPart.OTHER).files == 0


def test_data_get_a_folder_of_their_own(tmp_path: Path) -> None:
    assert place_in(tmp_path) == tmp_path / "Moestro"
    assert place_in(tmp_path / "moestro") == tmp_path / "moestro"
