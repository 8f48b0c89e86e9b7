"""Bars of devices: their stretches, the limit by mouse and keyboard, colours and patterns."""

from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.placement.entities import PROCESSOR
from tests.helpers import ui_stage
from tests.helpers.placement_samples import GIB, MIB
from ui.placement.device_row import DeviceRow
from ui.placement.inks import DeviceInks, pattern_of
from ui.placement.segments import bar_content
from ui.placement.view import PlacementView
from ui.theme.tokens import DARK, LIGHT, Palette

Views = dict[str, PlacementView]
INKS = ("device_1", "device_2", "device_3", "device_4", "device_ram")


@pytest.fixture
def row(qtbot: QtBot, qapp: QApplication, views: Views) -> DeviceRow:
    theme = ui_stage.dress(qapp)
    inks = DeviceInks(theme)
    inks.set_devices(["CUDA0", PROCESSOR])
    made = DeviceRow(theme, inks)
    qtbot.addWidget(made)
    view = views["hybrid"]
    made.show_share(view.placement.shares[0], "RTX 4060", view)
    ui_stage.show(made, (968, 96))
    return made


# --- what a bar holds ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hybrid", "two-devices", "too-large", "processor", "dense"])
def test_stretches_fill_the_bar(views: Views, name: str) -> None:
    view = views[name]
    for share in view.placement.shares:
        other = view.other_bytes.get(share.device.name, 0)
        content = bar_content(share, other, is_dense=view.is_dense)
        assert sum(segment.bytes for segment in content.segments) == content.capacity
        assert content.capacity == max(share.device.memory_bytes, share.bytes.total + other)
        assert content.overfull == content.capacity - share.device.memory_bytes


def test_a_dense_model_names_its_feed_forward_parts(views: Views) -> None:
    kinds = [
        segment.kind
        for segment in bar_content(views["dense"].placement.shares[0], 0, is_dense=True).segments
    ]
    assert kinds == ["attention", "forward", "kv", "compute", "free"]


def test_figures_in_words(row: DeviceRow) -> None:
    assert row.summary == "6.4 of 8.0 GiB, measured 6.5 GiB"
    assert row.key.texts == (
        "attention 493 MiB", "experts 3.8 GiB", "other weights 292 MiB", "KV cache 1.5 GiB",
        "work space 310 MiB", "other programs 620 MiB", "free 1.0 GiB",
    )  # fmt: skip
    assert row.key.accessibleName() == ", ".join(row.key.texts)


def test_the_key_takes_another_line_when_it_is_narrow(row: DeviceRow) -> None:
    assert row.key.heightForWidth(968) == 20
    assert row.key.heightForWidth(400) == 60
    row.resize(400, 200)
    ui_stage.settle()
    assert row.key.height() >= 60


# --- the limit -----------------------------------------------------------------------------


def test_the_limit_by_keyboard(qtbot: QtBot, row: DeviceRow) -> None:
    told: list[tuple[str, object]] = []
    row.budget_changed.connect(lambda *what: told.append(what))
    begin = 8 * GIB - 800 * MIB
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_PageDown, Qt.Key.Key_Home):
        qtbot.keyClick(row.bar, key)
    qtbot.keyClick(row.bar, Qt.Key.Key_Left)
    qtbot.keyClick(row.bar, Qt.Key.Key_End)
    qtbot.keyClick(row.bar, Qt.Key.Key_Delete)
    assert told == [
        ("CUDA0", begin - 256 * MIB),
        ("CUDA0", begin),
        ("CUDA0", begin - 1024 * MIB),
        ("CUDA0", 0),
        ("CUDA0", 8 * GIB),
        ("CUDA0", None),
    ]


def test_the_limit_is_a_slider_to_screen_readers(qtbot: QtBot, row: DeviceRow) -> None:
    interface = QAccessible.queryAccessibleInterface(row.bar)
    assert interface.role() == QAccessible.Role.Slider
    assert interface.text(QAccessible.Text.Name) == "Limit on RTX 4060, in MiB"
    assert interface.valueInterface().currentValue() == 8 * 1024 - 800
    qtbot.keyClick(row.bar, Qt.Key.Key_Left)
    assert interface.valueInterface().currentValue() == 8 * 1024 - 1056
    assert row.bar.accessibleDescription().startswith("The plan may take 7.0 of 8.0 GiB")


