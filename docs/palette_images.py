"""Writes docs/images/palette-*.png: Ctrl+K empty and with results, the list of shortcuts, dots.

    .venv/bin/python -m docs.palette_images [FOLDER]

The chats are made up, the search is real. With a FOLDER the pictures go there, also at 900×600.
"""
# ruff: noqa: INP001 - a script beside the documents, not a package

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.history.entities import AnswerDetails, Conversation, Message, MessageState, Role
from app.ids import new_id
from docs.make_images import IMAGES, SIZE, take
from tests.helpers.window import application, open_session, wait_until
from ui.palette.entries import Kind
from ui.session import Session

SMALL = (900, 600)
TALKS = (
    ("Sourdough for Saturday", "How dark may the crust be?",
     "As dark as you like it: a dark crust keeps the crumb moist for longer."),
    ("Trip to Lisbon in May", "Which tram goes up to Graça?",
     "Number 28. Take it early, or after dark when the queue is short."),
    ("Überblick über die Rechtsschutzversicherungsgesellschaften im deutschsprachigen Raum",
     "Which of them insure abroad?", "Most of them do for up to six weeks."),
    ("翻译这封邮件", "请把这封邮件翻译成英文。", "Here is the mail in English."),
    ("Names for a small bookshop", "It should sound like evening.",
     "The Dark Page, Lamplight Books, Last Chapter."),
    ("Refactor the parser", "Where does the time go?", "Into copying the tokens twice."),
    ("What is a tied embedding?", "In one sentence, please.", "One table for both ends."),
)  # fmt: skip
WORDS = "dark"


def main() -> None:
    """Make all of them."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    sizes = [SIZE, SMALL] if len(sys.argv) > 1 else [SIZE]
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    with tempfile.TemporaryDirectory() as data:
        session = open_session(Path(data))
        ids = write_talks(session)
        session.chat.open(ids[-1])
        session.conversations.set_unseen(ids[1:3])
        scenes: dict[str, Callable[[Session], None]] = {
            "empty": empty,
            "found": found,
            "shortcuts": shortcuts,
        }
        for name, prepare in scenes.items():
            for size in sizes:
                session.window.resize(*size)
                wide = "" if size == SIZE else "-small"
                for theme in ("light", "dark"):
                    session.services.settings.change(theme=theme)
                    prepare(session)
                    take(session, folder / f"palette-{name}{wide}-{theme}.png")
                    close(session)
        session.close()


def write_talks(session: Session) -> list[str]:
    """Keep the conversations, the last one the latest; their ids."""
    history, kept, ids = session.services.history, [], []
    details = AnswerDetails(model_key="k", model_name="OLMoE-1B-7B")
    for title, question, words in reversed(TALKS):
        conversation = Conversation(new_id(), title)
        asked = Message(new_id(), conversation.id, None, Role.USER, question)
        answer = Message(
            new_id(), conversation.id, asked.id, Role.ASSISTANT, "",
            state=MessageState.STREAMING, details=details,
        )  # fmt: skip
        history.begin_turn(conversation, asked, answer)
        history.finish_answer(
            answer.id, words, "", MessageState.COMPLETE, details, done=kept.append
        )
        ids.append(conversation.id)
    wait_until(lambda: len(kept) == len(TALKS))
    session.conversations.refresh()
    return ids


def empty(session: Session) -> None:
    """What stands there before anything is typed."""
    session.palette.toggle()


def found(session: Session) -> None:
    """Commands at once, messages a moment later."""
    session.palette.toggle()
    sheet = session.palette.sheet
    sheet.field.setText(WORDS)
    wait_until(lambda: any(each.kind is Kind.MESSAGE for each in sheet.rows.entries))


def shortcuts(session: Session) -> None:
    """The list of all of them."""
    session.shortcuts.open_sheet()
    QApplication.processEvents()


def close(session: Session) -> None:
    """Put the sheets away."""
    session.palette.sheet.close_sheet()
    session.shortcuts.close_sheet()


if __name__ == "__main__":
    main()
