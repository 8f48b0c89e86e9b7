"""The model popover, from the keyboard and with the mouse."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent
from PySide6.QtWidgets import QApplication, QListView, QStyleOptionViewItem, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from tests.helpers import hard_profile, ui_stage
from ui.chat.model_popover import ModelPopover
from ui.item_models.model_list_model import ModelRow
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.fields import SearchField

CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return ui_stage.dress(qapp)


@pytest.fixture
def popover(qtbot: QtBot, theme: Theme) -> Iterator[ModelPopover]:
    window = QWidget()
    qtbot.addWidget(window)
    anchor = TextButton(theme, "Model", parent=window)
    anchor.move(400, 8)
    made = ModelPopover(theme, window)
    made.set_models(hard_profile.models())
    ui_stage.show(window, (1000, 700))
    made.open_below(anchor)
    ui_stage.settle()
    yield made
    made.close_popover()


def field(popover: ModelPopover) -> SearchField:
    found = popover.findChild(SearchField)
    assert isinstance(found, SearchField)
    return found


def test_more_known_of_the_models_keeps_the_choice_and_the_filter(popover: ModelPopover) -> None:
    field(popover).setText("glm")
    popover._list.setCurrentIndex(popover._models.index(1))
    chosen = popover._models.row_at(1)
    rows = [replace(row, detail="Running on the processor") for row in hard_profile.models()]
    popover.update_models(rows)
    assert popover._models.row_at(popover._list.currentIndex().row()).key == chosen.key
    assert popover._models.rowCount() < len(rows)
    assert popover._models.row_at(1).detail == "Running on the processor"


def test_three_keys_switch_the_model(qtbot: QtBot, popover: ModelPopover) -> None:
    """Ctrl+M opened it; the loaded one is current: arrow, Enter."""
    assert QApplication.focusWidget() is field(popover)
    qtbot.keyClick(field(popover), Qt.Key.Key_Down)
    with qtbot.waitSignal(popover.load_requested) as asked:
        qtbot.keyClick(field(popover), Qt.Key.Key_Return)
    assert asked.args == ["model-2"]
    assert not popover.isVisible()


def test_choosing_the_loaded_model_loads_nothing(qtbot: QtBot, popover: ModelPopover) -> None:
    with qtbot.assertNotEmitted(popover.load_requested, wait=0):
        qtbot.keyClick(field(popover), Qt.Key.Key_Return)
    assert not popover.isVisible()


def test_filter_by_name_or_quantization(qtbot: QtBot, popover: ModelPopover) -> None:
    view = popover.findChild(QListView)
    assert isinstance(view, QListView)
    qtbot.keyClicks(field(popover), "glm q2")
    names = {view.model().index(n, 0).data() for n in range(view.model().rowCount())}
    assert names == {"GLM-4.5-Air"}
    with qtbot.waitSignal(popover.load_requested) as asked:
        qtbot.keyClick(field(popover), Qt.Key.Key_Enter)
    assert asked.args == ["model-4"]


def test_escape_clears_the_filter_first(qtbot: QtBot, popover: ModelPopover) -> None:
    qtbot.keyClicks(field(popover), "nothing like it")
    qtbot.keyClick(field(popover), Qt.Key.Key_Return)
    assert popover.isVisible()
    qtbot.keyClick(field(popover), Qt.Key.Key_Escape)
    assert popover.isVisible()
    qtbot.keyClick(field(popover), Qt.Key.Key_Escape)
    assert not popover.isVisible()


def test_arrows_stop_at_the_ends(qtbot: QtBot, popover: ModelPopover) -> None:
    for _ in range(30):
        qtbot.keyClick(field(popover), Qt.Key.Key_Down)
    with qtbot.waitSignal(popover.load_requested) as asked:
        qtbot.keyClick(field(popover), Qt.Key.Key_Return)
    assert asked.args == ["demo"]


def test_a_click_loads(qtbot: QtBot, popover: ModelPopover) -> None:
    view = popover.findChild(QListView)
    assert isinstance(view, QListView)
    place = view.visualRect(view.model().index(0, 0)).center()
    with qtbot.waitSignal(popover.load_requested) as asked:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == ["model-0"]


def test_foot_opens_a_file_and_says_what_unloading_frees(
    qtbot: QtBot, popover: ModelPopover
) -> None:
    buttons = {b.text(): b for b in popover.findChildren(TextButton)}
    with qtbot.waitSignal(popover.open_file_requested):
        buttons["Open GGUF file…"].click()
    popover.set_unload(1_288_490_189)
    unload = next(b for b in popover.findChildren(TextButton) if "Unload" in b.text())
    assert unload.text() == "Unload (frees 1.2 GiB)"
    with qtbot.waitSignal(popover.unload_requested):
        unload.click()
    popover.set_unload(None)
    assert unload.isHidden()


def test_without_models_it_says_how_to_begin(popover: ModelPopover) -> None:
    popover.set_models(())
    ui_stage.settle()
    assert "Open a GGUF file" in popover._nothing.text()
    assert popover._nothing.isVisible()


def test_rows_say_what_a_screen_reader_needs(popover: ModelPopover) -> None:
    model = popover._list.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    assert (
        model.index(1, 0).data(role)
        == "gpt-oss-20b MXFP4 loaded All of it on RTX 4060, 38–49 tok/s, 32k"
    )
    assert model.index(13, 0).data(role) == "SmolLM2-135M-Instruct Q4_1 demo model"


PLACE = "12 of 48 expert layers on GPU, 9–12 tok/s, 16k"


def placement_area(popover: ModelPopover, row: int) -> QRect:
    view = popover._list
    return view._rows.action_area(view.visualRect(view.model().index(row, 0)))


def test_pressing_placement_shows_it_and_loads_nothing(qtbot: QtBot, popover: ModelPopover) -> None:
    place = placement_area(popover, 0).center()
    with (
        qtbot.assertNotEmitted(popover.load_requested, wait=0),
        qtbot.waitSignal(popover.placement_requested) as asked,
    ):
        qtbot.mouseClick(popover._list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == ["model-0"]
    assert not popover.isVisible()


def test_above_placement_a_click_loads(qtbot: QtBot, popover: ModelPopover) -> None:
    area = placement_area(popover, 0)
    place = QPoint(area.center().x(), area.top() - 4)
    with qtbot.waitSignal(popover.load_requested) as asked:
        qtbot.mouseClick(popover._list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == ["model-0"]


def test_ctrl_shift_p_shows_the_placement_of_the_chosen_row(
    qtbot: QtBot, popover: ModelPopover
) -> None:
    qtbot.keyClick(field(popover), Qt.Key.Key_Down)
    with qtbot.waitSignal(popover.placement_requested) as asked:
        qtbot.keyClick(field(popover), Qt.Key.Key_P, CONTROL_SHIFT)
    assert asked.args == ["model-2"]


def test_placement_is_large_enough_to_press(popover: ModelPopover) -> None:
    area = placement_area(popover, 0)
    assert (area.width(), area.height()) == (88, 28)
    row = popover._list.visualRect(popover._list.model().index(0, 0))
    assert row.contains(area)


def test_where_a_model_runs_fits_into_its_row(popover: ModelPopover) -> None:
    rows = popover._list._rows
    row = ModelRow("k", "Qwen3", "Q4_K_M", 18_600_000_000, detail=PLACE)
    assert rows._second_line(row) == "18.6 GB   " + PLACE
    small = QFontMetrics(rows._theme.font(TEXT_SMALL, tabular=True))
    rect = popover._list.visualRect(popover._list.model().index(0, 0))
    assert small.horizontalAdvance(rows._second_line(row)) <= rows._name_area(rect).width()


def test_what_is_cut_in_a_row_is_told_by_its_tooltip(qtbot: QtBot, popover: ModelPopover) -> None:
    popover.set_models([ModelRow("k", "Model-" * 20, "Q4_K_M", 1, detail=PLACE * 3)])
    view = popover._list
    index = view.model().index(0, 0)

    def tip(place: QPoint) -> str:
        QToolTip.hideText()
        option = QStyleOptionViewItem()
        option.rect = view.visualRect(index)
        event = QHelpEvent(QEvent.Type.ToolTip, place, view.viewport().mapToGlobal(place))
        assert view._rows.helpEvent(event, view, option, index)
        return QToolTip.text()

    assert "Model-" * 20 in tip(QPoint(40, 16))
    assert PLACE * 3 in tip(QPoint(40, 16))
    assert "Ctrl+Shift+P" in tip(placement_area(popover, 0).center())


def test_a_screen_reader_hears_where_a_model_runs(popover: ModelPopover) -> None:
    popover.set_models([ModelRow("k", "Qwen3", "Q4_K_M", 1, detail=PLACE)])
    heard = popover._list.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert heard == "Qwen3 Q4_K_M " + PLACE
