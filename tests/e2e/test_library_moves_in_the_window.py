"""Another folder for the library, from the settings: everything, or only what comes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from tests.helpers.moe_models import write_model
from tests.helpers.moe_shapes import SMALL_QWEN3MOE
from tests.helpers.window import dispose, open_session, wait_until
from ui.session import Session


@pytest.fixture
def session(tmp_path: Path, qapp: object) -> Iterator[Session]:
    made = open_session(tmp_path / "data")
    yield made
    dispose(made)


@pytest.fixture
def imported(session: Session, tmp_path: Path) -> Path:
    """A model that Moestro copied into its folder."""
    source = write_model(SMALL_QWEN3MOE, tmp_path / "mine.gguf")
    done: list[object] = []
    session.services.models.imports.begin([source], "copy", lambda _progress: None, done.append)
    wait_until(lambda: bool(done))
    (model,) = [each for each in session.services.library.entries() if not each.is_demo]
    return model.handle.path


def choose(session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The system's own dialog cannot be driven from a test.
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(folder))
    session.settings.show_downloads()
    session.settings_page.downloads.library_folder_requested.emit()


def press(session: Session, words: str) -> None:
    button = next(each for each in session.window.banner._buttons if each.text() == words)
    button.click()


def path_of_the_model(session: Session) -> Path:
    (model,) = [each for each in session.services.library.entries() if not each.is_demo]
    return model.handle.path


def test_all_of_it_is_copied_verified_and_switched(
    session: Session, imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = imported.read_bytes()
    target = tmp_path / "other drive"
    target.mkdir()
    choose(session, target, monkeypatch)
    assert "Move the 1 that are here too" in session.window.banner.text
    press(session, "Move them")
    wait_until(lambda: "is in" in session.window.banner.text)
    assert session.services.settings.current.library_folder == str(target)
    assert path_of_the_model(session).is_relative_to(target)
    assert path_of_the_model(session).read_bytes() == before
    assert not imported.exists()


def test_only_new_ones_go_there_and_that_can_be_taken_back(
    session: Session, imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "other drive"
    target.mkdir()
    choose(session, target, monkeypatch)
    press(session, "Only new ones")
    assert session.services.models.folder == target
    assert path_of_the_model(session) == imported
    session.window.toast._button.click()
    assert session.services.models.folder == session.services.paths.models


def test_a_folder_that_is_not_empty_is_one_sentence(
    session: Session, imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "full"
    target.mkdir()
    (target / "letter.txt").write_text("dear")
    choose(session, target, monkeypatch)
    press(session, "Move them")
    wait_until(lambda: "holds other files" in session.window.banner.text)
    assert imported.exists()
    assert session.services.settings.current.library_folder == ""
