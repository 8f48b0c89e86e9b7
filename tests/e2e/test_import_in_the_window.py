"""Chats of other programs into the real window: found, dropped, chosen, taken over, taken back."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.helpers import ui_checks
from tests.helpers.foreign_chats import gpt_conversation, gpt_node, gpt_words, studio_talk, zipped
from tests.helpers.window import dispose, open_session, wait_until
from ui.imports.sheet import ImportChatsSheet
from ui.imports.view import ChatRow, Step
from ui.session import Session

pytestmark = pytest.mark.usefixtures("starter_model", "qapp")
LONG = 60.0


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folder with LM Studio's chats in it."""
    folder = tmp_path / "home"
    place = folder / ".lmstudio" / "conversations"
    place.mkdir(parents=True)
    for number in range(3):
        chat = studio_talk() | {"name": f"Studio {number}"}
        path = place / f"{1_700_000_000_000 + number}.conversation.json"
        path.write_text(json.dumps(chat), encoding="utf-8")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    for name in [each for each in os.environ if each.startswith("XDG_")]:
        monkeypatch.delenv(name)
    return folder


@pytest.fixture
def session(tmp_path: Path, home: Path) -> Iterator[Session]:
    assert home.is_dir()
    made = open_session(tmp_path / "data")
    made.window.resize(1280, 800)
    made.window.activateWindow()
    yield made
    dispose(made)


def sheet_of(session: Session) -> ImportChatsSheet:
    found = session.window.findChild(ImportChatsSheet)
    assert isinstance(found, ImportChatsSheet)
    return found


def reaches(sheet: ImportChatsSheet, step: Step) -> None:
    wait_until(lambda: sheet.view.step is step, LONG)


def press(key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


def titles(session: Session) -> list[str]:
    return sorted(each.title for each in session.window.sidebar.chats.chats)


def chatgpt(tmp_path: Path, count: int, more: bool = False) -> Path:
    """An export of ChatGPT; with ``more``, the first chat went on."""
    chats = []
    for number in range(count):
        nodes = [
            gpt_node("q", "client-created-root", "user", gpt_words(f"Question {number}")),
            gpt_node("a", "q", "assistant", gpt_words(f"Answer {number}")),
        ]
        if more and number == 0:
            nodes.append(gpt_node("q2", "a", "user", gpt_words("And then?")))
        chats.append(gpt_conversation(
            nodes, nodes[-1]["id"], title=f"GPT {number}", id=f"c{number}",
            conversation_id=f"c{number}",
        ))  # fmt: skip
    chats.append({"title": "Broken", "mapping": 5, "id": "broken", "conversation_id": "broken"})
    return zipped(tmp_path / "export.zip", {"conversations.json": json.dumps(chats)})


def test_chats_found_on_this_computer_by_the_keyboard_alone(session: Session) -> None:
    session.window.sidebar.chat_actions.import_requested.emit()
    sheet = sheet_of(session)
    wait_until(lambda: bool(sheet.sources.buttons), LONG)
    assert "3 chats" in sheet.sources.buttons[0].accessibleName()
    assert ui_checks.all_problems(session.window, 1.0) == []
    press(Qt.Key.Key_Return)
    reaches(sheet, Step.CHOOSING)
    assert sheet.accept.text() == "Import 3 chats"
    assert ui_checks.all_problems(session.window, 1.0) == []
    press(Qt.Key.Key_Return)
    reaches(sheet, Step.RESULT)
    assert sheet.view.title == "3 chats imported"
    assert ui_checks.all_problems(session.window, 1.0) == []
    press(Qt.Key.Key_Return)
    assert sheet.isHidden()
    wait_until(lambda: len(titles(session)) == 3)
    assert titles(session) == ["Studio 0", "Studio 1", "Studio 2"]
    assert session.chat.conversation.title.startswith("Studio")
    assert len(session.window.sidebar.selected) == 3, "they are shown"
    assert "source" in session.chat.branch[0].text


def test_a_second_import_adds_nothing_and_a_longer_export_only_what_is_new(
    session: Session, tmp_path: Path
) -> None:
    session.imports.read([chatgpt(tmp_path, 12)])
    sheet = sheet_of(session)
    reaches(sheet, Step.CHOOSING)
    assert sheet.search.isVisible(), "many chats can be narrowed by words"
    assert "1 could not be read" in sheet.view.note
    sheet.search.setText("GPT 7")
    sheet.all.click()
    sheet.search.clear()
    assert sheet.accept.text() == "Import 11 chats"
    sheet.accept.click()
    reaches(sheet, Step.RESULT)
    assert len(sheet.view.rows) == 1, "what could not be read is told, not dropped"
    sheet.close_sheet()
    wait_until(lambda: len(titles(session)) == 11)
    assert "GPT 7" not in titles(session)
    session.imports.read([chatgpt(tmp_path, 12)])
    reaches(sheet, Step.CHOOSING)
    assert sheet.accept.text() == "Import 1 chat"
    sheet.again.click()
    assert sheet.view.step is Step.SOURCES
    first = next(each for each in session.window.sidebar.chats.chats if each.title == "GPT 0")
    session.open_chat(first.id)
    session.imports.read([chatgpt(tmp_path, 12, more=True)])
    reaches(sheet, Step.CHOOSING)
    grown = [row for row in sheet.view.rows if isinstance(row, ChatRow) and row.note]
    assert [row.note for row in grown] == ["1 new message"]
    sheet.accept.click()
    reaches(sheet, Step.RESULT)
    sheet.close_sheet()
    wait_until(lambda: len(session.services.history.messages(first.id)) == 3)
    assert len(titles(session)) == 12


def test_undo_leads_to_the_backup_of_before(session: Session, tmp_path: Path) -> None:
    session.imports.read([chatgpt(tmp_path, 2)])
    sheet = sheet_of(session)
    reaches(sheet, Step.CHOOSING)
    sheet.accept.click()
    reaches(sheet, Step.RESULT)
    sheet.undo.click()
    page = session.backups_page
    assert session.window.current_page == "backups"
    wait_until(lambda: page.detail.view is not None and "import" in page.detail.view.about, 20)
    assert page.detail.restore.isEnabled()
    page.detail.restore.click()
    wait_until(lambda: bool(page.card.buttons), 20)


def test_files_dropped_on_the_sidebar_are_read(session: Session, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(chatgpt(tmp_path, 2)))])
    sidebar = session.window.sidebar
    where, action = QPoint(40, 300), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    view = sidebar.list.viewport()
    entering = QDragEnterEvent(where, action, data, left, none)
    QApplication.sendEvent(view, entering)
    assert entering.isAccepted()
    assert sidebar._drop_hint.isVisible()
    QApplication.sendEvent(sidebar, QDropEvent(where, action, data, left, none))
    assert not sidebar._drop_hint.isVisible()
    reaches(sheet_of(session), Step.CHOOSING)
    picture = QMimeData()
    picture.setUrls([QUrl.fromLocalFile(str(tmp_path / "picture.png"))])
    refused = QDragEnterEvent(where, action, picture, left, none)
    QApplication.sendEvent(sidebar, refused)
    assert not sidebar._drop_hint.isVisible()


