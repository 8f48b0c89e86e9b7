"""The real window with its real services in this process, for tests that drive it."""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from app.engine.client import Deadlines
from app.history.entities import Message, MessageState, Role
from app.model_rooms import HubWishes
from app.paths import DataPaths
from app.services import open_services
from ui.bridge import Bridge
from ui.session import Session
from ui.theme.install import install_theme
from ui.theme.theme import Theme


def application() -> QApplication:
    """The one QApplication of this process."""
    existing = QApplication.instance()
    return existing if isinstance(existing, QApplication) else QApplication([])


def open_session(
    root: Path,
    *,
    deadlines: Deadlines | None = None,
    starter: Path | None = None,
    rpc_hosts: tuple[str, ...] = (),
    hub: HubWishes | None = None,
) -> Session:
    """Open the window on a data folder, as ``ui.application`` does."""
    theme = Theme()
    install_theme(application(), theme)
    bridge = Bridge()
    services = open_services(
        DataPaths(root), bridge.post, deadlines=deadlines, starter=starter, rpc_hosts=rpc_hosts,
        hub=hub,
    )  # fmt: skip
    services.history.mark_interrupted()
    session = Session(services, bridge, theme, "test")
    session.window.show()
    session.begin([])
    return session


def dispose(session: Session) -> None:
    """Close the session and destroy its window: a hidden one would be restyled by the next."""
    session.close()
    session.window.deleteLater()
    session.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Run the event loop until ``condition`` holds; fails after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        QApplication.processEvents()
        time.sleep(0.002)


def last_answer(session: Session) -> Message | None:
    """The newest answer of the shown branch."""
    answers = [each for each in session.chat.branch if each.role is Role.ASSISTANT]
    return answers[-1] if answers else None


def is_over(session: Session) -> bool:
    """Whether no turn is under way and the newest answer is a final one."""
    answer = last_answer(session)
    return (
        session.services.turns.active is None
        and answer is not None
        and answer.state is not MessageState.STREAMING
    )
