"""Writes the pictures of the README: the real window while the starter model answers.

    .venv/bin/python -m docs.make_images

Every chat in the pictures is asked here and answered by the starter model, at temperature 0 so
that the same sources give the same pictures.
"""
# ruff: noqa: INP001 - a script beside the documents, not a package

import os
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtGui import QImage

from app.engine.entities import SamplingParameters
from tests.helpers.window import application, is_over, open_session, wait_until
from ui.session import Session

SIZE = (1280, 800)
IMAGES = Path(__file__).resolve().parent / "images"
LONGEST_WAIT_S = 300.0
EARLIER = (
    "Name three colours of the rainbow",
    "What is the capital of France?",
    "Translate “good morning” into Spanish",
)
QUESTIONS = (
    "Write a Python function that reverses a string.",
    "Explain in two sentences what the function does.",
)


def main() -> None:
    """Ask everything, then take the last chat in both themes."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    with tempfile.TemporaryDirectory() as folder:
        session = open_session(Path(folder))
        session.window.resize(*SIZE)
        for question in EARLIER:
            session.chat.new_chat()
            ask(session, question, longest=24)
        session.chat.new_chat()
        for question in QUESTIONS:
            ask(session, question, longest=320)
        for theme in ("light", "dark"):
            session.services.settings.change(theme=theme)
            take(session, IMAGES / f"chat-{theme}.png")
        session.close()


def ask(session: Session, question: str, *, longest: int) -> None:
    """Send a question and wait for the answer's end."""
    sampling = SamplingParameters(temperature=0.0, max_tokens=longest)
    session.services.settings.change(sampling=sampling)
    session.chat.send(question)
    wait_until(lambda: session.services.turns.active is not None, LONGEST_WAIT_S)
    wait_until(lambda: is_over(session), LONGEST_WAIT_S)


def take(session: Session, path: Path) -> None:
    """Save the window as it is once everything has found its place."""
    pause = QEventLoop()
    QTimer.singleShot(500, pause.quit)
    pause.exec()
    application().sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    picture = session.window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    if not picture.save(str(path), "PNG", 0):  # 0 is the smallest file.
        sys.exit(f"{path} was not written")


if __name__ == "__main__":
    main()
