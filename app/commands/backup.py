"""``backup create|list|verify|restore|salvage|erase``: copies of the history, and one of all."""

import argparse
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from app.amounts import file_size
from app.backups.describing import BackupContents, backup_named, describe, verify
from app.backups.erasing import erase_everything, what_is_there
from app.backups.errors import BackupError
from app.backups.mending import mend_history
from app.backups.one_file import OneFile, export_everything, import_everything, inspect
from app.backups.rescuing import salvage_file
from app.backups.restoring import restore
from app.commands.output import Output
from app.errors import ExitCode, UsageError
from app.history.schema import history_migrations
from app.instance import InstanceLock
from app.logs import configure
from app.notices import Notice
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.storage.backup_files import BackupFile, Reason, list_backups
from app.storage.copies import keep_copy
from app.storage.opening import open_database
from app.wording import sentence
from models.naming import shorten

_ONE_FILE = ".zip"

Run: TypeAlias = Callable[[argparse.Namespace, DataPaths, Output], int]


def add_to(commands: Any) -> None:
    """Register the command and its verbs."""
    parser = commands.add_parser("backup", help=sentence("terminal.help_backup"))
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    create = verbs.add_parser("create", help=sentence("terminal.help_backup_create"))
    create.add_argument(
        "--output", metavar="FILE", type=Path, help=sentence("terminal.help_backup_output")
    )
    listing = verbs.add_parser("list", help=sentence("terminal.help_backup_list"))
    verifying = verbs.add_parser("verify", help=sentence("terminal.help_backup_verify"))
    verifying.add_argument("name", nargs="?", help=sentence("terminal.help_backup_name"))
    restoring = verbs.add_parser("restore", help=sentence("terminal.help_backup_restore"))
    restoring.add_argument("name", help=sentence("terminal.help_backup_name"))
    saving = verbs.add_parser("salvage", help=sentence("terminal.help_backup_salvage"))
    saving.add_argument("file", type=Path, help=sentence("terminal.help_backup_damaged"))
    erasing = verbs.add_parser("erase", help=sentence("terminal.help_backup_erase"))
    erasing.add_argument("--yes", action="store_true", help=sentence("terminal.help_backup_yes"))
    erasing.add_argument(
        "--models", action="store_true", help=sentence("terminal.help_backup_models")
    )
    for verb, run in (
        (create, run_create), (listing, run_list), (verifying, run_verify),
        (restoring, run_restore), (saving, run_salvage), (erasing, run_erase),
    ):  # fmt: skip
        verb.add_argument("--json", action="store_true", help=sentence("terminal.help_json"))
        verb.set_defaults(run=run if run is run_erase else _logged(run))


