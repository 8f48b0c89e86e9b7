"""The windows of a move: how far it is, and what a start says whose data are away."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.data_place import NOTE
from app.errors import DataFolderError
from app.paths import DataPaths
from tests.helpers import ui_stage
from tests.helpers.data_folders import titles, write
from ui.application import _find_data
from ui.data.away_page import AGAIN, ANEW, LEAVE, AwayPage
from ui.data.data_page import DataPage
from ui.data.moving_page import MovingPage, move_all
from ui.theme.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return ui_stage.dress(qapp)


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    home = tmp_path / "usual"
    made = DataPaths(home, home)
    write(made, "A chat")
    (tmp_path / "disk").mkdir()
    return made


def page_shown(kind: type, act) -> None:
    """Wait for a top-level page of this kind, then act on it."""

    def look() -> None:
        found = [each for each in QApplication.topLevelWidgets()
                 if isinstance(each, kind) and each.isVisible()]  # fmt: skip
        if found:
            act(found[0])
        else:
            QTimer.singleShot(10, look)

    QTimer.singleShot(0, look)


def test_moved_while_a_page_says_how_far(
    qapp: QApplication, theme: Theme, paths: DataPaths, tmp_path: Path
) -> None:
    notice = move_all(qapp, theme, paths, tmp_path / "disk" / "Moestro")
    assert notice.code == "data.moved"
    assert titles(DataPaths(tmp_path / "disk" / "Moestro")) == ["A chat"]


def test_what_refuses_is_told(
    qapp: QApplication, theme: Theme, paths: DataPaths, tmp_path: Path
) -> None:
    notice = move_all(qapp, theme, paths, tmp_path / "no" / "such")
    assert notice.code == "data.move_no_folder"


def test_it_is_closed_only_by_the_end(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    page = MovingPage(theme, tmp_path / "Moestro")
    qtbot.addWidget(page)
    page.show()
    page.told.emit(5_000_000, 3_000_000_000)
    assert page.progress.text() == "5 MB of 3.0 GB copied and checked"
    with qtbot.waitSignal(page.stop_requested):
        page.close()
    assert page.isVisible()
    with qtbot.waitSignal(page.stop_requested):
        qtbot.keyClick(page.stop, Qt.Key.Key_Space)
    page.ended.emit()
    assert not page.isVisible()


@pytest.mark.parametrize(("button", "chosen"), [("again", AGAIN), ("anew", ANEW), ("leave", LEAVE)])
def test_three_ways_on(qtbot: QtBot, theme: Theme, button: str, chosen: str) -> None:
    page = AwayPage(theme, DataFolderError("data.away", path="/media/disk/Moestro"))
    qtbot.addWidget(page)
    page.show()
    assert "/media/disk/Moestro" in page.sentence.text()
    qtbot.keyClick(getattr(page, button), Qt.Key.Key_Space)
    assert page.chosen == chosen
    assert not page.isVisible()


def test_tried_again_until_the_disk_is_back(
    qapp: QApplication, theme: Theme, paths: DataPaths, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv("MOESTRO_DATA_DIR")
    monkeypatch.setattr("app.paths.usual_place", lambda: paths.root)
    monkeypatch.setattr("ui.application.usual_place", lambda: paths.root)
    target = tmp_path / "disk" / "Moestro"
    move_all(qapp, theme, paths, target)
    target.rename(target.with_name("unplugged"))

    page_shown(AwayPage, lambda page: page.leave.click())
    assert _find_data(qapp, theme, None) is None

    def plug_in(page: AwayPage) -> None:
        target.with_name("unplugged").rename(target)
        page.again.click()

    page_shown(AwayPage, plug_in)
    assert _find_data(qapp, theme, None) == DataPaths(target, paths.root)
    target.rename(target.with_name("unplugged"))
    page_shown(AwayPage, lambda page: page.anew.click())
    assert _find_data(qapp, theme, None) == DataPaths(paths.root, paths.root)
    assert not (paths.root / NOTE).exists()


def test_the_page_asks_for_it(qtbot: QtBot, theme: Theme) -> None:
    page = DataPage(theme)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.move_requested):
        page.move_all.click()
