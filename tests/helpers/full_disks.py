"""A session of the real history on a disk that fails at one point; afterwards all is well."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

from app.backups.mending import mend_history
from app.backups.restoring import restore
from app.history import changes
from app.history.entities import Conversation, Message, MessageState, Role
from app.history.schema import history_migrations
from app.ids import new_id
from app.paths import DataPaths
from app.storage import opening
from app.storage.backup_files import BackupFile, Reason
from app.storage.connection import Connection, open_writer
from app.storage.copies import keep_copy
from app.storage.opening import Database, open_database
from models.errors import KnownError
from tests.helpers.failing_disk import FailingDisk, failing
from tests.helpers.power_cuts import HARMLESS, content_of

T = TypeVar("T")


@dataclass
class Endured:
    """What a session came to. Empty ``faults`` is what is promised."""

    number: int
    reached: bool = False
    codes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class _Person:
    """Does one thing after the other, frees space when something is refused, and tries again."""

    def __init__(self, disk: FailingDisk, paths: DataPaths, outcome: Endured) -> None:
        self._disk = disk
        self._paths = paths
        self._outcome = outcome
        self.expected = ""

    def doing(self, what: str, work: Callable[[], T]) -> T:
        try:
            return work()
        except KnownError as error:
            self._outcome.codes.append(f"{what}: {error.code}")
        except SystemError as error:
            # The binding's own complaint when a disk made of Python fails at a copy's end.
            if "apsw.Backup" not in str(error):
                raise
            self._outcome.codes.append(f"{what}: at the copy's end")
        self._disk.mend()
        return work()

    def open(self) -> None:
        def work() -> Database:
            with (
                patch.object(opening, "open_writer", self._writer),
                patch.object(opening, "open_reader", lambda _path: self._connection),
            ):
                return open_database(
                    self._paths.history, history_migrations(), self._paths.backups,
                    lambda callback: callback(), mend=mend_history,
                )  # fmt: skip

        self._database = self.doing("open", work)
        told = {notice.code for notice in self._database.notices} - HARMLESS
        # What waits goes on waiting where there is no room to keep what was there before.
        if told - {"storage.disk_full", "storage.io", "backup.io"}:
            self._outcome.faults.append(f"told at the start: {told}")
        self.expected = content_of(self._connection)

    def _writer(self, path: Path) -> Connection:
        self._connection = open_writer(path)
        return self._connection

    def write(self, work: Callable[[Connection], object]) -> None:
        def once() -> None:
            try:
                self._database.writer.run(work)
            except KnownError:
                if content_of(self._connection) != self.expected:
                    self._outcome.faults.append("a refused change was kept in part")
                raise

        self.doing("write", once)
        self.expected = content_of(self._connection)

    def close(self) -> None:
        self._database.writer.close()

    def keep(self) -> BackupFile:
        return self.doing(
            "back up", lambda: keep_copy(self._paths.history, self._paths.backups, Reason.MANUAL)
        )

    def restore(self, backup: BackupFile) -> None:
        self.doing("restore", lambda: restore(self._paths, backup))

    def turn(self, conversation: Conversation, parent: str | None, size: int) -> str:
        user = Message(new_id(), conversation.id, parent, Role.USER, "Question " * size)
        answer = Message(
            new_id(), conversation.id, user.id, Role.ASSISTANT, "", state=MessageState.STREAMING
        )
        self.write(lambda c: changes.begin_turn(c, conversation, user, answer, 1))
        self.write(lambda c: changes.checkpoint(c, answer.id, "word " * size, ""))
        self.write(
            lambda c: changes.finish_answer(
                c, answer.id, "word " * 2 * size, "", MessageState.COMPLETE, None, 2
            )
        )
        return answer.id


def endure(folder: Path, number: int, code: int, *, lasting: bool) -> Endured:
    """Write, back up, restore and write again, while writing number ``number`` fails."""
    outcome = Endured(number)
    root = folder.resolve() / f"{number}"
    paths = DataPaths(root / "data")
    disk = FailingDisk(root, number, code, lasting)
    person = _Person(disk, paths, outcome)
    try:
        with failing(disk):
            _live(person)
        outcome.reached = disk.has_failed
        _judge(paths, person.expected, outcome)
    except Exception as error:
        outcome.reached = disk.has_failed
        outcome.faults.append(repr(error))
    shutil.rmtree(root, ignore_errors=True)
    return outcome


def _live(person: _Person) -> None:
    person.open()
    first = Conversation(new_id(), "First")
    parent = person.turn(first, None, 5)
    person.turn(first, parent, 2_000)
    person.close()
    backup = person.keep()
    person.open()
    person.turn(Conversation(new_id(), "Second"), None, 300)
    person.write(lambda c: changes.change(c, first.id, "title", "Renamed"))
    person.write(lambda c: changes.set_trashed(c, [first.id], 5))
    person.close()
    person.restore(backup)
    person.open()
    person.turn(Conversation(new_id(), "Third"), None, 10)
    person.close()


def _judge(paths: DataPaths, expected: str, outcome: Endured) -> None:
    database = open_database(
        paths.history, history_migrations(), paths.backups, lambda callback: callback(),
        mend=mend_history,
    )  # fmt: skip
    try:
        told = {notice.code for notice in database.notices}
        if not told <= HARMLESS:
            outcome.faults.append(f"told at the end: {told}")
        if not told and content_of(database.reader) != expected:
            outcome.faults.append("what was acknowledged is not there")
        if database.reader.pragma("integrity_check") != "ok":
            outcome.faults.append("damaged")
    finally:
        database.close()
    left = [path.name for path in paths.root.rglob("*.part")]
    left += [path.name for path in paths.root.glob("*.preparing")]
    if left:
        outcome.faults.append(f"left behind: {left}")