def test_the_limit_is_dragged_by_its_mark_alone(qtbot: QtBot, row: DeviceRow) -> None:
    told: list[object] = []
    row.budget_changed.connect(lambda _device, limit: told.append(limit))
    bar, left = row.bar, Qt.MouseButton.LeftButton
    mark = round(bar.value() * MIB / (8 * GIB) * bar.width())
    qtbot.mousePress(bar, left, pos=QPoint(300, 18))
    qtbot.mouseMove(bar, QPoint(400, 18))
    qtbot.mouseRelease(bar, left, pos=QPoint(400, 18))
    assert told == [], "a press beside the mark must not move it"
    qtbot.mousePress(bar, left, pos=QPoint(mark, 18))
    qtbot.mouseMove(bar, QPoint(bar.width() // 2, 18))
    qtbot.mouseRelease(bar, left, pos=QPoint(bar.width() // 2, 18))
    assert told == [4 * GIB]
    qtbot.mouseDClick(bar, left, pos=QPoint(bar.width() // 2, 18))
    assert told[-1] is None


def test_a_limit_of_the_user_s_can_be_taken_back(
    qtbot: QtBot, row: DeviceRow, views: Views
) -> None:
    button = row.stops[0]
    assert button.isHidden()
    view = replace(views["hybrid"], limits={"CUDA0": 5 * GIB})
    with qtbot.assertNotEmitted(row.budget_changed, wait=0):
        row.show_share(view.placement.shares[0], "RTX 4060", view)
    assert not button.isHidden()
    with qtbot.waitSignal(row.budget_changed) as told:
        qtbot.keyClick(button, Qt.Key.Key_Return)
    assert told.args == ["CUDA0", None]


def test_beyond_the_limit_is_said(row: DeviceRow, views: Views) -> None:
    share = views["hybrid"].placement.shares[0]
    assert row._warning.isHidden()
    small = replace(share, device=replace(share.device, budget_bytes=share.bytes.total - GIB))
    row.show_share(small, "RTX 4060", views["hybrid"])
    assert row._warning.text().startswith("1.0 GiB more than RTX 4060 may take")
    view = views["too-large"]
    row.show_share(view.placement.shares[-1], "RAM", view)
    assert "more than RAM can give" in row._warning.text()


# --- colours -------------------------------------------------------------------------------


def light(color: str) -> float:
    def linear(share: float) -> float:
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    made = QColor(color)
    return (
        0.2126 * linear(made.redF())
        + 0.7152 * linear(made.greenF())
        + 0.0722 * linear(made.blueF())
    )


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_device_colours_can_be_seen_and_told_apart(palette: Palette) -> None:
    for ink in INKS:
        for surface in ("page", "raised"):
            low, high = sorted((light(getattr(palette, ink)), light(getattr(palette, surface))))
            assert (high + 0.05) / (low + 0.05) >= 3.0, (ink, surface)
    for one, other in combinations(INKS, 2):
        first, second = QColor(getattr(palette, one)), QColor(getattr(palette, other))
        hue = abs(first.hslHue() - second.hslHue())
        assert min(hue, 360 - hue) >= 25, (one, other)
    assert len({pattern_of(ink) for ink in INKS}) == len(INKS), "each has a pattern of its own"


def test_devices_keep_their_ink(qapp: QApplication) -> None:
    inks = DeviceInks(ui_stage.dress(qapp))
    names = ["CUDA0", "CUDA1", "RPC0", "RPC1", "RPC2", PROCESSOR]
    inks.set_devices(names)
    assert [inks.ink_of(name) for name in names] == [
        "device_1", "device_2", "device_3", "device_4", "device_1", "device_ram",
    ]  # fmt: skip
    assert inks.brush("device_1").texture().isNull()
    assert not inks.brush("device_ram").texture().isNull()
