"""The library's folder is moved: whole or not at all, and nothing that is not ours is touched."""

import errno
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.library import index
from app.library.entities import Origin
from app.library.errors import KeepingError
from app.library.move_entities import Moved
from app.library.move_files import Carrier
from app.library.move_switch import Switch, Switched, switch
from app.library.volumes import Room
from app.storage.connection import Connection
from app.wording import sentence_for
from models.entities import ModelFile
from models.gguf import open_model
from models.transfer_part import PartPaths, take_lock
from models.transfer_record import PartRecord, read_record, write_record
from tests.helpers.gguf_bytes import model
from tests.helpers.move_stage import (
    ONE_DISK,
    OTHER_DISK,
    MoveStage,
    a_request,
    content,
    files_below,
)

pytestmark = pytest.mark.usefixtures("starter_model")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[MoveStage]:
    made = MoveStage(tmp_path / "person ü")
    made.fill()
    yield made
    made.close()


@pytest.mark.parametrize("volumes", [OTHER_DISK, ONE_DISK])
def test_everything_is_in_the_new_folder_and_nothing_in_the_old(
    stage: MoveStage, tmp_path: Path, volumes: object
) -> None:
    stage.moving._volumes = volumes  # type: ignore[assignment]
    before, names, old = stage.models(), files_below(stage.folder), stage.folder
    target = tmp_path / "big drive"
    moved = stage.move(target)
    assert (moved.models, moved.stayed, moved.kept) == (3, (), ())
    assert moved.folder == stage.folder == target
    assert stage.models() == before
    assert files_below(target) == names
    assert stage.folders() == {target}
    assert list(old.iterdir()) == []
    assert all(each.state == "ready" for each in stage.library.entries())
    stage.reopen()
    assert stage.folder == target
    assert stage.models() == before
    assert files_below(target) == names
    # A copy was read to its end, so that its hash is known from now on.
    split = next(each for each in stage.library.entries() if len(each.handle.files) == 3)
    assert bool(split.origin.hashes) == (volumes is OTHER_DISK)
    assert split.origin.is_owned


def test_progress_counts_every_byte_twice_and_never_goes_back(
    stage: MoveStage, tmp_path: Path
) -> None:
    moved = stage.move(tmp_path / "new")
    counted = [each for each in stage.told if each.phase != "tidying"]
    assert {each.phase for each in stage.told} == {"copying", "verifying", "tidying"}
    done = [each.done_bytes for each in counted]
    assert done == sorted(done)
    assert counted[-1].total_bytes == 2 * moved.size_bytes
    assert (counted[-1].number, counted[-1].count) == (5, 5)
    assert stage.told[-1].done_bytes == 2 * moved.size_bytes


def test_what_is_not_ours_stays(stage: MoveStage, tmp_path: Path) -> None:
    old = stage.folder
    letter = old / "org" / "Model-0-GGUF" / "letter.txt"
    letter.write_text("mine")
    theirs = stage.library.add(
        open_model(model(name="Theirs").write(old / "Theirs.gguf")), Origin()
    )
    stage.move(tmp_path / "new")
    assert files_below(old) == ["Theirs.gguf", "org/Model-0-GGUF/letter.txt"]
    kept = stage.library.by_key(theirs.key)
    assert kept is not None
    assert (kept.state, kept.handle.path) == ("ready", old / "Theirs.gguf")


def test_models_that_are_not_as_recorded_stay_with_a_reason(
    stage: MoveStage, tmp_path: Path
) -> None:
    first, second = sorted((stage.folder / "org").glob("Model-*/*.gguf"))
    os.utime(first, ns=(1, 1))
    whole = bytearray(second.read_bytes())
    whole[-1] ^= 1
    before = second.stat()
    second.write_bytes(whole)
    os.utime(second, ns=(before.st_atime_ns, before.st_mtime_ns))
    moved = stage.move(tmp_path / "new")
    assert moved.models == 1
    assert sorted(each.why.code for each in moved.stayed) == ["library.changed", "library.damaged"]
    assert all(sentence_for(each.why) for each in moved.stayed)
    assert first.exists()
    assert second.exists()
    assert files_below(tmp_path / "new") == [
        f"org/Split-GGUF/{name}" for name in sorted(_split_names(moved, tmp_path))
    ]
    damaged = next(each for each in stage.library.entries() if each.handle.path == second)
    assert damaged.state == "damaged"


def _split_names(_moved: Moved, tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "new" / "org" / "Split-GGUF").iterdir()]


def test_back_again_and_beside_what_is_there(stage: MoveStage, tmp_path: Path) -> None:
    old, before = stage.folder, stage.models()
    stage.move(tmp_path / "new")
    # A model that went into the old folder since, under a name that comes back.
    path = old / "org" / "Model-0-GGUF" / "Model-0-Q4_0.gguf"
    path.parent.mkdir(parents=True)
    other = stage.library.add(open_model(model(name="Other").write(path)), Origin(is_owned=True))
    stage.move(old)
    assert stage.folder == old
    models = stage.models()
    assert models.pop(other.key) == (content(path),)
    assert models == before
    assert "org/Model-0-GGUF-2/Model-0-Q4_0.gguf" in files_below(old)
    assert files_below(tmp_path / "new") == []


