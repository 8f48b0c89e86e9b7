"""``models list``, ``verify`` and ``remove``: what is on this computer, and its care."""

import argparse

from app.amounts import file_size
from app.commands.hub_room import HubRoom, hub_room
from app.commands.models_json import installed_object
from app.commands.output import Output
from app.errors import ExitCode
from app.library.entities import InstalledModel
from app.library.errors import LibraryError
from app.library.removing import Removed
from app.library.verifying import Verification, VerifyProgress
from app.paths import DataPaths
from app.wording import sentence, sentence_for
from models.naming import shorten


def run_list(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Print every model, the one last used first. Raises KnownError."""
    with hub_room(options, paths, output) as room:
        # What finished just before a kill is added first.
        _ = room.services.models.arrivals
        models = room.services.library.entries()
    if output.as_json:
        output.json([installed_object(model) for model in models])
        return ExitCode.OK
    for model in models:
        output.line("\t".join(_cells(model)))
    return ExitCode.OK


def _cells(model: InstalledModel) -> tuple[str, ...]:
    state = sentence(f"terminal.state_{model.state}")
    size = file_size(model.size_bytes)
    return model.name, model.quantization, size, state, str(model.handle.path)


def run_verify(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Check one model or all, and print what was found. Raises KnownError."""
    with hub_room(options, paths, output) as room:
        models = room.services.library.entries()
        if options.name is not None:
            models = [_installed(room, options.name)]

        def told(progress: VerifyProgress) -> None:
            percent = 100 * progress.done_bytes // max(progress.total_bytes, 1)
            facts: dict[str, str | int | float] = {"name": progress.name, "percent": percent}
            output.progress(sentence("terminal.verifying", facts))

        verifier = room.services.models.verifier
        try:
            results: tuple[Verification, ...] = room.waiter.result(
                lambda done, _failed: verifier.begin(models, told, done)
            )
        finally:
            output.progress("")
    if options.name is not None and results[0].trouble is not None:
        raise results[0].trouble
    if output.as_json:
        output.json([_object(each) for each in results])
    else:
        for each in results:
            output.line(_line(each))
    # That a drive is away is no fault of its models.
    bad = [each.trouble for each in results if each.trouble is not None and each.is_damaged]
    if not bad:
        return ExitCode.OK
    output.complain(sentence_for(bad[0]))
    return ExitCode.BAD_MODEL


def _object(each: Verification) -> dict[str, object]:
    trouble = None
    if each.trouble is not None:
        trouble = {"code": each.trouble.code, "message": sentence_for(each.trouble)}
    return {
        "key": each.model.key,
        "name": each.model.name,
        "compared": each.compared,
        "sound": each.trouble is None,
        "damaged": each.is_damaged,
        "error": trouble,
    }


def _line(each: Verification) -> str:
    name = shorten(each.model.name)
    if each.trouble is not None:
        return sentence_for(each.trouble)
    return sentence(f"terminal.sound_{each.compared}", {"name": name})


def run_remove(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Take a model off the list, its files to the trash if they are ours. Raises KnownError."""
    with hub_room(options, paths, output) as room:
        model = _installed(room, options.name)
        remover = room.services.models.remover
        removed: Removed = room.waiter.result(
            lambda done, failed: remover.remove(model, done, failed)
        )
    if output.as_json:
        output.json(
            {
                "key": model.key,
                "name": model.name,
                "trashed": [str(path) for path in removed.trashed],
                "frees": removed.freed_bytes,
            }
        )
        return ExitCode.OK
    facts = {"name": shorten(model.name), "size": file_size(removed.freed_bytes)}
    output.line(sentence("terminal.trashed" if removed.trashed else "terminal.forgotten", facts))
    return ExitCode.OK


def _installed(room: HubRoom, name: str) -> InstalledModel:
    """The installed model of this name; a path names one only if it was added. Raises
    LibraryError.
    """
    _ = room.services.models.arrivals
    library = room.services.library
    for model in library.entries():
        if name in (str(model.handle.path), model.key):
            return model
    found = library.installed(name)
    if found is None:
        raise LibraryError("library.unknown", name=shorten(name))
    return found
