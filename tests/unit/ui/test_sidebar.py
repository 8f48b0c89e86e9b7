"""The sidebar: opening, renaming, folders, dragging, selecting several, and the foot."""

import time
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QMimeData, QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.history.organised import Sort
from tests.helpers import hard_profile, ui_checks, ui_stage
from ui.sidebar import chat_drag
from ui.sidebar.sidebar import Sidebar
from ui.theme.theme import Theme
from ui.widgets.buttons import TextButton
from ui.widgets.fields import LineField
from ui.widgets.labels import Label

TODAY = date(2026, 3, 18)


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return ui_stage.dress(qapp)


@pytest.fixture
def sidebar(qtbot: QtBot, theme: Theme) -> Sidebar:
    widget = Sidebar(theme)
    qtbot.addWidget(widget)
    widget.set_chats(hard_profile.listed(), today=TODAY)
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


def entry(words: str, of: QMenu | None = None) -> QAction:
    actions = (of or menu()).actions()
    return next(each for each in actions if each.text().split("\t")[0] == words)


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
    sidebar.set_current("hard-20")
    chats = hard_profile.listed()
    moved = replace(chats[20], sequence=99_999, updated_ms=chats[0].updated_ms)
    sidebar.set_chats([moved, *chats[:20], *chats[21:]], today=TODAY)
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
    with qtbot.waitSignal(sidebar.chat_actions.rename_requested) as asked:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert asked.args == ["hard-03", "Parser"]


def test_the_delete_key_asks_for_the_selected_chats(qtbot: QtBot, sidebar: Sidebar) -> None:
    click(qtbot, sidebar, "hard-01")
    with qtbot.waitSignal(sidebar.chat_actions.delete_requested) as asked:
        qtbot.keyClick(sidebar.list, Qt.Key.Key_Delete)
    assert asked.args == [["hard-01"]]


def test_backspace_deletes_nothing(qtbot: QtBot, sidebar: Sidebar) -> None:
    click(qtbot, sidebar, "hard-01")
    with qtbot.assertNotEmitted(sidebar.chat_actions.delete_requested, wait=0):
        qtbot.keyClick(sidebar.list, Qt.Key.Key_Backspace)


def test_several_chats_get_a_bar(qtbot: QtBot, sidebar: Sidebar) -> None:
    click(qtbot, sidebar, "hard-01")
    click(qtbot, sidebar, "hard-03", Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(sidebar.chat_actions.delete_requested) as asked:
        qtbot.mouseClick(button(sidebar, "Delete"), Qt.MouseButton.LeftButton)
    assert asked.args == [["hard-01", "hard-02", "hard-03"]]
    with qtbot.waitSignal(sidebar.chat_actions.export_requested) as exported:
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
    assert words == ["Rename", "Pin", "Move to", "Export…", "Delete", "Order of the chats"]
    with qtbot.waitSignal(sidebar.chat_actions.delete_requested) as asked:
        entry("Delete").trigger()
    assert asked.args == [["hard-02"]]
    menu().close()


def test_a_menu_acts_on_its_chat_even_when_the_rows_moved(qtbot: QtBot, sidebar: Sidebar) -> None:
    sidebar.list.open_menu(row(sidebar, "hard-05"), QPoint(0, 0))
    sidebar.set_chats(
        [c for c in hard_profile.listed() if c.id not in ("hard-01", "hard-02")], today=TODAY
    )
    menu().actions()[0].trigger()
    field = sidebar.list.findChild(LineField)
    assert isinstance(field, LineField)
    assert field.text().startswith("Überblick")
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()


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
    sidebar.set_chats(hard_profile.listed()[:3], today=TODAY)
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
    low.set_chats(hard_profile.listed(), today=TODAY)
    ui_stage.show(low, (528, 600))
    low._many.set_chats(["hard-01", "hard-02"])
    ui_stage.settle()
    assert ui_checks.overlaps(low) == []
    assert low._requests.geometry().bottom() < 600
    assert low.list.height() > 0


def test_a_temporary_chat_is_in_the_menu_of_the_new_chat_button(sidebar: Sidebar) -> None:
    wanted: list[bool] = []
    sidebar.temporary_chat_requested.connect(lambda: wanted.append(True))
    new = button(sidebar, "New chat")
    assert "temporary" in new.toolTip()
    new.customContextMenuRequested.emit(new.rect().center())
    entry = next(each for each in menu().actions() if "Temporary" in each.text())
    entry.trigger()
    menu().close()
    assert wanted == [True]


# --- folders, dragging, several at once ------------------------------------------------------


@pytest.fixture
def organised(sidebar: Sidebar) -> Sidebar:
    sidebar.set_chats(*hard_profile.organised(), today=TODAY)
    ui_stage.settle()
    return sidebar


def folder_place(sidebar: Sidebar, folder: str) -> QPoint:
    return sidebar.list.visualRect(sidebar.chats.index_of_folder(folder)).center()


def select_folder(sidebar: Sidebar, folder: str) -> None:
    sidebar.list.setCurrentIndex(sidebar.chats.index_of_folder(folder))
    sidebar.list.setFocus()


def dropped(sidebar: Sidebar, chats: list[str], where: QPoint) -> bool:
    """What a drag over the list does: enter, move, drop; whether it was taken."""
    data, actions = chat_drag.mime_of(chats), Qt.DropAction.MoveAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    view = sidebar.list.viewport()
    QApplication.sendEvent(view, QDragEnterEvent(where, actions, data, left, none))
    move = QDragMoveEvent(where, actions, data, left, none)
    QApplication.sendEvent(view, move)
    drop = QDropEvent(where, actions, data, left, none)
    QApplication.sendEvent(view, drop)
    return move.isAccepted() and drop.isAccepted()


def test_a_click_or_keys_open_and_close_a_folder(qtbot: QtBot, organised: Sidebar) -> None:
    closed: list[list[str]] = []
    organised.chat_actions.folded_changed.connect(closed.append)
    with qtbot.assertNotEmitted(organised.chat_chosen, wait=0):
        qtbot.mouseClick(
            organised.list.viewport(), Qt.MouseButton.LeftButton,
            pos=folder_place(organised, "folder-0"),
        )  # fmt: skip
        select_folder(organised, "folder-0")
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Return):
            qtbot.keyClick(organised.list, key)
    assert closed == [["folder-0"], [], ["folder-0"], []]