# --- refusals --------------------------------------------------------------------------------


def test_folders_that_cannot_be_taken(stage: MoveStage, tmp_path: Path) -> None:
    assert stage.refused(stage.folder) == "library.move_same"
    link = tmp_path / "link"
    link.symlink_to(stage.folder)
    assert stage.refused(link) == "library.move_same"
    assert stage.refused(stage.folder / "inside") == "library.move_inside"
    assert stage.refused(stage.folder.parent) == "library.move_inside"
    assert stage.refused(link / "inside") == "library.move_inside"
    assert stage.refused(tmp_path / "away" / "models") == "library.move_no_folder"
    (tmp_path / "file").write_text("")
    assert stage.refused(tmp_path / "file") == "library.move_no_folder"
    full = tmp_path / "full"
    (full / "deep").mkdir(parents=True)
    (full / "deep" / "letter.txt").write_text("mine")
    assert stage.refused(full) == "library.move_not_empty"
    assert (full / "deep" / "letter.txt").read_text() == "mine"
    assert stage.refused(tmp_path / os.fsdecode(b"\xff")) == "library.odd_name"


def test_a_small_disk_and_small_files(stage: MoveStage, tmp_path: Path) -> None:
    target = tmp_path / "new"
    small = replace(OTHER_DISK, room=lambda _folder: Room(10**12, 10_000))
    stage.moving._volumes = small
    assert stage.refused(target) == "library.move_no_room"
    assert not target.exists()
    stage.moving._volumes = replace(OTHER_DISK, largest_file=lambda _folder: 10_000)
    assert stage.refused(target) == "download.fs_limit"
    # On one disk a second name takes no room.
    stage.moving._volumes = replace(ONE_DISK, room=small.room)
    stage.move(target)


