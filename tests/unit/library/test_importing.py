"""Models that are on the computer already: added whole, once, and nothing is ever lost."""

import errno
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.library.hashing import Stopped
from app.library.import_entities import Imported, ImportProgress, ImportWay
from app.library.import_files import GATHERING, Placer, sweep
from app.library.importing import Imports
from app.library.volumes import Room, Volumes
from app.storage.errors import StorageError
from app.wording import sentence_for
from models.gguf import open_model
from models.peers import Findings, FoundModel, Program
from tests.helpers.gguf_bytes import model, split_model
from tests.helpers.library_stage import LibraryStage, tree
from tests.helpers.transfers import sample_gguf

WIDE = Volumes(room=lambda _folder: Room(10**12, 10**12), largest_file=lambda _folder: None)
GONE = 2**22 + 1
"""No process has this number."""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[LibraryStage]:
    made = LibraryStage(tmp_path)
    yield made
    made.close()


def imports(stage: LibraryStage, *found: FoundModel, volumes: Volumes = WIDE) -> Imports:
    findings = Findings(found, (), True)
    return Imports(stage.library, lambda: stage.models, lambda: findings, stage.queue.post, volumes)


def add(
    stage: LibraryStage, *paths: Path, way: ImportWay = "leave", service: Imports | None = None
) -> tuple[Imported, ...]:
    service = service or imports(stage)
    told: list[ImportProgress] = []
    result: tuple[Imported, ...] = stage.wait(
        lambda done, _failed: service.begin(paths, way, told.append, done)
    )
    return result


def one(results: tuple[Imported, ...]) -> Imported:
    (result,) = results
    return result


def code(result: Imported) -> str:
    assert result.trouble is not None
    assert sentence_for(result.trouble)
    return result.trouble.code


def file(folder: Path, called: str = "Tiny-Q4_K_M.gguf", **told: Any) -> Path:
    path = folder / called
    path.write_bytes(sample_gguf(**told))
    return path


# --- the four ways ---------------------------------------------------------------------------


def test_left_in_place_nothing_is_touched(stage: LibraryStage) -> None:
    path = file(stage.elsewhere)
    before = tree(stage.elsewhere)
    added = one(add(stage, path)).model
    assert added is not None
    assert (added.handle.path, added.origin.is_owned, added.origin.hashes) == (path, False, ())
    assert tree(stage.elsewhere) == before
    assert not stage.models.exists()


def test_copied_with_its_hash(stage: LibraryStage) -> None:
    path = file(stage.elsewhere)
    before = tree(stage.elsewhere)
    added = one(add(stage, path, way="copy")).model
    assert added is not None
    place = stage.models / "imported" / "Tiny-Q4_K_M" / path.name
    assert added.handle.path == place
    assert place.read_bytes() == path.read_bytes()
    assert added.origin.hashes == (hashlib.sha256(path.read_bytes()).hexdigest(),)
    assert (added.origin.is_owned, added.origin.hashes_published) == (True, False)
    assert tree(stage.elsewhere) == before
    assert not (stage.models / GATHERING).exists()


def test_linked_it_is_one_file_with_two_names(stage: LibraryStage) -> None:
    path = file(stage.elsewhere)
    added = one(add(stage, path, way="link")).model
    assert added is not None
    assert added.handle.path.samefile(path)
    assert added.handle.path != path
    assert added.origin.is_owned


