"""Where the data folder is, once it was moved: a note in the usual place, a mark in the new one.

The note names the folder; only a folder that carries the same mark is believed. So a disk that is
away, or an empty folder where one was, never looks like a history that is gone.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.errors import DataFolderError
from app.files import sync_folder, write_atomically
from models.naming import shorten

NOTE, MARK = "data-folder.json", "moestro-data.json"
_FORMAT, _VERSION = "moestro-data-folder", 1
_MOST_BYTES = 100_000


class MarkState(StrEnum):
    """How far the copy that carries the mark is."""

    COPYING = "copying"
    CHECKED = "checked"
    """Whole, and not used yet."""
    USED = "used"


@dataclass(frozen=True, slots=True)
class Mark:
    """What lies in a folder that data were moved to."""

    id: str
    state: MarkState
    came_from: str = ""
    """The folder before, as long as its files are not set aside; empty afterwards."""
    kept: tuple[str, ...] = ()
    """Folders with the files of before."""


def pointed(home: Path) -> Path | None:
    """The folder that the note in ``home`` names; None without one, when ``home`` is the folder.

    Raises DataFolderError: data.away when that folder is not there, data.note_damaged.
    """
    try:
        told = _read(home / NOTE)
        if told is None:
            return None
        target, identity = Path(str(told["path"])), str(told["id"])
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise DataFolderError("data.note_damaged", path=shorten(str(home / NOTE))) from error
    mark = mark_of(target)
    if mark is None or mark.id != identity or mark.state is MarkState.COPYING:
        raise DataFolderError("data.away", path=shorten(str(target)))
    return target


def point(home: Path, target: Path, identity: str) -> None:
    """Use ``target`` from now on; ``home`` itself needs no note. Raises OSError."""
    if target == home:
        (home / NOTE).unlink(missing_ok=True)
        sync_folder(home)
        return
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(home / NOTE, {"id": identity, "path": str(target)})


def forget(home: Path) -> None:
    """Begin with a new folder in the usual place; the note is kept under another name.

    Raises OSError.
    """
    number = 1
    while (kept := home / f"{NOTE}.before-{number}").exists():
        number += 1
    (home / NOTE).rename(kept)
    sync_folder(home)


def mark_of(folder: Path) -> Mark | None:
    """What the mark in ``folder`` says; None without one that makes sense."""
    try:
        told = _read(folder / MARK)
        if told is None:
            return None
        kept = tuple(str(each) for each in told["kept"])
        return Mark(str(told["id"]), MarkState(told["state"]), str(told["came_from"]), kept)
    except (ValueError, KeyError, TypeError, OSError):
        return None


def put_mark(folder: Path, mark: Mark) -> None:
    """Write the mark. Raises OSError."""
    facts = {
        "id": mark.id, "state": mark.state.value, "came_from": mark.came_from,
        "kept": list(mark.kept),
    }  # fmt: skip
    _write(folder / MARK, facts)


def _read(path: Path) -> dict[str, Any] | None:
    """None when there is no such file. Raises OSError, ValueError."""
    try:
        with path.open("rb") as stream:
            told = json.loads(stream.read(_MOST_BYTES).decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not isinstance(told, dict) or (told.get("format"), told.get("version")) != (
        _FORMAT, _VERSION,
    ):  # fmt: skip
        raise ValueError(path.name)
    return told


def _write(path: Path, facts: dict[str, Any]) -> None:
    content = {"format": _FORMAT, "version": _VERSION, **facts}
    write_atomically(path, json.dumps(content, indent=2).encode())
