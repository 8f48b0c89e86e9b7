"""Walking away: who is told of an ended answer, the dot that stays, and no sleep meanwhile.

Real worker, starter model and history. The desktop of the tests has no notifications, so what
would be given to it is noted instead.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.engine.entities import SamplingParameters
from tests.helpers.window import application, dispose, open_session, wait_until
from ui.item_models.conversation_list_model import DOT_ROLE


class Away:
    """A window, and what the desktop was told."""

    def __init__(self, root: Path) -> None:
        application()
        self.session = open_session(root)
        self.told: list[tuple[str, str, Callable[[], None] | None]] = []
        self.session.services.settings.change(
            sampling=SamplingParameters(temperature=0.0, max_tokens=12), automatic_titles=False
        )
        notifier = self.session.notifier
        notifier.tell = self._tell  # type: ignore[method-assign]
        self.session.window.activateWindow()
        wait_until(self.session.window.isActiveWindow)

    def _tell(
        self, title: str, text: str, clicked: Callable[[], None] | None = None, **_how: bool
    ) -> bool:
        self.told.append((title, text, clicked))
        return True

    def ask(self, text: str, *, longest: int = 12) -> str:
        """Send in a new chat; its id. Returns while it is answered."""
        session = self.session
        session.services.settings.change(
            sampling=SamplingParameters(temperature=0.0, max_tokens=longest)
        )
        session.chat.new_chat()
        session.chat.send(text)
        wait_until(lambda: session.chat.is_stored)
        return session.chat.conversation.id

    def until_over(self) -> None:
        wait_until(lambda: self.session.services.turns.active is None, 90)

    def until_words(self) -> None:
        def has_words() -> bool:
            turn = self.session.services.turns.active
            return turn is not None and bool(turn.text)

        wait_until(has_words, 90)

    def dot(self, conversation_id: str) -> str:
        rows = self.session.window.sidebar.chats
        return str(rows.index_of(conversation_id).data(DOT_ROLE) or "")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], Away]]:
    made: list[Away] = []

    def begin() -> Away:
        if made:
            dispose(made.pop().session)
        made.append(Away(tmp_path / "data"))
        return made[-1]

    yield begin
    for each in made:
        dispose(each.session)


def test_who_looks_at_it_is_not_told(opened) -> None:
    away = opened()
    asked = away.ask("Name a colour.")
    assert away.session.services.awake.answers._awake.is_held
    away.until_over()
    assert away.told == []
    assert away.dot(asked) == ""
    assert not away.session.services.awake.answers._awake.is_held


def test_an_answer_in_another_chat_is_told_once_and_a_click_opens_it(opened) -> None:
    away = opened()
    asked = away.ask("Name a colour.")
    away.session.chat.new_chat()
    assert away.dot(asked) == "answering"
    away.until_over()
    ((title, text, clicked),) = away.told
    assert title == "Answer complete"
    assert "Name a colour." in text
    assert away.dot(asked) == "unread"
    away.session.settings.show()
    assert clicked is not None
    clicked()
    assert away.session.window.current_page == "chat"
    assert away.session.chat.conversation.id == asked
    assert away.dot(asked) == ""


def test_the_dot_is_still_there_after_a_restart_until_it_is_seen(opened) -> None:
    away = opened()
    asked = away.ask("Name a colour.")
    away.session.chat.new_chat()
    away.until_over()
    again = opened()
    assert again.dot(asked) == "unread"
    again.session.open_chat(asked)
    assert again.dot(asked) == ""
    assert opened().dot(asked) == ""


def test_a_page_over_the_chat_hides_it(opened) -> None:
    away = opened()
    asked = away.ask("Name a colour.")
    away.session.settings.show()
    away.until_over()
    assert len(away.told) == 1
    assert away.dot(asked) == "unread"
    away.session.window.show_page("chat")
    assert away.dot(asked) == ""


def test_a_window_behind_others_tells(opened) -> None:
    away = opened()
    asked = away.ask("Name a colour.")
    away.session.window.hide()
    wait_until(lambda: not away.session.window.isActiveWindow())
    away.until_over()
    assert [title for title, _text, _clicked in away.told] == ["Answer complete"]
    assert away.dot(asked) == "", "it is open: whoever comes back sees it"


def test_one_that_breaks_is_told_and_marked_otherwise(opened) -> None:
    away = opened()
    asked = away.ask("Write a long story about a ship.", longest=400)
    away.session.chat.new_chat()
    away.until_words()
    client = away.session.services.host._client
    assert client is not None
    client.kill()
    away.until_over()
    ((title, text, _clicked),) = away.told
    assert title == "Answer ended early"
    assert "Write a long story" in text
    assert away.dot(asked) == "interrupted"
    assert not away.session.services.awake.answers._awake.is_held


def test_who_stops_an_answer_is_not_told(opened, qtbot: QtBot) -> None:
    away = opened()
    away.ask("Write a long story about a ship.", longest=400)
    away.until_words()
    away.session.page.composer.setFocus()
    qtbot.keyClick(away.session.page.composer.field, Qt.Key.Key_Escape)
    away.session.chat.new_chat()
    away.until_over()
    assert away.told == []


def test_it_can_be_switched_off_and_the_dot_stays(opened) -> None:
    away = opened()
    page = away.session.settings_page
    away.session.settings.show()
    assert page._general._notify.isChecked()
    page._general._notify.click()
    assert not away.session.services.settings.current.notify_answers
    asked = away.ask("Name a colour.")
    away.session.chat.new_chat()
    away.until_over()
    assert away.told == []
    assert away.dot(asked) == "unread"


def test_of_a_temporary_chat_nothing_is_kept(opened) -> None:
    away = opened()
    away.session.chat.new_chat(temporary=True)
    away.session.chat.send("Name a colour.")
    wait_until(lambda: away.session.services.turns.active is not None)
    away.session.settings.show()
    away.until_over()
    ((_title, text, _clicked),) = away.told
    assert "New chat" in text
    assert away.session.services.settings.current.unseen_chats == ()
