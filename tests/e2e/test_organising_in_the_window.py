"""Folders, pins, order, several chats at once, trash and undo in the real window."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.history import changes
from app.history.entities import Conversation, Message, MessageState, Role
from app.ids import new_id
from app.paths import DataPaths
from app.storage.backup_files import Reason
from app.storage.connection import Connection
from tests.helpers.damaged_histories import opened
from tests.helpers.window import dispose, open_session, wait_until
from ui.item_models.chat_rows import RowKind
from ui.session import Session
from ui.widgets.fields import LineField

pytestmark = pytest.mark.usefixtures("starter_model", "qapp")
NOW_MS = 1_700_000_000_000
COUNT = 12


@pytest.fixture
def root(tmp_path: Path) -> Path:
    paths = DataPaths(tmp_path / "data")
    database = opened(paths.history, paths.backups)

    def write(connection: Connection) -> None:
        for number in range(COUNT):
            conversation = Conversation(new_id(), f"Chat {number:02}")
            user = Message(new_id(), conversation.id, None, Role.USER, "A question?")
            answer = Message(
                new_id(), conversation.id, user.id, Role.ASSISTANT, "An answer.",
                state=MessageState.COMPLETE,
            )  # fmt: skip
            changes.begin_turn(connection, conversation, user, answer, NOW_MS + number)

    database.writer.run(write)
    database.close()
    return paths.root


@pytest.fixture
def session(root: Path) -> Iterator[Session]:
    made = open_session(root)
    made.window.resize(1280, 800)
    made.window.activateWindow()
    yield made
    dispose(made)


def press(key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, keys)


def rows(session: Session) -> list[str]:
    model = session.window.sidebar.chats
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def choose(session: Session, *words: str) -> None:
    """Open the menu of the row with the keyboard and go down these entries."""
    chats = session.window.sidebar.list
    chats.open_menu(chats.currentIndex(), chats.visualRect(chats.currentIndex()).center())
    for word in words:
        popup = QApplication.activePopupWidget()
        assert isinstance(popup, QMenu)
        action = next(each for each in popup.actions() if each.text().split("\t")[0] == word)
        below = action.menu()
        if isinstance(below, QMenu):
            popup.setActiveAction(action)
            below.popup(popup.pos())
        else:
            action.trigger()
    while (popup := QApplication.activePopupWidget()) is not None:
        popup.close()
    session.window.activateWindow()


def current(session: Session, title: str) -> None:
    """Give a row the keyboard."""
    chats = session.window.sidebar.list
    chats.setFocus()
    index = next(
        index
        for index in (chats.model().index(row, 0) for row in range(chats.model().rowCount()))
        if index.data() == title
    )
    model = session.window.sidebar.chats
    row = model.row_at(index)
    if row is not None and row.kind is RowKind.CHAT:
        session.window.sidebar.set_current(row.id)
    else:
        chats.setCurrentIndex(index)


def editor(session: Session) -> LineField:
    """The field in which a row is being renamed."""
    field = session.window.sidebar.list.findChild(LineField)
    assert isinstance(field, LineField)
    return field


def undo(session: Session) -> None:
    toast = session.window.toast
    wait_until(toast.isVisible)
    session.window.activateWindow()
    toast._button.setFocus()
    wait_until(toast._button.hasFocus)
    press(Qt.Key.Key_Space)


def test_a_folder_is_made_named_filled_and_deleted_with_undo(session: Session, root: Path) -> None:
    current(session, "Chat 05")
    press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    choose(session, "Move to", "New folder")
    wait_until(lambda: session.window.sidebar.list.state().name == "EditingState")
    session.window.activateWindow()
    field = editor(session)
    wait_until(field.hasFocus)
    QTest.keyClicks(field, "Kitchen")
    press(Qt.Key.Key_Return)
    wait_until(lambda: "Kitchen" in rows(session))
    assert rows(session)[:4] == ["Folders", "Kitchen", "Chat 05", "Chat 04"]
    current(session, "Kitchen")
    press(Qt.Key.Key_Left)
    assert "Chat 05" not in rows(session)
    assert session.services.settings.current.folded_folders
    press(Qt.Key.Key_Delete)
    wait_until(lambda: "Kitchen" not in rows(session))
    assert "Chat 05" in rows(session), "its chats stay"
    undo(session)
    wait_until(lambda: "Kitchen" in rows(session))
    session.close()
    again = open_session(root)
    try:
        assert rows(again)[:2] == ["Folders", "Kitchen"]
        assert "Chat 05" not in rows(again), "it is closed still"
    finally:
        dispose(again)


def test_moving_can_be_undone(session: Session) -> None:
    organiser = session.services.organiser
    organiser.create_folder("Kitchen", lambda _folder: session.conversations.refresh())
    wait_until(lambda: "Kitchen" in rows(session))
    current(session, "Chat 03")
    choose(session, "Move to", "Kitchen")
    wait_until(lambda: rows(session)[:3] == ["Folders", "Kitchen", "Chat 03"])
    assert "Kitchen" in session.window.toast.accessibleName()
    undo(session)
    wait_until(lambda: rows(session)[2] != "Chat 03")


def test_pinned_ones_and_the_order_are_kept(session: Session, root: Path) -> None:
    current(session, "Chat 02")
    choose(session, "Pin")
    wait_until(lambda: rows(session)[:2] == ["Pinned", "Chat 02"])
    session.window.sidebar.chat_actions.sort_requested.emit("title")
    assert rows(session)[2:5] == ["Chats", "Chat 00", "Chat 01"]
    session.close()
    again = open_session(root)
    try:
        assert rows(again)[:5] == ["Pinned", "Chat 02", "Chats", "Chat 00", "Chat 01"]
    finally:
        dispose(again)


def test_several_are_deleted_and_undone_by_keys(session: Session) -> None:
    current(session, "Chat 10")
    press(Qt.Key.Key_Down)
    open_before = session.chat.conversation.id
    assert session.chat.conversation.title == "Chat 09"
    assert session.window.sidebar.list.hasFocus(), "an arrow leaves the keyboard in the list"
    for _ in range(2):
        press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert len(session.window.sidebar.selected) == 3
    press(Qt.Key.Key_Delete)
    wait_until(lambda: session.window.sidebar.chats.count == COUNT - 3)
    assert session.chat.conversation.id != open_before, "a deleted chat does not stay open"
    assert session.window.toast.accessibleName() == "3 chats moved to the trash"
    undo(session)
    wait_until(lambda: session.window.sidebar.chats.count == COUNT)


def test_a_refresh_leaves_what_is_selected(session: Session) -> None:
    current(session, "Chat 09")
    press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    before = list(session.window.sidebar.selected)
    session.conversations.refresh()
    assert list(session.window.sidebar.selected) == before
    assert len(before) == 2


def test_a_chat_is_renamed_in_its_row(session: Session) -> None:
    current(session, "Chat 04")
    press(Qt.Key.Key_F2)
    QTest.keyClicks(editor(session), "Bread")
    press(Qt.Key.Key_Return)
    wait_until(lambda: "Bread" in rows(session))


def test_everything_comes_back_from_the_trash_by_keys(session: Session) -> None:
    current(session, "Chat 09")
    press(Qt.Key.Key_Delete)
    wait_until(lambda: session.window.sidebar.chats.count == COUNT - 1)
    session.window.sidebar.trash_requested.emit()
    page = session.trash_page
    assert session.window.current_page == "trash"
    assert page.rows.rowCount() == 1
    assert page.list.hasFocus()
    press(Qt.Key.Key_Return)
    wait_until(lambda: session.window.sidebar.chats.count == COUNT)
    wait_until(lambda: page.rows.rowCount() == 0)
    assert session.window.toast.accessibleName() == "“Chat 09” is back"
    press(Qt.Key.Key_Escape)
    assert session.window.current_page == "chat"


def test_a_deleted_message_comes_back_into_the_open_chat(session: Session) -> None:
    current(session, "Chat 07")
    press(Qt.Key.Key_Return)
    assert session.page.composer.field.hasFocus(), "Enter goes on in the chat"
    answer = session.chat.branch[-1]
    session.services.organiser.delete_message(
        answer.id, lambda _items: session.chat.reload(), session.conversations.failed
    )
    wait_until(lambda: len(session.chat.branch) == 1)
    session.window.sidebar.trash_requested.emit()
    press(Qt.Key.Key_Return)
    wait_until(lambda: len(session.chat.branch) == 2)


def test_emptying_asks_and_erases(session: Session) -> None:
    current(session, "Chat 09")
    press(Qt.Key.Key_Delete)
    wait_until(lambda: session.window.sidebar.chats.count == COUNT - 1)
    session.window.sidebar.trash_requested.emit()
    page = session.trash_page
    press(Qt.Key.Key_Backtab)
    assert page.empty.hasFocus()
    press(Qt.Key.Key_Return)
    assert page.sheet.contents.text().startswith("Erased for ever: 1 chat.")
    press(Qt.Key.Key_Tab)
    assert page.sheet.erase.hasFocus()
    press(Qt.Key.Key_Return)
    wait_until(lambda: page.rows.rowCount() == 0)
    wait_until(lambda: session.window.toast.accessibleName().startswith("Erased: 1 chat"))
    assert session.services.organiser.deleted() == []


def test_emptying_erases_from_the_backups_too(session: Session, root: Path) -> None:
    made: list[object] = []
    for _each in range(2):
        session.services.backups.keep(Reason.MANUAL, made.append)
        count = len(made)
        wait_until(lambda count=count: len(made) > count)
    current(session, "Chat 09")
    press(Qt.Key.Key_Delete)
    wait_until(lambda: session.window.sidebar.chats.count == COUNT - 1)
    session.window.sidebar.trash_requested.emit()
    page = session.trash_page
    page.empty.click()
    press(Qt.Key.Key_Backtab)
    assert page.sheet.backups_too.hasFocus()
    press(Qt.Key.Key_Space)
    page.sheet.erase.click()
    wait_until(lambda: "2 older backups too" in session.window.toast.accessibleName())
    (left,) = session.services.backups.backups()
    assert b"Chat 09" not in left.path.read_bytes()
    assert b"Chat 08" in left.path.read_bytes()


def test_a_terminal_that_changes_the_history_is_noticed(session: Session, root: Path) -> None:
    other = opened(DataPaths(root).history, DataPaths(root).backups)
    identity = session.services.organiser.listed()[0].id
    other.writer.run(lambda connection: changes.set_trashed(connection, [identity], NOW_MS))
    other.close()
    wait_until(lambda: session.window.sidebar.chats.count == COUNT - 1, 10)
