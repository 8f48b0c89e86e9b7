"""A session of the real history, recorded; then the power goes at any point of it."""

import hashlib
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import apsw

from app.backups.mending import mend_history
from app.backups.restoring import restore
from app.history import changes
from app.history.entities import Conversation, Message, MessageState, Role
from app.history.schema import history_migrations
from app.ids import new_id
from app.paths import DataPaths
from app.storage import opening
from app.storage.backup_files import Reason
from app.storage.connection import Connection, open_writer
from app.storage.copies import keep_copy
from app.storage.opening import Database, open_database
from tests.helpers.recorded_disk import Disk, after_cut, recording

HARMLESS = {"storage.replaced", "storage.was_empty"}


@dataclass
class Session:
    """What was recorded: the log, and what the history held at each acknowledgement."""

    root: Path
    log: list[tuple[Any, ...]]
    states: list[str]


@dataclass
class Result:
    """What the cuts came to."""

    cuts: int = 0
    lost: int = 0
    damaged: int = 0
    examples: list[str] = field(default_factory=list)


def content_of(connection: Connection) -> str:
    """Everything a person wrote, as one figure."""
    digest = hashlib.sha256()
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'messages'").fetchone():
        for query in (
            "SELECT id, title, leaf_id, trashed_ms, sequence FROM conversations ORDER BY id",
            "SELECT id, parent_id, text, state FROM messages ORDER BY id",
        ):
            digest.update(repr(connection.execute(query).fetchall()).encode())
    return digest.hexdigest()


class _Recorder:
    """Does things to a history as the application does, one acknowledged after the other."""

    def __init__(self, disk: Disk, paths: DataPaths, synchronous: str | None) -> None:
        self._disk = disk
        self._paths = paths
        self._synchronous = synchronous
        self._dice = random.Random(11)
        self._is_older = False
        self.states = [content_of(apsw.Connection(":memory:"))]

    def open(self, version: int | None = None) -> None:
        """As the application does, but with one connection: there is no shared memory here.

        So no copy can be made while it is open, as otherwise before a migration.
        """
        with (
            patch.object(opening, "open_writer", self._writer),
            patch.object(opening, "open_reader", lambda _path: self._connection),
        ):
            self.database: Database = open_database(
                self._paths.history, history_migrations()[:version],
                None if self._is_older else self._paths.backups,
                lambda callback: callback(), mend=mend_history,
            )  # fmt: skip
        self._is_older = version is not None
        self.seen()

    def _writer(self, path: Path) -> Connection:
        self._connection = open_writer(path)
        if self._synchronous is not None:
            self._connection.pragma("synchronous", self._synchronous)
        return self._connection

    def seen(self) -> None:
        """What is there now was acknowledged."""
        self._disk.acknowledge()
        self.states.append(content_of(self._connection))

    def write(self, work: Callable[[Connection], object]) -> None:
        self.database.writer.run(work)
        self.seen()

    def close(self) -> None:
        self.database.writer.close()

    def of_the_first_version(self, count: int) -> None:
        """Chats as they were written then; the next opening migrates them."""
        for number in range(count):
            self.write(
                lambda c, n=number: c.execute(
                    "INSERT INTO conversations (id, title, system_prompt, model_key, created_ms,"
                    " updated_ms, sequence) VALUES (?, 'Old', ?, '', 1, 1, ?)",
                    (new_id(), "word " * 2000, n + 1),
                )
            )

    def turns(self, title: str, count: int) -> Conversation:
        conversation = Conversation(new_id(), title)
        parent: str | None = None
        for number in range(count):
            user = Message(new_id(), conversation.id, parent, Role.USER, f"{title} {number}")
            answer = Message(
                new_id(), conversation.id, user.id, Role.ASSISTANT, "", state=MessageState.STREAMING
            )
            self.write(lambda c, u=user, a=answer: changes.begin_turn(c, conversation, u, a, 1))
            text = "word " * self._dice.choice((5, 100, 3000))
            self.write(
                lambda c, a=answer, t=text: changes.checkpoint(c, a.id, t[: len(t) // 2], "")
            )
            self.write(
                lambda c, a=answer, t=text: changes.finish_answer(
                    c, a.id, t, "", MessageState.COMPLETE, None, 2
                )
            )
            parent = answer.id
        return conversation


def record(root: Path, synchronous: str | None = None) -> Session:
    """A session of the first version, then two of this, a backup between them, a restore after
    them, and another one. ``synchronous`` instead of the application's own setting.
    """
    root = root.resolve()
    paths = DataPaths(root / "data")
    with recording(root) as disk:
        recorder = _Recorder(disk, paths, synchronous)
        recorder.open(1)
        recorder.of_the_first_version(3)
        recorder.close()
        recorder.open()
        first = recorder.turns("First", 4)
        recorder.close()
        backup = keep_copy(paths.history, paths.backups, Reason.MANUAL)
        recorder.open()
        recorder.turns("Second", 3)
        recorder.write(lambda c: changes.change(c, first.id, "title", "Renamed"))
        recorder.write(lambda c: changes.set_trashed(c, [first.id], 5))
        recorder.write(lambda c: changes.purge(c, -10, 9))
        recorder.close()
        restore(paths, backup)
        recorder.open()
        recorder.turns("Third", 2)
        recorder.close()
    return Session(root, disk.log, recorder.states)


def cut_power(session: Session, folder: Path, seed: int, result: Result) -> None:
    """Rebuild the disk after one cut and open it as the next start would."""
    dice = random.Random(seed)
    cut = dice.randrange(1, len(session.log) + 1)
    acknowledged = sum(entry[0] == "acknowledged" for entry in session.log[:cut])
    root = folder / str(seed)
    for name, content in after_cut(session.log, cut, dice).items():
        path = root / Path(name).relative_to(session.root)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    result.cuts += 1
    trouble = _open_and_judge(DataPaths(root / "data"), session.states, acknowledged, result)
    if trouble:
        result.examples.append(f"seed {seed}, cut {cut} of {len(session.log)}: {trouble}")
    shutil.rmtree(root, ignore_errors=True)


def _open_and_judge(paths: DataPaths, states: list[str], acknowledged: int, result: Result) -> str:
    try:
        database = open_database(
            paths.history, history_migrations(), paths.backups, lambda callback: callback(),
            mend=mend_history,
        )  # fmt: skip
    except Exception as error:
        result.damaged += 1
        return f"did not open: {error!r}"
    try:
        codes = {notice.code for notice in database.notices}
        sound = database.reader.pragma("integrity_check") == "ok"
        if not codes <= HARMLESS or not sound:
            result.damaged += 1
            return f"damaged: {codes}, sound: {sound}"
        # The change under way may be there as a whole; nothing else may differ.
        if content_of(database.reader) not in states[acknowledged : acknowledged + 2]:
            result.lost += 1
            return "something acknowledged is not there"
    finally:
        database.close()
    return ""


def run(session: Session, folder: Path, count: int, first_seed: int = 0) -> Result:
    """Cut the power ``count`` times."""
    result = Result()
    for seed in range(first_seed, first_seed + count):
        cut_power(session, folder, seed, result)
    return result
