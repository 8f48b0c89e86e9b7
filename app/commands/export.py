"""``export``: a conversation as Markdown or JSON, to a file or to stdout."""

import argparse
from pathlib import Path
from typing import Any

from app.commands.output import Output
from app.errors import ExitCode
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import open_for_command
from app.wording import sentence

FORMATS = ("md", "json")


def add_to(commands: Any) -> None:
    """Register the command and its arguments."""
    parser = commands.add_parser("export", help=sentence("terminal.help_export"))
    parser.add_argument("--conversation", metavar="ID", required=True)
    parser.add_argument("--format", choices=FORMATS, default="md")
    parser.add_argument("--output", metavar="FILE", help=sentence("terminal.help_output"))
    parser.add_argument("--json", action="store_true", help=sentence("terminal.help_json"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Write the conversation; an existing file is never replaced."""
    services = open_for_command(paths, CallbackQueue().post)
    try:
        text = services.exports.text(options.conversation, options.format)
        if options.output is None:
            output.write(text)
        else:
            services.exports.write(Path(options.output), text)
            if output.as_json:
                output.json({"file": str(Path(options.output).absolute())})
    finally:
        services.close()
    return ExitCode.OK