def test_a_disk_that_fills_in_the_middle(
    stage: MoveStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "new"
    write, left = os.write, [22_000]

    def short(descriptor: int, data: bytes) -> int:
        if left[0] <= 0:
            raise OSError(errno.ENOSPC, "full")
        left[0] -= len(data)
        return write(descriptor, data)

    monkeypatch.setattr("app.library.move_files.os.write", short)
    assert stage.refused(target) == "library.move_not_written"
    assert left[0] <= 0
    assert not target.exists()


def test_a_folder_that_may_not_be_written(stage: MoveStage, tmp_path: Path) -> None:
    target = tmp_path / "new"
    target.mkdir(mode=0o555)
    if os.access(target, os.W_OK):
        # Root may write everywhere; a file in the way refuses even it.
        target.chmod(0o755)
        (target / ".moving").write_text("")
    assert stage.refused(target) in ("library.move_not_written", "library.move_not_empty")


def test_a_copy_that_comes_out_different(
    stage: MoveStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def wrong(descriptor: int, data: bytes) -> int:
        spoilt = bytearray(data)
        spoilt[-1] ^= 1
        return write(descriptor, spoilt)

    monkeypatch.setattr("app.library.move_files.os.write", wrong)
    assert stage.refused(tmp_path / "new") == "library.move_copy_differs"
    assert not (tmp_path / "new").exists()


def test_a_way_that_is_blocked_after_all(
    stage: MoveStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What checking could not see: the new folder is made, and then refuses."""
    monkeypatch.setattr("app.library.move_run.MOVING", "nowhere/.moving")
    assert stage.refused(tmp_path / "new") == "library.move_not_written"
    assert not (tmp_path / "new").exists()
    assert stage.moving._journal.all() == []


def test_cancelling_leaves_everything_as_it_was(stage: MoveStage, tmp_path: Path) -> None:
    before = stage.models()
    run, ends = stage.begin(tmp_path / "new")
    assert stage.queue.run_until(lambda: bool(stage.told), 20)
    run.cancel()
    end = stage.wait(ends)
    assert isinstance(end, KeepingError)
    assert end.code == "library.move_stopped"
    assert stage.models() == before
    assert not (tmp_path / "new").exists()
    assert stage.services.databases[1].read(
        lambda connection: connection.execute("SELECT count(*) FROM library_moves").fetchone()
    ) == (0,)
    stage.move(tmp_path / "new")


def test_one_move_at_a_time(stage: MoveStage, tmp_path: Path) -> None:
    _run, ends = stage.begin(tmp_path / "new")
    _other, refused = stage.begin(tmp_path / "newer")
    trouble = stage.wait(refused)
    assert isinstance(trouble, KeepingError)
    assert trouble.code == "library.move_under_way"
    assert isinstance(stage.wait(ends), Moved)
    lock = take_lock(stage.root / "data" / "library-move.lock")
    try:
        assert stage.refused(tmp_path / "newest") == "library.move_under_way"
    finally:
        lock.release()


# --- what happens meanwhile ------------------------------------------------------------------


def test_a_model_that_is_removed_while_it_is_copied_does_not_come_back(
    stage: MoveStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = next(each for each in stage.library.entries() if not each.is_demo)

    def late(connection: Connection, asked: Switch) -> Switched:
        index.forget(connection, victim.key)
        return switch(connection, asked)

    monkeypatch.setattr("app.library.move_run.switch", late)
    moved = stage.move(tmp_path / "new")
    assert moved.models == 2
    assert victim.key not in stage.models()
    names = [Path(name).name for name in files_below(tmp_path / "new")]
    assert victim.handle.path.name not in names
    assert victim.handle.path.exists()


@pytest.mark.parametrize("what", ["goes", "changes"])
def test_a_file_that_goes_or_changes_while_it_is_copied_lets_its_model_stay(
    stage: MoveStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    victim = next((stage.folder / "org").glob("Model-0*/*.gguf"))
    copy = Carrier._copy

    def meanwhile(carrier: Carrier, source: Path, part: Path, name: str) -> str:
        if source == victim and what == "goes":
            victim.unlink()
        sha256 = copy(carrier, source, part, name)
        if source == victim:
            os.utime(victim, ns=(1, 1))
        return sha256

    monkeypatch.setattr(Carrier, "_copy", meanwhile)
    moved = stage.move(tmp_path / "new")
    assert moved.models == 2
    assert [each.why.code for each in moved.stayed] == ["library.changed"]
    names = [Path(name).name for name in files_below(tmp_path / "new")]
    assert victim.name not in names
    assert victim.exists() == (what == "changes")


def partial(stage: MoveStage, sha256: str, have: int, size: int) -> PartPaths:
    """What a download left when it was paused."""
    folder = stage.folder / ".downloads"
    folder.mkdir(exist_ok=True)
    parts = PartPaths(folder, sha256)
    parts.part.write_bytes(random.Random(1).randbytes(have))
    record = PartRecord("org/Big-GGUF", "c" * 40, "Big-Q4_0.gguf", size, sha256, have, "")
    write_record(parts.record, record)
    return parts


@pytest.mark.parametrize("has_them", [True, False])
def test_partials_move_along_and_stay_paused(
    stage: MoveStage, tmp_path: Path, has_them: bool
) -> None:
    """``has_them``: as the window, which took over the queue; else as a terminal command."""
    downloads = stage.rooms.downloads
    if has_them:
        downloads.start()
    old = partial(stage, "a" * 64, 50_000, 100_000)
    whole = content(old.part)
    identifier = downloads.add(a_request("a" * 64, 100_000))
    downloads.pause(identifier)
    assert stage.queue.run_until(lambda: downloads.is_over(identifier), 20)
    if not has_them:
        stage.reopen()
        downloads = stage.rooms.downloads
    stage.move(tmp_path / "new")
    new = PartPaths(tmp_path / "new" / ".downloads", "a" * 64)
    assert content(new.part) == whole
    record = read_record(new.record)
    assert record is not None
    assert (record.synced, record.size) == (50_000, 100_000)
    assert stage.queue.run_until(lambda: not old.part.exists(), 20)
    for _start in range(2):
        (shown,) = stage.rooms.downloads.entries()
        assert shown.library == tmp_path / "new"
        assert shown.request == a_request("a" * 64, 100_000)
        stage.queue.run_until(lambda: False, 0.3)
        (shown,) = stage.rooms.downloads.entries()
        assert shown.status.state.value == "paused"
        stage.reopen()


def test_a_download_that_runs_keeps_the_library_where_it_is(
    stage: MoveStage, tmp_path: Path
) -> None:
    identifier = stage.rooms.downloads.add(a_request("a" * 64, 100_000))
    stage.rooms.downloads.pause(identifier)
    assert stage.queue.run_until(lambda: stage.rooms.downloads.is_over(identifier), 20)
    folder = stage.folder / ".downloads"
    folder.mkdir(exist_ok=True)
    lock = take_lock(folder / f"{identifier}.lock")
    try:
        assert stage.refused(tmp_path / "new") == "library.move_downloads"
    finally:
        lock.release()
    stage.move(tmp_path / "new")


def test_old_files_that_cannot_be_removed_go_with_the_next_start(
    stage: MoveStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, before = stage.folder, stage.models()
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".gguf":
            raise PermissionError(errno.EACCES, "in use", str(path))
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        moved = stage.move(tmp_path / "new")
    assert len(moved.kept) == len(files_below(old)) == 5
    assert stage.models() == before
    stage.reopen()
    assert files_below(old) == []
    assert stage.models() == before


def test_the_next_start_leaves_alone_what_lies_in_the_old_place_by_then(
    stage: MoveStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = stage.folder
    with monkeypatch.context() as patch:
        patch.setattr("app.library.move_run.clean", lambda _move: (old,))
        stage.move(tmp_path / "new")
    mine = old / "org" / "Model-0-GGUF" / "Model-0-Q4_0.gguf"
    recorded = ModelFile.of(mine)
    mine.unlink()
    mine.write_text("mine")
    assert not recorded.is_unchanged()
    stage.reopen()
    assert files_below(old) == ["org/Model-0-GGUF/Model-0-Q4_0.gguf"]
