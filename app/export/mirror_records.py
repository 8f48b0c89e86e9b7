"""What is remembered of a Markdown copy: which files we wrote, and what was in them."""

import logging
from pathlib import Path, PurePosixPath
from typing import Literal

import msgspec

from app.export.base import ExportOptions
from app.files import write_atomically

log = logging.getLogger("moestro.export")


class MirrorFile(msgspec.Struct, kw_only=True):
    """The file of one conversation."""

    path: str
    """Below the copy's folder, with slashes."""
    wanted: str
    """The same without a number that tells it from others of its name."""
    fingerprint: str = ""
    """Of the conversation, when the file was written."""
    sha256: str = ""
    """Of what we wrote; empty when nothing is written yet."""
    next_path: str = ""
    next_wanted: str = ""
    next_sha256: str = ""
    """What is about to be written: after a kill, a file like this is ours too."""
    is_edited: bool = False
    """Somebody changed it, and was told that it is left alone."""
    is_lost: bool = False
    """Its conversation is not in the history, and nobody saw it erased: the file stays."""


class MirrorRecord(msgspec.Struct, kw_only=True):
    """One copy that is kept up to date."""

    version: Literal[1] = 1
    id: str
    folder_id: str | None
    """Of the chats; None for all."""
    path: str
    """The folder on the disk."""
    options: ExportOptions = ExportOptions()
    files: dict[str, MirrorFile] = {}
    """By the conversation's id."""

    @property
    def folder(self) -> Path:
        """Where the copy lies."""
        return Path(self.path)


def load(folder: Path) -> tuple[list[MirrorRecord], list[Path]]:
    """Every record in our folder for them, by id, and the files that cannot be read as one."""
    records: list[MirrorRecord] = []
    unreadable: list[Path] = []
    for path in sorted(folder.glob("*.json")):
        record = _read(path)
        if record is None:
            unreadable.append(path)
        else:
            records.append(record)
    return records, unreadable


def save(folder: Path, record: MirrorRecord) -> None:
    """Keep it, whole. Raises OSError."""
    folder.mkdir(mode=0o700, exist_ok=True)
    write_atomically(folder / f"{record.id}.json", msgspec.json.encode(record))


def forget(folder: Path, record_id: str) -> None:
    """It is kept no longer. Raises OSError."""
    (folder / f"{record_id}.json").unlink(missing_ok=True)


def _read(path: Path) -> MirrorRecord | None:
    try:
        record = msgspec.json.decode(path.read_bytes(), type=MirrorRecord)
    except (OSError, msgspec.DecodeError, RecursionError):
        log.warning("a record of a Markdown copy cannot be read", exc_info=True)
        return None
    if record.id != path.stem:
        return None
    record.files = {key: each for key, each in record.files.items() if _is_inside(each)}
    return record


def _is_inside(file: MirrorFile) -> bool:
    """Nothing that a record says leads out of the copy's folder."""
    paths = [PurePosixPath(each) for each in (file.path, file.next_path) if each]
    return all(not each.is_absolute() and ".." not in each.parts for each in paths)
