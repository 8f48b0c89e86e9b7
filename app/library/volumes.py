"""What a disk can take: room, the largest file, and which start of the computer this is."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_GIB = 1 << 30
_FAT = frozenset({"vfat", "fat", "fat32", "msdos", "exfat32", "umsdos"})
_FAT_LIMIT = 4 * _GIB - 1
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Room:
    """Of one volume, in bytes."""

    total: int
    free: int

    @property
    def reserve(self) -> int:
        """What downloads leave free: other programs and the system need it."""
        return max(_GIB, self.total // 50)


def room_of(folder: Path) -> Room:
    """The room on the volume of ``folder``. Raises OSError."""
    usage = shutil.disk_usage(folder)
    return Room(usage.total, usage.free)


def free_bytes(folder: Path) -> int | None:
    """The room on the volume where ``folder`` is or will be; None when nobody can tell."""
    for place in (folder, *folder.parents):
        try:
            return room_of(place).free
        except OSError:
            continue
    return None


def largest_file(folder: Path) -> int | None:
    """The most bytes that one file may have there; None where that does not matter."""
    best, kind = -1, ""
    place = folder.absolute()
    for partition in psutil.disk_partitions(all=True):
        mount = Path(partition.mountpoint)
        if place.is_relative_to(mount) and len(mount.parts) > best:
            best, kind = len(mount.parts), partition.fstype.lower()
    return _FAT_LIMIT if kind in _FAT else None


def device_of(folder: Path) -> int:
    """Tells volumes apart. Raises OSError."""
    return folder.stat().st_dev


def boot_name() -> str:
    """Names this start of the computer; another one says that it was off in between."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return f"{psutil.boot_time():.0f}"


@dataclass(frozen=True, slots=True)
class Volumes:
    """What the downloads ask about disks."""

    room: Callable[[Path], Room] = room_of
    largest_file: Callable[[Path], int | None] = largest_file
    device: Callable[[Path], int] = device_of
    boot: str = field(default_factory=boot_name)

    def is_short(
        self, folder: Path, needed: int, others: Iterable[tuple[Path, int]]
    ) -> tuple[int, int] | None:
        """Bytes needed and bytes available where ``needed`` do not fit; None where they do.

        ``others`` are folders and bytes that are promised to other downloads. Raises OSError.
        """
        if needed <= 0:
            return None
        room = self.room(folder)
        promised = sum(count for place, count in others if self._is_same(place, folder))
        available = max(room.free - promised - room.reserve, 0)
        return (needed, available) if needed > available else None

    def _is_same(self, one: Path, other: Path) -> bool:
        try:
            return self.device(one) == self.device(other)
        except OSError:
            return False
