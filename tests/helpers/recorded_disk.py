"""Records what the program does to its files, and rebuilds the disk as a power cut may leave it.

SQLite's part is seen by a VFS of ours, the rest by wrapping what ``pathlib`` calls in ``os``.
Before a file's last sync everything in it is certain; later writes survive by chance, each 512
bytes for themselves. Names change in order (a journalling file system) and are certain once
anything was synced after them.
"""

import contextlib
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import apsw

SECTOR = 512


@dataclass
class Disk:
    """Everything that happened below ``root``, in order."""

    root: Path
    log: list[tuple[Any, ...]] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    files: int = 0

    def holds(self, path: str | os.PathLike[str]) -> bool:
        text = os.fspath(path)
        return isinstance(text, str) and text.startswith(f"{self.root}{os.sep}")

    def file(self, path: str | os.PathLike[str]) -> int:
        """The number of a file, which it keeps under another name."""
        name = os.fspath(path)
        if name not in self.names:
            self.files += 1
            self.names[name] = self.files
            self.log.append(("create", name, self.files))
        return self.names[name]

    def renamed(self, old: str, new: str) -> None:
        number = self.file(old)
        self.names[new] = self.names.pop(old)
        self.log.append(("rename", old, new, number))

    def deleted(self, path: str) -> None:
        if self.names.pop(path, None) is not None:
            self.log.append(("delete", path))

    def synced(self, descriptor: int) -> None:
        status = os.fstat(descriptor)
        for name, number in self.names.items():
            with contextlib.suppress(OSError):
                if os.path.samestat(os.stat(name), status):  # noqa: PTH116 - wrapped itself
                    self.log.append(("sync", number))
                    return
        self.log.append(("sync folder",))

    def acknowledge(self) -> None:
        """Whatever is before this was told to somebody as kept."""
        self.log.append(("acknowledged",))


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, base: str, name: Any, flags: list[int]) -> None:
        wanted = flags[0]
        if wanted & apsw.SQLITE_OPEN_READONLY:
            # Without shared memory a log is read by whoever may lock the file for writing.
            wanted = wanted & ~apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_READWRITE
        super().__init__(base, name, [wanted, 0])
        flags[1] = wanted
        self._disk = disk
        self._number = disk.file(name.filename() if hasattr(name, "filename") else str(name))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._disk.log.append(("write", self._number, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.log.append(("truncate", self._number, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.log.append(("sync", self._number))
        super().xSync(flags)


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        # The system's own; by an empty name we would call ourselves.
        self._base = apsw.vfs_names()[0]
        super().__init__("recorded", self._base, makedefault=True)
        self._disk = disk

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        text = name.filename() if hasattr(name, "filename") else name
        if text is None or not self._disk.holds(text):
            return apsw.VFSFile(self._base, name, flags)
        return _File(self._disk, self._base, name, flags)

    def xDelete(self, name: str, sync_folder: bool) -> None:  # noqa: N802
        super().xDelete(name, sync_folder)
        self._disk.deleted(name)
        if sync_folder:
            self._disk.log.append(("sync folder",))


@contextlib.contextmanager
def recording(root: Path) -> Iterator[Disk]:
    """Record everything below ``root`` until the end."""
    disk = Disk(root)
    vfs = _Vfs(disk)

    def alone(connection: apsw.Connection) -> None:
        # Python cannot offer shared memory; then SQLite keeps the log's index in its own.
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")

    apsw.connection_hooks.append(alone)
    try:
        with contextlib.ExitStack() as stack:
            for name, wrapper in _wrappers(disk).items():
                stack.enter_context(patch.object(os, name, wrapper))
            yield disk
    finally:
        apsw.connection_hooks.remove(alone)
        vfs.unregister()


def _wrappers(disk: Disk) -> dict[str, Callable[..., Any]]:
    opened, fsync = os.open, os.fsync
    rename, replace, unlink = os.rename, os.replace, os.unlink

    def on_open(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        descriptor = opened(path, flags, *rest, **named)
        if flags & os.O_CREAT and disk.holds(path):
            disk.file(path)
        return descriptor

    def on_fsync(descriptor: int) -> None:
        fsync(descriptor)
        disk.synced(descriptor)

    def on_move(move: Callable[..., None]) -> Callable[..., None]:
        def moved(old: Any, new: Any, **named: Any) -> None:
            move(old, new, **named)
            if disk.holds(old):
                disk.renamed(os.fspath(old), os.fspath(new))

        return moved

    def on_unlink(path: Any, **named: Any) -> None:
        unlink(path, **named)
        if disk.holds(path):
            disk.deleted(os.fspath(path))

    return {
        "open": on_open, "fsync": on_fsync, "unlink": on_unlink,
        "rename": on_move(rename), "replace": on_move(replace),
    }  # fmt: skip


def after_cut(log: list[tuple[Any, ...]], cut: int, dice: random.Random) -> dict[str, bytes]:
    """The files as they may be when the power goes after ``cut`` entries of the log."""
    done = log[:cut]
    last_sync: dict[int, int] = {}
    any_sync = -1
    for place, entry in enumerate(done):
        if entry[0] in ("sync", "sync folder"):
            any_sync = place
            if entry[0] == "sync":
                last_sync[entry[1]] = place
    contents: dict[int, bytearray] = {}
    for place, entry in enumerate(done):
        if entry[0] in ("write", "truncate"):
            data = contents.setdefault(entry[1], bytearray())
            certain = place < last_sync.get(entry[1], -1)
            _apply(data, entry, certain, dice)
    names: dict[str, int] = {}
    for place, entry in enumerate(done):
        if entry[0] not in ("create", "rename", "delete"):
            continue
        if place > any_sync and dice.random() < 0.5:
            break
        match entry:
            case ("create", name, number):
                names[name] = number
            case ("rename", old, new, number):
                names.pop(old, None)
                names[new] = number
            case ("delete", name):
                names.pop(name, None)
    return {name: bytes(contents.get(number, b"")) for name, number in names.items()}


def _apply(data: bytearray, entry: tuple[Any, ...], certain: bool, dice: random.Random) -> None:
    if not certain and dice.random() < 0.5:
        return
    if entry[0] == "truncate":
        del data[entry[2] :]
        return
    _kind, _number, offset, written = entry
    torn = not certain and dice.random() < 0.4
    place = 0
    while place < len(written):
        end = min(len(written), place + SECTOR - (offset + place) % SECTOR)
        if not torn or dice.random() < 0.5:
            if len(data) < offset + end:
                data.extend(bytes(offset + end - len(data)))
            data[offset + place : offset + end] = written[place:end]
        place = end
