"""The thread that keeps Markdown copies up to date: waits for changes to end, then looks."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from app.export import mirror_records
from app.export.errors import ExportError
from app.export.files import export_error
from app.export.formats import Formats
from app.export.mirror_pass import MirrorChanges, MirrorPass
from app.export.mirror_records import MirrorRecord
from app.posting import Post
from app.storage.live_reading import with_reader
from app.storage.opening import Database
from app.storage.watching import ChangeWatch
from models.errors import KnownError

log = logging.getLogger("moestro.export")

Heard = Callable[[str, bool, MirrorChanges | KnownError | None, int, tuple[str, ...]], None]
"""Hears the copy's id, whether it is being written, what came of it, files, those changed."""

_PATIENCE = 10
"""So many times the quiet: then a copy is written although an answer still streams elsewhere."""

_REST = 10
"""After a look so many times as long as it took: large histories must not keep a disk busy."""

_AGAIN_SECONDS = 30.0
"""After trouble: a drive may be back."""


class MirrorThread:
    """Runs from the first copy to ``close``. Everything but ``_run`` is for the state thread."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        formats: Formats,
        post: Post,
        heard: Heard,
        quiet_seconds: float,
    ) -> None:
        self._database = database
        self._folder = folder
        self._formats = formats
        self._post = post
        self._heard = heard
        self._quiet = quiet_seconds
        self._changed = threading.Condition()
        self._records: dict[str, MirrorRecord] = {}
        self._thorough: set[str] = set()
        self._again: dict[str, float] = {}
        self._closed = False
        self._thread: threading.Thread | None = None

    def keep(self, record: MirrorRecord) -> None:
        """Keep this one too; the record is the thread's from here on."""
        with self._changed:
            self._records[record.id] = record
            self._thorough.add(record.id)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="mirrors", daemon=True)
                self._thread.start()
            self._changed.notify()

    def forget(self, record_id: str) -> None:
        """Keep it no longer; its record is not written any more when this returns."""
        with self._changed:
            self._records.pop(record_id, None)

    def close(self) -> None:
        """End it between two files, and wait."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    # --- on the thread -----------------------------------------------------------------------

    def _run(self) -> None:
        watch = ChangeWatch(self._database.path)
        try:
            self._watch(watch)
        except Exception:  # the thread's boundary
            log.exception("Markdown copies are kept no longer")
        finally:
            watch.close()

    def _watch(self, watch: ChangeWatch) -> None:
        first_change = last_change = rest_until = 0.0
        while not self._closed:
            now = time.monotonic()
            if watch.has_changed():
                watch.take_note()
                first_change, last_change = first_change or now, now
            is_quiet = now - last_change >= self._quiet
            is_late = now - first_change >= _PATIENCE * self._quiet
            is_due = bool(first_change) and (is_quiet or is_late) and now >= rest_until
            self._look(everything=is_due)
            if is_due:
                first_change = 0.0
                ended = time.monotonic()
                rest_until = ended + _REST * (ended - now)
            with self._changed:
                if not self._closed and not self._thorough:
                    self._changed.wait(self._quiet / 2 if self._records else None)

    def _look(self, *, everything: bool) -> None:
        """At all copies, or at those that are new, or that had trouble a while ago."""
        now = time.monotonic()
        with self._changed:
            thorough, self._thorough = self._thorough, set()
            records = list(self._records.values())
        for record in records:
            again = self._again.get(record.id)
            is_late = again is not None and now >= again
            if self._is_over(record) or not (everything or is_late or record.id in thorough):
                continue
            # What was not there may be another drive now, without any file.
            self._look_at(record, thorough=is_late or record.id in thorough)

    def _look_at(self, record: MirrorRecord, *, thorough: bool) -> None:
        self._tell(record, None, is_busy=True)
        outcome: MirrorChanges | KnownError
        try:
            outcome = with_reader(
                self._database.path,
                lambda connection: MirrorPass(
                    connection, record, self._formats.get("md"), self._save,
                    lambda: self._is_over(record),
                ).run(thorough=thorough),
            )  # fmt: skip
        except KnownError as error:
            outcome = error
        except OSError as error:
            outcome = export_error(error, record.folder)
        except Exception:  # one copy's fault must not end the others
            log.exception("a Markdown copy could not be written")
            outcome = ExportError("general.unexpected")
        if isinstance(outcome, KnownError):
            self._again[record.id] = time.monotonic() + _AGAIN_SECONDS
        else:
            self._again.pop(record.id, None)
        self._tell(record, outcome, is_busy=False)

    def _save(self, record: MirrorRecord) -> None:
        with self._changed:
            if record.id in self._records:
                mirror_records.save(self._folder, record)

    def _is_over(self, record: MirrorRecord) -> bool:
        return self._closed or record.id not in self._records

    def _tell(
        self, record: MirrorRecord, outcome: MirrorChanges | KnownError | None, *, is_busy: bool
    ) -> None:
        files = sum(1 for each in record.files.values() if each.sha256)
        edited = tuple(sorted(each.path for each in record.files.values() if each.is_edited))
        self._post(lambda: self._heard(record.id, is_busy, outcome, files, edited))
