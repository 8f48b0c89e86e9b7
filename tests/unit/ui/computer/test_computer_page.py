"""The page about this computer: what it says, what it asks for, and that nothing moves."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.helpers import computer_samples, ui_checks, ui_stage
from ui.computer.computer_page import ComputerPage
from ui.main_window import MainWindow
from ui.sidebar.sidebar import Sidebar
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label

TROUBLE = "The engine did not answer within 30 s; look again, or restart the computer."
VIEWS = {
    "no GPU": computer_samples.without_gpu(),
    "idle GPU": computer_samples.idle_gpu(),
    "engine on its way": computer_samples.idle_gpu(building=0.43),
    "two GPUs": computer_samples.two_gpus(),
    "measuring": computer_samples.two_gpus(measuring=0.43),
}


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> ComputerPage:
    widget = ComputerPage(ui_stage.dress(qapp))
    qtbot.addWidget(widget)
    ui_stage.show(widget, (1016, 800))
    return widget


def said(page: ComputerPage) -> str:
    ui_stage.settle()
    return "\n".join(label.text() for label in page.findChildren(Label) if label.isVisibleTo(page))


def button(page: ComputerPage, words: str) -> TextButton:
    ui_stage.settle()
    return next(
        each
        for each in page.findChildren(TextButton)
        if words in (each.text(), each.accessibleName()) and each.isVisibleTo(page)
    )


@pytest.mark.parametrize(
    ("dark", "size", "zoom"),
    ui_stage.APPEARANCES,
    ids=[f"{'dark' if d else 'light'}-{s[0]}-{z:.0%}" for d, s, z in ui_stage.APPEARANCES],
)
def test_every_state_in_every_appearance(
    qapp: QApplication, dark: bool, size: tuple[int, int], zoom: float
) -> None:
    theme = ui_stage.dress(qapp, dark=dark, zoom=zoom)
    window = MainWindow(theme, Sidebar(theme))
    page = ComputerPage(theme)
    window.add_page("computer", page)
    ui_stage.show(window, size)
    found: list[str] = []

    def look(state: str) -> None:
        bar = page._area.verticalScrollBar()
        for place in (0, bar.maximum()):
            bar.setValue(place)
            ui_stage.settle()
            found.extend(f"{state}: {each}" for each in ui_checks.all_problems(window, zoom))

    look("waiting")
    page.show_trouble(TROUBLE)
    look("trouble")
    for state, view in VIEWS.items():
        page.show_computer(view)
        ui_stage.settle()
        look(state)
    page.show_trouble(TROUBLE)
    look("trouble over a known computer")
    ui_stage.strike(window)
    assert found == []


def test_it_waits_then_shows(page: ComputerPage) -> None:
    assert "Asking the engine…" in said(page)
    assert not page.refresh.isEnabled()
    page.show_computer(VIEWS["no GPU"])
    words = said(page)
    assert "Asking" not in words
    assert "Models run on the processor; there is no GPU here that the engine can use." in words
    assert "The engine answers: CPU, 2 cores, 24.0 GiB; it took 0.6 s." in words
    assert page.refresh.isEnabled()


def test_the_processor_has_a_card_always_and_last(page: ComputerPage) -> None:
    for view in VIEWS.values():
        page.show_computer(view)
        assert len(page.grid.cards) == len(view.devices)
        assert page.grid.cards[-1].name.text() == "AMD Ryzen 7 7700 8-Core Processor"


def test_memory_is_told_in_gib_and_drawn(page: ComputerPage) -> None:
    page.show_computer(VIEWS["two GPUs"])
    words = said(page)
    assert "Model 21.6 GiB, others 819 MiB, free 1.6 GiB" in words
    assert "24.0 GiB" in words
    model, other = page.grid.cards[0].memory.shares
    assert model == pytest.approx(21.6 / 24, abs=0.01)
    assert other == pytest.approx(0.8 / 24, abs=0.01)


def test_bandwidths_say_with_what_they_were_measured(page: ComputerPage) -> None:
    page.show_computer(VIEWS["two GPUs"])
    told = [row.words for row in page.speed.rows]
    assert told == [
        ("Main memory", "Experts in Q4_K, 8 threads", "61 GB/s"),
        ("Main memory", "Experts in Q8_0, 8 threads", "65 GB/s"),
        ("NVIDIA GeForce RTX 4090", "Its own memory", "912 GB/s"),
        ("NVIDIA GeForce RTX 4090", "From main memory to it", "25 GB/s"),
        ("NVIDIA GeForce RTX 4060 Ti", "Its own memory", "241 GB/s"),
        ("NVIDIA GeForce RTX 4060 Ti", "From main memory to it", "12 GB/s"),
    ]
    assert page.speed.state.words[0].startswith("Measured on 18 March 2026")


def test_an_idle_gpu_asks_for_its_engine(qtbot: QtBot, page: ComputerPage) -> None:
    page.show_computer(VIEWS["idle GPU"])
    assert "NVIDIA GeForce RTX 4060 is not used" in said(page)
    wanted = button(page, "Get the engine for this GPU")
    assert ui_checks.accent_buttons(page) == [wanted]
    with qtbot.waitSignal(page.get_engine_requested) as asked:
        wanted.click()
    assert asked.args == ["cuda"]
    page.show_computer(VIEWS["engine on its way"])
    assert "Compiling: 43 %" in said(page)
    assert not wanted.isVisible()
    with qtbot.waitSignal(page.stop_build_requested):
        button(page, "Stop getting the engine").click()


def test_the_one_button_measures_and_stops(qtbot: QtBot, page: ComputerPage) -> None:
    page.show_computer(VIEWS["no GPU"])
    with qtbot.waitSignal(page.measure_requested):
        button(page, "Measure again").click()
    page.set_measuring(0.3)
    assert "Measuring: 30\u00a0%" in said(page)
    with qtbot.waitSignal(page.stop_measuring_requested):
        button(page, "Stop measuring").click()
    page.set_measuring(None)
    assert button(page, "Measure again").isVisible()


def test_not_measured_yet_is_said_with_the_time_it_takes(page: ComputerPage) -> None:
    page.show_computer(VIEWS["idle GPU"])
    assert page.speed.rows == []
    assert "about 10 s" in page.speed.state.words[1]
    assert button(page, "Measure now").isVisible()


@pytest.mark.parametrize("zoom", [1.0, 1.5])
def test_nothing_moves_while_it_measures(page: ComputerPage, zoom: float) -> None:
    page._theme.set_zoom(zoom)
    page.show_computer(VIEWS["two GPUs"])
    ui_stage.settle()
    parts: list[QWidget] = [*page.grid.cards, page.speed, page.speed.state, page.speed.button,
                            page.engine, *page.speed.rows]  # fmt: skip
    before = ui_checks.geometry(parts, page)
    for percent in (0, 7, 100):
        page.set_measuring(percent / 100)
        ui_stage.settle()
        assert ui_checks.geometry(parts, page) == before
    page.set_measuring(None)
    ui_stage.settle()
    assert ui_checks.geometry(parts, page) == before


def test_trouble_is_one_sentence_with_a_next_step(qtbot: QtBot, page: ComputerPage) -> None:
    page.show_trouble(TROUBLE)
    assert page.trouble.text == TROUBLE
    assert "Asking" not in said(page)
    with qtbot.waitSignal(page.refresh_requested):
        button(page, "Try again").click()
    page.show_waiting()
    assert not page.trouble.isVisible()


def test_trouble_leaves_what_is_known(page: ComputerPage) -> None:
    page.show_computer(VIEWS["two GPUs"])
    page.show_trouble(TROUBLE)
    assert "NVIDIA GeForce RTX 4090" in said(page)
    page.show_waiting()
    assert "NVIDIA GeForce RTX 4090" in said(page)
    assert not page.engine.check.isEnabled()
    page.show_computer(VIEWS["two GPUs"])
    assert page.engine.check.isEnabled()
    assert not page.trouble.isVisible()


def test_another_computer_brings_its_warning(page: ComputerPage) -> None:
    page.show_computer(VIEWS["no GPU"])
    assert not page.hosts.isVisible()
    page.show_computer(VIEWS["two GPUs"])
    assert "neither encrypted nor locked" in said(page)
    assert [row.words for row in page.hosts.rows] == [
        ("192.168.1.20:50052", "RPC0, 23.4 GiB free", "Answers"),
        ("10.0.0.7:50052", "Refused the connection.", "Does not answer"),
    ]


def test_backends_say_why_they_are_not_used(page: ComputerPage) -> None:
    page.show_computer(VIEWS["no GPU"])
    assert [row.words for row in page.engine.rows][:3] == [
        ("Processor", "", "Built in"),
        ("RPC, for other computers", "Off until you name a computer.", "Built in"),
        ("CUDA, for NVIDIA GPUs", "There is no NVIDIA GPU in this computer.", "Not built in"),
    ]


def test_cards_flow_with_the_width(page: ComputerPage) -> None:
    page.show_computer(VIEWS["two GPUs"])
    for width, beside in ((1016, 3), (900, 2), (640, 1)):
        page.resize(width, 600)
        ui_stage.settle()
        tops = [card.y() for card in page.grid.cards]
        assert tops.count(0) == beside
        assert all(card.width() >= 312 for card in page.grid.cards)
        first, last = page.grid.cards[0], page.grid.cards[beside - 1]
        assert (first.x(), last.x() + last.width()) == (0, page.grid.width())


def test_the_keyboard_reaches_everything_in_order(qtbot: QtBot, page: ComputerPage) -> None:
    page.show_computer(VIEWS["no GPU"])
    page.show_computer(VIEWS["idle GPU"])
    ui_stage.settle()
    visited = []
    page._back.setFocus()
    for _ in range(4):
        qtbot.keyClick(page.focusWidget(), Qt.Key.Key_Tab)
        focused = page.focusWidget()
        assert isinstance(focused, TextButton)
        visited.append(focused.text())
    assert visited == ["Look again", "Get the engine for this GPU", "Measure now", "Check again"]
    with qtbot.waitSignal(page.back_requested):
        qtbot.keyClick(page, Qt.Key.Key_Escape)


def test_the_keyboard_scrolls(qtbot: QtBot, page: ComputerPage) -> None:
    page.resize(900, 600)
    page.show_computer(VIEWS["two GPUs"])
    ui_stage.settle()
    bar = page._area.verticalScrollBar()
    assert bar.maximum() > 0
    for key, place in (
        (Qt.Key.Key_End, bar.maximum()),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_Down, 40),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_PageDown, min(bar.maximum(), bar.pageStep())),
    ):
        qtbot.keyClick(page, key)
        assert bar.value() == place


def test_showing_again_keeps_the_keyboard_where_it_is(page: ComputerPage) -> None:
    page.show_computer(VIEWS["idle GPU"])
    wanted = button(page, "Get the engine for this GPU")
    wanted.setFocus()
    page.show_computer(VIEWS["idle GPU"])
    assert page.focusWidget() is wanted


def test_the_sidebar_marks_this_page(qtbot: QtBot, qapp: QApplication) -> None:
    theme = ui_stage.dress(qapp)
    window = MainWindow(theme, Sidebar(theme))
    qtbot.addWidget(window)
    window.add_page("chat", QWidget())
    window.add_page("computer", ComputerPage(theme))
    entry = window.sidebar._computer
    window.show_page("computer")
    assert entry.isChecked()
    window.show_page("chat")
    assert not entry.isChecked()
