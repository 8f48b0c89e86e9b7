"""``plan``: where every part of a model would sit, and how fast it would answer.

A model that is not here is planned from its headers on the Hub alone.
"""

import argparse
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.commands.arguments import positive, whole
from app.commands.hub_room import HubRoom, hub_room
from app.commands.output import Output
from app.commands.placement_json import placement_object
from app.commands.plan_words import plan_lines
from app.errors import AppError, ExitCode
from app.library.row_headers import ReadSubject
from app.notices import Notice
from app.paths import DataPaths
from app.placement.budgets import budget_notices
from app.placement.described import read_machine
from app.placement.entities import Machine, Wishes
from app.placement.measuring import types_to_measure
from app.placement.placements import subject_of
from app.placement.simulation import Outcome, Subject
from app.placement.survey import Surveyed
from app.services import Services
from app.wording import sentence, sentence_for
from models.gguf import CheckedModel, open_model
from models.hub_reference import parse_reference
from models.naming import shorten, shown_name
from models.stub import stub_of

_MIB = 2**20


def add_to(commands: Any) -> None:
    """Register the command and its arguments."""
    parser = commands.add_parser("plan", help=sentence("terminal.help_plan"))
    parser.add_argument("file", metavar="FILE", help=sentence("terminal.help_plan_file"))
    parser.add_argument("--context", type=positive, metavar="N")
    parser.add_argument("--kv-type", choices=("f16", "q8_0", "q4_0"))
    parser.add_argument(
        "--budget", action="append", default=[], type=_budget, metavar="NAME=MIB",
        help=sentence("terminal.help_budget"),
    )  # fmt: skip
    parser.add_argument("--machine", metavar="FILE", help=sentence("terminal.help_machine"))
    parser.add_argument("--stub", action="store_true", help=sentence("terminal.help_stub"))
    parser.add_argument(
        "--endpoint", metavar="URL", default=argparse.SUPPRESS,
        help=sentence("terminal.help_endpoint"),
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help=sentence("terminal.help_json"))
    parser.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class _Planned:
    """The model of a plan."""

    subject: Subject
    paths: tuple[str, ...]
    """As the command line has them that is printed."""
    shown: str
    """The file's name."""
    fetched_bytes: int | None = None
    """Of headers on the Hub; None for a model that is here."""


def run(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Plan and print. Raises KnownError."""
    budgets = dict(options.budget)
    described = read_machine(Path(options.machine), budgets) if options.machine else None
    # The folder goes last: no worker may have a stub open then, or Windows would keep it.
    with (
        tempfile.TemporaryDirectory(prefix="moestro-stub-") as folder,
        hub_room(options, paths, output) as room,
    ):
        planned = _planned(room, options, Path(folder))
        machine = described or _machine_here(room, planned.subject, budgets)
        wishes = Wishes(context_tokens=options.context, kv_type=options.kv_type)
        place = room.services.placements.place
        outcome: Outcome = room.waiter.result(
            lambda done, _failed: place(planned.subject, machine, wishes, done)
        )
        notices = budget_notices(machine, budgets)
        unified = machine.unified_memory
        _print(output, outcome, planned, wishes, notices, unified=unified)
    return ExitCode.OK


def _machine_here(room: HubRoom, subject: Subject, budgets: dict[str, int]) -> Machine:
    """This computer, measured once if it never was. Raises KnownError."""

    def measuring(fraction: float) -> None:
        facts = {"percent": round(100 * fraction)}
        room.output.progress(sentence("terminal.measuring", facts))

    survey = room.services.survey
    survey.allow(budgets)
    found: Surveyed = room.waiter.result(survey.look)
    if found.wants_measuring:
        types = types_to_measure(subject.facts)
        found = room.waiter.result(
            lambda done, failed: survey.measure(types, measuring, done, failed)
        )
        room.output.progress("")
    return found.machine


def _planned(room: HubRoom, options: argparse.Namespace, folder: Path) -> _Planned:
    """The model that is meant: a path, else an installed name, else one on the Hub."""
    text = options.file
    if not os.path.lexists(text) and room.services.library.installed(text) is None:
        reference = parse_reference(text, room.services.models.endpoint)
        # A file that was written wrongly is no question to the Hub.
        if reference is not None and not _looks_like_a_file(text):
            return _remote(room, options, folder)
    model = _model(room.services, text)
    stubs = _stubs(model, folder) if options.stub else ()
    paths = tuple(str(file.path) for file in model.handle.files)
    return _Planned(subject_of(model, stubs), paths, shown_name(model.handle.path))


def _looks_like_a_file(text: str) -> bool:
    return "://" not in text and text.lower().endswith(".gguf")


def _remote(room: HubRoom, options: argparse.Namespace, folder: Path) -> _Planned:
    """A model on the Hub, by the headers of its files. Raises KnownError."""
    reference = room.reference(options.file)
    page = room.page(reference)
    choice = room.chosen(page, reference, options.machine)
    quantization = choice.quantization
    if quantization.problem is not None:
        raise quantization.problem
    hub = room.services.models.hub
    read: ReadSubject = room.waiter.result(
        lambda done, failed: hub.read_headers(page, quantization, folder, done, failed)
    )
    names = tuple(file.path.rpartition("/")[2] for file in quantization.files)
    fetched = choice.fetched_bytes + read.fetched_bytes
    return _Planned(read.subject, names, shorten(f"{page.info.id}:{read.label}"), fetched)


def _model(services: Services, text: str) -> CheckedModel:
    """The model of a path, which is not added to the library, or of an installed name."""
    path = Path(text)
    if path.exists():
        return open_model(path)
    return open_model(services.library.resolve(text).handle.path)


def _stubs(model: CheckedModel, folder: Path) -> tuple[Path, ...]:
    """Stubs of the model's files. Raises KnownError."""
    try:
        return tuple(stub_of(model, folder))
    except OSError as error:
        # A file system without sparse files has no room for a stub, and an old one no length.
        name = shown_name(model.handle.path)
        raise AppError("terminal.stub_not_written", name=name) from error


def _print(
    output: Output,
    outcome: Outcome,
    planned: _Planned,
    wishes: Wishes,
    notices: tuple[Notice, ...],
    *,
    unified: bool,
) -> None:
    placement, subject = outcome.placement, planned.subject
    told = [sentence(notice.code, notice.facts) for notice in notices]
    if outcome.trouble is not None:
        told.append(sentence_for(outcome.trouble))
    if output.as_json:
        value = placement_object(placement, planned.paths, subject.facts)
        if planned.fetched_bytes is not None:
            value["fetched_bytes"] = planned.fetched_bytes
        output.json({**value, "notices": told})
        return
    lines = plan_lines(
        placement, subject.facts, subject.name, planned.shown, wishes, unified=unified
    )
    for text in lines:
        output.line(text)
    for text in told:
        output.line(text)


def _budget(text: str) -> tuple[str, int]:
    name, equals, amount = text.rpartition("=")
    mebibytes = whole(amount)
    if not equals or not name or mebibytes is None:
        raise argparse.ArgumentTypeError(sentence("terminal.not_budget"))
    return name, mebibytes * _MIB