def test_moved_with_all_its_parts_of_which_any_is_named(stage: LibraryStage) -> None:
    paths = split_model(stage.elsewhere)
    contents = [path.read_bytes() for path in paths]
    added = one(add(stage, paths[1], way="move")).model
    assert added is not None
    assert [each.path.read_bytes() for each in added.handle.files] == contents
    assert [each.path.name for each in added.handle.files] == [path.name for path in paths]
    assert list(stage.elsewhere.iterdir()) == []


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("way", ["leave", "copy", "link", "move"])
def test_what_cannot_be_remembered_is_as_before(
    stage: LibraryStage, monkeypatch: pytest.MonkeyPatch, way: ImportWay, links: bool
) -> None:
    path = file(stage.elsewhere)

    def refuse(*_arguments: object) -> None:
        raise StorageError("storage.disk_full", file="library.sqlite3")

    def refuse_link(*_arguments: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(stage.library, "add", refuse)
    if not links:
        monkeypatch.setattr(os, "link", refuse_link)
    expected = "library.no_link" if way == "link" and not links else "storage.disk_full"
    assert code(one(add(stage, path, way=way))) == expected
    assert path.is_file()
    assert list(stage.models.rglob("*.gguf")) == []


@pytest.mark.parametrize("way", ["link", "move"])
def test_a_disk_without_links(
    stage: LibraryStage, monkeypatch: pytest.MonkeyPatch, way: ImportWay
) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    paths = split_model(stage.elsewhere)
    inodes = [path.stat().st_ino for path in paths]
    result = one(add(stage, paths[0], way=way))
    if way == "link":
        assert code(result) == "library.no_link"
        assert all(path.is_file() for path in paths)
        assert not (stage.models / GATHERING).exists()
    else:
        assert result.model is not None
        assert [each.inode for each in result.model.handle.files] == inodes
        assert not any(path.exists() for path in paths)


def test_where_one_part_cannot_be_moved_the_others_go_back(
    stage: LibraryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = split_model(stage.elsewhere)
    rename = Path.rename

    def refuse_link(*_arguments: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    def refuse_last(self: Path, target: Path) -> Path:
        if self == paths[2]:
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(os, "link", refuse_link)
    monkeypatch.setattr(Path, "rename", refuse_last)
    assert code(one(add(stage, paths[0], way="move"))) == "library.not_added"
    assert all(path.is_file() for path in paths)
    assert [path for path in stage.models.rglob("*") if path.is_file()] == []


# --- folders ---------------------------------------------------------------------------------


def test_a_folder_with_all_kinds_of_things(stage: LibraryStage) -> None:
    folder = stage.elsewhere / "deep" / "er"
    folder.mkdir(parents=True)
    file(folder, "A-Q4_0.gguf", seed=1, name="A")
    split_model(stage.elsewhere)
    (folder / "cut-Q8_0-00001-of-00002.gguf").write_bytes(model(name="Cut").build())
    (folder / "mmproj-A-f16.gguf").write_bytes(model(name="P").build())
    (folder / "downloading_x-Q8_0.gguf").write_bytes(model(name="D").build())
    (folder / "no-Q4_0.gguf").write_bytes(b"<html>")
    (folder / "bad\nname-Q4_0.gguf").write_bytes(model(name="B").build())
    results = add(stage, stage.elsewhere)
    assert sorted(stage.real()) == ["A", "Tiny Test"]
    troubles = {each.trouble.code for each in results if each.trouble is not None}
    assert troubles == {"repository.part_missing", "library.odd_name"}


def test_a_folder_with_no_model_and_a_path_with_nothing(stage: LibraryStage) -> None:
    assert code(one(add(stage, stage.elsewhere))) == "library.nothing_found"
    assert code(one(add(stage, stage.elsewhere / "no.gguf"))) == "gguf.missing"


def test_a_bad_file_is_refused_and_the_others_are_added(stage: LibraryStage) -> None:
    bad = stage.elsewhere / "bad.gguf"
    bad.write_bytes(model().build()[:-1])
    good = file(stage.elsewhere)
    results = add(stage, bad, good, way="copy")
    assert [each.model is not None for each in results] == [False, True]
    assert code(results[0]) == "gguf.truncated"


# --- what is there already -------------------------------------------------------------------


def test_a_duplicate_is_told_and_not_added(stage: LibraryStage) -> None:
    first = one(add(stage, file(stage.elsewhere), way="copy")).model
    assert first is not None
    other = file(stage.elsewhere, "other-name.gguf")
    result = one(add(stage, other, way="copy"))
    assert (result.is_duplicate, result.model) == (True, first)
    assert len(list(stage.models.rglob("*.gguf"))) == 1
    # Left in place it is the same model, and the library's own copy stays the one in use.
    assert one(add(stage, other)).is_duplicate
    assert one(add(stage, first.handle.path, way="move")).is_duplicate
    assert first.handle.path.is_file()


def test_the_same_header_over_other_weights_is_no_duplicate(stage: LibraryStage) -> None:
    add(stage, file(stage.elsewhere), way="copy")
    other = file(stage.elsewhere, "other.gguf", seed=2)
    assert code(one(add(stage, other, way="copy"))) == "library.other_content"
    assert len(stage.real()) == 1


def test_what_lies_in_place_can_be_moved_into_the_library_later(stage: LibraryStage) -> None:
    path = file(stage.elsewhere)
    add(stage, path)
    moved = one(add(stage, path, way="move"))
    assert not moved.is_duplicate
    assert moved.model is not None
    assert moved.model.handle.path.is_relative_to(stage.models)
    assert not path.exists()
    assert len(stage.real()) == 1


def test_a_place_that_is_taken_is_not_written_over(stage: LibraryStage) -> None:
    taken = stage.models / "imported" / "Tiny-Q4_K_M"
    taken.mkdir(parents=True)
    (taken / "notes.txt").write_text("mine")
    added = one(add(stage, file(stage.elsewhere), way="copy")).model
    assert added is not None
    assert added.handle.path.parent.name == "Tiny-Q4_K_M-2"
    assert (taken / "notes.txt").read_text() == "mine"


# --- what is refused -------------------------------------------------------------------------


def test_a_link_is_not_moved(stage: LibraryStage) -> None:
    path = file(stage.elsewhere)
    link = stage.elsewhere / "link.gguf"
    link.symlink_to(path)
    assert code(one(add(stage, link, way="move"))) == "library.is_link"
    copied = one(add(stage, link, way="copy")).model
    assert copied is not None
    assert not copied.handle.path.is_symlink()


def test_another_program_s_model_is_not_moved(stage: LibraryStage) -> None:
    path = file(stage.elsewhere)
    before = tree(stage.elsewhere)
    found = FoundModel(
        program=Program.JAN, path=path, name="Tiny", repository="o/n", quantization=None,
        size_bytes=1, may_not_load=False,
    )  # fmt: skip
    service = imports(stage, found, replace(found, path=path.with_name("x"), may_not_load=True))
    assert code(one(add(stage, path, way="move", service=service))) == "library.of_program"
    result = one(stage.wait(lambda done, _f: service.begin_from_programs(lambda _p: None, done)))
    assert result.model is not None
    origin = result.model.origin
    assert (origin.program, origin.repository, origin.is_owned) == ("Jan", "o/n", False)
    assert tree(stage.elsewhere) == before
    # To have it for oneself, also when that program removes it, one copies it.
    copied = one(add(stage, path, way="copy", service=service)).model
    assert copied is not None
    assert copied.origin.is_owned


def test_a_hash_that_a_cache_gives_as_a_name_is_known(stage: LibraryStage) -> None:
    content = sample_gguf()
    digest = hashlib.sha256(content).hexdigest()
    blob = stage.elsewhere / f"sha256-{digest}"
    blob.write_bytes(content)
    link = stage.elsewhere / "Tiny-Q4_0.gguf"
    link.symlink_to(blob)
    added = one(add(stage, link)).model
    assert added is not None
    assert (added.origin.hashes, added.origin.hashes_published) == ((digest,), True)
    assert added.origin.verified == "structural"


def test_no_room_is_told_before_the_first_byte(stage: LibraryStage) -> None:
    path = file(stage.elsewhere)
    volumes = Volumes(room=lambda _f: Room(10**12, 1000), largest_file=lambda _f: None)
    service = imports(stage, volumes=volumes)
    assert code(one(add(stage, path, way="copy", service=service))) == "library.no_room"
    small = imports(stage, volumes=replace(WIDE, largest_file=lambda _f: 1000))
    assert code(one(add(stage, path, way="copy", service=small))) == "download.fs_limit"
    assert list(stage.models.iterdir()) == []


def test_a_cancelled_copy_leaves_nothing(stage: LibraryStage) -> None:
    stopped = threading.Event()
    source = open_model(file(stage.elsewhere, size=10_000_000))
    placer = Placer(stage.models.parent, WIDE, lambda _count: stopped.set(), stopped)
    with pytest.raises(Stopped):
        placer.place(source, "copy")
    assert [path for path in stage.models.parent.rglob("*.gguf")] == []
    assert not (stage.models.parent / GATHERING).exists()


def test_closing_ends_an_import(stage: LibraryStage) -> None:
    paths = [file(stage.elsewhere, f"{n}.gguf", seed=n, name=f"M{n}") for n in range(40)]
    service = imports(stage)
    results: list[tuple[Imported, ...]] = []
    service.begin(paths, "copy", lambda _progress: None, results.append)
    began = time.monotonic()
    service.close()
    assert time.monotonic() - began < 5
    assert stage.queue.run_until(lambda: bool(results), 20)
    assert len(results[0]) < len(paths)


def test_what_a_killed_program_left_is_swept(tmp_path: Path) -> None:
    gathering = tmp_path / GATHERING
    folders = {name: gathering / f"{name}-ab" for name in (
        f"copy-{GONE}", f"copy-{os.getpid()}", f"link-{GONE}", "copy-x")}  # fmt: skip
    for folder in folders.values():
        folder.mkdir(parents=True)
        (folder / "x.gguf").write_bytes(b"x")
    sweep(tmp_path)
    left = {name for name, folder in folders.items() if folder.exists()}
    assert left == {f"copy-{os.getpid()}", f"link-{GONE}", "copy-x"}


def test_of_other_programs_some_may_be_chosen(stage: LibraryStage) -> None:
    found = [
        FoundModel(
            program=Program.JAN, name=name,
            path=file(stage.elsewhere, f"{name}-Q4_0.gguf", name=name, seed=seed),
            repository=None, quantization="Q4_0", size_bytes=1, may_not_load=False,
        )
        for seed, name in enumerate(("One", "Two"))
    ]  # fmt: skip
    service = imports(stage, *found)
    results = stage.wait(
        lambda done, _failed: service.begin_from_programs(
            lambda _told: None, done, frozenset({found[1].path})
        )
    )
    assert [each.path for each in results] == [found[1].path]
    assert stage.real() == ["Two"]
