"""Finished files moved into a folder that has others: all of them, or none."""

import contextlib
import errno
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from app.export.files import is_there, put_in_place, told
from app.export.names import Names
from app.files import sync_folder

log = logging.getLogger("moestro.export")

_REPLACED = ".replaced"
"""Folder in the stage for what is replaced; no folder of chats is called so."""


def place_all(stage: Path, target: Path, *, overwrite: bool) -> None:
    """Move every file below ``stage`` to the same place below ``target``, on the same disk.

    Without ``overwrite`` a name that is taken gets a number. Raises ExportError; then what was
    moved is taken back, and what was replaced is as it was.
    """
    moves = [
        (source, target / source.relative_to(stage))
        for source in sorted(path for path in stage.rglob("*") if path.is_file())
    ]
    _check([wanted for _source, wanted in moves], overwrite=overwrite)
    with contextlib.ExitStack() as undo:
        placing = _Placing(stage, undo, overwrite=overwrite)
        for source, wanted in moves:
            with told(wanted):
                placing.place(source, wanted)
        for folder in placing.folders:
            sync_folder(folder)
        # All of them are there: nothing is taken back any more.
        undo.pop_all()


def _check(wanted: list[Path], *, overwrite: bool) -> None:
    """Whether anything is where none of ours can be. Raises ExportError."""
    for folder in {path.parent for path in wanted}:
        with told(folder):
            if is_there(folder) and not folder.is_dir():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    for path in wanted if overwrite else ():
        with told(path):
            if is_there(path) and not path.is_file():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))


class _Placing:
    """Moves one file after the other, and notes in ``undo`` how each is taken back."""

    def __init__(self, stage: Path, undo: contextlib.ExitStack, *, overwrite: bool) -> None:
        self._aside = stage / _REPLACED
        self._undo = undo
        self._overwrite = overwrite
        self._names: dict[Path, Names] = {}
        self._kept = 0

    @property
    def folders(self) -> tuple[Path, ...]:
        """Into which files were moved."""
        return tuple(self._names)

    def place(self, source: Path, wanted: Path) -> None:
        """Move it. Raises OSError."""
        folder = wanted.parent
        if folder not in self._names:
            self._make(folder)
            taken = () if self._overwrite else os.listdir(folder)  # noqa: PTH208 - names alone
            self._names[folder] = Names(tuple(taken))
        if self._overwrite and is_there(wanted):
            self._replace(source, wanted)
            return
        while True:
            free = folder / self._names[folder].take(wanted.name)
            try:
                put_in_place(source, free, overwrite=False)
            except FileExistsError:
                # Somebody else's, since we looked.
                continue
            self._take_back(free, free.unlink)
            return

    def _make(self, folder: Path) -> None:
        if not is_there(folder):
            folder.mkdir(mode=0o700)
            self._take_back(folder, folder.rmdir)

    def _replace(self, source: Path, wanted: Path) -> None:
        """The file has its name all the time: it is kept aside under a second one."""
        self._aside.mkdir(mode=0o700, exist_ok=True)
        self._kept += 1
        kept = self._aside / str(self._kept)
        try:
            os.link(wanted, kept, follow_symlinks=False)
        except (OSError, NotImplementedError):
            # Some disks know no second names.
            shutil.copy2(wanted, kept, follow_symlinks=False)
        put_in_place(source, wanted, overwrite=True)
        self._take_back(wanted, lambda: kept.replace(wanted))

    def _take_back(self, path: Path, how: Callable[[], object]) -> None:
        def take_back() -> None:
            try:
                how()
            except OSError:
                # The others must be taken back all the same.
                log.warning("%s could not be taken back", path.name, exc_info=True)

        self._undo.callback(take_back)
