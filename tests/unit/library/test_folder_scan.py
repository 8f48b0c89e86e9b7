"""Folders that a person named: found once, read once, and never changed."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.library.entities import Origin
from app.library.errors import KeepingError
from app.library.folder_scan import FolderFindings, FolderScan
from app.settings.store import SettingsStore
from app.wording import sentence_for
from models.gguf import open_model
from tests.helpers.gguf_bytes import model, split_model
from tests.helpers.library_stage import LibraryStage, tree

pytestmark = pytest.mark.usefixtures("starter_model")


class Scanned(LibraryStage):
    """``elsewhere`` is on the list."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.settings = SettingsStore(root / "data" / "settings.json")
        self.scan = FolderScan(self.library, self.settings, self.queue.post)
        self.scan.add(self.elsewhere)

    def look(self) -> FolderFindings:
        found: FolderFindings = self.wait(lambda done, _failed: self.scan.begin(done))
        return found


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Scanned]:
    made = Scanned(tmp_path)
    yield made
    made.scan.close()
    made.close()


def put(folder: Path, name: str = "One") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return model(name=name).write(folder / f"{name}-Q4_0.gguf")


def no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> None:
        raise AssertionError("a known file was read")

    monkeypatch.setattr("app.library.folder_scan.open_model", refuse)


def test_models_at_any_depth_are_listed_and_nothing_is_touched(stage: Scanned) -> None:
    put(stage.elsewhere)
    deep = put(stage.elsewhere / "/".join("abcdefghij"), "Deep")
    split_model(stage.elsewhere / "a")
    put(stage.elsewhere, "mmproj-One")
    (stage.elsewhere / "letter.txt").write_text("mine")
    before = tree(stage.elsewhere)
    found = stage.look()
    assert (found.models, len(found.added), found.troubles, found.absent) == (3, 3, (), ())
    assert found.is_complete
    entry = next(each for each in stage.library.entries() if each.handle.path == deep)
    assert (entry.state, entry.origin.is_owned) == ("ready", False)
    assert tree(stage.elsewhere) == before


def test_what_is_known_is_not_read_again(stage: Scanned, monkeypatch: pytest.MonkeyPatch) -> None:
    put(stage.elsewhere)
    split_model(stage.elsewhere)
    shutil.copy(put(stage.elsewhere), stage.elsewhere / "copy-Q4_0.gguf")
    (stage.elsewhere / "bad-Q4_0.gguf").write_bytes(b"GGUF nonsense")
    first = stage.look()
    assert (first.models, len(first.added), len(first.troubles)) == (3, 2, 1)
    assert sentence_for(first.troubles[0].trouble)
    no_reading(monkeypatch)
    again = stage.look()
    assert (again.models, again.added, again.troubles) == (3, (), first.troubles)


def test_a_changed_file_is_read_again(stage: Scanned) -> None:
    path = put(stage.elsewhere)
    stage.look()
    path.unlink()
    model(name="Another", layers=3).write(path)
    found = stage.look()
    assert [each.name for each in found.added] == ["Another"]
    assert stage.real() == ["Another"]


def test_a_copy_elsewhere_does_not_take_the_place_of_a_sound_model(stage: Scanned) -> None:
    own = put(stage.models)
    stage.library.add(open_model(own), Origin(is_owned=True))
    put(stage.elsewhere)
    found = stage.look()
    assert (found.models, found.added) == (1, ())
    (entry,) = [each for each in stage.library.entries() if not each.is_demo]
    assert (entry.handle.path, entry.origin.is_owned) == (own, True)


def test_a_drive_that_is_away_keeps_its_models_and_comes_back(
    stage: Scanned, tmp_path: Path
) -> None:
    drive = tmp_path / "drive"
    path = put(drive)
    stage.scan.add(drive)
    stage.look()
    drive.rename(tmp_path / "away")
    found = stage.look()
    assert found.absent == (drive,)
    (entry,) = [each for each in stage.library.entries() if not each.is_demo]
    assert (entry.state, entry.handle.path) == ("absent", path)
    # Under another name, as drives have it, it is the same model at another place.
    stage.scan.add(tmp_path / "away")
    assert len(stage.look().added) == 1
    (entry,) = [each for each in stage.library.entries() if not each.is_demo]
    assert (entry.state, entry.handle.path) == ("ready", tmp_path / "away" / path.name)


def test_the_list_of_folders_is_kept_in_the_settings(stage: Scanned, tmp_path: Path) -> None:
    with pytest.raises(KeepingError) as twice:
        stage.scan.add(stage.elsewhere)
    assert twice.value.code == "library.folder_listed"
    with pytest.raises(KeepingError) as nowhere:
        stage.scan.add(tmp_path / "nowhere")
    assert nowhere.value.code == "library.folder_not_there"
    kept = SettingsStore(tmp_path / "data" / "settings.json")
    assert kept.current.library_folders == (str(stage.elsewhere),)
    put(stage.elsewhere)
    stage.look()
    stage.scan.remove(stage.elsewhere)
    assert stage.scan.folders == ()
    assert stage.look() == FolderFindings()
    assert stage.real() == ["One"]


def test_files_that_are_not_whole_yet_are_passed_over(stage: Scanned) -> None:
    for name in (".imports", ".moving", ".downloads"):
        put(stage.elsewhere / name)
    for name in ("split", "new"):
        (stage.elsewhere / name).mkdir()
    split_model(stage.elsewhere / "split")[1].unlink()
    found = stage.look()
    assert (found.models, found.added) == (0, ())
    (trouble,) = found.troubles
    assert trouble.trouble.code == "repository.part_missing"
    # The part that was missing arrives; the first one is as it was.
    split_model(stage.elsewhere / "new")
    shutil.copy2(next((stage.elsewhere / "new").glob("*-00002-*")), stage.elsewhere / "split")
    shutil.rmtree(stage.elsewhere / "new")
    assert len(stage.look().added) == 1


def test_a_folder_that_may_not_be_read_is_told(
    stage: Scanned, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    closed = stage.elsewhere / "closed"
    put(closed)
    scandir = os.scandir

    def refuse(place: Path) -> object:
        if Path(place) == closed:
            raise PermissionError(13, "not for you")
        return scandir(place)

    monkeypatch.setattr("models.peers_walk.os.scandir", refuse)
    found = stage.look()
    assert [(each.path, each.trouble.code) for each in found.troubles] == [
        (closed, "library.folder_not_readable")
    ]


def test_five_hundred_known_files_take_no_time(
    stage: Scanned, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(500):
        put(stage.elsewhere / f"{number % 20}", f"Model-{number}")
    assert len(stage.look().added) == 500
    no_reading(monkeypatch)
    began = time.monotonic()
    assert stage.look().models == 500
    assert time.monotonic() - began < 5
    began = time.monotonic()
    assert len(stage.library.entries()) >= 500
    assert time.monotonic() - began < 1.5
