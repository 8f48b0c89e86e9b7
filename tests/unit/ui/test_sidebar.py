"""The sidebar: opening, renaming, deleting, searching, and the trash."""

from datetime import date

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from tests.helpers import hard_profile, ui_checks, ui_stage
from ui.sidebar.sidebar import Sidebar
from ui.theme.theme import Theme
from ui.widgets.buttons import TextButton
from ui.widgets.fields import LineField, SearchField

TODAY = date(2026, 3, 18)


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return ui_stage.dress(qapp)


@pytest.fixture
def sidebar(qtbot: QtBot, theme: Theme) -> Sidebar:
    widget = Sidebar(theme)
    qtbot.addWidget(widget)
    widget.set_conversations(hard_profile.conversations(), TODAY)
    widget.set_trash(hard_profile.trashed())
    ui_stage.show(widget, (264, 800))
    return widget


def row(sidebar: Sidebar, chat: str) -> QModelIndex:
    return sidebar.chats.index_of(chat)


def centre(sidebar: Sidebar, chat: str) -> QPoint:
    return sidebar.list.visualRect(row(sidebar, chat)).center()


def click(
    qtbot: QtBot,
    sidebar: Sidebar,
    chat: str,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    qtbot.mouseClick(
        sidebar.list.viewport(), Qt.MouseButton.LeftButton, keys, centre(sidebar, chat)
    )


def button(sidebar: Sidebar, words: str) -> TextButton:
    return next(b for b in sidebar.findChildren(TextButton) if b.text() == words and b.isVisible())


def menu() -> QMenu:
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)
    return popup


def test_a_click_opens_a_chat_once(qtbot: QtBot, sidebar: Sidebar) -> None:
    chosen: list[str] = []
    sidebar.chat_chosen.connect(chosen.append)
    click(qtbot, sidebar, "hard-02")
    assert chosen == ["hard-02"]


def test_showing_what_is_open_tells_nothing(qtbot: QtBot, sidebar: Sidebar) -> None:
    with qtbot.assertNotEmitted(sidebar.chat_chosen, wait=0):
        sidebar.set_current("hard-03")
        sidebar.set_current("")
        sidebar.set_current("hard-55")
    assert sidebar.list.selected_ids() == ["hard-55"]


def test_arrow_keys_pass_over_headings(qtbot: QtBot, sidebar: Sidebar) -> None:
    sidebar.set_current("hard-04")
    assert row(sidebar, "hard-05").row() == row(sidebar, "hard-04").row() + 2
    with qtbot.waitSignal(sidebar.chat_chosen) as chosen:
        qtbot.keyClick(sidebar.list, Qt.Key.Key_Down)
    assert chosen.args == ["hard-05"]


def test_a_new_answer_moves_the_row_and_keeps_the_selection(sidebar: Sidebar) -> None:
    from dataclasses import replace

    sidebar.set_current("hard-20")
    chats = hard_profile.conversations()
    moved = replace(chats[20], sequence=99_999, updated_ms=chats[0].updated_ms)
    sidebar.set_conversations([*chats[:20], moved, *chats[21:]], TODAY)
    assert sidebar.list.selected_ids() == ["hard-20"]
    assert row(sidebar, "hard-20").row() == 1


def test_renaming_in_the_row(qtbot: QtBot, sidebar: Sidebar) -> None:
    sidebar.set_current("hard-03")
    sidebar.list.setFocus()
    qtbot.keyClick(sidebar.list, Qt.Key.Key_F2)
    field = sidebar.list.findChild(LineField)
    assert isinstance(field, LineField)
    assert (field.text(), field.accessibleName()) == ("Refactor the parser", "Title of the chat")
    field.setText("Parser")
    with qtbot.waitSignal(sidebar.rename_requested) as asked:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert asked.args == ["hard-03", "Parser"]


def test_the_delete_key_asks_for_the_selected_chats(qtbot: QtBot, sidebar: Sidebar) -> None:
    click(qtbot, sidebar, "hard-01")
    with qtbot.waitSignal(sidebar.delete_requested) as asked:
        qtbot.keyClick(sidebar.list, Qt.Key.Key_Delete)
    assert asked.args == [["hard-01"]]


def test_backspace_deletes_nothing(qtbot: QtBot, sidebar: Sidebar) -> None:
    click(qtbot, sidebar, "hard-01")
    with qtbot.assertNotEmitted(sidebar.delete_requested, wait=0):
        qtbot.keyClick(sidebar.list, Qt.Key.Key_Backspace)


