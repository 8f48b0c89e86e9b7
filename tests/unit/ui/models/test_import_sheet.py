"""The sheet that adds models, in every appearance and by its parts."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.helpers import models_samples, ui_checks, ui_stage
from ui.main_window import MainWindow
from ui.models.import_sheet import ImportSheet
from ui.models.import_view import ImportRow, ImportView
from ui.models.library_tab import LibraryTab
from ui.models.page import ModelsPage
from ui.sidebar.sidebar import Sidebar

TROUBLE = (
    "Some-Very-Long-Model-Name-That-Nobody-Re….gguf is not there any more; choose the file again "
    "or another model than this one here."
)
ROWS = (
    ImportRow(key="1", name=models_samples.GERMAN, quantization="Q4_K_M", size_bytes=18_600_000_000,
              detail="/home/anna/a/rather/long/place/of/which/the/middle/is/cut/away/when/narrow"),
    ImportRow(key="2", name="gpt-oss-20b", size_bytes=12_100_000_000, is_known=True),
    ImportRow(key="3", name="page.gguf", trouble=TROUBLE),
    ImportRow(key="4", name=models_samples.CHINESE, quantization="UD-Q4_K_XL", size_bytes=1,
              group="LM Studio"),
)  # fmt: skip
FOUND = ImportView(title="Add to your library", rows=ROWS, folder="/home/anna/Models/of/Moestro")
STATES = {
    "found": FOUND,
    "looking": ImportView(title="Add to your library", is_looking=True),
    "programs": ImportView(title="Models of other programs", rows=ROWS, note=TROUBLE),
    "nothing": ImportView(title="Models of other programs", nothing=TROUBLE),
    "result": ImportView(title="1 of 2 could not be added", rows=ROWS[2:3], is_result=True,
                         note="gpt-oss-20b is in your library now."),
}  # fmt: skip


@pytest.mark.parametrize(
    ("dark", "size", "zoom"),
    ui_stage.APPEARANCES,
    ids=[f"{'dark' if d else 'light'}-{s[0]}-{z:.0%}" for d, s, z in ui_stage.APPEARANCES],
)
def test_the_sheet_in_every_appearance(
    qapp: QApplication, dark: bool, size: tuple[int, int], zoom: float
) -> None:
    theme = ui_stage.dress(qapp, dark=dark, zoom=zoom)
    window, page = MainWindow(theme, Sidebar(theme)), ModelsPage(theme)
    window.add_page("models", page)
    page.library.show_library(models_samples.library())
    ui_stage.show(window, size)
    sheet, found = page.library.sheet, []
    for name, view in STATES.items():
        sheet.begin(view)
        ui_stage.settle()
        found += [f"{name}: {each}" for each in ui_checks.all_problems(window, zoom)]
        assert sheet.rect().contains(sheet.add.geometry())
    ui_stage.strike(window)
    assert found == []


@pytest.fixture
def sheet(qtbot: QtBot, qapp: QApplication) -> Iterator[ImportSheet]:
    tab = LibraryTab(ui_stage.dress(qapp))
    qtbot.addWidget(tab)
    ui_stage.show(tab, (1016, 744))
    tab.sheet.begin(FOUND)
    ui_stage.settle()
    yield tab.sheet  # noqa: PT022 - the tab lives as long as the test


def test_what_can_be_chosen_and_what_is_told(qtbot: QtBot, sheet: ImportSheet) -> None:
    assert [row.key for row in sheet.rows.chosen] == ["1", "4"]
    sheet.ways._buttons["copy"].click()
    assert sheet.way_words.text().startswith("18.6 GB are copied to /home/anna/Models")
    with qtbot.waitSignal(sheet.accepted) as told:
        sheet.add.click()
    assert told.args == [["1", "4"], "copy"]
    assert sheet.isHidden()


def test_a_click_toggles_and_more_finds_change_nothing(qtbot: QtBot, sheet: ImportSheet) -> None:
    area = sheet.list.visualRect(sheet.rows.index(0))
    place = area.topLeft() + QPoint(30, 20)
    qtbot.mouseClick(sheet.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert [row.key for row in sheet.rows.chosen] == ["4"]
    more = ImportRow(key="9", name="More", size_bytes=9)
    sheet.show_found(ImportView(title=FOUND.title, rows=(*ROWS, more), folder="/x"))
    assert [row.key for row in sheet.rows.chosen] == ["9", "4"]
    known = sheet.rows.index(1)
    sheet.rows.toggle(known)
    assert [row.key for row in sheet.rows.chosen] == ["9", "4"]


def test_nothing_can_be_added_while_it_is_looking(sheet: ImportSheet) -> None:
    sheet.show_found(ImportView(title="", rows=ROWS, is_looking=True))
    assert not sheet.add.isEnabled()


def test_screen_readers_hear_the_whole_row(sheet: ImportSheet) -> None:
    spoken = [sheet.rows.index(row).data() for row in range(sheet.rows.rowCount())]
    assert TROUBLE in spoken[2]
    assert spoken[3] == "LM Studio"
    state = sheet.rows.index(0).data(Qt.ItemDataRole.CheckStateRole)
    assert state == Qt.CheckState.Checked
    assert sheet.rows.index(1).data(Qt.ItemDataRole.CheckStateRole) is None


def test_the_sheet_follows_its_page(sheet: ImportSheet) -> None:
    page = sheet.parentWidget()
    assert page is not None
    page.resize(640, 400)
    ui_stage.settle()
    assert page.rect().contains(sheet.geometry())
    assert sheet._scrim.geometry() == page.rect()
