"""``models``: its verbs and their arguments; each verb's work is in a module of its own."""

import argparse
from typing import Any

from app.commands import models_add, models_hub, models_keep, models_move, models_pull
from app.commands.arguments import positive
from app.wording import sentence

SORTS = tuple(models_hub.SORTS)


def add_to(commands: Any) -> None:
    """Register the command and its verbs."""
    parser = commands.add_parser("models", help=sentence("terminal.help_models"))
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    _verb(verbs, "list", "terminal.help_models_list", models_keep.run_list)
    _add_hub(verbs)
    _add_keeping(verbs)


def _add_hub(verbs: Any) -> None:
    search = _verb(verbs, "search", "terminal.help_models_search", models_hub.run_search)
    search.add_argument("query", metavar="QUERY", help=sentence("terminal.help_query"))
    search.add_argument("--sort", choices=SORTS, default=SORTS[0])
    search.add_argument("--limit", type=positive, default=20, metavar="N")
    _endpoint(search)
    show = _verb(verbs, "show", "terminal.help_models_show", models_hub.run_show)
    show.add_argument("repository", metavar="REPO", help=sentence("terminal.help_repository"))
    show.add_argument("--machine", metavar="FILE", help=sentence("terminal.help_machine"))
    _endpoint(show)
    pull = _verb(verbs, "pull", "terminal.help_models_pull", models_pull.run_pull)
    pull.add_argument("repository", metavar="REPO[:QUANT]", help=sentence("terminal.help_chosen"))
    pull.add_argument("--to", metavar="FOLDER", help=sentence("terminal.help_to"))
    pull.add_argument(
        "--with-projector", action="store_true", help=sentence("terminal.help_with_projector")
    )
    _endpoint(pull)


def _add_keeping(verbs: Any) -> None:
    adding = _verb(verbs, "import", "terminal.help_models_import", models_add.run_import)
    adding.add_argument("paths", nargs="*", metavar="PATH", help=sentence("terminal.help_paths"))
    ways = adding.add_mutually_exclusive_group()
    for way in models_add.WAYS:
        ways.add_argument(
            f"--{way}", dest="way", action="store_const", const=way,
            help=sentence(f"terminal.help_{way}"),
        )  # fmt: skip
    adding.add_argument(
        "--from-programs", action="store_true", help=sentence("terminal.help_from_programs")
    )
    move = _verb(verbs, "move", "terminal.help_models_move", models_move.run_move)
    move.add_argument("folder", metavar="FOLDER", help=sentence("terminal.help_move_folder"))
    _verb(verbs, "discover", "terminal.help_models_discover", models_add.run_discover)
    remove = _verb(verbs, "remove", "terminal.help_models_remove", models_keep.run_remove)
    remove.add_argument("name", metavar="NAME", help=sentence("terminal.help_name"))
    verify = _verb(verbs, "verify", "terminal.help_models_verify", models_keep.run_verify)
    verify.add_argument("name", nargs="?", metavar="NAME", help=sentence("terminal.help_name"))


def _verb(verbs: Any, name: str, help_code: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=sentence(help_code))
    parser.add_argument("--json", action="store_true", help=sentence("terminal.help_json"))
    parser.set_defaults(run=run)
    return parser


def _endpoint(parser: argparse.ArgumentParser) -> None:
    """Also behind the verb; left out there, what stands before the command counts."""
    parser.add_argument(
        "--endpoint", metavar="URL", default=argparse.SUPPRESS,
        help=sentence("terminal.help_endpoint"),
    )  # fmt: skip
