"""A disk on which the n-th writing fails: once, or from then on until somebody frees space."""

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import apsw


@dataclass
class FailingDisk:
    """Counts what writes below ``root``; ``number`` says which of it fails, with ``code``."""

    root: Path
    number: int
    code: int = errno.ENOSPC
    lasting: bool = True
    count: int = 0
    has_failed: bool = False
    _mended: bool = False

    def holds(self, path: Any) -> bool:
        return isinstance(path, str | os.PathLike) and os.fspath(path).startswith(str(self.root))

    def mend(self) -> None:
        """Space was freed, or the drive answers again."""
        self._mended = True

    def refuses(self) -> bool:
        if self._mended:
            return False
        self.count += 1
        fails = self.count == self.number or (self.lasting and self.count > self.number)
        self.has_failed = self.has_failed or fails
        return fails

    def complain(self) -> None:
        """As the system tells it to Python."""
        if self.refuses():
            raise OSError(self.code, os.strerror(self.code))

    def complain_to_sqlite(self) -> None:
        """As the system tells it to SQLite."""
        if self.refuses():
            raise apsw.FullError("full") if self.code == errno.ENOSPC else apsw.IOError("broken")


class _File(apsw.VFSFile):
    def __init__(self, disk: FailingDisk, base: str, name: Any, flags: list[int]) -> None:
        wanted = flags[0]
        if wanted & apsw.SQLITE_OPEN_READONLY:
            # Without shared memory a log is read by whoever may lock the file for writing.
            wanted = wanted & ~apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_READWRITE
        super().__init__(base, name, [wanted, 0])
        flags[1] = wanted
        self._disk = disk

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._disk.complain_to_sqlite()
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.complain_to_sqlite()
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.complain_to_sqlite()
        super().xSync(flags)


class _Vfs(apsw.VFS):
    def __init__(self, disk: FailingDisk) -> None:
        self._base = apsw.vfs_names()[0]
        super().__init__("failing", self._base, makedefault=True)
        self._disk = disk

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        text = name.filename() if hasattr(name, "filename") else name
        if text is None or not self._disk.holds(text):
            return apsw.VFSFile(self._base, name, flags)
        return _File(self._disk, self._base, name, flags)


class _Connection(apsw.Connection):
    def close(self, force: bool = False) -> None:
        # SQLite says nothing of what fails at its last writing; Python is told by our VFS.
        with contextlib.suppress(apsw.FullError, apsw.IOError):
            super().close(force)


@contextlib.contextmanager
def failing(disk: FailingDisk) -> Iterator[None]:
    """Everything below the disk's root is written to it until the end."""
    vfs = _Vfs(disk)

    def alone(connection: apsw.Connection) -> None:
        # Python cannot offer shared memory; then SQLite keeps the log's index in its own.
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")

    apsw.connection_hooks.append(alone)
    try:
        with contextlib.ExitStack() as stack:
            for name, wrapper in _wrappers(disk).items():
                stack.enter_context(patch.object(os, name, wrapper))
            stack.enter_context(patch.object(apsw, "Connection", _Connection))
            yield
    finally:
        apsw.connection_hooks.remove(alone)
        vfs.unregister()


def _wrappers(disk: FailingDisk) -> dict[str, Callable[..., Any]]:
    opened, fsync = os.open, os.fsync

    def on_open(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if flags & os.O_CREAT and disk.holds(path):
            disk.complain()
        return opened(path, flags, *rest, **named)

    def on_fsync(descriptor: int) -> None:
        disk.complain()
        fsync(descriptor)

    def on_move(move: Callable[..., None]) -> Callable[..., None]:
        def moved(old: Any, new: Any, **named: Any) -> None:
            if disk.holds(old):
                disk.complain()
            move(old, new, **named)

        return moved

    return {
        "open": on_open, "fsync": on_fsync,
        "rename": on_move(os.rename), "replace": on_move(os.replace),
    }  # fmt: skip
