"""The scripted checks over the whole window, made from the hard profile, in every appearance."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from app.settings.schema import Settings
from tests.helpers import (
    computer_samples,
    hard_profile,
    placement_samples,
    ui_checks,
    ui_source_checks,
    ui_stage,
)
from ui.chat.chat_page import ChatPage
from ui.chat.header import ChatHeader
from ui.chat.model_button import ModelState
from ui.chat.model_popover import ModelPopover
from ui.chat.status_line import StatusLine
from ui.computer.computer_page import ComputerPage
from ui.main_window import MainWindow
from ui.placement.page import PlacementPage
from ui.placement.view import PlacementView
from ui.settings.facts import NetworkFacts, SettingsFacts, TokenState
from ui.settings.requests_page import RequestsPage
from ui.settings.settings_page import SettingsPage
from ui.sidebar.sidebar import Sidebar
from ui.theme.theme import Theme

LARGE, MOST_CONTROLS = (1280, 800), 18
FACTS = SettingsFacts(
    data_folder="/home/anna/.local/share/Moestro",
    logs_folder="/home/anna/.local/share/Moestro/logs",
    sandbox="no network, reads only its model, no writes",
    sandbox_known=True,
    keyring="Secret Service",
    version="0.1.0",
    network=NetworkFacts(
        library_folder="/home/anna/.local/share/Moestro/models",
        told_endpoint="https://mirror.example.org",
        token=TokenState.NONE,
        endpoint_trouble="mirror is no web address; write one like https://huggingface.co.",
        ca_trouble="company.pem holds no certificates that can be read; choose another file.",
    ),
)


class Stage:
    """The window with every view in it and nothing behind it."""

    def __init__(self, theme: Theme, size: tuple[int, int]) -> None:
        self.sidebar = Sidebar(theme)
        self.window = MainWindow(theme, self.sidebar)
        self.page = ChatPage(theme, ChatHeader(theme), StatusLine(theme))
        self.settings = SettingsPage(theme)
        self.popover = ModelPopover(theme, self.window)
        self.window.add_page("chat", self.page)
        self.placement = PlacementPage(theme)
        self.computer = ComputerPage(theme)
        self.window.add_page("settings", self.settings)
        self.window.add_page("placement", self.placement)
        self.window.add_page("computer", self.computer)
        self.requests = RequestsPage(theme)
        self.window.add_page("requests", self.requests)
        chats = hard_profile.conversations()
        self.sidebar.set_chats(*hard_profile.organised(), today=date(2026, 3, 18))
        self.sidebar.set_current(hard_profile.LONG_CONVERSATION)
        self.page.header.set_title(chats[1].title, has_chat=True)
        self.page.header.set_model_state(ModelState("ready", "gpt-oss-20b", "MXFP4"))
        self.page.status.set_context(3174, 16384)
        self.page.status.set_speed(10.4)
        self.page.status.set_place("Running on the processor")
        self.sidebar.set_downloads(3, 0.64)
        self.sidebar.set_online(True)
        self.settings.show_settings(
            Settings(
                library_folders=hard_profile.further_folders(), ca_file="/etc/ssl/company.pem"
            ),
            FACTS,
        )
        self.popover.set_models(hard_profile.models())
        self.popover.set_unload(10_400_000_000)
        ui_stage.show(self.window, size)

    def show_conversation(self) -> None:
        self.page.transcript.set_messages(hard_profile.long_conversation())
        ui_stage.settle()
        self.page.transcript.scroll_to_end()
        ui_stage.settle()

    @property
    def fixed(self) -> list[QWidget]:
        """What keeps its place whatever the model does."""
        header = self.page.header
        return [header, header.model_button, self.page.composer, self.page.status,
                *self.page.status.findChildren(QWidget)]  # fmt: skip


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, PlacementView]:
    folder = tmp_path_factory.mktemp("shapes")
    return {name: make(folder) for name, make in placement_samples.SAMPLES.items()}


@pytest.fixture
def stage(qapp: QApplication) -> Iterator[Stage]:
    made = Stage(ui_stage.dress(qapp), LARGE)
    yield made
    ui_stage.strike(made.window)


@pytest.mark.parametrize(
    ("dark", "size", "zoom"),
    ui_stage.APPEARANCES,
    ids=[f"{'dark' if d else 'light'}-{s[0]}-{z:.0%}" for d, s, z in ui_stage.APPEARANCES],
)
def test_every_page_in_every_appearance(
    qapp: QApplication,
    plans: dict[str, PlacementView],
    dark: bool,
    size: tuple[int, int],
    zoom: float,
) -> None:
    stage = Stage(ui_stage.dress(qapp, dark=dark, zoom=zoom), size)
    window, found = stage.window, {}

    def look(page: str) -> None:
        ui_stage.settle()
        problems = ui_checks.all_problems(window, zoom, exempt=[stage.page.transcript])
        if problems:
            found[page] = problems

    look("empty chat")
    stage.show_conversation()
    look("chat")
    stage.page.panel.set_placement(plans["two-devices"].placement)
    stage.page.set_panel_shown(True)
    look("chat with panel")
    ui_stage.scroll_to_end(stage.page.panel)
    look("chat with the panel's end")
    stage.page.set_panel_shown(False)
    stage.popover.open_below(stage.page.header.model_button)
    look("model popover")
    stage.popover.close_popover()
    window.banner.show_message(
        "warning",
        "The engine stopped unexpectedly after 214 words; your question is saved.",
        [("Continue", lambda: None), ("Report", lambda: None)],
    )
    window.toast.offer("Chat deleted", lambda: None)
    look("banner and toast")
    window.banner.dismiss()
    window.toast.dismiss()
    if window.is_narrow:
        window.toggle_sidebar()
        look("drawer")
        window.toggle_sidebar()
    window.show_page("settings")
    for number in range(stage.settings.group_count):
        stage.settings.show_group(number)
        look(f"settings {number}")
    look_at_settings_of_downloads(stage, look)
    look_at_requests(stage, look)
    look_at_placement(stage, plans, look)
    look_at_computer(stage, look)
    ui_stage.strike(window)
    lines = [f"{page}: {each}" for page, problems in found.items() for each in problems]
    assert lines == []


def look_at_settings_of_downloads(stage: Stage, look: Callable[[str], None]) -> None:
    """With a token being written, and the end of the page."""
    group = stage.settings.downloads
    stage.settings.show_downloads()
    group._token.control.add.click()
    look("a token being written")
    ui_stage.scroll_to_end(stage.settings._pages.currentWidget())
    look("settings of downloads, end")
    stage.settings.show_group(0)


def look_at_requests(stage: Stage, look: Callable[[str], None]) -> None:
    """None, and many."""
    stage.window.show_page("requests")
    look("no request")
    stage.requests.show_requests(hard_profile.requests())
    look("many requests")


def look_at_placement(
    stage: Stage, plans: dict[str, PlacementView], look: Callable[[str], None]
) -> None:
    """Empty, a hybrid plan as picture and table, two devices with remarks, too large, trouble."""
    page = stage.placement
    stage.window.show_page("placement")
    look("placement of nothing")
    page.show_placement(plans["hybrid"])
    look("hybrid plan")
    page.body.section.as_table.click()
    look("hybrid plan as a table")
    page.body.section.as_table.click()
    ui_stage.scroll_to_end(page)
    look("hybrid plan, choices")
    for name in ("two-devices", "too-large"):
        page.show_placement(plans[name])
        ui_stage.scroll_to_begin(page)
        look(f"{name} plan")
        ui_stage.scroll_to_end(page)
        look(f"{name} plan, choices")
    page.show_trouble("127.0.0.1:50052 cannot be reached; start its rpc-worker, or leave it out.")
    look("a plan in trouble")


def look_at_computer(stage: Stage, look: Callable[[str], None]) -> None:
    """Many devices from top to end, and a GPU that waits for its engine."""
    stage.window.show_page("computer")
    stage.computer.show_computer(computer_samples.two_gpus())
    look("computer with two GPUs")
    ui_stage.scroll_to_end(stage.computer)
    look("computer with two GPUs, end")
    ui_stage.scroll_to_begin(stage.computer)
    stage.computer.show_computer(computer_samples.idle_gpu())
    look("computer with an idle GPU")
    stage.computer.show_trouble("The engine did not answer; try again.")
    look("computer in trouble")


def test_a_resting_chat_is_calm(stage: Stage) -> None:
    stage.show_conversation()
    # The buttons under messages show on hover and are exempt; scroll areas are no controls.
    shown = ui_checks.controls(stage.window, exempt=[stage.page.transcript])
    assert len(shown) <= MOST_CONTROLS, [type(widget).__name__ for widget in shown]
    assert len(ui_checks.accent_buttons(stage.window)) <= 1


def test_the_transcript_has_its_room(stage: Stage) -> None:
    stage.show_conversation()
    assert stage.page.transcript.height() >= 640


def test_nothing_moves_while_a_model_loads_and_answers(stage: Stage) -> None:
    stage.show_conversation()
    header, status = stage.page.header, stage.page.status
    before = ui_checks.geometry(stage.fixed, stage.window)
    for percent in range(0, 101, 10):
        header.set_model_state(
            ModelState("loading", "gpt-oss-20b", "MXFP4", percent / 100, 100 - percent)
        )
        ui_stage.settle()
        assert ui_checks.geometry(stage.fixed, stage.window) == before
    header.set_model_state(ModelState("ready", "gpt-oss-20b", "MXFP4"))
    stage.page.composer.set_answering(True)
    for used in range(0, 16_384, 2_048):
        status.set_context(used, 16_384)
        status.set_speed(used / 100)
        ui_stage.settle()
        assert ui_checks.geometry(stage.fixed, stage.window) == before
    stage.page.composer.set_answering(False)
    stage.window.banner.show_message("bad", "The model did not load.")
    stage.sidebar.set_dots({"hard-00": "answering"})
    ui_stage.settle()
    assert ui_checks.geometry(stage.fixed, stage.window) == before


@pytest.mark.parametrize(
    "path", ui_source_checks.sources(), ids=lambda p: f"{p.parent.name}-{p.stem}"
)
def test_source_of_the_window(path: Path) -> None:
    problems = [
        *ui_source_checks.modal_dialogs(path),
        *ui_source_checks.text_sizes_in_numbers(path),
        *ui_source_checks.shown_f_strings(path),
    ]
    if "theme" not in path.parts:
        problems += ui_source_checks.color_literals(path)
    assert problems == []
