"""Removing: only what Moestro put there and as it recorded it; everything else stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.library.entities import InstalledModel, Origin
from app.library.library import STARTER_KEY
from app.library.removing import Removed, Remover
from app.wording import sentence_for
from models.errors import KnownError
from models.gguf import open_model
from tests.helpers.gguf_bytes import model, split_model
from tests.helpers.library_stage import LibraryStage, tree


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[LibraryStage]:
    made = LibraryStage(tmp_path)
    yield made
    made.close()


class Bin:
    """A trash; ``full`` takes nothing."""

    def __init__(self, stage: LibraryStage, *, full: bool = False) -> None:
        self.stage = stage
        self.full = full
        self.held: list[Path] = []
        self.gone: list[InstalledModel] = []
        self.remover = Remover(
            stage.library, lambda: stage.models, self.gone.append, stage.queue.post, self.take
        )

    def take(self, path: Path) -> None:
        if self.full:
            raise OSError("no trash here")
        self.held.append(path)
        path.rename(self.stage.elsewhere / f"trashed-{len(self.held)}")

    def remove(self, model: InstalledModel) -> Removed | KnownError:
        result: Removed | KnownError = self.stage.wait(
            lambda done, failed: self.remover.remove(model, done, failed)
        )
        return result


def ours(stage: LibraryStage, *, split: bool = False) -> InstalledModel:
    folder = stage.models / "org" / "Tiny-GGUF"
    folder.mkdir(parents=True)
    path = split_model(folder)[0] if split else model().write(folder / "Tiny-Q4_0.gguf")
    return stage.library.add(open_model(path), Origin(is_owned=True))


def refused(result: Removed | KnownError) -> str:
    assert isinstance(result, KnownError)
    assert sentence_for(result)
    return result.code


def test_all_parts_go_to_the_trash_and_the_emptied_folders_with_them(stage: LibraryStage) -> None:
    tiny, trash = ours(stage, split=True), Bin(stage)
    assert trash.remover.freed_bytes(tiny) == tiny.size_bytes
    removed = trash.remove(tiny)
    assert isinstance(removed, Removed)
    assert removed.trashed == tuple(file.path for file in tiny.handle.files)
    assert removed.freed_bytes == tiny.size_bytes
    assert list(stage.models.iterdir()) == []
    assert stage.real() == []
    assert trash.gone == [tiny]


def test_other_files_beside_it_and_their_folder_stay(stage: LibraryStage) -> None:
    tiny = ours(stage)
    note = tiny.handle.path.with_name("notes.txt")
    note.write_text("mine")
    Bin(stage).remove(tiny)
    assert note.read_text() == "mine"


def test_what_lies_in_place_stays(stage: LibraryStage) -> None:
    tiny = stage.library.add_file(model().write(stage.elsewhere / "Tiny.gguf"))
    before, trash = tree(stage.elsewhere), Bin(stage)
    removed = trash.remove(tiny)
    assert isinstance(removed, Removed)
    assert (removed.trashed, removed.freed_bytes) == ((), 0)
    assert (trash.held, stage.real()) == ([], [])
    assert tree(stage.elsewhere) == before


def test_a_changed_file_is_not_the_one_that_was_recorded(stage: LibraryStage) -> None:
    tiny, trash = ours(stage), Bin(stage)
    model(name="Somebody else's").write(tiny.handle.path)
    assert refused(trash.remove(tiny)) == "library.changed"
    assert (trash.held, stage.real()) == ([], ["Tiny Test"])


def test_the_demo_stays(stage: LibraryStage) -> None:
    demo = stage.library.by_key(STARTER_KEY)
    assert demo is not None
    trash = Bin(stage)
    assert refused(trash.remove(demo)) == "library.demo_stays"
    assert trash.held == []


def test_without_a_trash_nothing_is_deleted_and_the_row_stays(stage: LibraryStage) -> None:
    tiny = ours(stage)
    assert refused(Bin(stage, full=True).remove(tiny)) == "library.no_trash"
    assert tiny.handle.path.is_file()
    assert stage.real() == ["Tiny Test"]


def test_a_model_whose_files_are_gone_only_leaves_the_list(stage: LibraryStage) -> None:
    tiny, trash = ours(stage, split=True), Bin(stage)
    tiny.handle.files[1].path.unlink()
    removed = trash.remove(tiny)
    assert isinstance(removed, Removed)
    assert len(removed.trashed) == 2
    assert stage.real() == []


def test_a_second_name_of_a_file_frees_nothing(stage: LibraryStage) -> None:
    tiny = ours(stage)
    (stage.elsewhere / "same.gguf").hardlink_to(tiny.handle.path)
    removed = Bin(stage).remove(tiny)
    assert isinstance(removed, Removed)
    assert removed.freed_bytes == 0
    assert (stage.elsewhere / "same.gguf").is_file()