def _logged(run: Run) -> Run:
    """What is noticed on the way goes to the log, not between the lines for the person."""

    def logged(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
        logs = configure(paths.logs)
        try:
            return run(options, paths, output)
        finally:
            logs.close()

    return logged


def run_create(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Back up the history, or everything into one file; beside a window too. Raises KnownError."""
    if not paths.history.is_file():
        raise BackupError("backup.nothing", folder=shorten(str(paths.root)))
    if options.output is not None:
        _tell_one_file(output, export_everything(paths, options.output.absolute()))
        return ExitCode.OK
    _tell(output, describe(keep_copy(paths.history, paths.backups, Reason.MANUAL)))
    return ExitCode.OK


def run_list(_options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Print every backup and what it holds, newest first. Raises KnownError."""
    rows = [_row(each) for each in list_backups(paths.backups, paths.history.stem)]
    if output.as_json:
        output.json(rows)
        return ExitCode.OK
    for row in rows:
        size = file_size(row["size_bytes"])
        held = sentence("terminal.backup_damaged")
        if not row["damaged"]:
            held = sentence("terminal.backup_holds", row)
        output.line("\t".join((row["name"], row["made"], size, held)))
    return ExitCode.OK


def run_verify(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Check one backup, a file of everything, or all backups. Raises KnownError."""
    if options.name is not None and options.name.endswith(_ONE_FILE):
        _tell_one_file(output, inspect(Path(options.name)))
        return ExitCode.OK
    stem = paths.history.stem
    if options.name is None:
        files: tuple[BackupFile, ...] = list_backups(paths.backups, stem)
    else:
        files = (backup_named(paths.backups, stem, options.name),)
    bad: list[BackupError] = []
    rows = []
    for file in files:
        try:
            rows.append(_object(verify(file)))
        except BackupError as error:
            bad.append(error)
            rows.append(_bare(file) | {"damaged": True})
    if output.as_json and not bad:
        output.json(rows)
    elif not output.as_json:
        for row in rows:
            code = "terminal.backup_damaged" if row["damaged"] else "terminal.backup_sound"
            output.line(row["name"] + "\t" + sentence(code))
    if bad:
        raise bad[0]
    return ExitCode.OK


def run_restore(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Put a backup, or a file of everything, into use; the history now is kept. Needs to be alone.

    Raises KnownError.
    """
    with _alone(paths):
        if options.name.endswith(_ONE_FILE):
            found = import_everything(paths, Path(options.name).absolute())
            notices = _swap(paths)
            _tell_one_file(output, found)
        else:
            contents = restore(paths, backup_named(paths.backups, paths.history.stem, options.name))
            notices = _swap(paths)
            _tell(output, contents)
    for notice in notices:
        output.note(sentence(notice.code, notice.facts))
    return ExitCode.OK


def run_salvage(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Make a backup of all that can be read in a damaged file. Raises KnownError."""
    kept, saved = salvage_file(paths, options.file.absolute(), history_migrations())
    if output.as_json:
        output.json(_bare(kept) | {"saved": dict(saved.saved), "lost": dict(saved.lost)})
        return ExitCode.OK
    facts: dict[str, str | int | float] = {
        "count": saved.saved_rows, "missing": saved.lost_rows, "name": shorten(kept.name)
    }  # fmt: skip
    output.line(sentence("backup.salvaged", facts))
    return ExitCode.OK


def run_erase(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Delete everything in the data folder for good. Needs ``--yes``. Raises KnownError."""
    with _alone(paths):
        if not options.yes:
            count = len(what_is_there(paths, models=options.models))
            folder = shorten(str(paths.root))
            raise UsageError("backup.erase_asks", count=count, folder=folder)
        erased = erase_everything(paths, models=options.models)
    if output.as_json:
        output.json(
            {
                "removed": [str(path) for path in erased.removed],
                "left": [str(path) for path in erased.left],
                "freed_bytes": erased.freed_bytes,
            }
        )
        return ExitCode.OK
    facts = {"size": file_size(erased.freed_bytes), "folder": shorten(str(paths.root))}
    output.line(sentence("backup.erased", facts))
    for path in erased.left:
        output.line(str(path))
    return ExitCode.OK


@contextlib.contextmanager
def _alone(paths: DataPaths) -> Iterator[None]:
    """Hold the instance lock. Raises BackupError backup.window_open."""
    lock = InstanceLock(paths.lock)
    if not lock.acquire():
        raise BackupError("backup.window_open")
    try:
        yield
    finally:
        lock.release()


def _swap(paths: DataPaths) -> tuple[Notice, ...]:
    database = open_database(
        paths.history, history_migrations(), paths.backups, CallbackQueue().post,
        mend=mend_history,
    )  # fmt: skip
    database.close()
    return database.notices


def _tell(output: Output, contents: BackupContents) -> None:
    if output.as_json:
        output.json(_object(contents))
        return
    row: dict[str, Any] = _object(contents)
    output.line(row["name"] + "\t" + sentence("terminal.backup_holds", row))


def _tell_one_file(output: Output, found: OneFile) -> None:
    if output.as_json:
        output.json({"path": str(found.path), "size_bytes": found.size_bytes, "parts": found.parts})
        return
    facts = {"name": shorten(found.path.name), "size": file_size(found.size_bytes)}
    output.line(sentence("backup.one_file", facts))


def _row(file: BackupFile) -> dict[str, Any]:
    try:
        return _object(describe(file))
    except BackupError:
        return _bare(file) | {"damaged": True}


def _object(contents: BackupContents) -> dict[str, Any]:
    return _bare(contents.file) | {
        "damaged": False,
        "version": contents.version,
        "conversations": contents.conversations,
        "trashed": contents.trashed,
        "messages": contents.messages,
        "newest_titles": list(contents.newest_titles),
        "last_written_ms": contents.last_written_ms,
    }


def _bare(file: BackupFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "number": file.number,
        "reason": file.reason.value,
        "made": file.made.isoformat(timespec="seconds"),
        "size_bytes": file.size_bytes,
    }
