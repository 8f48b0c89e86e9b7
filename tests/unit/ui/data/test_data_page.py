"""Where is my data: every part, its verbs, and deleting everything only when it is meant."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.backups.data_parts import DataPart
from tests.helpers import backup_samples, ui_checks, ui_stage
from ui.data.data_page import DataPage
from ui.data.ended_page import EndedPage


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> DataPage:
    widget = DataPage(ui_stage.dress(qapp))
    qtbot.addWidget(widget)
    ui_stage.show(widget, (1016, 800))
    widget.activateWindow()
    return widget


def test_while_it_is_measured_nothing_can_be_deleted(page: DataPage) -> None:
    assert page.summary.text() == "Being measured…"
    assert not page.erase.isEnabled()
    page.ask_to_erase()
    assert not page.sheet.isVisible()


def test_every_part_has_its_place_and_size(page: DataPage) -> None:
    use = backup_samples.data_use()
    page.show_use(use)
    assert "216.4 GB in all" in page.summary.text()
    assert "340.0 GB are free" in page.summary.text()
    assert {part for part, row in page.rows.items() if row.isVisible()} == set(DataPart)
    models = page.rows[DataPart.MODELS]
    assert models.amount.text() == "212.0 GB"
    assert models.path.text() == str(use.of(DataPart.MODELS).path)
    assert page.rows[DataPart.SETTINGS].amount.text() == "812 B"


def test_what_is_not_there_is_not_shown(page: DataPage) -> None:
    use = backup_samples.data_use()
    gone = {DataPart.ASIDE, DataPart.OTHER, DataPart.STATES, DataPart.CACHE, DataPart.LOGS}
    parts = tuple(
        replace(each, files=0, size_bytes=0) if each.part in gone else each for each in use.parts
    )
    page.show_use(replace(use, parts=parts))
    hidden = {part for part, row in page.rows.items() if row.isHidden()}
    assert hidden == gone - {DataPart.LOGS}
    assert page.rows[DataPart.LOGS].amount.text() == "–"
    assert not page.rows[DataPart.LOGS].open.isVisible()
    page.show_use(use)
    assert not any(row.isHidden() for row in page.rows.values())


def test_the_verbs_tell(qtbot: QtBot, page: DataPage) -> None:
    page.show_use(backup_samples.data_use())
    for button, signal in (
        (page.save, page.save_requested),
        (page.rows[DataPart.MODELS].verb, page.move_models_requested),
        (page.rows[DataPart.BACKUPS].verb, page.backups_requested),
        (page.folder, page.open_requested), (page.rows[DataPart.LOGS].open, page.open_requested),
    ):  # fmt: skip
        with qtbot.waitSignal(signal):
            button.click()
    assert page.rows[DataPart.LOGS].verb.isHidden()
    with qtbot.waitSignal(page.back_requested):
        qtbot.keyClick(page, Qt.Key.Key_Escape)


def test_deleting_lists_what_goes_and_wants_a_word(qtbot: QtBot, page: DataPage) -> None:
    page.show_use(backup_samples.data_use())
    page.erase.click()
    sheet = page.sheet
    assert sheet.isVisible()
    assert sheet.field.hasFocus()
    lines = sheet.listed.text().splitlines()
    assert lines[0] == "Chats, 61 MB"
    assert any(line.startswith("Backups") for line in lines)
    assert not any(line.startswith(("Models", "Other files")) for line in lines)
    assert not sheet.erase.isEnabled()
    with qtbot.assertNotEmitted(sheet.accepted, wait=0):
        qtbot.keyClicks(sheet.field, "delet")
        qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    assert sheet.isVisible()
    with qtbot.waitSignal(page.erase_requested) as told:
        qtbot.keyClicks(sheet.field, "e ")
        assert sheet.erase.isEnabled()
        qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    assert told.args == [False]
    assert not sheet.isVisible()


def test_the_models_go_only_when_told_so(qtbot: QtBot, page: DataPage) -> None:
    page.show_use(backup_samples.data_use())
    page.erase.click()
    page.sheet.models.click()
    assert "Models, 212.0 GB" in page.sheet.listed.text()
    page.sheet.close_sheet()
    page.erase.click()
    assert not page.sheet.models.isChecked(), "each time it is asked anew"
    assert page.sheet.field.text() == ""
    page.sheet.models.click()
    page.sheet.field.setText("DELETE")
    with qtbot.waitSignal(page.erase_requested) as told:
        page.sheet.erase.click()
    assert told.args == [True]


def test_models_in_another_folder_are_not_offered(page: DataPage) -> None:
    use = backup_samples.data_use()
    parts = tuple(
        replace(each, path=backup_samples.FOLDER.parent / "elsewhere")
        if each.part is DataPart.MODELS
        else each
        for each in use.parts
    )
    page.show_use(replace(use, parts=parts))
    page.erase.click()
    assert not page.sheet.models.isVisible()


def test_in_a_wider_window_words_take_less_height_again(page: DataPage) -> None:
    page.show_use(backup_samples.data_use())
    page.resize(300, 800)
    ui_stage.settle()
    page.erase.click()
    narrow = page.sheet._stays.height(), page.summary.height()
    page.resize(1016, 800)
    ui_stage.settle()
    assert page.sheet._stays.height() <= 40 < narrow[0]
    assert page.summary.height() <= 20 < narrow[1]


def test_esc_closes_the_sheet_and_not_the_page(qtbot: QtBot, page: DataPage) -> None:
    page.show_use(backup_samples.data_use())
    page.erase.click()
    with qtbot.assertNotEmitted(page.back_requested, wait=0):
        qtbot.keyClick(page.sheet.field, Qt.Key.Key_Escape)
    assert not page.sheet.isVisible()


@pytest.mark.parametrize(("dark", "size", "zoom"), ui_stage.APPEARANCES)
def test_in_every_size_and_colour(
    qtbot: QtBot, qapp: QApplication, dark: bool, size: tuple[int, int], zoom: float
) -> None:
    page = DataPage(ui_stage.dress(qapp, dark=dark, zoom=zoom))
    qtbot.addWidget(page)
    page.show_use(backup_samples.data_use())
    ui_stage.show(page, size)
    assert ui_checks.all_problems(page, zoom) == []
    ui_stage.scroll_to_end(page.area)
    ui_stage.settle()
    assert ui_checks.all_problems(page, zoom) == []
    page.ask_to_erase()
    page.sheet.models.setChecked(True)
    ui_stage.settle()
    assert ui_checks.all_problems(page, zoom) == []
    ui_stage.strike(page)


def test_the_page_that_says_what_was_deleted(qtbot: QtBot, qapp: QApplication) -> None:
    theme = ui_stage.dress(qapp)
    page = EndedPage(theme, "Everything was deleted", ("All of it.",), ("letter.txt",))
    qtbot.addWidget(page)
    ui_stage.show(page, (560, 280))
    page.activateWindow()
    assert ui_checks.all_problems(page, 1.0) == []
    assert page.leave.hasFocus()
    qtbot.keyClick(page.leave, Qt.Key.Key_Return)
    assert not page.isVisible()
