"""``export``: conversations in any format, to stdout, a file, a folder of files or a zip."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from app.commands.folders import folder_named
from app.commands.output import Output
from app.errors import ExitCode, UsageError
from app.export.base import ExportOptions
from app.export.formats import Formats
from app.export.job import Exported, ExportProgress
from app.export.scope import (
    Everything,
    InFolder,
    OneBranch,
    Scope,
    SearchResult,
    SomeConversations,
)
from app.export.targets import Target
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import Services, open_for_command
from app.wording import sentence
from models.errors import KnownError
from models.naming import shorten

_BINARY = ("pdf", "docx")

_LEFT_OUT = {
    "--no-system-prompt": ("system_prompt", "terminal.help_export_system"),
    "--no-reasoning": ("reasoning", "terminal.help_export_reasoning"),
    "--no-attachments": ("attachments", "terminal.help_export_attachments"),
    "--no-statistics": ("statistics", "terminal.help_export_statistics"),
    "--no-dates": ("dates", "terminal.help_export_dates"),
}


def add_to(commands: Any) -> None:
    """Register the command and its arguments."""
    parser = commands.add_parser("export", help=sentence("terminal.help_export"))
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--all", action="store_true", help=sentence("terminal.help_export_all"))
    what.add_argument("--folder", metavar="NAME", help=sentence("terminal.help_folder"))
    what.add_argument(
        "--conversation", action="append", metavar="ID", help=sentence("terminal.help_export_one")
    )
    what.add_argument("--search", metavar="QUERY", help=sentence("terminal.help_export_search"))
    parser.add_argument("--branch", metavar="ID", help=sentence("terminal.help_export_branch"))
    parser.add_argument("--format", choices=Formats().names, default="md")
    parser.add_argument("--output", metavar="PATH", help=sentence("terminal.help_output"))
    parser.add_argument("--zip", action="store_true", help=sentence("terminal.help_export_zip"))
    parser.add_argument(
        "--overwrite", action="store_true", help=sentence("terminal.help_export_overwrite")
    )
    for option, (field, code) in _LEFT_OUT.items():
        parser.add_argument(
            option, dest=field, action="store_false", default=True, help=sentence(code)
        )
    parser.add_argument(
        "--branches", action="store_true", help=sentence("terminal.help_export_branches")
    )
    parser.add_argument(
        "--paper", choices=("a4", "letter"), default="a4",
        help=sentence("terminal.help_export_paper"),
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help=sentence("terminal.help_json"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Write what is asked for; an existing file is never replaced unasked. Raises KnownError."""
    if options.branch is not None and len(options.conversation or ()) != 1:
        raise UsageError("terminal.export_branch")
    callbacks = CallbackQueue()
    services = open_for_command(paths, callbacks.post)
    try:
        scope = _scope(options, services)
        if options.output is None:
            _print(options, services, scope)
        else:
            target = _target(options, services, scope)
            exported = _save(options, services, callbacks, scope, target, output)
            _tell(exported, target, output)
    finally:
        # Also after Ctrl+C: what is under way is given up, and nothing of it stays.
        services.close()
    return ExitCode.OK


def _scope(options: argparse.Namespace, services: Services) -> Scope:
    if options.branch is not None:
        return OneBranch(options.conversation[0], options.branch)
    if options.conversation:
        for each in options.conversation:
            # One that is not there must not only be left out.
            services.history.conversation(each)
        return SomeConversations(tuple(options.conversation))
    if options.folder is not None:
        return InFolder(folder_named(services, options.folder))
    if options.search is not None:
        # Not the end of typing: the last word is a whole one.
        return SearchResult(options.search + " ")
    return Everything()


def _wanted(options: argparse.Namespace) -> ExportOptions:
    chosen = {field: getattr(options, field) for field, _code in _LEFT_OUT.values()}
    return ExportOptions(**chosen, branches=options.branches, paper=options.paper)


def _target(options: argparse.Namespace, services: Services, scope: Scope) -> Target:
    path = Path(options.output)
    # Not Path.is_dir: it refuses to say so of a folder that cannot be looked into.
    is_folder = os.path.isdir(path)  # noqa: PTH112
    packing = services.exports.packing(scope, options.format)
    if options.zip or path.suffix.lower() == ".zip":
        packing = "zip"
    elif path.suffix.lower() == f".{options.format}" and not is_folder:
        # A search may find just one, and somebody who names a file wants one.
        packing = "file"
    if packing != "folder" and is_folder:
        path /= services.exports.suggested_name(scope, options.format, packing)
    return Target(path.absolute(), packing, options.overwrite)


def _print(options: argparse.Namespace, services: Services, scope: Scope) -> None:
    if options.zip or (options.format in _BINARY and sys.stdout.isatty()):
        raise UsageError("terminal.export_where", name=options.format)
    services.exports.stream(scope, options.format, _wanted(options), sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _save(
    options: argparse.Namespace,
    services: Services,
    callbacks: CallbackQueue,
    scope: Scope,
    target: Target,
    output: Output,
) -> Exported:
    done: list[Exported] = []
    refused: list[KnownError] = []

    def show(progress: ExportProgress) -> None:
        facts: dict[str, str | int | float] = {
            "done": progress.conversations, "total": progress.of or 0,
            "messages": progress.messages,
        }  # fmt: skip
        output.progress(sentence("terminal.exporting", facts))

    services.exports.begin(
        scope, options.format, _wanted(options), target, done.append, refused.append, show
    )
    callbacks.run_until(lambda: bool(done or refused))
    output.progress("")
    if refused:
        raise refused[0]
    return done[0]


def _tell(exported: Exported, target: Target, output: Output) -> None:
    if output.as_json:
        output.json(
            {
                "folder" if target.packing == "folder" else "file": str(exported.path),
                "files": exported.files,
                "conversations": exported.conversations,
                "messages": exported.messages,
                "bytes": exported.size_bytes,
                "gone": exported.gone,
            }
        )
        return
    facts: dict[str, str | int | float] = {
        "count": exported.conversations,
        "path": shorten(str(exported.path)),
    }
    output.note(sentence("terminal.exported", facts))
