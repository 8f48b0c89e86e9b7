"""The chat page: fixed geometry, empty state, offer, panel, link prompt, Stop by Esc."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.history.entities import AnswerDetails, Message, MessageState, Role
from tests.helpers import ui_stage
from ui.chat.chat_page import ChatPage
from ui.chat.header import ChatHeader
from ui.chat.status_line import StatusLine
from ui.theme.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")

DETAILS = AnswerDetails(model_key="k", model_name="Qwen3")


@pytest.fixture(autouse=True)
def cleared() -> Iterator[None]:
    """Thousands of widgets that are left would be styled anew by every later test."""
    yield
    ui_stage.clear()


def user(number: int) -> Message:
    return Message(f"u{number}", "c", None, Role.USER, "A question?")


def answer(number: int, text: str, state: MessageState = MessageState.COMPLETE) -> Message:
    return Message(f"a{number}", "c", None, Role.ASSISTANT, text, state=state, details=DETAILS)


@pytest.fixture
def page(qtbot: object) -> ChatPage:
    theme = Theme()
    made = ChatPage(theme, ChatHeader(theme), StatusLine(theme))
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.resize(1016, 800)
    made.show()
    made.activateWindow()
    return made


def geometry(page: ChatPage) -> list[QRect]:
    parts = (page.header, page.transcript, page.composer, page.composer.button, page.status)
    return [part.geometry() for part in parts]


def test_the_page_is_laid_out_as_planned(page: ChatPage) -> None:
    page.transcript.set_messages([user(1), answer(1, "Hello")])
    header, transcript, composer, _button, status = geometry(page)
    assert (header.top(), header.height()) == (0, 48)
    assert transcript.height() >= 640
    assert (composer.width(), composer.height()) == (720, 56)
    assert (status.height(), status.bottom()) == (28, 799)
    view = page.transcript.view("a1")
    assert view is not None
    assert view.mapTo(page, view.rect().topLeft()).x() == composer.left()


def test_nothing_moves_through_load_prompt_stream_and_stop(page: ChatPage) -> None:
    page.transcript.set_messages([user(1), answer(1, "Hello")])
    start = geometry(page)
    page.transcript.append_message(user(2))
    page.transcript.append_message(answer(2, "", MessageState.STREAMING))
    page.composer.set_answering(True)
    page.status.set_speed(9.5)
    seen = [geometry(page)]
    page.transcript.set_loading("a2", "SmolLM2", 0.4)
    seen.append(geometry(page))
    page.transcript.set_reading("a2", 100, 12000, 3.0)
    page.status.set_context(12_000, 16_384)
    seen.append(geometry(page))
    for count in range(60):
        page.transcript.update_streaming("a2", "Words.\n\n", "", count, count / 10)
        page.status.set_speed(count / 3)
    seen.append(geometry(page))
    page.transcript.set_stopping("a2")
    seen.append(geometry(page))
    page.transcript.finish_message(answer(2, "Words.\n\n" * 60))
    page.composer.set_answering(False)
    seen.append(geometry(page))
    page.set_offer("This chat was made with Qwen3.", [("k", "Go on"), ("l", "Load")])
    seen.append(geometry(page))
    assert all(each == start for each in seen)


def test_an_empty_chat_asks_and_a_card_fills_the_composer(page: ChatPage) -> None:
    assert page.empty.isVisible()
    assert not page.transcript.isVisible()
    title = page.empty._title
    assert abs(title.geometry().center().y() - page.empty.height() / 3) < 8
    for card in page.empty.cards:
        assert card.size().toTuple() == (232, 72)
    page.empty.cards[2].click()
    assert page.composer.text == page.empty.cards[2].prompt
    assert page.composer.field.hasFocus()
    page.transcript.append_message(user(1))
    assert not page.empty.isVisible()
    assert page.transcript.isVisible()
    page.transcript.clear()
    assert page.empty.isVisible()


def test_the_demo_model_is_named_only_while_it_is_the_only_one(page: ChatPage) -> None:
    assert not page.empty.open_file.isVisible()
    page.set_demo_only(True)
    assert page.empty.open_file.isVisible()
    told: list[bool] = []
    page.open_file_requested.connect(lambda: told.append(True))
    page.empty.open_file.click()
    assert told == [True]


def test_cards_stack_where_there_is_no_room(page: ChatPage) -> None:
    page.resize(640, 600)
    edges = {card.geometry().left() for card in page.empty.cards}
    assert len(edges) == 1
    assert all(page.empty.rect().contains(card.geometry()) for card in page.empty.cards)


def test_an_offer_lies_over_the_end_and_hides_nothing(page: ChatPage) -> None:
    page.transcript.set_messages([user(1), answer(1, "Words.\n\n" * 60)])
    page.set_offer("This chat was made with Qwen3.", [("a", "Go on with A"), ("b", "Load B")])
    assert page.offer.isVisible()
    view = page.transcript.view("a1")
    assert view is not None
    bottom = view.mapTo(page, view.rect().bottomLeft()).y()
    assert bottom < page.offer.geometry().top()
    told: list[str] = []
    page.offer_chosen.connect(told.append)
    for button in page.offer.buttons:
        button.click()
    assert told == ["a", "b"]
    page.set_offer(None)
    assert not page.offer.isVisible()


def test_the_panel_narrows_the_column(page: ChatPage) -> None:
    page.transcript.set_messages([user(1), answer(1, "Hello")])
    page.set_panel_shown(True)
    assert page.panel.geometry() == QRect(696, 48, 320, 752)
    view = page.transcript.view("a1")
    assert view is not None
    assert view.width() == page.composer.width() == 648
    page.set_panel_shown(False)
    assert not page.panel.isVisible()
    assert page.composer.width() == 720


def test_in_a_narrow_window_the_panel_lies_over_the_chat(page: ChatPage) -> None:
    page.resize(900, 600)
    page.set_panel_shown(True)
    assert page.composer.width() == 720
    assert page.panel.isVisible()
    told: list[bool] = []
    page.header.panel_toggled.connect(told.append)
    QTest.mouseClick(page._scrim, Qt.MouseButton.LeftButton)
    assert told == [False]


def test_a_link_is_asked_about_with_its_true_address(page: ChatPage) -> None:
    page.transcript.set_messages([user(1), answer(1, "[apple.com](https://аpple.com)")])
    opened: list[str] = []
    page.link_requested.connect(opened.append)
    view = page.transcript.view("a1")
    assert view is not None
    body = view.body  # type: ignore[attr-defined]
    body.anchorClicked.emit(body.document().begin().begin().fragment().charFormat().anchorHref())
    assert page.link_prompt.isVisible()
    assert page.link_prompt.address_label.text() == "https://xn--pple-43d.com"
    assert opened == []
    page.link_prompt.open_button.click()
    assert opened == ["https://xn--pple-43d.com"]
    assert not page.link_prompt.isVisible()


def test_escape_puts_the_link_away(page: ChatPage) -> None:
    page.link_prompt.ask("https://example.org")
    QTest.keyClick(page.link_prompt, Qt.Key.Key_Escape)
    assert not page.link_prompt.isVisible()


def test_escape_stops_from_anywhere_on_the_page(page: ChatPage) -> None:
    page.transcript.set_messages([user(1), answer(1, "Hello")])
    stops: list[bool] = []
    page.composer.stop_requested.connect(lambda: stops.append(True))
    page.transcript.setFocus()
    QTest.keyClick(page.transcript, Qt.Key.Key_Escape)
    assert stops == []
    page.composer.set_answering(True)
    QTest.keyClick(page.transcript, Qt.Key.Key_Escape)
    assert stops == [True]
    QTest.keyClick(page.composer.field, Qt.Key.Key_Escape)
    assert stops == [True, True]


def test_copying_a_message_fills_the_clipboard(page: ChatPage) -> None:
    page.transcript.set_messages([user(1), answer(1, "**Hello**")])
    view = page.transcript.view("a1")
    assert view is not None
    view.footer.copy_clicked.emit()
    assert QGuiApplication.clipboard().text() == "**Hello**"


def test_the_page_gives_the_keyboard_to_the_composer(page: ChatPage) -> None:
    page.setFocus()
    assert page.composer.field.hasFocus()
