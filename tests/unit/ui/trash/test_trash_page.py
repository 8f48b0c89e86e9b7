"""The trash page: what it says, bringing back, and being asked before it is emptied."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.history.organised import Deleted, DeletedKind, Emptied
from tests.helpers import hard_profile, ui_checks, ui_stage
from ui.theme.theme import Theme
from ui.trash.page import TrashPage
from ui.trash.trash_list_model import DETAIL_ROLE
from ui.trash.words import contents_words, emptied_words, kind_words, name_words, until_words

NOW_MS = round(hard_profile.NOW.timestamp() * 1000)
DAY_MS = 86_400_000


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return ui_stage.dress(qapp)


@pytest.fixture
def page(qtbot: QtBot, theme: Theme) -> TrashPage:
    made = TrashPage(theme)
    qtbot.addWidget(made)
    made.show_items(hard_profile.deleted(), NOW_MS)
    ui_stage.show(made, (1016, 800))
    made.activateWindow()
    return made


def item(kind: DeletedKind, name: str = "A name", count: int = 1, days: float = 30) -> Deleted:
    return Deleted(kind, "i", name, count, NOW_MS, NOW_MS + round(days * DAY_MS))


@pytest.mark.parametrize(
    ("kind", "count", "words"),
    [
        (DeletedKind.CONVERSATION, 1, "Chat"),
        (DeletedKind.FOLDER, 0, "Folder"),
        (DeletedKind.FOLDER, 1, "Folder with 1 chat"),
        (DeletedKind.FOLDER, 12, "Folder with 12 chats"),
        (DeletedKind.MESSAGE, 1, "Message"),
        (DeletedKind.MESSAGE, 7, "Branch of 7 messages"),
        (DeletedKind.PRESET, 1, "Preset"),
        (DeletedKind.PROMPT, 1, "Prompt"),
    ],
)
def test_kinds(qapp: QApplication, kind: DeletedKind, count: int, words: str) -> None:
    assert kind_words(item(kind, count=count)) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [(30, "erased in 30 days"), (29.5, "erased in 30 days"), (1.5, "erased in 2 days"),
     (0.9, "erased within a day"), (-3, "erased within a day")],
)  # fmt: skip
def test_when_it_goes(qapp: QApplication, days: float, words: str) -> None:
    assert until_words(item(DeletedKind.PRESET, days=days), NOW_MS) == words


def test_what_has_no_name_has_one(qapp: QApplication) -> None:
    assert name_words(item(DeletedKind.CONVERSATION, "  ")) == "New chat"
    assert name_words(item(DeletedKind.MESSAGE, "", 3)) == "Branch of 3 messages"


def test_all_that_would_be_erased_is_counted(qapp: QApplication) -> None:
    assert contents_words(hard_profile.deleted()) == "15 chats, 1 folder, 7 messages, 2 presets"
    gone = Emptied(conversations=2, messages=40, folders=1, freed_bytes=5_000_000)
    assert emptied_words(gone) == "Erased: 2 chats, 1 folder, 40 messages, 5 MB"


def test_rows_say_what_and_when(page: TrashPage) -> None:
    detail = page.rows.index(1).data(DETAIL_ROLE)
    assert detail.startswith("Folder with 12 chats · deleted 14 Mar, ")
    assert detail.endswith(" · erased in 26 days")
    assert page.summary.text().startswith("15 chats, 1 folder")


def test_restore_in_a_row_and_by_enter(qtbot: QtBot, page: TrashPage) -> None:
    area = page.list.visualRect(page.rows.index(1))
    place = QPoint(area.right() - 40, area.center().y())
    with qtbot.waitSignal(page.restore_requested) as asked:
        qtbot.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert [each.id for each in asked.args[0]] == ["deleted-1"]
    page.setFocus()
    assert page.list.hasFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Home)
    QTest.keyClick(page.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert page.restore.text() == "Restore 2"
    with qtbot.waitSignal(page.restore_requested) as asked:
        QTest.keyClick(page.list, Qt.Key.Key_Return)
    assert [each.id for each in asked.args[0]] == ["deleted-0", "deleted-1"]


def test_several_are_restored_by_the_button(qtbot: QtBot, page: TrashPage) -> None:
    assert not page.restore.isEnabled()
    page.list.selectAll()
    with qtbot.waitSignal(page.restore_requested) as asked:
        page.restore.click()
    assert len(asked.args[0]) == 7


def test_the_selection_survives_another_list(page: TrashPage) -> None:
    page.list.setCurrentIndex(page.rows.index(2))
    page.show_items(hard_profile.deleted()[1:], NOW_MS)
    assert [each.id for each in page.list.selected()] == ["deleted-2"]


def test_emptying_asks_first_and_begins_at_cancel(qtbot: QtBot, page: TrashPage) -> None:
    page.empty.click()
    assert page.sheet.isVisible()
    assert page.sheet.cancel.hasFocus()
    assert "15 chats, 1 folder, 7 messages, 2 presets" in page.sheet.contents.text()
    with qtbot.assertNotEmitted(page.empty_requested, wait=0):
        QTest.keyClick(page.sheet.cancel, Qt.Key.Key_Return)
    assert not page.sheet.isVisible()
    page.empty.click()
    assert not page.sheet.backups_too.isChecked()
    with qtbot.waitSignal(page.empty_requested, check_params_cb=lambda too: not too):
        page.sheet.erase.click()
    page.empty.click()
    page.sheet.backups_too.click()
    with qtbot.waitSignal(page.empty_requested, check_params_cb=bool):
        page.sheet.erase.click()
    page.empty.click()
    assert not page.sheet.backups_too.isChecked(), "asked anew each time"
    page.sheet.close_sheet()
    page.set_busy(True)
    assert not page.empty.isEnabled()
    assert not page.list.isEnabled()


def test_an_empty_trash_says_so_and_keeps_the_keyboard(page: TrashPage) -> None:
    page.list.setFocus()
    page.show_items((), NOW_MS)
    assert "30 days" in page.nothing.text
    assert not page.empty.isVisible()
    assert page._back.hasFocus()


@pytest.mark.parametrize(("dark", "size", "zoom"), ui_stage.APPEARANCES)
def test_every_state_in_every_appearance(
    qapp: QApplication, qtbot: QtBot, dark: bool, size: tuple[int, int], zoom: float
) -> None:
    made = TrashPage(ui_stage.dress(qapp, dark=dark, zoom=zoom))
    qtbot.addWidget(made)
    ui_stage.show(made, size)
    assert ui_checks.all_problems(made, zoom) == []
    made.show_items(hard_profile.deleted(), NOW_MS)
    ui_stage.settle()
    assert ui_checks.all_problems(made, zoom) == []
    made.empty.click()
    ui_stage.settle()
    assert ui_checks.all_problems(made, zoom) == []
