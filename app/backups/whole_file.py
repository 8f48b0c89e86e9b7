"""One file of everything, from a window: looked into first, then taken while it goes on running."""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from app.backups.comparing import Difference, compare
from app.backups.describing import BackupContents, describe
from app.backups.errors import BackupError
from app.backups.one_file import HISTORY, SETTINGS, OneFile, import_everything, inspect
from app.paths import DataPaths
from app.settings.reading import parse, typed
from app.settings.schema import Settings
from app.settings.store import SettingsStore
from app.storage.backup_files import BackupFile, Reason
from models.naming import shorten

_RESERVE_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class WholeFile:
    """What a file of everything holds, and how its chats differ from those of now."""

    found: OneFile
    contents: BackupContents
    difference: Difference

    @property
    def has_settings(self) -> bool:
        """Whether settings are in it too."""
        return SETTINGS in self.found.parts


def look_into(paths: DataPaths, source: Path) -> WholeFile:
    """Check all of ``source`` and read what it holds; nothing is changed.

    Raises BackupError (backup.unknown, .not_ours, .damaged, .io) and StorageError.
    """
    found = inspect(source)
    with _unpacked(paths, source, found) as history:
        contents = describe(history)
        return WholeFile(found, contents, compare(paths.history, history))


def take(paths: DataPaths, source: Path) -> bytes:
    """Make its history wait for the next start; returns its settings for ``take_settings``.

    Its settings lie in the folder then, but a running program holds its own: b"" if it has none.
    Raises what ``import_everything`` raises, which refuses settings that make no sense.
    """
    found = import_everything(paths, source)
    if SETTINGS not in found.parts:
        return b""
    try:
        with zipfile.ZipFile(source) as archive:
            return archive.read(SETTINGS)
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise BackupError("backup.io", name=shorten(source.name)) from error


def take_settings(settings: SettingsStore, content: bytes) -> None:
    """Let the settings that ``take`` returned hold from now on; on the state thread."""
    if content:
        values, _bad = typed(Settings, parse(content))
        settings.change(**{name: getattr(values, name) for name in _names()})


def _names() -> list[str]:
    return [field.name for field in msgspec.structs.fields(Settings) if field.name != "version"]


@contextmanager
def _unpacked(paths: DataPaths, source: Path, found: OneFile) -> Iterator[BackupFile]:
    """Its history as a file to look at, beside the history of now; gone afterwards."""
    target = paths.history.with_name(paths.history.name + ".looked-at")
    try:
        # One of a program that was killed.
        target.unlink(missing_ok=True)
        if shutil.disk_usage(paths.root).free < found.parts[HISTORY] + _RESERVE_BYTES:
            raise BackupError("backup.io", name=shorten(source.name))
        target.touch(mode=0o600)
        with zipfile.ZipFile(source) as archive:
            with archive.open(HISTORY) as packed, target.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked, 1 << 20)
            # A ZIP knows the local time only.
            made = datetime(*archive.getinfo(HISTORY).date_time).astimezone(UTC)
        size = found.parts[HISTORY]
        yield BackupFile(target, 0, made, Reason.MANUAL, size)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise BackupError("backup.damaged", name=shorten(source.name)) from error
    except OSError as error:
        raise BackupError("backup.io", name=shorten(source.name)) from error
    finally:
        target.unlink(missing_ok=True)