def test_a_file_without_chats_leads_back_with_a_sentence(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "numbers.json"
    path.write_text("[1, 2, 3]")
    session.imports.read([path])
    sheet = sheet_of(session)
    wait_until(lambda: sheet.view.step is not Step.READING, LONG)
    if sheet.view.step is Step.CHOOSING:
        assert not sheet.accept.isEnabled()
        assert sheet.view.rows, "what could not be read is told"
    else:
        assert sheet.view.step is Step.SOURCES
        assert sheet.view.note
    assert ui_checks.all_problems(session.window, 1.0) == []


def test_closing_the_sheet_gives_up_what_is_read(session: Session, tmp_path: Path) -> None:
    session.imports.read([chatgpt(tmp_path, 200)])
    sheet = sheet_of(session)
    press(Qt.Key.Key_Escape)
    assert sheet.isHidden()
    session.imports.open()
    assert sheet.view.step is Step.SOURCES
    assert titles(session) == []
    staging = session.services.paths.root / "importing"
    wait_until(lambda: not staging.exists() or not list(staging.iterdir()), 20)


@pytest.mark.parametrize("size", [(1280, 800), (900, 600)])
def test_it_looks_right_over_the_window(
    session: Session, tmp_path: Path, size: tuple[int, int]
) -> None:
    session.window.resize(*size)
    session.imports.read([chatgpt(tmp_path, 30)])
    sheet = sheet_of(session)
    reaches(sheet, Step.CHOOSING)
    assert ui_checks.all_problems(session.window, 1.0) == []


def test_what_comes_takes_neither_the_page_nor_the_keyboard(
    session: Session, tmp_path: Path
) -> None:
    sheet = None
    for count in (3, 9):  # the second time a chat is open, and the list gets new headings
        session.imports.read([chatgpt(tmp_path, count)])
        sheet = sheet_of(session)
        reaches(sheet, Step.CHOOSING)
        session.window.show_page("settings")
        sheet.take_focus()
        sheet.accept.click()
        reaches(sheet, Step.RESULT)
        wait_until(lambda count=count: len(titles(session)) == count)
        assert session.window.current_page == "settings"
        assert QApplication.focusWidget() is sheet.accept
        sheet.accept.click()
        assert session.window.current_page == "chat"
