"""Writes the pictures of export, import and Markdown copies: the real window on a real history.

    .venv/bin/python -m docs.export_window_images [folder]

Chats are written as for the pictures of folders, one of them with every kind of Markdown; the
imported ones are written in the form of ChatGPT's export.
"""
# ruff: noqa: INP001 - a script beside the documents, not a package

import json
import os
import sys
import tempfile
from pathlib import Path

from app.export.choice import ExportChoice
from app.history.entities import Conversation, Message, MessageState, Role
from app.history.repository import History
from app.ids import new_id
from app.paths import DataPaths
from docs.make_images import IMAGES, SIZE, take
from docs.organise_images import SMALL, write_history
from tests.helpers import hard_profile
from tests.helpers.damaged_histories import opened
from tests.helpers.foreign_chats import (
    gpt_conversation,
    gpt_node,
    gpt_words,
    studio_talk,
    zipped,
)
from tests.helpers.window import application, open_session, wait_until
from ui.export.asked import Asked
from ui.export.sheet import ExportSheet
from ui.export.view import What
from ui.imports.sheet import ImportChatsSheet
from ui.imports.view import Step
from ui.session import Session

GALLERY = Path("tests/fixtures/gallery.md")
_SECONDS = 60.0
_TITLES = (
    "Names for a small bookshop", "Regex for ISO 8601 durations", "翻译这封邮件",
    "Überblick über die Rechtsschutzversicherungsgesellschaften im deutschsprachigen Raum, kurz",
    "Trip to Lisbon in May", "SQL: running totals", "What is a tied embedding?",
)  # fmt: skip


def main() -> None:
    """Make all of them, in ``docs/images`` or in the folder that is named."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    target.mkdir(parents=True, exist_ok=True)
    application()
    with tempfile.TemporaryDirectory(prefix="moestro-pictures-") as name:
        root, out = Path(name), Path(name) / "Documents"
        out.mkdir()
        paths = DataPaths(root / "Moestro")
        write_other_program(root / "home")
        write_history(paths)
        shown = write_gallery(paths)
        session = open_session(paths.root)
        session.services.settings.change(last_export=ExportChoice(folder=str(out)))
        session.open_chat(shown)
        take_exports(session, target)
        take_copies(session, target, out)
        take_imports(session, target, root)
        session.close()


def write_other_program(home: Path) -> None:
    """Chats as LM Studio keeps them, in a person's folder of their own."""
    place = home / ".lmstudio" / "conversations"
    place.mkdir(parents=True)
    for number in range(12):
        path = place / f"{1_760_000_000_000 + number}.conversation.json"
        path.write_text(json.dumps(studio_talk()), encoding="utf-8")
    os.environ["HOME"] = os.environ["USERPROFILE"] = str(home)


def write_gallery(paths: DataPaths) -> str:
    """A chat about everything that Markdown can be."""
    database = opened(paths.history, paths.backups)
    clock = hard_profile.ProfileClock()
    history = History(database, clock)
    conversation = Conversation(new_id(), "Everything that Markdown can be")
    question = Message(
        new_id(), conversation.id, None, Role.USER, "Show me every kind of Markdown, please."
    )
    answer = Message(
        new_id(), conversation.id, question.id, Role.ASSISTANT, "", state=MessageState.STREAMING
    )
    history.begin_turn(conversation, question, answer)
    text = GALLERY.read_text(encoding="utf-8")
    history.finish_answer(answer.id, text, "", MessageState.COMPLETE, None)
    database.close()
    return conversation.id


def take_exports(session: Session, target: Path) -> None:
    """As Markdown, as pages, and of everything."""
    for name, format_name, what in (
        ("export-text", "md", What.CHAT),
        ("export-pages", "pdf", What.CHAT),
        ("export-all", "html", What.EVERYTHING),
    ):
        session.exports.open(Asked(what), format_name)
        sheet = session.window.findChild(ExportSheet)
        assert isinstance(sheet, ExportSheet)
        preview = sheet.preview
        wait_until(lambda p=preview: p.text.isVisible() or p.pages.count > 0, _SECONDS)
        _take(session, target, name)
        sheet.close_sheet()


def take_copies(session: Session, target: Path, folder: Path) -> None:
    """The sheet about Markdown copies, with one of them."""
    session.mirrors.open(session.window.sidebar.chats.folders[0].id)
    session.mirrors.keep(folder)
    sheet = session.mirrors.sheet
    wait_until(lambda: all(not each.is_busy for each in session.services.mirrors.state), _SECONDS)
    session.mirrors.open()
    _take(session, target, "markdown-copies")
    sheet.close_sheet()


def take_imports(session: Session, target: Path, root: Path) -> None:
    """What would come, and what came."""
    session.imports.open()
    sheet = session.window.findChild(ImportChatsSheet)
    assert isinstance(sheet, ImportChatsSheet)
    wait_until(lambda: not sheet.view.is_looking, _SECONDS)
    _take(session, target, "import-sources")
    _read(session, sheet, chatgpt(root, 4))
    sheet.accept.click()
    wait_until(lambda: sheet.view.step is Step.RESULT, _SECONDS)
    sheet.close_sheet()
    _read(session, sheet, chatgpt(root, 18))
    _take(session, target, "import-preview")
    sheet.accept.click()
    wait_until(lambda: sheet.view.step is Step.RESULT, _SECONDS)
    _take(session, target, "import-report")
    sheet.close_sheet()


def chatgpt(folder: Path, count: int) -> Path:
    """An export with so many chats; the first ones are longer the more there are."""
    chats: list[dict[str, object]] = []
    for number in range(count):
        nodes = [
            gpt_node("q", "client-created-root", "user", gpt_words("How do I begin?")),
            gpt_node("a", "q", "assistant", gpt_words("With a list of what you have.")),
        ]
        if number < 2 and count > 4:
            nodes.append(gpt_node("q2", "a", "user", gpt_words("And then?")))
        begun = 1_760_000_000 + number * 400_000
        chats.append(gpt_conversation(
            nodes, nodes[-1]["id"], title=_TITLES[number % len(_TITLES)], id=f"c{number}",
            conversation_id=f"c{number}", create_time=begun, update_time=begun + 600,
        ))  # fmt: skip
    chats.append({"title": "Plans", "mapping": 5, "id": "x", "conversation_id": "x"})
    return zipped(folder / f"chatgpt-{count}.zip", {"conversations.json": json.dumps(chats)})


def _read(session: Session, sheet: ImportChatsSheet, path: Path) -> None:
    session.imports.read([path])
    wait_until(lambda: sheet.view.step is Step.CHOOSING, _SECONDS)


def _take(session: Session, target: Path, name: str) -> None:
    for size, suffix in ((SIZE, ""), (SMALL, "-small")):
        session.window.resize(*size)
        for theme in ("light", "dark"):
            session.services.settings.change(theme=theme)
            take(session, target / f"{name}{suffix}-{theme}.png")
    session.window.resize(*SIZE)


if __name__ == "__main__":
    main()
