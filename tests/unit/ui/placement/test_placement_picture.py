"""The picture: colours by device, arrow keys, what a screen reader hears, any number of layers."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.helpers import ui_stage
from ui.placement.columns import columns_of
from ui.placement.inks import DeviceInks
from ui.placement.picture import PlacementPicture
from ui.placement.view import PlacementView
from ui.placement.words import device_names, place_sentence

Views = dict[str, PlacementView]


def picture(
    qtbot: QtBot, qapp: QApplication, view: PlacementView, width: int = 968, zoom: float = 1.0
) -> PlacementPicture:
    theme = ui_stage.dress(qapp, zoom=zoom)
    inks = DeviceInks(theme)
    inks.set_devices([share.device.name for share in view.placement.shares])
    made = PlacementPicture(theme, inks)
    qtbot.addWidget(made)
    made.show_columns(
        columns_of(view.placement, view.facts),
        device_names(view.placement.shares),
        place_sentence(view),
    )
    ui_stage.show(made, (width, 232))
    made.activateWindow()
    ui_stage.settle()
    return made


def color_at(made: PlacementPicture, number: int, y: int) -> str:
    area = made.column_area(number)
    return made.grab().toImage().pixelColor(round(area.left() + 2), y).name()


def test_parts_have_the_colours_of_their_devices(
    qtbot: QtBot, qapp: QApplication, views: Views
) -> None:
    made = picture(qtbot, qapp, views["hybrid"])
    gpu = made._theme.color("device_1").name()
    assert color_at(made, 5, 100) == gpu
    assert color_at(made, 20, 10) == gpu
    assert color_at(made, 20, 200) == gpu
    ram = color_at(made, 20, 100)
    assert ram != gpu
    assert made._theme.color("device_ram").name() in {color_at(made, 20, y) for y in range(90, 110)}


@pytest.mark.parametrize("name", ["hybrid", "two-devices", "dense", "long"])
@pytest.mark.parametrize(("width", "zoom"), [(968, 1.0), (804, 2.0), (288, 2.0), (608, 1.0)])
def test_every_layer_has_its_place_inside(
    qtbot: QtBot, qapp: QApplication, views: Views, name: str, width: int, zoom: float
) -> None:
    made = picture(qtbot, qapp, views[name], width, zoom)
    areas = [made.column_area(i) for i in range(len(views[name].facts.layers) + 2)]
    assert areas[0].left() >= 0
    assert areas[-1].right() <= width
    for one, other in pairwise(areas):
        assert other.left() >= one.left()
        if areas[0].width() >= 3:
            assert other.left() >= one.right()
    assert made.grab().width() == width


def test_arrow_keys_go_through_the_layers(qtbot: QtBot, qapp: QApplication, views: Views) -> None:
    made = picture(qtbot, qapp, views["hybrid"])
    made.clearFocus()
    told: list[int] = []
    made.column_chosen.connect(told.append)
    made.setFocus()
    assert told == [1]
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(made, Qt.Key.Key_Right)
    qtbot.keyClick(made, Qt.Key.Key_Right, control)
    qtbot.keyClick(made, Qt.Key.Key_Left)
    qtbot.keyClick(made, Qt.Key.Key_End)
    qtbot.keyClick(made, Qt.Key.Key_Right)
    qtbot.keyClick(made, Qt.Key.Key_Home)
    assert told == [1, 2, 12, 11, 49, 0]
    assert made.accessibleDescription().startswith("Token embedding")
    made.clearFocus()
    assert told[-1] == -1
    assert made.accessibleDescription() == ""


def test_a_screen_reader_gets_the_sentence_and_the_layer(
    qtbot: QtBot, qapp: QApplication, views: Views
) -> None:
    made = picture(qtbot, qapp, views["hybrid"])
    interface = QAccessible.queryAccessibleInterface(made)
    name = interface.text(QAccessible.Text.Name)
    assert place_sentence(views["hybrid"]) in name
    made.choose(13)
    told = interface.text(QAccessible.Text.Description)
    assert told.startswith("Layer 12 · RTX 4060: attention")
    assert told.endswith("RAM: experts 324 MiB")


def test_the_pointer_chooses_until_it_leaves(
    qtbot: QtBot, qapp: QApplication, views: Views
) -> None:
    made = picture(qtbot, qapp, views["hybrid"])
    centre = made.column_area(7).center().toPoint()
    qtbot.mouseMove(made, centre)
    qtbot.mouseMove(made, centre + QPoint(1, 0))
    assert made.chosen == 7
    assert made.grab().toImage() != picture(qtbot, qapp, views["hybrid"]).grab().toImage()
    qtbot.mouseMove(made, QPoint(2, 2))
    assert made.chosen == -1


def test_fewer_layers_forget_a_column_that_is_gone(
    qtbot: QtBot, qapp: QApplication, views: Views
) -> None:
    made = picture(qtbot, qapp, views["dense"])
    made.choose(60)
    small = views["processor"]
    names = device_names(small.placement.shares)
    made.show_columns(columns_of(small.placement, small.facts), names, "")
    assert made.chosen == -1
