"""The small form of a plan."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.helpers import ui_checks, ui_stage
from ui.placement.mini import PlacementStrip
from ui.placement.view import PlacementView

Views = dict[str, PlacementView]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["hybrid", "two-devices", "too-large", "processor", "dense"])
def test_it_fits_the_panel(
    qtbot: QtBot, qapp: QApplication, views: Views, name: str, dark: bool
) -> None:
    strip = PlacementStrip(ui_stage.dress(qapp, dark=dark))
    qtbot.addWidget(strip)
    strip.show_placement(views[name].placement)
    ui_stage.show(strip, (288, strip.heightForWidth(288)))
    assert ui_checks.cut_text(strip) == []
    assert ui_checks.other_text_sizes(strip, 1.0) == []
    assert strip.height() >= strip.minimumSizeHint().height()


def test_it_says_what_it_shows(qtbot: QtBot, qapp: QApplication, views: Views) -> None:
    theme = ui_stage.dress(qapp)
    strip = PlacementStrip(theme)
    qtbot.addWidget(strip)
    strip.show_placement(views["hybrid"].placement)
    ui_stage.show(strip, (288, 140))
    told = "11 of 48 expert layers on RTX 4060, 37 in RAM"
    assert strip.text == told
    assert strip.accessibleName() == told + ", 9–12 tok/s"
    assert strip.key.texts == ("RTX 4060 6.4 GiB", "RAM 12.9 GiB")
    picture = strip.bar.grab().toImage()
    assert picture.pixelColor(40, 12).name() == theme.color("device_1").name()
    assert picture.pixelColor(200, 12).name() != theme.color("device_1").name()
    theme.set_dark(True)
    ui_stage.settle()
    assert strip.bar.grab().toImage().pixelColor(40, 12).name() == theme.color("device_1").name()
    strip.show_placement(None)
    assert strip.isHidden()
