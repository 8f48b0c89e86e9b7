"""The panel's third part: words that are the plan's own, and the way to its page."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.engine.entities import DeviceKind, Plan
from app.placement.entities import (
    DeviceShare,
    LayerPlace,
    MachineDevice,
    PlacedBytes,
    Placement,
    Prediction,
    SpeedRange,
)
from tests.helpers import ui_checks, ui_stage
from ui.chat.panel import ChatPanel

GIB = 1 << 30


def device(name: str, description: str, kind: DeviceKind, gib: int) -> MachineDevice:
    return MachineDevice(
        name=name,
        description=description,
        kind=kind,
        memory_bytes=gib * GIB,
        free_bytes=gib * GIB,
        budget_bytes=gib * GIB,
        bytes_per_second=4e10,
        operations_per_second=1e12,
    )


def hybrid() -> Placement:
    """12 of 48 expert layers on a GPU of 8 GiB."""
    gpu = device("CUDA0", "NVIDIA GeForce RTX 4060", "gpu", 8)
    processor = device("CPU", "AMD Ryzen 7 7700", "cpu", 32)
    layers = [LayerPlace(index=n, device="CUDA0", experts="CPU") for n in range(36)]
    layers += [LayerPlace(index=n, device="CUDA0", experts="CUDA0") for n in range(36, 48)]
    return Placement(
        plan=Plan(context_tokens=16384, devices=("CUDA0",), gpu_layers=49),
        shares=(
            DeviceShare(device=gpu, bytes=PlacedBytes(attention=GIB, routed_experts=5 * GIB)),
            DeviceShare(device=processor, bytes=PlacedBytes(routed_experts=13 * GIB)),
        ),
        layers=(*layers, LayerPlace(index=None, device="CUDA0")),
        verdict="hybrid",
        missing_bytes=0,
        predicted=Prediction(
            decode=SpeedRange(9.1, 10.4, 12.2),
            prompt=SpeedRange(100, 130, 160),
            limited_by="ram_bandwidth",
            is_measured=True,
        ),
        longest_context=41_000,
        prices=(),
        simulated=True,
    )


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication) -> ChatPanel:
    made = ChatPanel(ui_stage.dress(qapp))
    qtbot.addWidget(made)
    ui_stage.show(made, (320, 800))
    return made


def test_without_a_plan_there_is_nothing_to_open(panel: ChatPanel) -> None:
    assert panel.placement.nothing.text() == "Known once a model is chosen."
    assert panel.placement.nothing.isVisible()
    assert not panel.placement.open.isEnabled()
    assert not panel.placement.strip.isVisible()


def test_it_tells_place_and_speed_and_opens_the_page(qtbot: QtBot, panel: ChatPanel) -> None:
    panel.set_placement(hybrid())
    strip = panel.placement.strip
    assert strip.isVisible()
    assert strip.accessibleName() == "12 of 48 expert layers on RTX 4060, 36 in RAM, 9–12 tok/s"
    assert not panel.placement.nothing.isVisible()
    with qtbot.waitSignal(panel.placement_requested):
        panel.placement.open.click()
    panel.set_placement(None)
    assert not panel.placement.open.isEnabled()


@pytest.mark.parametrize(("dark", "zoom"), [(False, 1.0), (True, 2.0)])
def test_it_fits_the_panel(qtbot: QtBot, qapp: QApplication, dark: bool, zoom: float) -> None:
    made = ChatPanel(ui_stage.dress(qapp, dark=dark, zoom=zoom))
    qtbot.addWidget(made)
    made.set_placement(hybrid())
    ui_stage.show(made, (round(320 * zoom), 800))
    bar = made._area.verticalScrollBar()
    bar.setValue(bar.maximum())
    ui_stage.settle()
    assert ui_checks.all_problems(made, zoom) == []
    assert made._area.horizontalScrollBar().maximum() == 0
    assert made._content.minimumSizeHint().width() <= made._area.viewport().width()
