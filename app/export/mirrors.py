"""Markdown copies of chats that are kept up to date: one way, in the background.

Changes to the files are never read back. Used on the state thread.
"""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.export import mirror_records
from app.export.base import ExportOptions
from app.export.errors import ExportError
from app.export.files import export_error
from app.export.formats import Formats
from app.export.mirror_records import MirrorRecord
from app.notices import Notice
from app.posting import Post
from app.storage.opening import Database
from models.errors import KnownError
from models.naming import shorten

if TYPE_CHECKING:
    from app.export.mirror_pass import MirrorChanges
    from app.export.mirror_thread import MirrorThread

_MOST_TOLD = 3
"""Files that somebody changed, told one by one; the state names all."""


@dataclass(frozen=True, slots=True)
class MirrorState:
    """One copy as a person sees it."""

    id: str
    folder_id: str | None
    """Of the chats; None for all."""
    path: Path
    files: int
    is_busy: bool = False
    trouble: KnownError | None = None
    """Why it waits."""
    edited: tuple[str, ...] = ()
    """Files that somebody changed, which are left alone; below ``path``, with slashes."""


class Mirrors:
    """The copies of one data folder. ``tell`` hears once what a person should know."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        formats: Formats,
        post: Post,
        tell: Callable[[Notice], None],
        quiet_seconds: float = 2.0,
    ) -> None:
        self._folder = folder
        self._tell = tell
        self._subscribers: list[Callable[[tuple[MirrorState, ...]], None]] = []
        self._states: dict[str, MirrorState] | None = None
        self._waiting: list[MirrorRecord] = []
        self._unreadable: list[Path] = []
        self._keeps = False
        self._told_lost: dict[str, int] = {}
        self._database = database
        self._formats = formats
        self._post = post
        self._quiet_seconds = quiet_seconds
        self._thread: MirrorThread | None = None

    def start(self) -> None:
        """Begin to keep them up to date: for the one program that holds the instance lock."""
        self._load()
        self._keeps = True
        for path in self._unreadable:
            facts = {"file": path.name, "folder": shorten(str(path.parent))}
            self._tell(Notice("export.mirror_unreadable", facts))
        self._keep_waiting()

    @property
    def state(self) -> tuple[MirrorState, ...]:
        """Every copy, the oldest first."""
        self._load()
        return tuple((self._states or {}).values())

    def add(
        self, folder_id: str | None, path: Path, options: ExportOptions | None = None
    ) -> MirrorState:
        """Keep a copy of a folder of chats, or of all with None, in a folder that is there.

        Files that lie there already stay. Raises ExportError.
        """
        self._check(path)
        record = MirrorRecord(
            id=secrets.token_hex(8), folder_id=folder_id, path=str(path.absolute()),
            options=options or ExportOptions(),
        )  # fmt: skip
        try:
            mirror_records.save(self._folder, record)
        except OSError as error:
            raise export_error(error, self._folder) from error
        added = _state_of(record)
        self._change(record.id, added)
        self._waiting.append(record)
        if self._keeps:
            self._keep_waiting()
        return added

    def remove(self, mirror_id: str) -> None:
        """Keep it up to date no longer; its files stay. Raises ExportError."""
        if self._thread is not None:
            self._thread.forget(mirror_id)
        self._waiting = [each for each in self._waiting if each.id != mirror_id]
        try:
            mirror_records.forget(self._folder, mirror_id)
        except OSError as error:
            raise export_error(error, self._folder) from error
        self._change(mirror_id, None)

    def subscribe(self, callback: Callable[[tuple[MirrorState, ...]], None]) -> None:
        """Call ``callback`` with all states after every change."""
        self._subscribers.append(callback)

    def close(self) -> None:
        """End what is under way, between two files; before the database is closed."""
        self._keeps = False
        if self._thread is not None:
            self._thread.close()

    # --- how -------------------------------------------------------------------------------

    def _check(self, path: Path) -> None:
        """Whether a copy may be kept there. Raises ExportError."""
        name = shorten(str(path))
        # Not the methods of Path: they raise of a folder that cannot be looked into.
        if not os.path.isdir(path):  # noqa: PTH112
            raise ExportError("export.no_folder", file=shorten(path.name), folder=name)
        real, ours = _real(path), _real(self._folder.parent)
        if real == ours or real.is_relative_to(ours):
            raise ExportError("export.mirror_inside", folder=name)
        if any(real == _real(each.path) for each in self.state):
            raise ExportError("export.mirror_twice", folder=name)

    def _keep_waiting(self) -> None:
        if self._waiting and self._thread is None:
            # Few people keep a copy, and everybody starts the program.
            from app.export.mirror_thread import MirrorThread

            self._thread = MirrorThread(
                self._database, self._folder, self._formats, self._post, self._heard,
                self._quiet_seconds,
            )  # fmt: skip
        for record in self._waiting:
            assert self._thread is not None
            self._thread.keep(record)
        self._waiting.clear()

    def _load(self) -> None:
        if self._states is None:
            self._waiting, self._unreadable = mirror_records.load(self._folder)
            self._states = {record.id: _state_of(record) for record in self._waiting}

    def _heard(
        self, record_id: str, is_busy: bool, outcome: "MirrorChanges | KnownError | None",
        files: int, edited: tuple[str, ...],
    ) -> None:  # fmt: skip
        before = (self._states or {}).get(record_id)
        if before is None:
            return
        now = replace(before, is_busy=is_busy, files=files, edited=edited)
        folder = shorten(str(before.path))
        if isinstance(outcome, KnownError):
            now = replace(now, trouble=outcome)
            if before.trouble is None or before.trouble.code != outcome.code:
                self._tell(Notice(outcome.code, {**outcome.facts, "folder": folder}))
        elif outcome is not None:
            now = self._lost(replace(now, trouble=None), outcome.lost)
            for each in outcome.edited[:_MOST_TOLD]:
                facts = {"file": shorten(Path(each).name), "folder": folder}
                self._tell(Notice("export.mirror_edited", facts))
        self._change(record_id, now)

    def _lost(self, state: MirrorState, count: int) -> MirrorState:
        """Files that stay although their chats are gone; told when there are more than before."""
        if not count:
            self._told_lost.pop(state.id, None)
            return state
        trouble = ExportError("export.mirror_lost", count=count, folder=shorten(str(state.path)))
        if count > self._told_lost.get(state.id, 0):
            self._tell(Notice(trouble.code, trouble.facts))
        self._told_lost[state.id] = count
        return replace(state, trouble=trouble)

    def _change(self, record_id: str, state: MirrorState | None) -> None:
        states = self._states if self._states is not None else {}
        if states.get(record_id) == state:
            return
        if state is None:
            states.pop(record_id, None)
        else:
            states[record_id] = state
        self._states = states
        for subscriber in tuple(self._subscribers):
            subscriber(tuple(states.values()))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _state_of(record: MirrorRecord) -> MirrorState:
    edited = tuple(sorted(each.path for each in record.files.values() if each.is_edited))
    return MirrorState(record.id, record.folder_id, record.folder, len(record.files), edited=edited)
