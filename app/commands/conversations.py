"""``conversations list|show|search|delete|restore``: what is in the history."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from app.commands.arguments import positive
from app.commands.conversations_words import (
    conversation_object,
    deleted_line,
    deleted_object,
    found_lines,
    found_object,
    listed_object,
    message_object,
    moment,
)
from app.commands.folders import folder_named
from app.commands.output import Output
from app.errors import ExitCode
from app.history.entities import Role
from app.history.errors import HistoryError
from app.history.found import Filters
from app.history.organised import Deleted, Sort
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import Services, open_for_command
from app.wording import sentence
from models.errors import KnownError
from models.naming import shorten

T = TypeVar("T")

_WAIT_SECONDS = 60.0
_FOUND = 20


def add_to(commands: Any) -> None:
    """Register the command and its verbs."""
    parser = commands.add_parser("conversations", help=sentence("terminal.help_conversations"))
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help=sentence("terminal.help_conversations_list"))
    listing.add_argument(
        "--trash", action="store_true", help=sentence("terminal.help_conversations_trash")
    )
    listing.add_argument(
        "--sort", choices=[each.value for each in Sort], default=Sort.RECENT.value,
        help=sentence("terminal.help_conversations_sort"),
    )  # fmt: skip
    _add_folder(listing)
    showing = verbs.add_parser("show", help=sentence("terminal.help_conversations_show"))
    showing.add_argument("id", metavar="ID")
    searching = verbs.add_parser("search", help=sentence("terminal.help_conversations_search"))
    searching.add_argument("text", nargs="+", help=sentence("terminal.help_search_text"))
    searching.add_argument("--model", metavar="KEY", help=sentence("terminal.help_search_model"))
    searching.add_argument(
        "--since", type=moment, metavar="DAY", help=sentence("terminal.help_search_since")
    )
    searching.add_argument(
        "--until", type=moment, metavar="DAY", help=sentence("terminal.help_search_until")
    )
    searching.add_argument(
        "--role", choices=[each.value for each in Role], help=sentence("terminal.help_search_role")
    )
    searching.add_argument(
        "--limit", type=positive, default=_FOUND, metavar="N",
        help=sentence("terminal.help_search_limit"),
    )  # fmt: skip
    _add_folder(searching)
    deleting = verbs.add_parser("delete", help=sentence("terminal.help_conversations_delete"))
    restoring = verbs.add_parser("restore", help=sentence("terminal.help_conversations_restore"))
    for verb in (deleting, restoring):
        verb.add_argument("ids", nargs="+", metavar="ID")
    for verb, run in (
        (listing, run_list), (showing, run_show), (searching, run_search),
        (deleting, run_delete), (restoring, run_restore),
    ):  # fmt: skip
        verb.add_argument("--json", action="store_true", help=sentence("terminal.help_json"))
        verb.set_defaults(run=run)


def run_list(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Print every conversation, or what is in the trash. Raises KnownError."""
    with _opened(paths) as (services, _callbacks):
        if options.trash:
            _tell_deleted(output, services.organiser.deleted())
            return ExitCode.OK
        rows = services.organiser.listed(Sort(options.sort))
        if options.folder is not None:
            folder_id = folder_named(services, options.folder)
            rows = [row for row in rows if (row.folder_id or "") == folder_id]
        if output.as_json:
            output.json([listed_object(row) for row in rows])
        else:
            for row in rows:
                output.line("\t".join((row.id, row.title)))
    return ExitCode.OK


def run_show(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Print the branch of a conversation that is shown. Raises KnownError."""
    with _opened(paths) as (services, _callbacks):
        conversation = services.history.conversation(options.id)
        if output.as_json:
            messages = services.history.branch(options.id)
            shown = conversation_object(conversation)
            output.json(shown | {"messages": [message_object(each) for each in messages]})
        else:
            output.write(services.exports.text(options.id, "md"))
    return ExitCode.OK


def run_search(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Print the conversations with these words, the best first. Raises KnownError."""
    with _opened(paths) as (services, _callbacks):
        folder = options.folder
        filters = Filters(
            models=(options.model,) if options.model else (),
            since_ms=options.since,
            until_ms=options.until,
            folder_id=None if folder is None else folder_named(services, folder),
            role=Role(options.role) if options.role else None,
        )
        # Not the end of typing: the last word is a whole one.
        text = " ".join(options.text) + " "
        found = services.finder.find(text, filters=filters, limit=options.limit)
        if output.as_json:
            output.json(found_object(found))
        else:
            for line in found_lines(found):
                output.line(line)
    return ExitCode.OK


def run_delete(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Move conversations into the trash, all of them or none. Raises KnownError."""
    with _opened(paths) as (services, callbacks):
        for each in options.ids:
            services.history.conversation(each)
        heard: list[list[Deleted]] = []
        deleted = _wait(
            callbacks,
            heard,
            lambda failed: services.organiser.delete_conversations(
                options.ids, heard.append, failed
            ),
        )
        _tell_deleted(output, deleted)
    return ExitCode.OK


def run_restore(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Bring things back from the trash, all of them or none. Raises KnownError."""
    with _opened(paths) as (services, callbacks):
        there = {each.id: each for each in services.organiser.deleted()}
        for each in options.ids:
            if each not in there:
                raise HistoryError("history.not_in_trash", id=shorten(each))
        chosen = [there[each] for each in dict.fromkeys(options.ids)]
        heard: list[int] = []
        count = _wait(
            callbacks,
            heard,
            lambda failed: services.organiser.restore(chosen, heard.append, failed),
        )
        if output.as_json:
            output.json({"restored": [each.id for each in chosen], "count": count})
        else:
            for each in chosen:
                output.line("\t".join((each.id, each.name)))
    return ExitCode.OK


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", metavar="NAME", help=sentence("terminal.help_folder"))


def _tell_deleted(output: Output, deleted: list[Deleted]) -> None:
    if output.as_json:
        output.json([deleted_object(each) for each in deleted])
        return
    for each in deleted:
        output.line(deleted_line(each))


@contextmanager
def _opened(paths: DataPaths) -> Iterator[tuple[Services, CallbackQueue]]:
    callbacks = CallbackQueue()
    services = open_for_command(paths, callbacks.post)
    try:
        yield services, callbacks
    finally:
        services.close()


def _wait(
    callbacks: CallbackQueue,
    kept: list[T],
    write: Callable[[Callable[[KnownError], None]], None],
) -> T:
    """Begin a write whose result goes into ``kept``, and wait for it. Raises KnownError."""
    refused: list[KnownError] = []
    write(refused.append)
    callbacks.run_until(lambda: bool(kept or refused), _WAIT_SECONDS)
    if refused:
        raise refused[0]
    return kept[0]
