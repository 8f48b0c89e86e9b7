"""Imports for the window and the terminal: read aside, show, take over; all on the state thread.

``Imports.begin`` reads files by a helper process into a staging database and answers with a
``Preview``; ``Importing.take`` makes a backup and takes over what was chosen in one transaction.
"""

import contextlib
import logging
import shutil
import tempfile
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from app.imports.comparing import compare
from app.imports.entities import AUTO
from app.imports.errors import ImportingError
from app.imports.merging import Merging
from app.imports.process import ImportLimits, StagingRun, helper_command
from app.imports.process_protocol import Staged
from app.imports.report import Preview, ReadingSoFar, Taken, TakingSoFar
from app.posting import Post, Scheduler
from app.storage.backup_files import BackupFile
from app.storage.connection import Connection
from app.storage.opening import Database
from app.storage.scratch import scratch_for_reading
from models.errors import KnownError

log = logging.getLogger("moestro.imports")

Failed = Callable[[KnownError], None]
Backup = Callable[[Callable[[BackupFile], None], Failed], None]
"""Make a copy of the history now; ``BackupKeeper.keep`` with its reason."""

_STAGING = "staging.sqlite3"
_AGAIN_SECONDS = 1.0
"""Until a backup that is being made is looked at again."""

_TELL_EVERY = 20
_CLOSING_SECONDS = 5.0


class Imports:
    """What imports into one data folder's history."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        post: Post,
        scheduler: Scheduler,
        backup: Backup,
        changed: Callable[[], None] = lambda: None,
        *,
        limits: ImportLimits | None = None,
        command: Callable[[], Sequence[str]] = helper_command,
    ) -> None:
        """``folder`` is made for staging files; ``changed`` hears of what was taken over."""
        self._database = database
        self._folder = folder
        self._post = post
        self._scheduler = scheduler
        self._backup = backup
        self._changed = changed
        self._limits = limits
        self._command = command
        self._open: list[Importing] = []

    def begin(
        self,
        paths: Sequence[Path],
        preview: Callable[[Preview], None],
        failed: Failed,
        progress: Callable[[ReadingSoFar], None] = lambda _so_far: None,
        source: str = AUTO,
    ) -> "Importing":
        """Read files and folders; ``source`` is one of SOURCES, or AUTO. Returns at once.

        ``preview`` or ``failed`` is called once. Close what is returned when it is done with.
        """
        importing = Importing(
            self._database, self._folder, self._post, self._scheduler, self._backup,
            self._done_with,
        )  # fmt: skip
        self._open.append(importing)
        importing.read(paths, source, preview, failed, progress, self._limits, self._command)
        return importing

    def clear(self) -> None:
        """At a start: remove what a program that was killed left. Needs to be alone."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> None:
        """End everything under way; before the database is closed."""
        for importing in list(self._open):
            importing.close()

    def _done_with(self, importing: "Importing", taken: bool) -> None:
        if taken:
            self._changed()
        elif importing in self._open:
            self._open.remove(importing)


