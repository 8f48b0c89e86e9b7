"""Backups, restoring, the data folder and its end, in the real window on a real history."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from app.backups.data_parts import DataPart
from app.history import changes
from app.history.entities import Conversation, Message, MessageState, Role
from app.ids import new_id
from app.notices import Notice
from app.paths import DataPaths
from app.storage.backup_files import Reason, list_backups
from app.storage.copies import keep_copy
from tests.helpers.damaged_histories import opened
from tests.helpers.window import dispose, open_session, wait_until
from ui.data.words import moment_words
from ui.session import Session

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.usefixtures("starter_model", "qapp")


def write_chats(paths: DataPaths, *titles: str) -> None:
    database = opened(paths.history, paths.backups)
    for title in titles:
        conversation = Conversation(new_id(), title)
        user = Message(new_id(), conversation.id, None, Role.USER, "A question?")
        answer = Message(
            new_id(), conversation.id, user.id, Role.ASSISTANT, "An answer. " * 90,
            state=MessageState.COMPLETE,
        )  # fmt: skip
        database.writer.run(
            lambda connection, c=conversation, u=user, a=answer: changes.begin_turn(
                connection, c, u, a, 1_700_000_000_000
            )
        )
    database.close()


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    """Two chats, a backup of the first alone, and settings."""
    made = DataPaths(tmp_path / "data")
    write_chats(made, "The first")
    keep_copy(made.history, made.backups, Reason.MANUAL)
    write_chats(made, "The second")
    return made


@pytest.fixture
def session(paths: DataPaths) -> Iterator[Session]:
    opened_session = open_session(paths.root)
    yield opened_session
    dispose(opened_session)


def titles(session: Session) -> list[str]:
    return sorted(each.title for each in session.services.history.conversations())


def open_backups(session: Session) -> None:
    session.settings.show()
    session.settings_page.backups_requested.emit()
    rows = session.backups_page.rows
    wait_until(
        lambda: (
            rows.rowCount() > 0
            and all(rows.row_at(n).is_sound is not None for n in range(rows.rowCount()))
        )
    )
    detail = session.backups_page.detail
    wait_until(lambda: detail.view is not None and detail.view.difference is not None)


def again(session: Session, paths: DataPaths) -> Session:
    session.close()
    return open_session(paths.root)


def run(root: Path, script: str) -> tuple[int, list[dict[str, Any]]]:
    helper = ROOT / "tests" / "helpers" / "restarting_window.py"
    ended = subprocess.run(
        [sys.executable, str(helper), str(root), script], capture_output=True, text=True,
        timeout=120, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()]


# --- restoring -----------------------------------------------------------------------------


def test_before_a_backup_is_chosen_it_says_what_would_change(session: Session) -> None:
    open_backups(session)
    page = session.backups_page
    assert session.window.current_page == "backups"
    assert page.rows.rowCount() == 1
    assert page.detail.held.text().startswith("1 chat, 2 messages")
    assert "gone from the list: 1 chat. “The second”." in page.detail.change.text()
    page._back.click()
    assert session.window.current_page == "settings"


def test_with_the_keyboard_alone_an_earlier_state_comes_back(
    session: Session, paths: DataPaths
) -> None:
    open_backups(session)
    page = session.backups_page
    session.window.activateWindow()
    page.list.setFocus()
    for _ in range(20):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        if page.detail.restore.hasFocus():
            break
    QTest.keyClick(page.detail.restore, Qt.Key.Key_Return)
    wait_until(lambda: bool(page.card.buttons))
    when = moment_words(page.rows.row_at(0).file.made)
    assert f"The chats of {when} come back when Moestro starts again" in page.card.text
    assert titles(session) == ["The first", "The second"], "nothing changes before that"
    wait_until(lambda: page.card.buttons[0].hasFocus())
    QTest.keyClick(page.card.buttons[0], Qt.Key.Key_Return)
    assert session.follow_up.restarts
    assert not session.window.isVisible()
    started = again(session, paths)
    try:
        assert titles(started) == ["The first"]
        assert "is in use now" in started.window.banner.text
        kept = list_backups(paths.backups, "history")
        assert [each.reason for each in kept] == [Reason.RESTORE, Reason.MANUAL]
    finally:
        dispose(started)


def test_it_can_be_taken_back_before_the_restart(session: Session, paths: DataPaths) -> None:
    open_backups(session)
    page = session.backups_page
    page.detail.restore.click()
    wait_until(lambda: bool(page.card.buttons))
    page.card.buttons[1].click()
    wait_until(lambda: not page.card.isVisible())
    started = again(session, paths)
    try:
        assert titles(started) == ["The first", "The second"]
    finally:
        dispose(started)


def test_the_application_restarts_by_itself(paths: DataPaths) -> None:
    code, told = run(paths.root, "restore")
    assert code == 0
    starts = [each for each in told if "start" in each]
    assert [each["titles"] for each in starts] == [["The first", "The second"], ["The first"]]
    assert "is in use now" in starts[1]["banner"]
    assert any("“The second”" in each.get("change", "") for each in told)


# --- making and saving ---------------------------------------------------------------------


def test_a_backup_now_appears_and_is_checked(session: Session) -> None:
    open_backups(session)
    page = session.backups_page
    page.keep.click()
    wait_until(lambda: page.rows.rowCount() == 2)
    assert "was made and checked" in session.window.toast._label.text()
    wait_until(lambda: page.rows.row_at(0).is_sound is True)
    assert page.keep.isEnabled()


def test_everything_in_one_file_and_back(
    session: Session, paths: DataPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "everything"
    # The system's own dialogs cannot be driven from a test.
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_all: (str(target), ""))
    file = tmp_path / "everything.zip"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_all: (str(file), ""))
    session.settings_page.changed.emit("theme", "dark")
    open_backups(session)
    page = session.backups_page
    page.save.click()
    wait_until(lambda: "holds history and settings" in session.window.banner.text)
    session.settings_page.changed.emit("theme", "light")
    session.services.history.trash([each.id for each in session.services.history.conversations()])
    wait_until(lambda: titles(session) == [])
    page.open.click()
    wait_until(lambda: page.detail._title.text() == "everything.zip")
    assert page.detail.held.text().startswith("2 chats, 4 messages")
    assert "Would come back: 2 chats." in page.detail.change.text()
    assert "settings in the file" in page.detail._promise.text()
    page.detail.restore.click()
    wait_until(lambda: bool(page.card.buttons))
    assert "everything.zip" in page.card.text
    assert session.services.settings.current.theme == "dark"
    started = again(session, paths)
    try:
        assert titles(started) == ["The first", "The second"]
        assert started.services.settings.current.theme == "dark"
    finally:
        dispose(started)


def test_a_file_of_another_program_is_one_sentence(session: Session, tmp_path: Path) -> None:
    open_backups(session)
    letter = tmp_path / "letter.zip"
    letter.write_text("Dear diary")
    session.backups.look_into(letter)
    wait_until(lambda: "letter.zip is not a backup of Moestro" in session.window.banner.text)
    assert session.backups_page.detail.restore.isEnabled()


# --- a damaged history ---------------------------------------------------------------------


def test_a_damaged_history_is_said_and_leads_to_the_backups(paths: DataPaths) -> None:
    for number in range(12):
        write_chats(paths, f"Chat {number}")
    content = bytearray(paths.history.read_bytes())
    content[4096 * 9 : 4096 * 11] = bytes(8192)
    paths.history.write_bytes(content)
    session = open_session(paths.root)
    try:
        assert "history.sqlite3 was damaged" in session.window.banner.text
        assert titles(session), "what could be read is here"
        words = [button.text() for button in session.window.banner._buttons]
        assert words == ["See backups"]
        session.window.banner._buttons[0].click()
        assert session.window.current_page == "backups"
        page = session.backups_page
        wait_until(lambda: page.rows.rowCount() == 1)
        assert page.card.isVisible()
        assert "history.sqlite3 was damaged" in page.card.text
        assert not session.window.banner.isVisible()
    finally:
        dispose(session)


def test_another_notice_does_not_hide_that_one(paths: DataPaths) -> None:
    paths.history.write_bytes(b"no history at all" * 600)
    paths.settings.write_text("no settings at all")
    session = open_session(paths.root)
    try:
        assert "history.sqlite3 was damaged" in session.window.banner.text
        assert "settings" in session.window.toast._label.text()
        assert session.window.toast.isVisible()
        session.services.notices.post(Notice("settings.bad_value", {"key": "zoom"}))
        assert "history.sqlite3 was damaged" in session.window.banner.text
        assert "zoom" in session.window.toast._label.text()
        session.window.banner.dismiss()
        session.services.notices.post(Notice("settings.bad_value", {"key": "theme"}))
        assert "theme" in session.window.banner.text
    finally:
        dispose(session)


# --- where everything is -------------------------------------------------------------------


def test_where_everything_is(
    session: Session, paths: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    (paths.models / "org").mkdir(parents=True)
    (paths.models / "org" / "model.gguf").write_bytes(bytes(5_000_000))
    session.settings.show()
    session.settings_page.data_requested.emit()
    page = session.data_page
    assert session.window.current_page == "data"
    wait_until(lambda: bool(page.rows))
    assert page.rows[DataPart.MODELS].amount.text() == "5 MB"
    assert page.rows[DataPart.HISTORY].path.text() == str(paths.history)
    page.rows[DataPart.BACKUPS].verb.click()
    assert session.window.current_page == "backups"
    session.backups_page._back.click()
    assert session.window.current_page == "data"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_all: "")
    page.rows[DataPart.MODELS].verb.click()
    page._back.click()
    assert session.window.current_page == "settings"


@pytest.mark.parametrize("script", ["erase", "erase-models"])
def test_deleting_everything_means_it(paths: DataPaths, script: str) -> None:
    model = paths.models / "org" / "model.gguf"
    model.parent.mkdir(parents=True)
    model.write_bytes(bytes(5_000_000))
    (paths.root / "letter.txt").write_text("not of Moestro")
    code, told = run(paths.root, script)
    assert code == 0
    assert told[-1]["ended"][0].startswith("Everything of Moestro in ")
    assert model.is_file() is (script == "erase")
    left = {
        each.name for each in paths.root.iterdir() if not each.name.endswith((".lock", ".opening"))
    }
    assert left == {"letter.txt", *({"models"} if script == "erase" else ())}
    every = b"".join(each.read_bytes() for each in paths.root.rglob("*") if each.is_file())
    assert b"The second" not in every
