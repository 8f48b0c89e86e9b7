"""``models import`` and ``models discover``: what is on this computer already."""

import argparse
from pathlib import Path

from app.amounts import file_size
from app.commands.hub_room import HubRoom, hub_room
from app.commands.models_json import found_object, installed_object
from app.commands.output import Output
from app.errors import ExitCode, UsageError
from app.library.import_entities import Imported, ImportProgress, ImportWay
from app.paths import DataPaths
from app.wording import sentence, sentence_for
from models.naming import shorten, shown_name
from models.peers import Findings

WAYS: tuple[ImportWay, ...] = ("leave", "copy", "link", "move")


def run_import(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Add models and print what became of each. Raises KnownError."""
    if bool(options.paths) == options.from_programs or (options.from_programs and options.way):
        raise UsageError("terminal.import_what")
    with hub_room(options, paths, output) as room:
        try:
            results = _imported(room, options)
        finally:
            output.progress("")
    troubles = [each.trouble for each in results if each.trouble is not None]
    if troubles and len(results) == 1:
        raise troubles[0]
    if output.as_json:
        output.json([_object(each) for each in results])
    else:
        for each in results:
            output.line(_line(each))
    if not troubles:
        return ExitCode.OK
    # Of several, each line told its own; stderr has one.
    output.complain(sentence_for(troubles[0]))
    return int(troubles[0].exit_code)


def _imported(room: HubRoom, options: argparse.Namespace) -> tuple[Imported, ...]:
    imports = room.services.models.imports

    def told(progress: ImportProgress) -> None:
        room.output.progress(_progress(progress))

    if options.from_programs:
        added: tuple[Imported, ...] = room.waiter.result(
            lambda done, _failed: imports.begin_from_programs(told, done)
        )
        return added
    way: ImportWay = options.way or "leave"
    places = [Path(text) for text in options.paths]
    results: tuple[Imported, ...] = room.waiter.result(
        lambda done, _failed: imports.begin(places, way, told, done)
    )
    return results


def _progress(progress: ImportProgress) -> str:
    facts: dict[str, str | int | float] = {
        "name": progress.name,
        "number": progress.number,
        "count": progress.count,
        "done": file_size(progress.done_bytes),
        "size": file_size(progress.total_bytes),
    }
    return sentence("terminal.adding_bytes" if progress.total_bytes else "terminal.adding", facts)


def _object(each: Imported) -> dict[str, object]:
    trouble = None
    if each.trouble is not None:
        trouble = {"code": each.trouble.code, "message": sentence_for(each.trouble)}
    return {
        "path": str(each.path),
        "model": None if each.model is None else installed_object(each.model),
        "duplicate": each.is_duplicate,
        "error": trouble,
    }


def _line(each: Imported) -> str:
    if each.model is None:
        return "" if each.trouble is None else sentence_for(each.trouble)
    facts = {
        "name": shown_name(each.path) if each.is_duplicate else shorten(each.model.name),
        "folder": shorten(str(each.model.handle.path.parent)),
    }
    return sentence("terminal.duplicate" if each.is_duplicate else "terminal.added", facts)


def run_discover(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Print what other programs have on this computer; nothing is added or changed."""
    with hub_room(options, paths, output) as room:
        imports = room.services.models.imports
        found: Findings = room.waiter.result(lambda done, _failed: imports.discover(done))
        known = {model.handle.path for model in room.services.library.entries()}
    if output.as_json:
        output.json([found_object(each, is_known=each.path in known) for each in found.models])
        return ExitCode.OK
    for each in found.models:
        size = file_size(each.size_bytes)
        cells = (each.program.value, each.name, each.quantization or "", size, str(each.path))
        output.line("\t".join(cells))
    if any(each.path not in known for each in found.models):
        output.note(sentence("terminal.discovered"))
    return ExitCode.OK
