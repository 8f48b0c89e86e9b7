"""Automatic backups: every 30 minutes when something changed, and on request; then thinned."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from app.backups.thinning import NEWEST, to_remove
from app.notices import Notice
from app.posting import Callback, Delayed, Post
from app.storage.backup_files import BackupFile, Reason, list_backups
from app.storage.copies import CopyStopped, copy_is_sound, keep_copy, same_content, unix_now
from app.storage.errors import StorageError
from app.storage.watching import ChangeWatch
from models.errors import KnownError

log = logging.getLogger("moestro.backups")

FIRST_SECONDS = 60.0
"""After a start: what the sessions before wrote, however short they were, is kept then."""

EVERY_SECONDS = 30 * 60.0

AGAIN_SECONDS = 1.0
"""Until a copy that is being made is looked at again."""


class Clock(Protocol):
    """What ``app.posting.Scheduler`` offers."""

    def call_later(self, seconds: float, callback: Callback) -> Delayed:
        """Call back on the state thread."""
        ...


class BackupKeeper:
    """Keeps copies of one database in ``folder``; used on the state thread.

    Copies are made on a thread of their own with their own connection. A failure is told once,
    and again only after a copy succeeded.
    """

    def __init__(
        self,
        path: Path,
        folder: Path,
        post: Post,
        clock: Clock,
        tell: Callable[[Notice], None],
        now: Callable[[], datetime] = unix_now,
    ) -> None:
        self._path = path
        self._folder = folder
        self._post = post
        self._clock = clock
        self._tell = tell
        self._now = now
        self._watch = ChangeWatch(path)
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._next: Delayed | None = None
        self._first = True
        self._told = False
        self._known_good: set[BackupFile] = set()

    def start(self) -> None:
        """Begin to look, soon and then every 30 minutes."""
        self._next = self._clock.call_later(FIRST_SECONDS, self._look)

    @property
    def is_busy(self) -> bool:
        """Whether a copy is being made."""
        return self._thread is not None and self._thread.is_alive()

    def backups(self) -> tuple[BackupFile, ...]:
        """Those that are there, newest first. Raises OSError."""
        return list_backups(self._folder, self._path.stem)

    def keep(
        self,
        reason: Reason,
        done: Callable[[BackupFile], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
    ) -> None:
        """Make a copy now, then thin; before an import or a repair wait for ``done``.

        ``failed`` hears backup.in_use while another copy is being made.
        """
        self._begin(reason, done, failed)

    def start_over(
        self,
        done: Callable[[int], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
    ) -> None:
        """Make a copy of what is there now, then remove every older one, so that none keeps what
        was erased. ``done`` hears how many are gone; also those that a person made go.

        Nothing is removed unless the new copy was made and found sound. A copy that is being made
        is waited for.
        """
        if self.is_busy:
            self._clock.call_later(AGAIN_SECONDS, lambda: self.start_over(done, failed))
            return
        before: list[BackupFile] = []

        def remove(kept: BackupFile) -> None:
            for each in self.backups():
                if each.number < kept.number:
                    each.path.unlink(missing_ok=True)
                    before.append(each)

        def told(_kept: BackupFile) -> None:
            if done is not None:
                done(len(before))

        self._begin(Reason.AUTOMATIC, told, failed, remove)

    def close(self) -> None:
        """Give up a copy that is being made; nothing of it stays."""
        self._stop.set()
        if self._next is not None:
            self._next.cancel()
        if self._thread is not None:
            self._thread.join(timeout=10)
        self._watch.close()

    def _look(self) -> None:
        self._next = self._clock.call_later(EVERY_SECONDS, self._look)
        if not self.is_busy and (self._first or self._watch.has_changed()):
            self._begin(Reason.AUTOMATIC, None, None)

    def _begin(
        self,
        reason: Reason,
        done: Callable[[BackupFile], None] | None,
        failed: Callable[[KnownError], None] | None,
        afterwards: Callable[[BackupFile], None] | None = None,
    ) -> None:
        if self.is_busy:
            if failed is not None:
                failed(StorageError("backup.in_use", file=self._path.name))
            return
        # What is written from here on counts as changed again.
        self._watch.take_note()
        only_if_new = self._first and reason is Reason.AUTOMATIC

        def work() -> None:
            try:
                kept = self._make(reason, only_if_new)
                if afterwards is not None:
                    afterwards(kept)
            except CopyStopped:
                return
            except (KnownError, OSError) as error:
                known = error if isinstance(error, KnownError) else _io(error, self._folder)
                self._post(lambda: self._failed(known, failed))
            except Exception:  # the thread's boundary
                log.exception("a backup could not be made")
                self._post(lambda: self._failed(_io(None, self._folder), failed))
            else:
                self._post(lambda: self._done(kept, done))

        self._thread = threading.Thread(target=work, name="backup", daemon=True)
        self._thread.start()

    def _make(self, reason: Reason, only_if_new: bool) -> BackupFile:
        before = self.backups()
        kept = keep_copy(self._path, self._folder, reason, self._now, self._stop.is_set)
        with suppress(OSError):
            # Whoever removed the one before wants this one.
            if only_if_new and before and same_content(before[0].path, kept.path):
                kept.path.unlink()
                return before[0]
        self._known_good.add(kept)
        self._thin()
        return kept

    def _thin(self) -> None:
        """Remove what is needed no more; never while fewer than 3 sound ones would stay."""
        files = self.backups()
        if not to_remove(files):
            return
        good: list[BackupFile] = []
        for each in files:
            # A damaged one counts for nothing, and is left for a person to look at.
            if len(good) >= NEWEST or self._is_good(each):
                good.append(each)
        for each in to_remove(good):
            log.info("%s is not needed any more", each.name)
            each.path.unlink(missing_ok=True)

    def _is_good(self, file: BackupFile) -> bool:
        if file not in self._known_good and copy_is_sound(file.path):
            self._known_good.add(file)
        return file in self._known_good

    def _done(self, kept: BackupFile, done: Callable[[BackupFile], None] | None) -> None:
        self._first = False
        self._told = False
        if done is not None:
            done(kept)

    def _failed(self, error: KnownError, failed: Callable[[KnownError], None] | None) -> None:
        # Looked at again in 30 minutes, whether or not something changes until then.
        self._first = True
        if failed is not None:
            failed(error)
        elif not self._told:
            self._told = True
            self._tell(Notice(error.code, error.facts))


def _io(error: OSError | None, folder: Path) -> StorageError:
    log.warning("%s: %s", folder, error)
    return StorageError("storage.io", file=folder.name, folder=str(folder.parent))
