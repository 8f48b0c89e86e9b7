"""Another file in a database's place: made ready beside it, then swapped in, never half.

``<name>.waiting`` is always whole and sound. Whatever is killed when, the next opening finds
either the old file in place or the one that waits, and goes on from there.
"""

import contextlib
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import apsw
import filelock

from app.files import sync_folder
from app.notices import Notice
from app.storage.backup_files import Reason
from app.storage.connection import facts_of, os_error, storage_error
from app.storage.copies import finish_file, keep_copy
from app.storage.errors import StorageError
from app.storage.examination import COMPANIONS, FileState

log = logging.getLogger("moestro.storage")

_OPENING_SECONDS = 10.0
"""How long to wait while another program opens the same file."""


@contextlib.contextmanager
def opening_lock(path: Path) -> Iterator[None]:
    """Make the folder; then one program at a time looks, sets aside, begins.

    Raises StorageError: storage.busy, .folder, .read_only, .io.
    """
    lock = filelock.FileLock(path.with_name(path.name + ".opening"), mode=0o600)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire(timeout=_OPENING_SECONDS)
    except filelock.Timeout as error:
        raise StorageError("storage.busy", **facts_of(path)) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise StorageError("storage.folder", **facts_of(path)) from error
    except OSError as error:
        raise os_error(error, path) from error
    try:
        yield
    finally:
        lock.release()


def has_waiting(path: Path) -> bool:
    """Whether a file waits to take the place of ``path``."""
    return _waiting(path).is_file()


@contextlib.contextmanager
def preparing(path: Path) -> Iterator[Path]:
    """A name to write the new file under; if it is there afterwards, it waits from then on.

    Raises OSError.
    """
    part = path.with_name(path.name + ".preparing")
    part.unlink(missing_ok=True)
    try:
        yield part
        if part.exists():
            finish_file(part, _waiting(path))
    finally:
        part.unlink(missing_ok=True)


def take_place(path: Path, state: FileState, backups: Path | None) -> Notice:
    """Put the waiting file in the place of ``path``, of which a copy is kept first.

    The caller has the opening lock and knows that nobody else has the file open, else
    storage.busy. Raises StorageError; the old file is then still in place.
    """
    try:
        if state is FileState.DAMAGED or not _copy_kept(path, state, backups):
            set_aside(path)
        elif state is not FileState.ABSENT:
            without_its_log(path)
        _waiting(path).replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise os_error(error, path) from error
    log.info("%s was replaced", path.name)
    return Notice("storage.replaced", facts_of(path))


def set_aside(path: Path) -> Path:
    """Rename the file and what SQLite keeps beside it to a name that was never used.

    Raises StorageError.
    """
    stem = f"{path.name}.damaged-{datetime.now(UTC):%Y-%m-%d}"
    kept = path.with_name(stem)
    number = 2
    while any(_present(kept)):
        kept = path.with_name(f"{stem}-{number}")
        number += 1
    try:
        # The file first: a kill in between leaves its log, which the next start sets aside.
        for source in _present(path):
            source.rename(kept.with_name(kept.name + source.name[len(path.name) :]))
        sync_folder(path.parent)
    except OSError as error:
        raise os_error(error, path) from error
    log.error("%s is damaged and was set aside as %s", path.name, kept.name)
    return kept


def _copy_kept(path: Path, state: FileState, backups: Path | None) -> bool:
    """False for a file whose damage shows only now; there is nothing to copy of an empty one."""
    if backups is None or state in (FileState.ABSENT, FileState.EMPTY, FileState.FRESH):
        return True
    try:
        keep_copy(path, backups, Reason.RESTORE)
    except StorageError as error:
        if error.code not in ("backup.damaged_source", "storage.damaged"):
            raise
        return False
    return True


def without_its_log(path: Path) -> None:
    """Everything into the file itself: a log that stayed would be applied to the next one.

    Raises StorageError; storage.busy while anybody has the file open.
    """
    connection = None
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        # Refused while anybody else has the file open.
        connection.pragma("locking_mode", "exclusive")
        if connection.pragma("journal_mode", "delete") != "delete":
            raise apsw.BusyError(f"{path.name} is in use")
    except apsw.Error as error:
        raise storage_error(error, path, connection) from error
    finally:
        if connection is not None:
            connection.close(force=True)


def _present(path: Path) -> Iterator[Path]:
    for ending in ("", *COMPANIONS):
        each = path.with_name(path.name + ending)
        if each.is_symlink() or each.exists():
            yield each


def _waiting(path: Path) -> Path:
    return path.with_name(path.name + ".waiting")
