"""The same services from a terminal: arguments, exit codes, and who handles which command."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from app.commands import (
    ask,
    backup,
    conversations,
    data,
    devices,
    export,
    import_chats,
    models,
    plan,
    rpc_worker,
)
from app.commands.output import Output
from app.engine.rpc_greeting import parse_host
from app.errors import ExitCode, UsageError
from app.model_rooms import HubWishes
from app.paths import data_paths
from app.wording import sentence
from models.errors import KnownError
from models.hub_reference import parse_endpoint
from models.naming import shorten

_PROBLEM_CHARACTERS = 80

OpenWindow = Callable[[str | None, list[str], tuple[str, ...], HubWishes], int]


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line, like every other failure."""

    def error(self, message: str) -> NoReturn:
        # The library's list of choices makes a long line, and its word for a wrong one is curt.
        problem = message.partition(" (choose from")[0].replace("invalid choice:", "there is no")
        raise UsageError("terminal.usage", problem=shorten(problem, _PROBLEM_CHARACTERS))


def main(arguments: Sequence[str], open_window: OpenWindow) -> int:
    """Run a command, or open the window when there is none; return the exit code."""
    output = Output(as_json="--json" in arguments)
    try:
        options = _parser().parse_args(arguments)
        options.rpc = tuple(options.rpc)
        for host in options.rpc:
            parse_host(host)
            output.note(sentence("terminal.rpc_warning", {"name": host}))
        options.hub = _hub_wishes(options)
        if options.command is None:
            return open_window(options.data_dir, [], options.rpc, options.hub)
        return int(options.run(options, data_paths(options.data_dir), output))
    except KnownError as error:
        output.failure(error)
        return int(error.exit_code)
    except KeyboardInterrupt:
        output.complain(sentence("terminal.interrupted"))
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output is gone. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FAILED


def _hub_wishes(options: argparse.Namespace) -> HubWishes:
    """What was said about the Hub, before the command or behind its verb. Raises UsageError."""
    endpoint = None
    if options.endpoint is not None:
        endpoint = parse_endpoint(options.endpoint)
        if endpoint is None:
            raise UsageError("terminal.not_endpoint", name=shorten(options.endpoint))
    return HubWishes(endpoint=endpoint, offline=options.offline)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="moestro", description=sentence("terminal.about"))
    parser.add_argument("--data-dir", metavar="FOLDER", help=sentence("terminal.help_data_dir"))
    parser.add_argument(
        "--rpc",
        action="append",
        default=[],
        metavar="HOST:PORT",
        help=sentence("terminal.help_rpc"),
    )
    parser.add_argument("--offline", action="store_true", help=sentence("terminal.help_offline"))
    parser.add_argument("--endpoint", metavar="URL", help=sentence("terminal.help_endpoint"))
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for module in (
        ask, conversations, backup, data, models, plan, devices, rpc_worker, export, import_chats,
    ):  # fmt: skip
        module.add_to(commands)
    return parser