def test_left_leads_from_a_chat_to_its_folder(qtbot: QtBot, organised: Sidebar) -> None:
    organised.set_current("hard-05")
    qtbot.keyClick(organised.list, Qt.Key.Key_Left)
    now = organised.chats.row_at(organised.list.currentIndex())
    assert now is not None
    assert now.id == "folder-0"


def test_a_folder_is_renamed_in_its_row(qtbot: QtBot, organised: Sidebar) -> None:
    select_folder(organised, "folder-0")
    qtbot.keyClick(organised.list, Qt.Key.Key_F2)
    field = organised.list.findChild(LineField)
    assert isinstance(field, LineField)
    assert (field.text(), field.accessibleName()) == ("Kitchen", "Name of the folder")
    field.setText("Bakery")
    with qtbot.waitSignal(organised.chat_actions.folder_rename_requested) as asked:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert asked.args == ["folder-0", "Bakery"]


def test_deleting_a_folder_by_key_keeps_its_chats(qtbot: QtBot, organised: Sidebar) -> None:
    select_folder(organised, "folder-0")
    with qtbot.waitSignal(organised.chat_actions.folder_delete_requested) as asked:
        qtbot.keyClick(organised.list, Qt.Key.Key_Delete)
    assert asked.args == ["folder-0", False]


def test_the_menu_of_a_folder_says_what_goes_with_it(qtbot: QtBot, organised: Sidebar) -> None:
    index = organised.chats.index_of_folder("folder-0")
    organised.list.open_menu(index, QPoint(0, 0))
    words = [action.text().split("\t")[0] for action in menu().actions() if action.text()]
    assert words == [
        "Close", "Rename", "Export its chats…", "Keep a Markdown copy up to date…",
        "Delete the folder, keep its chats", "Delete it with its 4 chats",
    ]  # fmt: skip
    with qtbot.waitSignal(organised.chat_actions.folder_export_requested) as exported:
        entry("Export its chats…").trigger()
    assert exported.args == ["folder-0"]
    with qtbot.waitSignal(organised.chat_actions.mirror_requested) as kept:
        entry("Keep a Markdown copy up to date…").trigger()
    assert kept.args == ["folder-0"]
    with qtbot.waitSignal(organised.chat_actions.folder_delete_requested) as asked:
        entry("Delete it with its 4 chats").trigger()
    assert asked.args == ["folder-0", True]
    menu().close()


def test_a_drop_on_a_folder_or_a_chat_in_it_moves_there(qtbot: QtBot, organised: Sidebar) -> None:
    with qtbot.waitSignal(organised.chat_actions.move_requested) as asked:
        assert dropped(organised, ["hard-03", "hard-08"], folder_place(organised, "folder-2"))
    assert asked.args == [["hard-03", "hard-08"], "folder-2"]
    with qtbot.waitSignal(organised.chat_actions.move_requested) as asked:
        assert dropped(organised, ["hard-03"], centre(organised, "hard-05"))
    assert asked.args == [["hard-03"], "folder-0"]


def test_a_drop_below_takes_out_and_unpins(qtbot: QtBot, organised: Sidebar) -> None:
    organised.list.scrollTo(row(organised, "hard-22"))
    with qtbot.waitSignal(organised.chat_actions.move_requested) as asked:
        assert dropped(organised, ["hard-05"], centre(organised, "hard-22"))
    assert asked.args == [["hard-05"], ""]
    with qtbot.waitSignal(organised.chat_actions.pin_requested) as pinned:
        assert dropped(organised, ["hard-04"], centre(organised, "hard-22"))
    assert pinned.args == [["hard-04"], False]


def test_a_drop_on_the_pinned_ones_pins(qtbot: QtBot, organised: Sidebar) -> None:
    with qtbot.waitSignal(organised.chat_actions.pin_requested) as asked:
        assert dropped(organised, ["hard-03"], centre(organised, "hard-04"))
    assert asked.args == [["hard-03"], True]