class Importing:
    """One import: files that were read, and what may be done with them. On the state thread."""

    def __init__(
        self,
        database: Database,
        parent: Path,
        post: Post,
        scheduler: Scheduler,
        backup: Backup,
        told: Callable[["Importing", bool], None],
    ) -> None:
        self._database = database
        self._parent = parent
        self._post = post
        self._scheduler = scheduler
        self._backup = backup
        self._told = told
        self._run: StagingRun | None = None
        self._comparing: threading.Thread | None = None
        self._folder: Path | None = None
        self._given_up = threading.Event()
        self._closed = False
        self._taking = False

    # --- reading ------------------------------------------------------------------------------

    def read(
        self,
        paths: Sequence[Path],
        source: str,
        preview: Callable[[Preview], None],
        failed: Failed,
        progress: Callable[[ReadingSoFar], None],
        limits: ImportLimits | None,
        command: Callable[[], Sequence[str]],
    ) -> None:
        """Begin; called once, by ``Imports``."""
        try:
            self._parent.mkdir(mode=0o700, exist_ok=True)
            self._folder = Path(tempfile.mkdtemp(dir=self._parent))
        except OSError as error:
            log.warning("no room for a staging file: %s", error)
            known = ImportingError("import.no_room")
            self._post(lambda: failed(known))
            return

        def staged(said: Staged) -> None:
            if not self._closed:
                self._compare(said, preview, refuse)

        def refuse(error: KnownError) -> None:
            if not self._closed:
                failed(error)

        self._run = StagingRun(
            paths, source, self._folder / _STAGING, self._post, self._scheduler, staged, refuse,
            progress, limits=limits, command=command,
        )  # fmt: skip

    def _compare(self, said: Staged, preview: Callable[[Preview], None], failed: Failed) -> None:
        def refuse(error: KnownError) -> None:
            failed(ImportingError("import.cancelled") if self._given_up.is_set() else error)

        def found_all(found: Preview) -> None:
            # Given up at the last moment: whoever did so waits to hear it.
            if self._given_up.is_set():
                refuse(ImportingError("import.cancelled"))
            elif not self._closed:
                preview(found)

        def work() -> None:
            try:
                found = compare(
                    self._staging, self._database.path, said.unread, self._given_up.is_set
                )
            except KnownError as error:
                known = error
            except Exception:  # the thread's boundary
                log.exception("a staging file could not be read")
                known = ImportingError("import.unexpected")
            else:
                self._post(lambda: found_all(found))
                return
            self._post(lambda: refuse(known))

        self._comparing = threading.Thread(target=work, name="import-compare", daemon=True)
        self._comparing.start()

    @property
    def _staging(self) -> Path:
        assert self._folder is not None
        return self._folder / _STAGING

    # --- taking over ----------------------------------------------------------------------------

    def take(
        self,
        ids: Collection[str],
        done: Callable[[Taken], None],
        failed: Failed,
        progress: Callable[[TakingSoFar], None] = lambda _so_far: None,
    ) -> None:
        """Back the history up, then take over the conversations with these ids. Returns at once.

        ``done`` is called after the commit; ``failed`` when nothing was changed, also because of
        ``cancel``. Call it once after ``preview``, and again only after ``failed``.
        """
        wanted = frozenset(ids)
        if not wanted:
            self._post(lambda: done(Taken(0, 0, 0, (), 0, 0, "")))
            return
        self._given_up.clear()
        self._taking = True

        def ended(error: KnownError) -> None:
            self._taking = False
            if not self._closed:
                failed(error)

        def merge(copy: BackupFile) -> None:
            if self._given_up.is_set():
                ended(ImportingError("import.cancelled"))
                return
            self._merge(wanted, copy.name, done, ended, progress)

        def no_backup(error: KnownError) -> None:
            if error.code == "backup.in_use" and not self._given_up.is_set():
                # One is being made by itself: ours comes after it.
                self._scheduler.call_later(_AGAIN_SECONDS, back_up)
            else:
                given_up = self._given_up.is_set()
                ended(ImportingError("import.cancelled") if given_up else error)

        def back_up() -> None:
            if self._given_up.is_set():
                ended(ImportingError("import.cancelled"))
            else:
                self._backup(merge, no_backup)

        progress(TakingSoFar(0, len(wanted), backup=True))
        back_up()

    def _merge(
        self,
        wanted: frozenset[str],
        backup: str,
        done: Callable[[Taken], None],
        failed: Failed,
        progress: Callable[[TakingSoFar], None],
    ) -> None:
        total = len(wanted)

        def tell(count: int) -> None:
            if count % _TELL_EVERY == 0 or count == total:
                self._post(lambda: progress(TakingSoFar(count, total)))

        def go_on() -> None:
            if self._given_up.is_set():
                raise ImportingError("import.cancelled")

        def work(connection: Connection) -> Taken:
            with scratch_for_reading(self._staging) as staging:
                return Merging(staging, wanted, tell, go_on).work(connection)

        def taken(result: Taken) -> None:
            self._taking = False
            self._told(self, True)
            if not self._closed:
                done(replace(result, backup=backup))

        self._database.writer.submit(work, taken, failed)

    # --- the end --------------------------------------------------------------------------------

    def cancel(self) -> None:
        """Give up what is under way; ``failed`` hears import.cancelled.

        What is being committed at this moment is taken over all the same.
        """
        self._given_up.set()
        if self._run is not None:
            self._run.cancel()

    def close(self) -> None:
        """Nobody waits for it any more: end it, and remove the staging file."""
        if self._closed:
            return
        self._closed = True
        self.cancel()
        if self._run is not None:
            self._run.wait(_CLOSING_SECONDS)
        if self._comparing is not None:
            self._comparing.join(_CLOSING_SECONDS)
        self._told(self, False)
        if self._taking:
            # The transaction still reads it; it is removed behind that.
            self._database.writer.submit(lambda _connection: self._remove())
        else:
            self._remove()

    def _remove(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            with contextlib.suppress(OSError):
                self._parent.rmdir()  # unless another import is under way
