"""Writes the pictures of folders, search and trash: the real window on a real history.

    .venv/bin/python -m docs.organise_images [folder]

Four hundred chats are written over months of a turned clock, moved into folders, searched and
deleted through the services that the window uses.
"""
# ruff: noqa: INP001 - a script beside the documents, not a package

import os
import random
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.history import folders, trash
from app.history.entities import Conversation, Message, MessageState, Role
from app.history.repository import History
from app.ids import new_id
from app.paths import DataPaths
from app.storage.connection import Connection
from docs.make_images import IMAGES, SIZE, take
from tests.helpers import hard_profile
from tests.helpers.damaged_histories import opened
from tests.helpers.window import application, open_session, wait_until
from ui.search.view import Period
from ui.session import Session

SMALL = (900, 600)
COUNT = 400
FOLDERS = ("Kitchen", "Work: parser", "Lisbon in May", "翻译")
_OPENINGS = ("Ideas for", "How do I plan", "A short text about", "Questions on", "Compare")
_THINGS = (
    "a sourdough starter", "the harbour in Lisbon", "the expression parser", "a small bookshop",
    "running totals in SQL", "the lighthouse story", "a rain jacket", "tied embeddings",
    "die Rechtsschutzversicherung", "这封邮件的翻译", "the birthday in November", "garden lights",
)  # fmt: skip
_ANSWERS = (
    "Feed the sourdough starter twice a day and keep it near 24 °C; after a week it doubles in"
    " four hours and is ready to bake with.",
    "From the harbour it is a short walk uphill; go early, since the tram is crowded after ten.",
    "Read one token ahead: `parse_expression(tokens, least_precedence)` calls itself with the"
    " precedence of the operator it has just read.",
    "混合专家模型每次只读取一部分专家，所以在普通电脑上也很快。",
)


def main() -> None:
    """Make all of them, in ``docs/images`` or in the folder that is named."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    target.mkdir(parents=True, exist_ok=True)
    application()
    with tempfile.TemporaryDirectory(prefix="moestro-pictures-") as name:
        paths = DataPaths(Path(name) / "Moestro")
        write_history(paths)
        session = open_session(paths.root)
        wait_until(lambda: session.services.finder.waiting == 0, 60)
        take_all(session, target)
        session.close()


def write_history(paths: DataPaths) -> None:
    """Chats of a year, the newest of today; some in folders, pinned or deleted."""
    database = opened(paths.history, paths.backups)
    clock = hard_profile.ProfileClock()
    history = History(database, clock)
    chance = random.Random(7)
    now = datetime.now(UTC)
    ids: list[str] = []
    for number in range(COUNT, 0, -1):
        clock.now_ms = round((now - timedelta(hours=1.2 * number**1.25)).timestamp() * 1000)
        title = f"{chance.choice(_OPENINGS)} {chance.choice(_THINGS)}"
        ids.append(_write(history, title, chance.choice(_ANSWERS)))
    clock.now_ms = round(now.timestamp() * 1000)
    now_ms = clock.now_ms

    def write(connection: Connection) -> None:
        for place, folder_name in enumerate(FOLDERS):
            folder = folders.create(connection, folder_name, now_ms)
            folders.move(connection, ids[place * 3 + 5 :: 80], folder.id)
        folders.pin(connection, [ids[-3], ids[-20]], True)
        trash.delete_conversations(connection, ids[60:67], now_ms - 5 * 86_400_000)
        old = folders.create(connection, "Old recipes", now_ms)
        folders.move(connection, ids[100:109], old.id)
        trash.delete_folder(connection, old.id, now_ms, with_conversations=True)

    database.writer.run(write)
    database.close()


def _write(history: History, title: str, text: str) -> str:
    conversation = Conversation(new_id(), title)
    question = Message(new_id(), conversation.id, None, Role.USER, title + "?")
    answer = Message(
        new_id(), conversation.id, question.id, Role.ASSISTANT, "", state=MessageState.STREAMING
    )
    history.begin_turn(conversation, question, answer)
    history.finish_answer(answer.id, text, "", MessageState.COMPLETE, None)
    return conversation.id


def take_all(session: Session, target: Path) -> None:
    """Folders and several chats selected; results with a filter; none; the trash, its sheet."""
    scenes: dict[str, Callable[[Session], None]] = {
        "folders": show_folders,
        "search": show_results,
        "search-nothing": show_nothing,
        "trash": show_trash,
        "trash-empty": show_question,
    }
    for name, show in scenes.items():
        for size, suffix in ((SIZE, ""), (SMALL, "-small")):
            session.window.resize(*size)
            show(session)
            for theme in ("light", "dark"):
                session.services.settings.change(theme=theme)
                take(session, target / f"{name}{suffix}-{theme}.png")
            clear_away(session)


def show_folders(session: Session) -> None:
    """One folder is open, three chats are selected."""
    window, chats = session.window, session.window.sidebar.chats
    chats.set_folded([folder.id for folder in chats.folders[1:]])
    today = next(each for each in chats.chats if not each.pinned and each.folder_id is None)
    session.chat.open(today.id)
    if window.is_narrow:
        window.toggle_sidebar()
    first = chats.folders[0].id
    shown = [each.id for each in chats.chats if not each.pinned and each.folder_id == first]
    window.sidebar.list.select_again(shown[:3])
    window.sidebar.list.scrollToTop()


def show_results(session: Session) -> None:
    """Words, a beginning and a filter."""
    session.search.open()
    page = session.search_page
    page.field.setText("sourdough star")
    page.filters.period.set_value(Period.YEAR)
    page.filters.period.chosen.emit(Period.YEAR)
    wait_until(lambda: page.rows.rowCount() > 0)


def show_nothing(session: Session) -> None:
    """With a filter that leaves everything out."""
    session.search.open()
    page = session.search_page
    page.field.setText("zeppelin")
    wait_until(lambda: page.state.isVisible() and "zeppelin" in page.state.text)


def show_trash(session: Session) -> None:
    """Everything is selected."""
    session.trash.open()
    page = session.trash_page
    page.list.selectionModel().clearSelection()
    page.list.selectAll()


def show_question(session: Session) -> None:
    """What emptying would erase."""
    session.trash.open()
    session.trash_page.empty.click()


def clear_away(session: Session) -> None:
    """Everything back to the chat."""
    session.trash_page.sheet.close_sheet()
    session.search_page.filters.clear()
    session.search_page.field.clear()
    session.window.show_page("chat")
    session.window.sidebar.list.clearSelection()


if __name__ == "__main__":
    main()
