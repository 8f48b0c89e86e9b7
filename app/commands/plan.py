"""``plan``: where every part of a model would sit, and how fast it would answer."""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.commands.arguments import positive, whole
from app.commands.output import Output
from app.commands.placement_json import placement_object
from app.commands.plan_words import plan_lines
from app.errors import AppError, ExitCode
from app.notices import Notice
from app.paths import DataPaths
from app.placement.budgets import budget_notices
from app.placement.described import read_machine
from app.placement.entities import Machine, Wishes
from app.placement.placements import subject_of
from app.placement.simulation import Outcome, Subject
from app.placement.survey import Surveyed
from app.posting import CallbackQueue
from app.services import Services, open_for_command
from app.wording import sentence, sentence_for
from models.errors import KnownError
from models.gguf import CheckedModel, open_model
from models.naming import shown_name
from models.stub import stub_of
from models.tensor_roles import TensorRole

_Begin = Callable[[Callable[[Any], None], Callable[[KnownError], None]], Any]
_MIB = 2**20
_MEASURED_TYPES = 2
"""Types of experts for which ten seconds are enough."""


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
    parser.add_argument("--json", action="store_true", help=sentence("terminal.help_json"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Plan and print. Raises KnownError."""
    budgets = dict(options.budget)
    described = read_machine(Path(options.machine), budgets) if options.machine else None
    callbacks = CallbackQueue()
    # The folder goes last: no worker may have a stub open then, or Windows would keep it.
    with tempfile.TemporaryDirectory(prefix="moestro-stub-") as folder:
        services = open_for_command(paths, callbacks.post, rpc_hosts=options.rpc)
        try:
            model = _model(services, options.file)
            stubs = _stubs(model, Path(folder)) if options.stub else ()
            subject = subject_of(model, stubs)
            planned = _Planned(services, callbacks, output)
            machine = described or planned.machine_here(subject, budgets)
            wishes = Wishes(context_tokens=options.context, kv_type=options.kv_type)
            outcome = planned.outcome(subject, machine, wishes)
            notices = budget_notices(machine, budgets)
            unified = machine.unified_memory
            _print(output, outcome, model, subject, wishes, notices, unified=unified)
        finally:
            services.close()
    return ExitCode.OK


class _Planned:
    """Waits for what comes by callbacks."""

    def __init__(self, services: Services, callbacks: CallbackQueue, output: Output) -> None:
        self._services = services
        self._callbacks = callbacks
        self._output = output

    def machine_here(self, subject: Subject, budgets: dict[str, int]) -> Machine:
        """This computer, measured once if it never was. Raises KnownError."""
        survey = self._services.survey
        survey.allow(budgets)
        found: Surveyed = self._wait(survey.look)
        if found.wants_measuring:
            found = self._wait(
                lambda done, failed: survey.measure(
                    _expert_types(subject), self._measuring, done, failed
                )
            )
            self._output.progress("")
        return found.machine

    def outcome(self, subject: Subject, machine: Machine, wishes: Wishes) -> Outcome:
        """The placement, by the engine's own figures."""
        place = self._services.placements.place
        result: Outcome = self._wait(lambda done, _failed: place(subject, machine, wishes, done))
        return result

    def _measuring(self, fraction: float) -> None:
        facts = {"percent": round(100 * fraction)}
        self._output.progress(sentence("terminal.measuring", facts))

    def _wait(
        self, begin: Callable[[Callable[[Any], None], Callable[[KnownError], None]], Any]
    ) -> Any:
        results: list[Any] = []
        errors: list[KnownError] = []
        begin(results.append, errors.append)
        self._callbacks.run_until(lambda: bool(results or errors))
        if errors:
            raise errors[0]
        return results[0]


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


def _expert_types(subject: Subject) -> list[str]:
    """The types that most of the experts (in a dense model, of the rest) are kept in."""
    facts = subject.facts
    role = TensorRole.ROUTED_EXPERTS if facts.experts else TensorRole.FEED_FORWARD
    sizes = facts.types.get(role, {})
    return sorted(sizes, key=lambda name: -sizes[name])[:_MEASURED_TYPES]


def _print(
    output: Output,
    outcome: Outcome,
    model: CheckedModel,
    subject: Subject,
    wishes: Wishes,
    notices: tuple[Notice, ...],
    *,
    unified: bool,
) -> None:
    placement = outcome.placement
    paths = [str(file.path) for file in model.handle.files]
    told = [sentence(notice.code, notice.facts) for notice in notices]
    if outcome.trouble is not None:
        told.append(sentence_for(outcome.trouble))
    if output.as_json:
        value = placement_object(placement, paths, subject.facts)
        output.json({**value, "notices": told})
        return
    file_name = shown_name(model.handle.path)
    lines = plan_lines(placement, subject.facts, subject.name, file_name, wishes, unified=unified)
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