def test_what_lies_there_already_is_not_moved(qtbot: QtBot, organised: Sidebar) -> None:
    with qtbot.assertNotEmitted(organised.chat_actions.move_requested, wait=0):
        assert dropped(organised, ["hard-05"], folder_place(organised, "folder-0"))


def test_other_things_are_not_dropped_into_the_list(organised: Sidebar) -> None:
    data = QMimeData()
    data.setText("a text")
    event = QDragEnterEvent(
        QPoint(20, 20), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(organised.list.viewport(), event)
    assert not event.isAccepted()


def test_shift_and_arrows_select_several_and_open_none(qtbot: QtBot, organised: Sidebar) -> None:
    organised.set_current("hard-21")
    shift = Qt.KeyboardModifier.ShiftModifier
    with qtbot.assertNotEmitted(organised.chat_chosen, wait=0):
        for _ in range(2):
            qtbot.keyClick(organised.list, Qt.Key.Key_Down, shift)
    assert organised.list.selected_ids() == ["hard-21", "hard-22", "hard-23"]
    assert "3 selected" in {label.text() for label in organised.findChildren(Label)}
    qtbot.keyClick(organised.list, Qt.Key.Key_Escape)
    assert organised.list.selected_ids() == []


def test_the_bar_offers_where_to_move(qtbot: QtBot, organised: Sidebar) -> None:
    organised.list.select_again(["hard-22", "hard-23"])
    qtbot.mouseClick(button(organised, "Move"), Qt.MouseButton.LeftButton)
    words = [action.text() for action in menu().actions() if action.text()]
    assert words[0] == "Kitchen"
    assert words[-1] == "New folder"
    assert "Out of its folder" not in words
    with qtbot.waitSignal(organised.chat_actions.move_requested) as asked:
        entry("旅行").trigger()
    assert asked.args == [["hard-22", "hard-23"], "folder-2"]
    menu().close()


def test_a_menu_on_a_selected_chat_is_for_all_of_them(qtbot: QtBot, organised: Sidebar) -> None:
    organised.list.select_again(["hard-22", "hard-23"])
    organised.list.open_menu(row(organised, "hard-23"), QPoint(0, 0))
    with qtbot.waitSignal(organised.chat_actions.pin_requested) as asked:
        entry("Pin").trigger()
    assert asked.args == [["hard-22", "hard-23"], True]
    menu().close()


def test_several_selected_survive_another_list(organised: Sidebar) -> None:
    organised.list.select_again(["hard-22", "hard-40"])
    chats, folders = hard_profile.organised()
    organised.set_chats(chats[:50], folders, Sort.TITLE, TODAY)
    assert set(organised.list.selected_ids()) == {"hard-22", "hard-40"}


def test_the_first_heading_opens_the_orders(qtbot: QtBot, organised: Sidebar) -> None:
    area = organised.list.visualRect(organised.chats.index(0))
    place = QPoint(area.right() - 20, area.center().y() + 4)
    qtbot.mouseClick(organised.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert [action.isChecked() for action in menu().actions()][:3] == [True, False, False]
    with qtbot.waitSignal(organised.chat_actions.sort_requested) as asked:
        entry("By title").trigger()
    assert asked.args == ["title"]
    with qtbot.waitSignal(organised.chat_actions.new_folder_requested) as made:
        entry("New folder").trigger()
    assert made.args == [[]]
    menu().close()


def test_the_open_chat_is_chosen_again_by_a_click(qtbot: QtBot, sidebar: Sidebar) -> None:
    """Another page may lie before it."""
    sidebar.set_current("hard-02")
    with qtbot.waitSignal(sidebar.chat_chosen) as chosen:
        click(qtbot, sidebar, "hard-02")
    assert chosen.args == ["hard-02"]


def test_search_and_trash_are_asked_for(qtbot: QtBot, sidebar: Sidebar) -> None:
    for words, signal in (
        ("Search", sidebar.search_requested),
        ("Trash", sidebar.trash_requested),
    ):
        with qtbot.waitSignal(signal):
            button(sidebar, words).click()
    sidebar.set_page_shown("trash")
    assert button(sidebar, "Trash").isChecked()
    sidebar.set_page_shown("chat")
    assert not button(sidebar, "Trash").isChecked()


def test_ten_thousand_chats_scroll_in_time(sidebar: Sidebar) -> None:
    """33 ms are a frame; only a fault makes it five times as long."""
    one = hard_profile.listed()
    many = [replace(one[n % 60], id=f"many-{n}") for n in range(10_000)]
    sidebar.set_chats(many, today=TODAY)
    ui_stage.settle()
    bar, frames = sidebar.list.verticalScrollBar(), []
    for step in range(120):
        begun = time.perf_counter()
        bar.setValue(step * bar.maximum() // 120)
        sidebar.list.viewport().repaint()
        frames.append(time.perf_counter() - begun)
    assert bar.maximum() > 300_000
    assert sorted(frames)[len(frames) // 2] < 0.033
    assert sorted(frames)[-3] < 0.165
