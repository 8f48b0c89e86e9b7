"""What becomes of downloads while the library's folder is moved.

Those that are not done are locked for everybody until the move is over, and their partials move
along: a download knows its partial by the file's hash, so it goes on where it was.
"""

import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import filelock

from app.library.download_entities import Download
from app.library.download_orders import PARTS_FOLDER
from app.library.download_states import STOPPED, DownloadState
from app.library.downloads import Downloads
from app.library.errors import KeepingError
from app.library.move_entities import ArrivedDownload, PlannedFile
from models.entities import ModelFile
from models.errors import KnownError
from models.transfer_part import PartInUse, PartPaths, take_lock
from models.transfer_record import read_record, write_record

log = logging.getLogger("moestro.library")

Bring = Callable[[PlannedFile], ModelFile]
Put = Callable[[Path, Callable[[Path], None]], ModelFile]


class MovingDownloads:
    """The downloads of one move: those of the old folder that are not done."""

    def __init__(self, downloads: Sequence[Download], source: Path, target: Path) -> None:
        self._here = [each for each in downloads if each.library == source]
        self._all = [each for each in self._here if each.status.state is not DownloadState.READY]
        self._source = source
        self._target = target
        self._locks: list[filelock.BaseFileLock] = []

    def lock(self) -> None:
        """Keep everybody from going on with them. Raises KeepingError when one runs, OSError."""
        folder = self._source / PARTS_FOLDER
        if not folder.is_dir():
            return
        for download in self._all:
            try:
                self._locks.append(take_lock(folder / f"{download.id}.lock"))
            except PartInUse:
                raise KeepingError("library.move_downloads") from None

    def release(self) -> None:
        """Let them go on; harmless when nothing is locked."""
        for lock in self._locks:
            with contextlib.suppress(OSError):
                lock.release(force=True)
        self._locks.clear()

    @property
    def sizes(self) -> list[int]:
        """Bytes of the partials that move along."""
        return [file.source.size for each in self._going_on for file in self._planned(each)]

    @property
    def lock_files(self) -> tuple[ModelFile, ...]:
        """The files of locks, which stay when a lock is given back."""
        folder = self._source / PARTS_FOLDER
        paths = [folder / f"{each.id}.lock" for each in self._here]
        paths += [part.lock for each in self._here for part in self._parts(each)]
        return _present(dict.fromkeys(paths))

    @property
    def cancelled(self) -> tuple[ArrivedDownload, ...]:
        """Those that nobody wants any more, with what is left of them."""
        return tuple(
            ArrivedDownload(identifier=each.id, old=self._old(each))
            for each in self._all
            if each.status.state is DownloadState.CANCELLED
        )

    def bring(self, bring: Bring, put: Put) -> list[ArrivedDownload]:
        """Move the partials; ``put`` writes what is new beside them. Raises what these raise."""
        arrived = []
        brought: set[Path] = set()
        for download in self._going_on:
            for planned in self._planned(download):
                if planned.target in brought:
                    continue
                brought.add(planned.target)
                _put_record(planned, bring(planned), put)
            arrived.append(ArrivedDownload(identifier=download.id, old=self._old(download)))
        return arrived

    # --- inside ----------------------------------------------------------------------------

    @property
    def _going_on(self) -> list[Download]:
        return [each for each in self._all if each.status.state is not DownloadState.CANCELLED]

    def _parts(self, download: Download) -> list[PartPaths]:
        folder = self._source / PARTS_FOLDER
        return [PartPaths(folder, file.wanted.sha256) for file in download.files]

    def _planned(self, download: Download) -> list[PlannedFile]:
        """Its partials that are worth something."""
        planned = []
        for part in self._parts(download):
            target = self._target / PARTS_FOLDER / part.part.name
            with contextlib.suppress(OSError):
                file = ModelFile.of(part.part)
                if file.size and read_record(part.record) and not target.exists():
                    planned.append(PlannedFile(source=file, target=target))
        return planned

    def _old(self, download: Download) -> tuple[ModelFile, ...]:
        """Everything that is left of it in the old folder."""
        parts = self._parts(download)
        return _present(path for part in parts for path in (part.part, part.record, part.bad))


def _put_record(planned: PlannedFile, made: ModelFile, put: Put) -> None:
    """What belongs beside a part: all of it is on the disk, and none of it is verified."""
    record = read_record(planned.source.path.with_suffix(".json"))
    if record is None:
        return
    record.synced, record.boot, record.target = made.size, "", ""
    record.verified_mtime_ns = record.verified_inode = 0
    put(made.path.with_suffix(".json"), lambda path: write_record(path, record))


def _present(paths: Iterable[Path]) -> tuple[ModelFile, ...]:
    found = []
    for path in paths:
        with contextlib.suppress(OSError):
            found.append(ModelFile.of(path))
    return tuple(found)


def follow(downloads: Downloads, source: Path, moved: Sequence[str], over: Sequence[str]) -> None:
    """Show what the switch did to the downloads' rows. On the state thread.

    What this program itself holds in memory still belongs to the old folder: it is put on the
    list anew, in the new one, where its partial waits already.
    """
    downloads.refresh()
    for identifier in over:
        with contextlib.suppress(KnownError):
            downloads.forget(identifier)
    again: list[Download] = []
    for identifier in moved:
        download = downloads.get(identifier)
        if download is not None and download.library == source and not download.elsewhere:
            with contextlib.suppress(KnownError):
                downloads.forget(identifier)
                again.append(download)
    for download in again:
        try:
            identifier = downloads.add(download.request)
            if download.status.state in STOPPED:
                downloads.pause(identifier)
        except KnownError as error:
            log.warning("a download did not follow the library: %s", error)
