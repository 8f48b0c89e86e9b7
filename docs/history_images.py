"""Writes the pictures of backups and of the data folder: the real window on a real history.

    .venv/bin/python -m docs.history_images

The chats are those of the tests' hard profile and some more, written over days of a turned clock;
each backup is a real one, and one of them is really damaged.
"""
# ruff: noqa: INP001 - a script beside the documents, not a package

import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.backups.data_parts import DataUse, measure
from app.history.entities import Conversation, Message, MessageState, Role
from app.history.repository import History
from app.ids import new_id
from app.paths import DataPaths
from app.storage.backup_files import Reason, list_backups
from app.storage.copies import keep_copy
from docs.make_images import SIZE, take_both
from tests.helpers import hard_profile
from tests.helpers.damaged_histories import opened
from tests.helpers.window import application, open_session, wait_until
from ui.data.backups_page import BackupsPage
from ui.session import Session

LATER = (
    "Compare three rain jackets",
    "Letter to the landlord about the heating",
    "What does “eventual consistency” mean?",
    "Ideas for a birthday in November",
)
HOME = Path("/", "home", "anna", ".local", "share", "Moestro")
WHY = (Reason.AUTOMATIC, Reason.AUTOMATIC, Reason.MIGRATION, Reason.AUTOMATIC, Reason.MANUAL)


def main() -> None:
    """Make all of them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    with tempfile.TemporaryDirectory(prefix="moestro-pictures-") as name:
        paths = DataPaths(Path(name) / "Moestro")
        write_history(paths)
        fill_folders(paths)
        session = open_session(paths.root)
        session.window.resize(*SIZE)
        take_backups(session)
        take_data(session)
        session.close()


def write_history(paths: DataPaths) -> None:
    """Chats and backups of some days, the second oldest of them damaged since."""
    database = opened(paths.history, paths.backups)
    clock = hard_profile.ProfileClock()
    history = History(database, clock)
    hard_profile.write(history, clock)
    _settle(lambda: len(history.conversations(trashed=True)) == 3)
    moment = hard_profile.NOW - timedelta(days=9)
    for number, reason in enumerate(WHY * 2):
        title = LATER[number % len(LATER)]
        clock.now_ms = round(moment.timestamp() * 1000)
        conversation = Conversation(new_id(), title)
        question = Message(new_id(), conversation.id, None, Role.USER, title + "?")
        answer = Message(
            new_id(), conversation.id, question.id, Role.ASSISTANT, "", state=MessageState.STREAMING
        )
        history.begin_turn(conversation, question, answer)
        history.finish_answer(answer.id, "Gladly. " * 200, "", MessageState.COMPLETE, None)
        database.writer.run(lambda _connection: None)
        keep_copy(paths.history, paths.backups, reason, _clock(moment))
        moment += timedelta(hours=26, minutes=11)
    database.close()
    damaged = list_backups(paths.backups, "history")[-2].path
    damaged.write_bytes(damaged.read_bytes()[:-8192])


def fill_folders(paths: DataPaths) -> None:
    """Files with the sizes of real ones, and holes for their content."""
    for name, size in (
        ("models/unsloth/Qwen3-30B-A3B/Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf", 18_556_686_912),
        ("models/ggml-org/gpt-oss-20b/gpt-oss-20b-MXFP4.gguf", 12_109_566_560),
        ("hub-cache/unsloth/header", 61_000_000),
    ):
        file = paths.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as stream:
            stream.truncate(size)


def take_backups(session: Session) -> None:
    """What the third newest holds; then what a restart would bring."""
    session.settings_page.backups_requested.emit()
    page = session.backups_page
    wait_until(lambda: page.rows.rowCount() == len(WHY) * 2, 60)
    wait_until(lambda: _checked(page), 60)
    page.list.choose(3)
    wait_until(lambda: page.detail.view is not None and page.detail.view.difference is not None)
    take_both(session, "backups")


def take_data(session: Session) -> None:
    """Where everything is, and what deleting it would take."""
    session.settings_page.data_requested.emit()
    page = session.data_page
    wait_until(lambda: bool(page.rows))
    page.show_use(as_at_home(session))
    take_both(session, "data")


def as_at_home(session: Session) -> DataUse:
    """The same figures in a folder whose name is the same in every run."""
    root = session.services.paths.root
    use = measure(session.services.paths, root / "models")
    assert use is not None
    parts = [replace(each, path=HOME / each.path.relative_to(root)) for each in use.parts]
    return replace(use, root=HOME, parts=tuple(parts), free_bytes=340_000_000_000)


def _checked(page: BackupsPage) -> bool:
    rows = range(page.rows.rowCount())
    return all(page.rows.row_at(row).is_sound is not None for row in rows)


def _clock(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment.astimezone(UTC)


def _settle(condition: Callable[[], bool]) -> None:
    wait_until(condition, 60)


if __name__ == "__main__":
    main()
