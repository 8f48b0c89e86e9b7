"""Low and narrow windows, large text, long names: nothing is cut and nothing is covered."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.history.entities import AnswerDetails, Message, MessageState, Role
from tests.helpers import ui_checks, ui_stage
from ui.chat.answer_view import AnswerView
from ui.chat.chat_page import ChatPage
from ui.chat.header import ChatHeader
from ui.chat.status_line import StatusLine
from ui.chat.user_view import UserView

LONG_NAME = "DeepSeek-V2-Lite-Chat-with-a-name-that-goes-on-far-beyond-any-column-" * 2
SIZES = [(1016, 800, 1.0), (900, 600, 1.0), (1280, 800, 2.0), (900, 600, 2.0), (640, 480, 1.0)]


def user(text: str) -> Message:
    return Message("u", "c", None, Role.USER, text)


def answer(text: str, **details: object) -> Message:
    return Message(
        "a",
        "c",
        "u",
        Role.ASSISTANT,
        text,
        state=MessageState.FAILED if details else MessageState.COMPLETE,
        details=AnswerDetails(model_key="k", model_name="Qwen3", **details),  # type: ignore[arg-type]
    )


def chat_page(
    qapp: QApplication, qtbot: QtBot, size: tuple[int, int, float] = (1016, 800, 1.0)
) -> ChatPage:
    theme = ui_stage.dress(qapp, zoom=size[2])
    made = ChatPage(theme, ChatHeader(theme), StatusLine(theme))
    qtbot.addWidget(made)
    ui_stage.show(made, size[:2])
    return made


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["gpt-oss-20b", LONG_NAME])
def test_an_offers_verbs_are_whole_or_tell_all(
    qapp: QApplication, qtbot: QtBot, size: tuple[int, int, float], name: str
) -> None:
    page = chat_page(qapp, qtbot, size)
    page.transcript.set_messages([user("A question?"), answer("Hello")])
    label = f"Load {name}, about 14 s"
    page.set_offer(f"Answered by {name}.", [("a", "Go on with SmolLM2 (loaded)"), ("b", label)])
    ui_stage.settle()
    assert ui_checks.cut_text(page.offer) == []
    assert ui_checks.overlaps(page) == []
    load = page.offer.buttons[1]
    assert load.text() == label or load.toolTip() == label
    assert load.accessibleName() == label
    assert page.offer.rect().contains(load.geometry())
    assert page.offer.geometry().bottom() < page.composer.geometry().top()


@pytest.mark.parametrize("size", SIZES)
def test_a_long_message_in_the_composer_leaves_the_header_free(
    qapp: QApplication, qtbot: QtBot, size: tuple[int, int, float]
) -> None:
    page = chat_page(qapp, qtbot, size)
    page.transcript.set_messages([user("A question?"), answer("Hello")])
    page.composer.set_text("line\n" * 60)
    ui_stage.settle()
    assert page.composer.geometry().top() > page.header.geometry().bottom() + 40
    assert page.transcript.height() > 40
    bar = page.composer.field.verticalScrollBar()
    assert bar.maximum() > 0
    assert bar.isVisible()
    assert page.composer.height() <= max(page.height() // 3, 56 * size[2])


@pytest.mark.parametrize("size", SIZES)
def test_an_empty_chat_shows_whole_cards_and_always_the_way_to_a_model(
    qapp: QApplication, qtbot: QtBot, size: tuple[int, int, float]
) -> None:
    page = chat_page(qapp, qtbot, size)
    page.set_demo_only(True)
    ui_stage.settle()
    empty = page.empty
    shown = [card for card in empty.cards if card.isVisible()]
    parts = [*shown, empty.open_file, empty._demo, empty._title]
    assert all(empty.rect().contains(part.geometry()) for part in parts)
    areas = [part.geometry() for part in parts]
    assert not any(a.intersects(b) for n, a in enumerate(areas) for b in areas[n + 1 :])
    assert ui_checks.cut_text(empty) == []
    assert shown or size[2] == 2.0


def test_three_cards_come_back_with_the_room(qapp: QApplication, qtbot: QtBot) -> None:
    page = chat_page(qapp, qtbot, (640, 480, 2.0))
    assert not any(card.isVisible() for card in page.empty.cards[1:])
    page.resize(1800, 1200)
    ui_stage.settle()
    assert all(card.isVisible() for card in page.empty.cards)


@pytest.mark.parametrize(
    ("code", "facts"),
    [("engine.of_another_version", {}), ("engine.crashed", {"another": 1})],
    ids=["unknown-code", "other-facts"],
)
def test_a_failure_from_another_version_is_still_readable(
    qapp: QApplication, qtbot: QtBot, code: str, facts: dict[str, str | int | float]
) -> None:
    page = chat_page(qapp, qtbot)
    page.transcript.set_messages(
        [user("A question?"), answer("Half", failure=code, failure_facts=facts)]
    )
    view = page.transcript.view("a")
    assert isinstance(view, AnswerView)
    assert view.notice is not None
    assert view.notice.notice is not None
    assert "stopped before it was finished" in view.notice.notice.text


def test_the_ends_of_the_temperature_stand_under_its_slider(
    qapp: QApplication, qtbot: QtBot
) -> None:
    page = chat_page(qapp, qtbot)
    page.set_panel_shown(True)
    ui_stage.settle()
    form = page.panel.form
    slider = form.temperature._slider
    careful, inventive = (form._ends.itemAt(at).widget() for at in (0, 2))
    assert careful.mapTo(form, careful.rect().topLeft()).x() == 0
    right = inventive.mapTo(form, inventive.rect().topRight()).x()
    assert right == slider.mapTo(form, slider.rect().topRight()).x()


def test_a_column_of_joined_letters_is_wide_enough(qapp: QApplication, qtbot: QtBot) -> None:
    page = chat_page(qapp, qtbot)
    page.transcript.set_messages([user("?"), answer("| عمود | قيمة |\n| --- | --- |\n| ا | 1 |\n")])
    ui_stage.settle()
    view = page.transcript.view("a")
    assert isinstance(view, AnswerView)
    assert view.body is not None
    (table,) = (cover for cover in view.body._covers if cover is not None)
    document = table.text_view.document()
    block = document.begin()
    while block.isValid():
        assert block.layout().lineCount() <= 1
        block = block.next()


@pytest.mark.parametrize("text", ["A question of one line?", "لماذا لا يرتفع الخبز في الفرن؟"])
def test_your_card_has_the_same_room_at_both_sides(
    qapp: QApplication, qtbot: QtBot, text: str
) -> None:
    page = chat_page(qapp, qtbot)
    page.transcript.set_messages([user(text), answer("Hello")])
    view = page.transcript.view("u")
    assert isinstance(view, UserView)
    line = view.text_view.document().firstBlock().layout().lineAt(0)
    start = view.text_view.geometry().left() + line.naturalTextRect().left()
    left = start - view._card.left()
    right = view._card.right() - start - line.naturalTextWidth()
    assert abs(left - right) <= 2
