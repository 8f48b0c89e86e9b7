"""``conversations list``: what is in the history."""

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
    parser = commands.add_parser("conversations", help=sentence("terminal.help_conversations"))
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help=sentence("terminal.help_conversations_list"))
    listing.add_argument("--json", action="store_true", help=sentence("terminal.help_json"))
    listing.set_defaults(run=run_list)


def run_list(_options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Print every conversation, the one last used first."""
    services = open_for_command(paths, CallbackQueue().post)
    try:
        conversations = services.history.conversations()
        if output.as_json:
            output.json(
                [
                    {
                        "id": conversation.id,
                        "title": conversation.title,
                        "created_ms": conversation.created_ms,
                        "updated_ms": conversation.updated_ms,
                        "model_key": conversation.model_key,
                    }
                    for conversation in conversations
                ]
            )
        else:
            for conversation in conversations:
                output.line("\t".join((conversation.id, conversation.title)))
    finally:
        services.close()
    return ExitCode.OK
