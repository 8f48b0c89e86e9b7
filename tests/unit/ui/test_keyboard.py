"""The keyboard alone: Tab reaches everything in reading order, and what closes gives it back."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.history.entities import AnswerDetails, Message, Role
from app.paths import DataPaths
from models.errors import KnownError
from tests.helpers import hard_profile, ui_stage
from ui.chat.answer_view import AnswerView
from ui.chat.chat_page import ChatPage
from ui.chat.header import ChatHeader
from ui.chat.markdown_view import MarkdownView
from ui.chat.model_popover import ModelPopover
from ui.chat.status_line import StatusLine
from ui.main_window import MainWindow
from ui.sidebar.sidebar import Sidebar
from ui.startup_page import StartupPage

ANSWER = "See [one](https://example.org).\n\n```python\nprint(1)\n```\n"


class Stage:
    """The window with a chat of one question and one answer."""

    def __init__(self, application: QApplication) -> None:
        theme = ui_stage.dress(application)
        self.sidebar = Sidebar(theme)
        self.window = MainWindow(theme, self.sidebar)
        self.page = ChatPage(theme, ChatHeader(theme), StatusLine(theme))
        self.window.add_page("chat", self.page)
        self.window.add_page("settings", QWidget())
        self.popover = ModelPopover(theme, self.window)
        self.popover.set_models(hard_profile.models())
        self.sidebar.set_chats(*hard_profile.organised(), today=date(2026, 3, 18))
        self.page.header.set_title("A title", has_chat=True)
        ui_stage.show(self.window, (1280, 800))
        self.window.activateWindow()
        details = AnswerDetails(model_key="k", model_name="Qwen3")
        self.page.transcript.set_messages(
            [
                Message("u", "c", None, Role.USER, "A question?"),
                Message("a", "c", "u", Role.ASSISTANT, ANSWER, details=details),
            ]
        )
        ui_stage.settle()
        self.page.setFocus()

    @property
    def has_caret(self) -> bool:
        """Whether the composer has the keyboard."""
        return QApplication.focusWidget() is self.page.composer.field


@pytest.fixture
def stage(qapp: QApplication) -> Iterator[Stage]:
    made = Stage(qapp)
    yield made
    ui_stage.strike(made.window)


def press(key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


def test_tab_goes_round_the_whole_window_in_reading_order(stage: Stage) -> None:
    assert stage.has_caret
    seen: list[str] = []
    for _ in range(40):
        press(Qt.Key.Key_Tab)
        if stage.has_caret:
            break
        focused = QApplication.focusWidget()
        parts = (stage.sidebar, stage.page.header, stage.page.transcript)
        part = next(each for each in parts if each is focused or each.isAncestorOf(focused))
        name = type(part).__name__
        if not seen or seen[-1] != name:
            seen.append(name)
    assert stage.has_caret
    assert seen == ["Sidebar", "ChatHeader", "Transcript"]


def test_each_press_of_tab_moves_on(stage: Stage) -> None:
    stops: list[QWidget] = []
    for _ in range(40):
        press(Qt.Key.Key_Tab)
        stops.append(QApplication.focusWidget())
        if stage.has_caret:
            break
    # The link in the answer is a stop of its own; nothing else keeps a press for itself.
    again = [each for each, before in zip(stops[1:], stops, strict=False) if each is before]
    assert [type(each) for each in again] == [MarkdownView]


def test_an_answers_text_comes_before_its_buttons(stage: Stage) -> None:
    stops: list[str] = []
    view = stage.page.transcript.view("a")
    assert view is not None
    for _ in range(40):
        press(Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        if view.isAncestorOf(focused):
            stops.append("footer" if view.footer.isAncestorOf(focused) else "text")
    assert stops[0] == "text"
    assert stops.index("footer") > 2


def rename(stage: Stage) -> None:
    stage.page.header.edit_title()
    press(Qt.Key.Key_Return)


def give_up_renaming(stage: Stage) -> None:
    stage.page.header.edit_title()
    press(Qt.Key.Key_Escape)


def close_the_popover(stage: Stage) -> None:
    stage.popover.open_below(stage.page.header.model_button)
    press(Qt.Key.Key_Escape)


def refuse_a_link(stage: Stage) -> None:
    stage.page.link_prompt.ask("https://example.org")
    press(Qt.Key.Key_Escape)


def take_an_offer(stage: Stage) -> None:
    stage.page.set_offer("Two models.", [("a", "Go on with A"), ("b", "Load B")])
    stage.page.offer.buttons[1].setFocus()
    stage.page.set_offer(None)


def undo(stage: Stage) -> None:
    stage.window.toast.offer("Chat deleted", lambda: None)
    stage.window.toast._button.setFocus()
    press(Qt.Key.Key_Space)


def close_the_banner(stage: Stage) -> None:
    stage.window.banner.show_message("bad", "The model did not load.")
    stage.window.banner._close.setFocus()
    press(Qt.Key.Key_Space)


def close_the_panel(stage: Stage) -> None:
    stage.page.set_panel_shown(True)
    stage.page.panel.instructions.setFocus()
    stage.page.set_panel_shown(False)


def hide_the_sidebar(stage: Stage) -> None:
    stage.sidebar.list.setFocus()
    stage.window.toggle_sidebar()


def open_another_chat(stage: Stage) -> None:
    view = stage.page.transcript.view("a")
    assert view is not None
    view.footer._copy.setFocus()
    stage.page.transcript.set_messages([Message("x", "d", None, Role.USER, "Another?")])


@pytest.mark.parametrize(
    "act",
    [
        rename,
        give_up_renaming,
        close_the_popover,
        refuse_a_link,
        take_an_offer,
        undo,
        close_the_banner,
        close_the_panel,
        hide_the_sidebar,
        open_another_chat,
    ],
)
def test_what_closes_gives_the_keyboard_back(stage: Stage, act: Callable[[Stage], None]) -> None:
    act(stage)
    assert stage.has_caret


def test_giving_up_a_new_title_tells_nothing(stage: Stage) -> None:
    told: list[str] = []
    stage.page.header.title_edited.connect(told.append)
    stage.page.header.edit_title()
    QTest.keyClicks(QApplication.focusWidget(), "Another")
    press(Qt.Key.Key_Escape)
    assert told == []
    stage.page.header.edit_title()
    QTest.keyClicks(QApplication.focusWidget(), "Third")
    press(Qt.Key.Key_Return)
    assert told == ["Third"]


def test_a_caret_elsewhere_stays_there(stage: Stage) -> None:
    stage.window.toast.offer("Chat deleted", None)
    stage.sidebar.list.setFocus()
    stage.window.toast.dismiss()
    assert stage.sidebar.isAncestorOf(QApplication.focusWidget())


def test_the_sidebar_shows_that_the_settings_are_open(stage: Stage) -> None:
    stage.window.show_page("settings")
    assert stage.sidebar._settings.isChecked()
    stage.window.show_page("chat")
    assert not stage.sidebar._settings.isChecked()
    assert stage.has_caret


def test_enter_opens_what_has_the_keyboard(stage: Stage) -> None:
    told: list[str] = []
    stage.page.header.model_pressed.connect(lambda: told.append("model"))
    stage.sidebar.new_chat_requested.connect(lambda: told.append("new"))
    stage.page.empty.prompt_chosen.connect(told.append)
    stage.page.header.model_button.setFocus()
    press(Qt.Key.Key_Return)
    stage.sidebar._new.setFocus()
    press(Qt.Key.Key_Enter)
    stage.page.transcript.clear()
    card = stage.page.empty.cards[0]
    card.setFocus()
    press(Qt.Key.Key_Return)
    assert told == ["model", "new", card.prompt]
    assert stage.page.composer.text == card.prompt


def test_enter_unfolds_the_thinking(stage: Stage) -> None:
    thought = Message("t", "c", "u", Role.ASSISTANT, "Yes.", reasoning="Let me think.\n" * 4)
    stage.page.transcript.set_messages([thought])
    view = stage.page.transcript.view("t")
    assert isinstance(view, AnswerView)
    assert view.thinking is not None
    folded = view.height()
    view.thinking._row.setFocus()
    press(Qt.Key.Key_Return)
    assert view.thinking.is_open
    assert view.height() > folded


def test_enter_closes_the_page_of_a_failed_start(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    theme = ui_stage.dress(qapp)
    error = KnownError("storage.newer", file="history.sqlite")
    page = StartupPage(theme, DataPaths(tmp_path), error)
    qtbot.addWidget(page)
    ui_stage.show(page, (560, 240))
    page.activateWindow()
    assert QApplication.focusWidget() is page.leave
    press(Qt.Key.Key_Return)
    assert not page.isVisible()
