"""Expert layers, context, cache: what they show and what they tell."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.helpers import ui_stage
from ui.placement.cache_choice import CacheChoice
from ui.placement.context_choice import ContextChoice
from ui.placement.expert_choice import ExpertChoice
from ui.placement.view import PlacementView

Views = dict[str, PlacementView]


@pytest.fixture
def experts(qtbot: QtBot, qapp: QApplication, views: Views) -> ExpertChoice:
    made = ExpertChoice(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    made.show_view(views["hybrid"])
    ui_stage.show(made, (312, 240))
    return made


def test_every_way_to_change_the_number(qtbot: QtBot, experts: ExpertChoice) -> None:
    told: list[int] = []
    experts.chosen.connect(told.append)
    experts.more.click()
    experts.fewer.click()
    qtbot.keyClick(experts.slider, Qt.Key.Key_Right)
    experts.spin.setValue(30)
    experts.slider.setValue(48)
    assert told == [12, 11, 12, 30, 48]
    assert experts.spin.value() == experts.slider.value() == 48
    assert not experts.more.isEnabled()
    qtbot.keyClick(experts.slider, Qt.Key.Key_Home)
    assert told[-1] == 0
    assert not experts.fewer.isEnabled()


def test_showing_a_plan_tells_nothing(qtbot: QtBot, experts: ExpertChoice, views: Views) -> None:
    with qtbot.assertNotEmitted(experts.chosen, wait=0):
        experts.show_view(views["two-devices"])
    assert (experts.slider.value(), experts.slider.maximum()) == (4, 58)
    assert experts.speed_text == "4.6–6.1 tok/s"
    assert experts.note_text.startswith("Experts of one layer take about 6.3 GiB")


def test_a_slider_in_hand_is_not_moved(experts: ExpertChoice, views: Views) -> None:
    experts.slider.setSliderDown(True)
    experts.slider.setValue(20)
    experts.show_view(views["hybrid"])
    assert experts.slider.value() == 20
    experts.slider.setSliderDown(False)
    experts.show_view(views["hybrid"])
    assert experts.slider.value() == 11


def test_without_a_gpu_it_says_why(experts: ExpertChoice, views: Views) -> None:
    experts.show_view(views["processor"])
    assert not any(part.isEnabled() for part in experts.stops)
    assert experts.note_text == "There is no GPU here, so the whole model is in RAM."
    experts.show_view(views["dense"])
    assert all(part.isEnabled() for part in experts.stops)
    assert experts.heading.text() == experts.slider.accessibleName() == "Feed-forward parts on GPU"


def test_a_model_without_movable_parts_says_so(experts: ExpertChoice, views: Views) -> None:
    view = views["hybrid"]
    places = tuple(replace(place, experts="") for place in view.placement.layers)
    experts.show_view(replace(view, placement=replace(view.placement, layers=places)))
    assert experts.note_text == "This model has no parts that can move one by one."
    assert not experts.slider.isEnabled()


def test_context_stops_with_prices(qtbot: QtBot, qapp: QApplication, views: Views) -> None:
    made = ContextChoice(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    made.show_view(views["hybrid"])
    ui_stage.show(made, (312, 300))
    assert [row.text() for row in made.rows] == ["4k", "8k", "16k", "32k", "40k"]
    assert [row.isChecked() for row in made.rows] == [False, False, True, False, False]
    assert made.rows[3].note == "3 layers to RAM, 6\u00a0% slower"
    assert not any(row.is_elided for row in made.rows)
    full = "3 expert layers to RAM, about 6\u00a0% slower"
    assert made.rows[3].toolTip() == made.rows[3].accessibleDescription() == full
    told: list[object] = []
    made.chosen.connect(lambda stop: told.append(stop.context_tokens))
    made.longest_chosen.connect(told.append)
    made.rows[3].click()
    made.rows[3].setFocus()
    qtbot.keyClick(made.rows[3], Qt.Key.Key_Down)
    made.longest.click()
    assert told == [32768, 40960, 41984]
    assert made.longest.text() == "Longest that fits: 41k"


def test_context_rows_follow_the_plan(qtbot: QtBot, qapp: QApplication, views: Views) -> None:
    made = ContextChoice(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    made.show_view(views["hybrid"])
    with qtbot.assertNotEmitted(made.chosen, wait=0):
        made.show_view(views["processor"])
    ui_stage.settle()
    assert [row.text() for row in made.rows] == ["4k", "8k"]
    assert not made.longest.isEnabled(), "it is chosen already"


def test_cache_types_with_their_bytes(qtbot: QtBot, qapp: QApplication, views: Views) -> None:
    made = CacheChoice(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    made.show_view(views["two-devices"])
    ui_stage.show(made, (312, 300))
    assert made.row("q8_0").isChecked()
    assert made.row("f16").note == "2.1 GiB, as it was computed"
    assert not made.row("q4_0").isEnabled()
    assert made.row("q4_0").note == "does not suit this model's heads"
    told: list[str] = []
    made.chosen.connect(told.append)
    made.row("q4_0").click()
    made.row("f16").click()
    assert told == ["f16"]
