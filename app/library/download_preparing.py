"""Before the first byte: where a set goes, what of it is there, and whether the rest fits."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from app.amounts import file_size
from app.library.download_orders import JobOrder
from app.library.download_states import DownloadState, Status
from app.library.volumes import Volumes
from models.naming import shorten
from models.transfer_entities import StopReason, TransferProgress
from models.transfer_part import PartPaths
from models.transfer_promotion import Stamp, has_content

T = TypeVar("T")
S = DownloadState


class Halt(Exception):  # noqa: N818
    """The whole set stands still: this status is that of every file that is not done."""

    def __init__(self, status: Status) -> None:
        super().__init__(status)
        self.status = status


class OnDisk(Protocol):
    """Runs file work on the job's own thread."""

    def __call__(self, work: Callable[[], T]) -> Awaitable[T]:
        """Await the result of ``work``; what the system refuses becomes Halt."""
        ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """The place of a set; ``targets`` are relative to the library."""

    place: str
    targets: tuple[str, ...]
    placed: dict[int, Stamp]
    """Files that lie there already, with the right content."""


async def prepare(
    order: JobOrder,
    volumes: Volumes,
    on_disk: OnDisk,
    progress: list[TransferProgress],
    hashing: Callable[[int, bool], None],
    stopped: Callable[[], bool],
) -> Prepared:
    """Look at the library and fill in what ``progress`` begins with.

    ``hashing`` hears that a file that lies there is compared, and when that is over. Raises
    Halt: something else has every place, or the disk cannot take the set.
    """
    prepared = await _choose_place(order, on_disk, hashing, stopped)
    await on_disk(lambda: _count(order, prepared, progress))
    await on_disk(lambda: _check_room(order, volumes, prepared, progress))
    return prepared


async def _choose_place(
    order: JobOrder,
    on_disk: OnDisk,
    hashing: Callable[[int, bool], None],
    stopped: Callable[[], bool],
) -> Prepared:
    """The first place where nothing else lies under the names of the set."""
    for place in order.places:
        targets = tuple(f"{place}/{path}" for path in order.local)
        placed: dict[int, Stamp] = {}
        for number, target in enumerate(targets):
            path = order.library / target
            if not await on_disk(lambda path=path: path.exists() or path.is_symlink()):  # type: ignore[misc]
                continue
            hashing(number, True)
            stamp = await on_disk(
                lambda number=number, path=path: _content_at(order, number, path, stopped)  # type: ignore[misc]
            )
            hashing(number, False)
            if stamp is None:
                break
            placed[number] = stamp
        else:
            return Prepared(place, targets, placed)
    facts = {
        "name": shorten(order.local[0].rpartition("/")[2]),
        "folder": shorten(str(order.library)),
    }
    raise Halt(Status(S.FAILED, StopReason.OCCUPIED, facts))


def _content_at(
    order: JobOrder, number: int, path: Path, stopped: Callable[[], bool]
) -> Stamp | None:
    """The file at ``path`` if it is the one that is wanted. Raises OSError, Interrupted."""
    wanted = order.files[number]
    known, sha256 = order.known.get(path, (None, ""))
    trusted = known if sha256 == wanted.sha256 else None
    is_same = has_content(path, wanted, trusted, lambda _count: None, stopped)
    return Stamp.of(path) if is_same else None


def _count(order: JobOrder, prepared: Prepared, progress: list[TransferProgress]) -> None:
    for number, file in enumerate(order.files):
        if number in prepared.placed:
            progress[number].done = file.size
            continue
        progress[number].done = 0
        with contextlib.suppress(FileNotFoundError):
            part = PartPaths(order.parts, file.sha256).part
            progress[number].done = min(part.stat().st_size, file.size)


def _check_room(
    order: JobOrder, volumes: Volumes, prepared: Prepared, progress: list[TransferProgress]
) -> None:
    missing = [number for number in range(len(order.files)) if number not in prepared.placed]
    limit = volumes.largest_file(order.library)
    for number in missing:
        if limit is not None and order.files[number].size > limit:
            facts = {
                "name": shorten(order.local[number].rpartition("/")[2]),
                "folder": shorten(str(order.library)),
            }
            raise Halt(Status(S.BLOCKED, StopReason.FS_LIMIT, facts))
    needed = sum(order.files[number].size - progress[number].done for number in missing)
    short = volumes.is_short(order.library, needed, order.promised)
    if short is not None:
        amounts = {
            "needed": file_size(short[0]),
            "free": file_size(short[1]),
            "folder": shorten(str(order.library)),
        }
        raise Halt(Status(S.BLOCKED, StopReason.SPACE, amounts))
