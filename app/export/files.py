"""Exported files on the disk: a file that is there whole or not at all."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

from app.export.errors import ExportError
from app.export.files_left import hold, remove_left
from app.export.names import safe_file_name as safe_file_name
from app.files import sync_folder
from models.naming import shorten

TEMPORARY = ".moestro-export-"
"""How the name begins of what is not finished yet; hidden, and never a chat's own name."""

_BINARY = getattr(os, "O_BINARY", 0)
_NO_LINKS = {
    errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK,
    errno.EINVAL,
}  # fmt: skip


def write_whole(path: Path, data: str | bytes, *, overwrite: bool = False) -> None:
    """Write a file through a temporary one beside it; readable for its owner alone.

    Without ``overwrite`` a file that is there already is refused. Raises ExportError; then
    nothing has changed and nothing is left behind.
    """
    content = data.encode("utf-8", "replace") if isinstance(data, str) else data
    with NewFile(path, overwrite=overwrite) as new:
        try:
            new.stream.write(content)
        except OSError as error:
            raise export_error(error, path) from error
        new.keep()


class NewFile:
    """A file being written beside its place; ``keep`` gives it its name, else nothing is left.

    What programs that were killed left in this folder is removed first. Raises ExportError.
    """

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        self.path = path
        self._overwrite = overwrite
        try:
            _check(path, overwrite=overwrite)
            self._temporary, descriptor = _held_file(path.parent)
        except OSError as error:
            raise export_error(error, path) from error
        self.stream: IO[bytes] = os.fdopen(descriptor, "w+b")

    def __enter__(self) -> "NewFile":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        # Also closing writes what is still in memory: it may be refused, and is not wanted.
        with contextlib.suppress(OSError):
            self.stream.close()
        with contextlib.suppress(OSError):
            self._temporary.unlink(missing_ok=True)

    def keep(self) -> None:
        """Everything is written: onto the disk with it, then in its place. Raises ExportError."""
        try:
            self.stream.flush()
            os.fsync(self.stream.fileno())
            if os.name == "nt":
                # An open file cannot be renamed there.
                self.stream.close()
            put_in_place(self._temporary, self.path, overwrite=self._overwrite)
        except OSError as error:
            raise export_error(error, self.path) from error
        sync_folder(self.path.parent)


def _check(path: Path, *, overwrite: bool) -> None:
    """Before anything is done: may this file be written here? Raises OSError."""
    if is_there(path):
        if not overwrite:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        if not path.is_file():
            # A folder, or a device: nothing that a file may take the place of.
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))


def _held_file(folder: Path) -> tuple[Path, int]:
    """A new file that no other export takes for left. Raises OSError."""
    while True:
        temporary = temporary_in(folder)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY
        descriptor = os.open(temporary, flags, 0o600)
        hold(descriptor)
        if is_there(temporary):
            return temporary, descriptor
        # Removed by another one in the moment before it was held.
        os.close(descriptor)


def put_in_place(source: Path, target: Path, *, overwrite: bool) -> None:
    """Give ``source`` its name; without ``overwrite`` nobody's file is replaced. Raises OSError."""
    if overwrite:
        source.replace(target)
    elif os.name == "nt":
        source.rename(target)
    else:
        try:
            # Unlike a rename, a second name is refused where the first is taken.
            os.link(source, target)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            # Some disks know no second names: the name is claimed first.
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            try:
                source.replace(target)
            except OSError:
                target.unlink(missing_ok=True)
                raise
        else:
            source.unlink()


def temporary_in(folder: Path) -> Path:
    """A name in ``folder`` that nobody has; what killed programs left there is removed."""
    remove_left(folder, TEMPORARY)
    return folder / f"{TEMPORARY}{secrets.token_hex(8)}.part"


def is_there(path: Path) -> bool:
    """Whether anything has this name, also a link that leads nowhere. Raises OSError."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """What the system complains about of this file, as ExportError."""
    try:
        yield
    except OSError as error:
        raise export_error(error, path) from error


def export_error(error: OSError, path: Path) -> ExportError:
    """What the system complained about, as a sentence that names the file."""
    facts = {"file": shorten(path.name), "folder": shorten(str(path.parent))}
    return ExportError(_code(error), **facts)


def _code(error: OSError) -> str:
    match error.errno:
        case errno.EEXIST:
            return "export.exists"
        case errno.ENOENT | errno.ENOTDIR:
            return "export.no_folder"
        case errno.EACCES | errno.EPERM | errno.EROFS | errno.EISDIR:
            return "export.not_allowed"
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "export.disk_full"
    return "export.io"
