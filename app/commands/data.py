"""``data move``: another folder for everything but the models."""

import argparse
from pathlib import Path
from typing import Any

from app.backups.errors import BackupError
from app.commands.output import Output
from app.data_move import finish_move, move_data
from app.errors import ExitCode
from app.instance import InstanceLock
from app.paths import DataPaths
from app.wording import sentence
from models.naming import shorten


def add_to(commands: Any) -> None:
    """Register the command and its verb."""
    parser = commands.add_parser("data", help=sentence("terminal.help_data"))
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    move = verbs.add_parser("move", help=sentence("terminal.help_data_move"))
    move.add_argument("folder", type=Path, help=sentence("terminal.help_data_target"))
    move.add_argument("--json", action="store_true", help=sentence("terminal.help_json"))
    move.set_defaults(run=run_move)


def run_move(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Move the data to exactly this folder. Needs to be alone. Raises KnownError."""
    lock = InstanceLock(paths.lock)
    if not lock.acquire():
        raise BackupError("backup.window_open")
    try:
        finish_move(paths)
        moved = move_data(paths, options.folder.absolute())
    finally:
        lock.release()
    if output.as_json:
        kept = None if moved.kept is None else str(moved.kept)
        output.json({"folder": str(moved.folder), "kept": kept, "bytes": moved.size_bytes})
        return ExitCode.OK
    output.line(sentence("data.moved", {"path": shorten(str(moved.folder))}))
    if moved.kept is not None:
        output.line(str(moved.kept))
    return ExitCode.OK
