"""Writes docs/images/gallery-*.png: every construct of a message, in the real window.

    .venv/bin/python -m docs.gallery_images

The answer is ``tests/fixtures/gallery.md``, read through from its top at 100 % and at its
formulas at 200 %, in both themes. Its last part, which shows fonts of the system, is left out.
"""
# ruff: noqa: INP001 - a script beside the documents, not a package

import os
import tempfile
from pathlib import Path

from app.history.entities import AnswerDetails, Conversation, Message, MessageState, Role
from docs.make_images import IMAGES, take
from tests.helpers.window import application, open_session, wait_until
from ui.chat.answer_view import AnswerView
from ui.chat.transcript import Transcript
from ui.session import Session

GALLERY = Path(__file__).resolve().parents[1] / "tests" / "fixtures" / "gallery.md"
SYSTEM_FONTS = "## From the system's fonts"
SIZE, LARGE_SIZE = (1000, 1160), (1500, 1160)
OVERLAP = 40
"""Pixels of a picture that the next one shows again."""


def main() -> None:
    """Make all of them."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    with tempfile.TemporaryDirectory() as folder:
        session = open_session(Path(folder))
        open_gallery(session)
        for theme in ("light", "dark"):
            session.services.settings.change(theme=theme, zoom=1.0)
            session.window.resize(*SIZE)
            take_all(session, theme)
            session.services.settings.change(zoom=2.0)
            session.window.resize(*LARGE_SIZE)
            take_formulas(session, theme)
        session.close()


def open_gallery(session: Session) -> None:
    """Keep a question and the gallery as its answer, and show them."""
    text = GALLERY.read_text(encoding="utf-8").split(SYSTEM_FONTS)[0].rstrip()
    conversation = Conversation("gallery", "Everything a message can hold")
    question = Message("q", conversation.id, None, Role.USER, "What can a message hold?")
    answer = Message("a", conversation.id, "q", Role.ASSISTANT, "", state=MessageState.STREAMING)
    details = AnswerDetails(model_key="demo", model_name="Moestro")
    history, kept = session.services.history, []
    history.begin_turn(conversation, question, answer)
    history.finish_answer("a", text, "", MessageState.COMPLETE, details, done=kept.append)
    wait_until(lambda: bool(kept))
    session.chat.open(conversation.id)


def take_all(session: Session, theme: str) -> None:
    """One picture after the other, down to the end."""
    bar = transcript(session).verticalScrollBar()
    bar.setValue(0)
    number, is_last = 0, False
    while not is_last:
        number += 1
        is_last = bar.value() == bar.maximum()
        take(session, IMAGES / f"gallery-{number}-{theme}.png")
        bar.setValue(bar.value() + bar.pageStep() - OVERLAP)


def take_formulas(session: Session, theme: str) -> None:
    """The part with the formulas at its top."""
    shown = transcript(session)
    view = shown.view("a")
    assert isinstance(view, AnswerView)
    assert view.body is not None
    body = view.body
    heading = body.document().find("Formulas")
    top = body.viewport().mapTo(shown.viewport(), body.cursorRect(heading).topLeft()).y()
    bar = shown.verticalScrollBar()
    bar.setValue(bar.value() + top - OVERLAP)
    take(session, IMAGES / f"gallery-200-{theme}.png")


def transcript(session: Session) -> Transcript:
    """The chat page's transcript."""
    found = session.window.findChild(Transcript)
    assert found is not None
    return found


if __name__ == "__main__":
    main()
