"""``models move``: gives the library another folder, with everything in it."""

import argparse
from pathlib import Path

from app.amounts import file_size
from app.commands.hub_room import hub_room
from app.commands.output import Output
from app.errors import ExitCode
from app.library.move_entities import Moved, MoveProgress
from app.paths import DataPaths
from app.wording import sentence, sentence_for
from models.naming import shorten


def run_move(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Move the library and print what became of it. Raises KnownError."""
    target = Path(options.folder).expanduser()
    with hub_room(options, paths, output) as room:
        # What finished just before a kill moves along.
        _ = room.services.models.arrivals
        move = room.services.models.move

        def told(progress: MoveProgress) -> None:
            output.progress(_progress(progress))

        try:
            moved: Moved = room.waiter.result(
                lambda done, failed: move.begin(target, told, done, failed)
            )
        finally:
            output.progress("")
    if output.as_json:
        output.json(_object(moved))
        return ExitCode.OK
    facts: dict[str, str | int | float] = {
        "count": moved.models,
        "size": file_size(moved.size_bytes),
        "folder": shorten(str(moved.folder)),
    }
    output.line(sentence("terminal.moved", facts))
    for each in moved.stayed:
        output.line(sentence_for(each.why))
    if moved.kept:
        names: dict[str, str | int | float] = {
            "count": len(moved.kept),
            "folder": shorten(str(moved.kept[0].parent)),
        }
        output.line(sentence("terminal.move_kept", names))
    return ExitCode.OK


def _progress(progress: MoveProgress) -> str:
    facts: dict[str, str | int | float] = {
        "name": progress.name,
        "number": progress.number,
        "count": progress.count,
        "percent": 100 * progress.done_bytes // max(progress.total_bytes, 1),
    }
    return sentence(f"terminal.move_{progress.phase}", facts)


def _object(moved: Moved) -> dict[str, object]:
    return {
        "folder": str(moved.folder),
        "models": moved.models,
        "size": moved.size_bytes,
        "stayed": [
            {
                "key": each.model.key,
                "name": each.model.name,
                "path": str(each.model.handle.path),
                "why": {"code": each.why.code, "message": sentence_for(each.why)},
            }
            for each in moved.stayed
        ],
        "kept": [str(path) for path in moved.kept],
    }
