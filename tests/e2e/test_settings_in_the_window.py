"""Settings apply at once, can be taken back, and are there after a restart."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.helpers.window import dispose, open_session, wait_until
from ui.session import Session
from ui.settings.facts import TokenState


@pytest.fixture
def session(tmp_path: Path, starter_model: Path, qapp: object) -> Iterator[Session]:
    opened = open_session(tmp_path / "data")
    yield opened
    dispose(opened)


def test_a_change_applies_at_once_and_undo_takes_it_back(session: Session) -> None:
    session.settings.show()
    before = session.services.settings.current.unload_after_minutes
    session.settings_page.changed.emit("unload_after_minutes", 5)
    assert session.services.settings.current.unload_after_minutes == 5
    assert session.window.toast.isVisible()
    session.window.toast._take_back()
    assert session.services.settings.current.unload_after_minutes == before


def test_zoom_and_shape_survive_a_restart(session: Session, tmp_path: Path) -> None:
    header = session.page.header.height()
    QTest.keyClick(session.window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert session.services.settings.current.zoom == 1.1
    assert session.page.header.height() > header
    session.window.resize(1100, 760)
    wait_until(lambda: session.services.settings.current.window_width == 1100, 10)
    session.close()
    again = open_session(tmp_path / "data")
    try:
        assert again.services.settings.current.zoom == 1.1
        assert again.window.width() == 1100
        again.window.zoom_requested.emit(0)
        assert again.services.settings.current.zoom == 1.0
    finally:
        dispose(again)


def test_esc_leads_back_from_the_settings(session: Session) -> None:
    session.settings.show()
    assert session.window.current_page == "settings"
    QTest.keyClick(session.settings_page, Qt.Key.Key_Escape)
    assert session.window.current_page == "chat"


def test_the_keyring_is_asked_without_stopping_the_window(session: Session) -> None:
    session.settings.show()
    token = session.settings._network.token
    wait_until(lambda: token.facts.state is not TokenState.ASKING, 10)


def test_a_new_chat_never_inherits_instructions(session: Session) -> None:
    session.page.panel.instructions_changed.emit("Answer like a pirate.")
    assert session.chat.conversation.system_prompt == "Answer like a pirate."
    session.window.new_chat_requested.emit()
    assert session.chat.conversation.system_prompt == ""