def test_several_chats_get_a_bar(qtbot: QtBot, sidebar: Sidebar) -> None:
    click(qtbot, sidebar, "hard-01")
    click(qtbot, sidebar, "hard-03", Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(sidebar.delete_requested) as asked:
        qtbot.mouseClick(button(sidebar, "Delete"), Qt.MouseButton.LeftButton)
    assert asked.args == [["hard-01", "hard-02", "hard-03"]]
    with qtbot.waitSignal(sidebar.export_requested) as exported:
        qtbot.mouseClick(button(sidebar, "Export"), Qt.MouseButton.LeftButton)
    assert exported.args == [["hard-01", "hard-02", "hard-03"]]
    click(qtbot, sidebar, "hard-01")
    assert not any(b.text() == "Delete" for b in sidebar.findChildren(TextButton) if b.isVisible())


def test_the_dots_open_a_menu_and_not_the_chat(qtbot: QtBot, sidebar: Sidebar) -> None:
    rect = sidebar.list.visualRect(row(sidebar, "hard-02"))
    place = QPoint(rect.right() - 16, rect.center().y())
    with qtbot.assertNotEmitted(sidebar.chat_chosen, wait=0):
        qtbot.mouseClick(sidebar.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    words = [action.text().split("\t")[0] for action in menu().actions() if action.text()]
    assert words == ["Rename", "Export…", "Delete"]
    with qtbot.waitSignal(sidebar.delete_requested) as asked:
        menu().actions()[-1].trigger()
    assert asked.args == [["hard-02"]]
    menu().close()


def test_a_menu_acts_on_its_chat_even_when_the_rows_moved(qtbot: QtBot, sidebar: Sidebar) -> None:
    sidebar.list.open_menu(row(sidebar, "hard-05"), QPoint(0, 0))
    sidebar.set_conversations(
        [c for c in hard_profile.conversations() if c.id not in ("hard-01", "hard-02")], TODAY
    )
    menu().actions()[0].trigger()
    field = sidebar.list.findChild(LineField)
    assert isinstance(field, LineField)
    assert field.text().startswith("Überblick")
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()


def test_search_filters_and_says_when_nothing_is_left(qtbot: QtBot, sidebar: Sidebar) -> None:
    field = sidebar.findChild(SearchField)
    assert isinstance(field, SearchField)
    with qtbot.waitSignal(sidebar.search_changed):
        field.setText("parser")
    assert {sidebar.chats.index(n).data() for n in range(sidebar.chats.rowCount())} >= {
        "Refactor the parser"
    }
    with qtbot.waitSignal(sidebar.chat_chosen) as chosen:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert chosen.args == ["hard-03"]
    field.setText("zzz")
    assert not sidebar.list.isVisible()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert sidebar.list.isVisible()


def test_the_trash_brings_chats_back(qtbot: QtBot, sidebar: Sidebar) -> None:
    qtbot.mouseClick(button(sidebar, "Trash"), Qt.MouseButton.LeftButton)
    view = sidebar.trash.list
    assert view.isVisible()
    rect = view.visualRect(view.model().index(0, 0))
    place = QPoint(rect.right() - 16, rect.center().y())
    with qtbot.waitSignal(sidebar.restore_requested) as asked:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == ["gone-2"]
    view.setCurrentIndex(view.model().index(1, 0))
    with qtbot.waitSignal(sidebar.restore_requested) as asked:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert asked.args == ["gone-1"]
    with qtbot.assertNotEmitted(sidebar.delete_requested, wait=0):
        qtbot.keyClick(view, Qt.Key.Key_Delete)
    sidebar.trash.closed.emit()
    assert sidebar.list.isVisible()


def test_an_answering_dot_pulses_only_while_it_answers(qtbot: QtBot, sidebar: Sidebar) -> None:
    timer = sidebar.list._pulse
    assert not timer.isActive()
    sidebar.set_dots({"hard-01": "answering"})
    assert timer.isActive()
    sidebar.set_dots({"hard-01": "unread"})
    qtbot.waitUntil(lambda: not timer.isActive(), timeout=5000)


def test_rows_end_where_the_buttons_end(sidebar: Sidebar) -> None:
    new = button(sidebar, "New chat")
    right = new.mapTo(sidebar, new.rect().topRight()).x()

    def row_right() -> int:
        rect = sidebar.list.visualRect(sidebar.chats.index(1))
        return sidebar.list.viewport().mapTo(sidebar, rect.topRight()).x()

    assert row_right() == right
    sidebar.set_conversations(hard_profile.conversations()[:3], TODAY)
    ui_stage.settle()
    assert row_right() == right


def test_the_foot_says_whether_anything_may_be_sent(qtbot: QtBot, sidebar: Sidebar) -> None:
    line = button(sidebar, "Offline: nothing is sent")
    assert line.height() == 28
    assert "no connection" in line.toolTip()
    sidebar.set_online(True)
    assert line.text() == "Online only when you ask"
    assert "no connection" not in line.toolTip()
    assert "every request" in line.accessibleDescription()
    with qtbot.waitSignal(sidebar.requests_requested):
        line.click()
    sidebar.set_online(False)
    assert line.text() == "Offline: nothing is sent"


def test_models_stand_above_this_computer(qtbot: QtBot, sidebar: Sidebar) -> None:
    models, computer = button(sidebar, "Models"), button(sidebar, "This computer")
    assert models.geometry().bottom() + 1 == computer.geometry().top()
    assert models.height() == 36
    with qtbot.waitSignal(sidebar.models_requested):
        models.click()


@pytest.mark.parametrize(
    ("count", "share", "badge", "why"),
    [
        (1, None, "1 ↓", "One download, just begun"),
        (2, None, "2 ↓", "2 downloads, just begun"),
        (1, 0.0, "1 ↓ 0 %", "One download, 0 % done"),
        (2, 0.645, "2 ↓ 64 %", "2 downloads, 64 % done"),
        (2, 0.9999, "2 ↓ 99 %", "2 downloads, 99 % done"),
        (1, 1.0, "1 ↓ 100 %", "One download, 100 % done"),
    ],
)
def test_the_badge_of_downloads(
    sidebar: Sidebar, count: int, share: float | None, badge: str, why: str
) -> None:
    models = sidebar._models
    plain = models.grab().toImage()
    sidebar.set_downloads(count, share)
    assert (models.badge, models.toolTip()) == (badge, why)
    assert models.accessibleName() == "Models: " + why
    assert models.grab().toImage() != plain
    sidebar.set_downloads(0, None)
    assert (models.badge, models.accessibleName()) == ("", "Models")
    assert models.grab().toImage() == plain


def test_this_computer_stands_above_the_settings(qtbot: QtBot, sidebar: Sidebar) -> None:
    computer, settings = button(sidebar, "This computer"), button(sidebar, "Settings")
    assert computer.geometry().bottom() + 1 == settings.geometry().top()
    assert computer.height() == 36
    with qtbot.waitSignal(sidebar.computer_requested):
        computer.click()


def test_the_foot_marks_the_page_that_is_shown(sidebar: Sidebar) -> None:
    entries = {
        "models": button(sidebar, "Models"),
        "computer": button(sidebar, "This computer"),
        "settings": button(sidebar, "Settings"),
        "requests": button(sidebar, "Offline: nothing is sent"),
    }
    for page in (*entries, "chat", "settings"):
        sidebar.set_page_shown(page)
        assert [name for name, entry in entries.items() if entry.isChecked()] == [
            name for name in entries if name == page
        ]


def test_a_badge_only_for_an_unused_gpu(sidebar: Sidebar) -> None:
    computer = sidebar._computer
    plain = computer.grab().toImage()
    assert computer.badge == ""
    sidebar.set_unused_gpus(1)
    assert computer.badge == "GPU unused"
    assert computer.accessibleName() == "This computer: A GPU of this computer is not used"
    assert computer.toolTip() == "A GPU of this computer is not used"
    assert computer.grab().toImage() != plain
    sidebar.set_unused_gpus(2)
    assert "2 GPUs" in computer.toolTip()
    sidebar.set_unused_gpus(0)
    assert computer.grab().toImage() == plain
    assert computer.accessibleName() == "This computer"


def test_in_a_low_window_the_list_gives_way_and_nothing_overlaps(
    qtbot: QtBot, qapp: QApplication
) -> None:
    low = Sidebar(ui_stage.dress(qapp, zoom=2.0))
    qtbot.addWidget(low)
    low.set_conversations(hard_profile.conversations(), TODAY)
    ui_stage.show(low, (528, 600))
    low._many.set_chats(["hard-01", "hard-02"])
    ui_stage.settle()
    assert ui_checks.overlaps(low) == []
    assert low._requests.geometry().bottom() < 600
    assert low.list.height() > 0
