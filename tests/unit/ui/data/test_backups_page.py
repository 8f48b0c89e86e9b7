"""The restore page: what it shows, what it tells, by keyboard, in every size."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.helpers import backup_samples, ui_checks, ui_stage
from ui.data.backups_page import BackupsPage
from ui.data.view import CardView


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> BackupsPage:
    widget = BackupsPage(ui_stage.dress(qapp))
    qtbot.addWidget(widget)
    ui_stage.show(widget, (1016, 800))
    widget.activateWindow()
    return widget


def test_nothing_yet(page: BackupsPage) -> None:
    assert page.summary.text().startswith("There is no backup yet.")
    assert not page.list.isVisible()
    assert not page.detail.isVisible()
    assert page.keep.isEnabled()


def test_a_row_that_is_chosen_is_told_by_its_name(qtbot: QtBot, page: BackupsPage) -> None:
    page.show_backups(backup_samples.listed())
    assert page.summary.text().startswith("14 backups, ")
    assert "Choose a backup" in page.detail._about.text()
    assert not page.detail.restore.isVisible()
    page.setFocus()
    assert page.list.hasFocus()
    with qtbot.waitSignal(page.chosen) as told:
        qtbot.keyClick(page.list, Qt.Key.Key_Down)
    first = told.args
    with qtbot.waitSignal(page.chosen) as told:
        qtbot.keyClick(page.list, Qt.Key.Key_Down)
    assert told.args != first
    row = page.list.currentIndex().row()
    assert told.args == [page.rows.row_at(row).file.name]


def test_before_it_is_chosen_it_says_what_it_holds_and_what_changes(
    qtbot: QtBot, page: BackupsPage
) -> None:
    page.show_backups(backup_samples.listed())
    page.show_detail(replace(backup_samples.detail(), difference=None))
    assert "Being compared" in page.detail.change.text()
    page.show_detail(backup_samples.detail())
    assert page.detail.held.text().startswith("60 chats, 3,080 messages, 2 in the trash")
    assert "Used last: “" in page.detail.held.text()
    assert "Would come back: 2 chats." in page.detail.change.text()
    assert "backed up first" in page.detail._promise.text()
    with qtbot.waitSignal(page.restore_requested):
        page.detail.restore.click()


def test_a_damaged_one_cannot_be_restored(page: BackupsPage) -> None:
    page.show_backups(backup_samples.listed())
    page.show_detail(replace(backup_samples.detail(2), trouble="The backup is damaged."))
    assert page.detail._trouble.isVisible()
    assert not page.detail.restore.isVisible()


def test_a_new_backup_leaves_the_chosen_one_chosen(page: BackupsPage) -> None:
    page.show_backups(backup_samples.listed()[1:])
    page.list.choose(3)
    name = page.rows.row_at(3).file.name
    page.show_backups(backup_samples.listed())
    assert page.list.currentIndex().row() == 4
    assert page.rows.row_at(4).file.name == name


def test_while_something_is_made_nothing_else_begins(page: BackupsPage) -> None:
    page.show_backups(backup_samples.listed())
    page.set_busy(True)
    page.show_detail(backup_samples.detail())
    assert not page.detail.restore.isEnabled()
    assert not page.keep.isEnabled()
    page.set_busy(False)
    assert page.detail.restore.isEnabled()
    assert page.folder.isEnabled()


def test_the_verbs_tell(qtbot: QtBot, page: BackupsPage) -> None:
    for button, signal in (
        (page.keep, page.keep_requested), (page.save, page.save_requested),
        (page.open, page.open_requested), (page.folder, page.folder_requested),
    ):  # fmt: skip
        with qtbot.waitSignal(signal):
            button.click()
    page.show_card(backup_samples.card())
    with qtbot.waitSignal(page.card_asked) as told:
        page.card.buttons[1].click()
    assert told.args == ["stay"]
    page.show_card(CardView("warning", "Only this."))
    assert page.card.buttons == []
    page.show_card(None)
    assert not page.card.isVisible()
    assert page.card.text == ""
    with qtbot.waitSignal(page.back_requested):
        qtbot.keyClick(page, Qt.Key.Key_Escape)


def test_the_keyboard_comes_everywhere(qtbot: QtBot, page: BackupsPage) -> None:
    page.show_card(backup_samples.card())
    page.show_backups(backup_samples.listed())
    page.show_detail(backup_samples.detail())
    ui_stage.settle()
    page.list.setFocus()
    seen = set()
    for _ in range(20):
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.add(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    wanted = {
        page._back, page.list, page.keep, page.save, page.open, page.folder, page.detail.restore,
        *page.card.buttons,
    }  # fmt: skip
    assert wanted <= seen


@pytest.mark.parametrize(("dark", "size", "zoom"), ui_stage.APPEARANCES)
def test_in_every_size_and_colour(
    qtbot: QtBot, qapp: QApplication, dark: bool, size: tuple[int, int], zoom: float
) -> None:
    page = BackupsPage(ui_stage.dress(qapp, dark=dark, zoom=zoom))
    qtbot.addWidget(page)
    page.show_backups(backup_samples.listed())
    page.list.choose(0)
    page.show_detail(backup_samples.detail())
    page.show_card(backup_samples.card())
    ui_stage.show(page, size)
    assert ui_checks.all_problems(page, zoom) == []
    page.show_detail(replace(backup_samples.detail(2), trouble="It is damaged; choose another."))
    page.show_card(CardView("warning", "history.sqlite3 was damaged."))
    ui_stage.settle()
    assert ui_checks.all_problems(page, zoom) == []
    ui_stage.strike(page)
