"""The model popover, from the keyboard and with the mouse."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QListView, QWidget
from pytestqt.qtbot import QtBot

from tests.helpers import hard_profile, ui_stage
from ui.chat.model_popover import ModelPopover
from ui.theme.theme import Theme
from ui.widgets.buttons import TextButton
from ui.widgets.fields import SearchField


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
    assert model.index(1, 0).data(role) == "gpt-oss-20b MXFP4 loaded"
    assert model.index(13, 0).data(role) == "SmolLM2-135M-Instruct Q4_1 demo model"
