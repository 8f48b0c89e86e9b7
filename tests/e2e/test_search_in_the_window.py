"""Search in the real window on a real history, by the keyboard alone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.history import branches, changes, folders
from app.history.entities import Conversation, Message, MessageState, Role
from app.history.finding import Finder
from app.ids import new_id
from app.paths import DataPaths
from app.storage.connection import Connection
from app.storage.errors import StorageError
from models.errors import KnownError
from tests.helpers.damaged_histories import opened
from tests.helpers.window import dispose, open_session, wait_until
from ui.search.message_mark import MessageMark
from ui.session import Session

pytestmark = pytest.mark.usefixtures("starter_model", "qapp")
NOW_MS = 1_700_000_000_000


class Written:
    """A history with a long chat, one in a folder, and one that has two versions."""

    def __init__(self, root: Path) -> None:
        self.ids: dict[str, str] = {}
        paths = DataPaths(root)
        database = opened(paths.history, paths.backups)
        database.writer.run(self._write)
        database.close()

    def _write(self, connection: Connection) -> None:
        long = self._chat(connection, "A walk through Lisbon", [
            (f"Question {number} about the tram?", "An answer in many words. " * 30)
            for number in range(20)
        ])  # fmt: skip
        self.ids["long"] = long
        self.ids["kitchen"] = self._chat(connection, "Bread", [
            ("How warm is a zeppelin?", "As warm as sourdough 😀 混合专家模型."),
        ])  # fmt: skip
        folder = folders.create(connection, "Kitchen", NOW_MS)
        folders.move(connection, [self.ids["kitchen"]], folder.id)
        two = self.ids["two"] = self._chat(connection, "Versions", [("First?", "An albatross.")])
        self.ids["other"] = new_id()
        other = Message(
            self.ids["other"], two, None, Role.USER, "Second, about a pelican?",
            state=MessageState.COMPLETE,
        )  # fmt: skip
        branches.add(connection, other, NOW_MS)

    def _chat(self, connection: Connection, title: str, turns: list[tuple[str, str]]) -> str:
        conversation, last = Conversation(new_id(), title), None
        for number, (question, text) in enumerate(turns):
            user = Message(new_id(), conversation.id, last, Role.USER, question)
            answer = Message(
                new_id(), conversation.id, user.id, Role.ASSISTANT, text,
                state=MessageState.COMPLETE,
            )  # fmt: skip
            changes.begin_turn(connection, conversation, user, answer, NOW_MS)
            last = answer.id
            self.ids[f"{title} {number}"] = user.id
        return conversation.id


@pytest.fixture
def written(tmp_path: Path) -> Written:
    return Written(tmp_path / "data")


@pytest.fixture
def session(written: Written, tmp_path: Path) -> Iterator[Session]:
    made = open_session(tmp_path / "data")
    made.window.resize(1280, 800)
    made.window.activateWindow()
    yield made
    dispose(made)


def press(key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, keys)


def search(session: Session, words: str) -> None:
    """As a person does: one keystroke, then the words."""
    press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert session.window.current_page == "search"
    assert session.search_page.field.hasFocus()
    QTest.keyClicks(QApplication.focusWidget(), words)


def titles(session: Session) -> list[str]:
    rows = session.search_page.rows
    found = [rows.row_at(number) for number in range(rows.rowCount())]
    return [row.snippet.text for row in found if row is not None and row.is_conversation]


def test_one_keystroke_some_letters_enter_and_the_message_is_there(
    session: Session, written: Written
) -> None:
    search(session, '"question 3 about"')
    wait_until(lambda: titles(session) == ["A walk through Lisbon"])
    press(Qt.Key.Key_Return)
    assert session.window.current_page == "chat"
    assert session.chat.conversation.id == written.ids["long"]
    transcript = session.page.transcript
    wait_until(lambda: bool(transcript.findChildren(MessageMark)))
    view = transcript.view(written.ids["A walk through Lisbon 3"])
    assert view is not None
    assert 0 <= view.y() < transcript.viewport().height() - view.height()
    assert transcript.findChild(MessageMark).parentWidget() is view
    assert session.window.sidebar.selected == [written.ids["long"]]


def test_a_message_in_another_version_is_shown(session: Session, written: Written) -> None:
    session.chat.open(written.ids["two"])
    shown = [each.id for each in session.chat.branch]
    hidden = "albatross" if written.ids["other"] in shown else "pelican"
    search(session, hidden)
    wait_until(lambda: titles(session) == ["Versions"])
    press(Qt.Key.Key_Return)
    wait_until(lambda: session.window.current_page == "chat")
    assert any(hidden in each.text for each in session.chat.branch)


def test_any_language_and_the_newest_words_win(session: Session) -> None:
    search(session, "zeppe")
    wait_until(lambda: titles(session) == ["Bread"])
    session.search_page.field.selectAll()
    QTest.keyClicks(session.search_page.field, "lisbon")
    session.search_page.field.setText("专家")

    def marked() -> list[str]:
        row = session.search_page.rows.row_at(1)
        snippet = row.snippet if row is not None else None
        return [snippet.text[a:b] for a, b in snippet.places] if snippet is not None else []

    wait_until(lambda: marked() == ["专家"])
    assert titles(session) == ["Bread"]


def test_filters_narrow_and_no_result_leads_out(session: Session) -> None:
    search(session, "zeppelin")
    wait_until(lambda: titles(session) == ["Bread"])
    filters = session.search_page.filters
    for _ in range(12):
        press(Qt.Key.Key_Tab)
        if filters.role.hasFocus():
            break
    assert filters.role.hasFocus()
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Down)
    wait_until(lambda: session.search_page.state.isVisible())
    assert "With these filters" in session.search_page.state.text
    session.search_page.state.buttons[0].click()
    wait_until(lambda: titles(session) == ["Bread"])
    assert not session.search_page.wishes.are_narrow


def test_only_a_folder_is_looked_through(session: Session) -> None:
    search(session, "answer")
    wait_until(lambda: titles(session) == ["A walk through Lisbon"])
    folder = session.services.organiser.folders()[0]
    session.search_page.filters.folder.set_value(folder.id)
    session.search_page.filters.folder.chosen.emit(folder.id)
    wait_until(lambda: session.search_page.state.isVisible())
    session.search_page.field.setText("warm")
    wait_until(lambda: titles(session) == ["Bread"])
    row = session.search_page.rows.row_at(0)
    assert row is not None
    assert row.note.startswith("Kitchen")


def test_escape_leads_back_to_where_one_was(session: Session) -> None:
    session.settings.show()
    search(session, "x")
    press(Qt.Key.Key_Escape)
    assert session.window.current_page == "search"
    press(Qt.Key.Key_Escape)
    assert session.window.current_page == "settings"


def test_a_chat_deleted_meanwhile_leaves_the_results(session: Session, written: Written) -> None:
    search(session, "zeppelin")
    wait_until(lambda: titles(session) == ["Bread"])
    session.conversations.trash([written.ids["kitchen"]])
    wait_until(lambda: session.search_page.state.isVisible())


def test_what_went_wrong_is_said_and_tried_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(
        _finder: Finder, _text: str, _done: object, failed: Callable[[KnownError], None],
        **_filters: object,
    ) -> None:  # fmt: skip
        failed(StorageError("storage.damaged", file="history.sqlite3"))

    with monkeypatch.context() as patched:
        patched.setattr(Finder, "search", damaged)
        search(session, "zeppelin")
        assert "is being made again" in session.search_page.state.text
    session.search_page.state.buttons[0].click()
    wait_until(lambda: titles(session) == ["Bread"])
