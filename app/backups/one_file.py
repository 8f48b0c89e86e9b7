"""Everything a user wrote in one file, and out of it again: history and settings.

A ZIP with ``moestro.json`` first, which names each part with its size and SHA-256. The library
is left out: it is made again from the model files. Models, keys and logs are not in it either.
"""

import hashlib
import json
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.backups.describing import refuse_newer
from app.backups.errors import BackupError
from app.files import write_atomically
from app.paths import DataPaths
from app.settings.reading import MAX_FILE_BYTES, parse
from app.storage.copies import copy_database, copy_is_sound, finish_file
from app.storage.replacing import preparing
from models.naming import shorten

FORMAT, VERSION = "moestro-backup", 1
HISTORY, SETTINGS = "history.sqlite3", "settings.json"

_MANIFEST = "moestro.json"
_MANIFEST_BYTES = 1_000_000
_BLOCK = 1 << 20
_ROOM_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class OneFile:
    """What a file of this kind holds."""

    path: Path
    parts: dict[str, int]
    """Name -> bytes."""
    size_bytes: int


def export_everything(paths: DataPaths, target: Path) -> OneFile:
    """Write history and settings to the new file ``target``, read it back and compare.

    Raises BackupError backup.target_exists or .io, and StorageError; ``target`` is then absent.
    """
    if target.exists():
        raise BackupError("backup.target_exists", name=shorten(target.name))
    try:
        # For the copy, and for the file that is made of it.
        room = _ROOM_BYTES + paths.history.stat().st_size
        # Beside the target, so that it is only renamed; a folder of our own meets no other file.
        with tempfile.TemporaryDirectory(prefix=".moestro-", dir=target.parent) as name:
            copy, part = Path(name, HISTORY), Path(name, target.name)
            copy_database(paths.history, copy, room)
            _write(part, {HISTORY: copy, SETTINGS: paths.settings})
            inspect(part)
            finish_file(part, target)
        return inspect(target)
    except OSError as error:
        raise BackupError("backup.io", name=shorten(target.name)) from error


def inspect(path: Path) -> OneFile:
    """Read all of it and compare with what it says of itself. Raises BackupError."""
    try:
        with _opened(path) as archive:
            parts = _parts(archive, path)
            for name, facts in parts.items():
                _copy_out(archive, name, facts, None, path)
            sizes = {name: facts["size"] for name, facts in parts.items()}
            return OneFile(path, sizes, path.stat().st_size)
    except OSError as error:
        raise BackupError("backup.io", name=shorten(path.name)) from error


def import_everything(paths: DataPaths, source: Path) -> OneFile:
    """Make the history in ``source`` wait to take the place at the next start; take its settings.

    The history now is backed up when it is replaced; the settings now stay beside the new ones
    as ``settings.json.before-restore``. The caller holds the instance lock.
    Raises BackupError and StorageError; nothing was changed then.
    """
    found = inspect(source)
    try:
        with _opened(source) as archive:
            parts = _parts(archive, source)
            with preparing(paths.history) as part:
                part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _copy_out(archive, HISTORY, parts[HISTORY], part, source)
                if not copy_is_sound(part):
                    raise BackupError("backup.damaged", name=shorten(source.name))
                refuse_newer(part, source.name)
                if SETTINGS in parts:
                    _take_settings(paths, archive.read(SETTINGS), source)
    except OSError as error:
        raise BackupError("backup.io", name=shorten(source.name)) from error
    return found


def _take_settings(paths: DataPaths, content: bytes, source: Path) -> None:
    try:
        parse(content)
    except ValueError as error:
        # The next start would set it aside, and begin with no settings at all.
        raise BackupError("backup.damaged", name=shorten(source.name)) from error
    if paths.settings.exists():
        kept = paths.settings.with_name(SETTINGS + ".before-restore")
        number = 2
        while kept.exists():
            kept = paths.settings.with_name(f"{SETTINGS}.before-restore-{number}")
            number += 1
        write_atomically(kept, paths.settings.read_bytes())
    write_atomically(paths.settings, content)


def _write(part: Path, sources: dict[str, Path]) -> None:
    present = {name: path for name, path in sources.items() if path.is_file()}
    facts = {
        name: {"size": path.stat().st_size, "sha256": _sha256(path)}
        for name, path in present.items()
    }
    manifest = {"format": FORMAT, "version": VERSION, "parts": facts}
    part.touch(mode=0o600)
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr(_MANIFEST, json.dumps(manifest, indent=2))
        for name, path in present.items():
            archive.write(path, name)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise BackupError("backup.not_ours", name=shorten(path.name)) from error
    except OSError as error:
        raise BackupError("backup.unknown", name=shorten(path.name)) from error


def _parts(archive: zipfile.ZipFile, path: Path) -> dict[str, dict[str, Any]]:
    """What the manifest names, as far as we know it: no other name is ever written."""
    try:
        with archive.open(_MANIFEST) as stream:
            manifest = json.loads(stream.read(_MANIFEST_BYTES))
        if manifest["format"] != FORMAT or manifest["version"] != VERSION:
            raise BackupError("backup.not_ours", name=shorten(path.name))
        parts = {name: manifest["parts"][name] for name in (HISTORY, SETTINGS)
                 if name in manifest["parts"]}  # fmt: skip
        for facts in parts.values():
            facts["size"], facts["sha256"] = int(facts["size"]), str(facts["sha256"])
        settings_fit = parts.get(SETTINGS, {"size": 0})["size"] <= MAX_FILE_BYTES
    except (KeyError, TypeError, ValueError, OSError, RecursionError, zipfile.BadZipFile) as error:
        raise BackupError("backup.not_ours", name=shorten(path.name)) from error
    if HISTORY not in parts or not settings_fit:
        raise BackupError("backup.not_ours", name=shorten(path.name))
    return parts


def _copy_out(
    archive: zipfile.ZipFile, name: str, facts: dict[str, Any], target: Path | None, path: Path
) -> None:
    """Read a part, at most as long as it says; write it to ``target`` when there is one."""
    digest, left = hashlib.sha256(), facts["size"]
    try:
        with archive.open(name) as stream:
            output = None if target is None else target.open("xb")
            try:
                # One byte more than it says is enough to know; then nothing more is asked for.
                while block := stream.read(min(_BLOCK, left + 1)):
                    left -= len(block)
                    digest.update(block)
                    if output is not None:
                        output.write(block)
            finally:
                if output is not None:
                    output.close()
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError,
            RuntimeError) as error:  # fmt: skip
        raise BackupError("backup.damaged", name=shorten(path.name)) from error
    if left or digest.hexdigest() != facts["sha256"]:
        raise BackupError("backup.damaged", name=shorten(path.name))
