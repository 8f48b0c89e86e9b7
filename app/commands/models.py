"""``models list``: which models are on this computer."""

import argparse
from typing import Any

from app.commands.output import Output
from app.errors import ExitCode
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import open_for_command
from app.wording import sentence


def add_to(commands: Any) -> None:
    """Register the command and its verbs."""
    parser = commands.add_parser("models", help=sentence("terminal.help_models"))
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help=sentence("terminal.help_models_list"))
    listing.add_argument("--json", action="store_true", help=sentence("terminal.help_json"))
    listing.set_defaults(run=run_list)


def run_list(_options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Print every model, the one last used first."""
    services = open_for_command(paths, CallbackQueue().post)
    try:
        models = services.library.entries()
        if output.as_json:
            output.json(
                [
                    {
                        "key": model.key,
                        "name": model.name,
                        "quantization": model.quantization,
                        "architecture": model.architecture,
                        "size": model.size_bytes,
                        "demo": model.is_demo,
                        "path": str(model.handle.path),
                    }
                    for model in models
                ]
            )
        else:
            for model in models:
                output.line("\t".join((model.name, model.quantization, str(model.handle.path))))
    finally:
        services.close()
    return ExitCode.OK
