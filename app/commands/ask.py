"""``ask``: one question to a model, streamed to stdout."""

import argparse
import contextlib
import math
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from app.chat.choosing import model_for
from app.chat.events import (
    TurnEnded,
    TurnEvent,
    TurnLoading,
    TurnReading,
    TurnRefused,
    TurnStarted,
    TurnSummarising,
    TurnText,
)
from app.commands.arguments import positive
from app.commands.attached_files import (
    FileReader,
    WantedFile,
    attachments_json,
    question_from_stdin,
    something_is_piped,
    stdin_as_file,
    wanted_file,
)
from app.commands.output import Output
from app.commands.placement_json import placement_object
from app.commands.schema_file import checked_value, schema_of
from app.engine.entities import SamplingParameters
from app.errors import AppError, ExitCode, UsageError
from app.history.entities import AnswerDetails, AttachedText, Conversation, Message
from app.history.errors import HistoryError
from app.ids import new_id
from app.library.entities import InstalledModel
from app.paths import DataPaths
from app.placement.entities import Wishes
from app.posting import CallbackQueue
from app.services import Services, open_for_command
from app.text import clean
from app.wording import sentence, sentence_for
from models.errors import KnownError

_PATIENCE_SECONDS = 15
"""After Ctrl+C: longer than the engine is given to stop."""


def add_to(commands: Any) -> None:
    """Register the command and its arguments."""
    parser = commands.add_parser("ask", help=sentence("terminal.help_ask"))
    parser.add_argument("question", nargs="?", help=sentence("terminal.help_question"))
    parser.add_argument(
        "--file",
        action="append",
        default=[],
        metavar="PATH[:PART]",
        help=sentence("terminal.help_file"),
    )
    parser.add_argument("--model", metavar="FILE", help=sentence("terminal.help_model"))
    parser.add_argument("--system", default="", help=sentence("terminal.help_system"))
    parser.add_argument("--conversation", metavar="ID", help=sentence("terminal.help_conversation"))
    parser.add_argument("--max-tokens", type=positive, metavar="N")
    parser.add_argument("--temperature", type=_temperature, metavar="T")
    parser.add_argument("--seed", type=_seed, metavar="S")
    parser.add_argument("--context", type=positive, metavar="N")
    parser.add_argument(
        "--from-disk", action="store_true", help=sentence("terminal.help_from_disk")
    )
    parser.add_argument(
        "--temporary", action="store_true", help=sentence("terminal.help_temporary")
    )
    parser.add_argument("--schema", metavar="FILE", help=sentence("terminal.help_schema"))
    parser.add_argument("--json", action="store_true", help=sentence("terminal.help_json"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, paths: DataPaths, output: Output) -> int:
    """Ask and print; exit code 130 after Ctrl+C, with what had arrived kept."""
    schema = schema_of(options.schema)
    piped = something_is_piped()
    if piped:  # whoever pipes may never end
        output.progress(sentence("terminal.reading_stdin"))
    question = clean(_question(options.question, piped))
    output.progress("")
    if not question.strip():
        raise UsageError("terminal.empty_question")
    with contextlib.ExitStack() as held:
        files = [wanted_file(each) for each in options.file]
        if piped and options.question not in (None, "-"):
            came = held.enter_context(stdin_as_file())
            files += [came] if came is not None else []
            output.progress("")
        return _ask(options, paths, output, question, files, schema)


def _question(words: str | None, piped: bool) -> str:
    """The question as it was written, else what is piped in. Raises AttachmentError."""
    if words is None or words == "-":
        return question_from_stdin() if piped else ""
    return words


def _ask(
    options: argparse.Namespace,
    paths: DataPaths,
    output: Output,
    question: str,
    files: Sequence[WantedFile],
    schema: str,
) -> int:
    callbacks = CallbackQueue()
    services = open_for_command(
        paths, callbacks.post, temporary=options.temporary, rpc_hosts=options.rpc
    )
    try:
        asked = _Asked(options, services, output, schema)
        reader = FileReader(services, callbacks, output)
        keep = not options.temporary
        asked.begin(question, lambda sees: reader.attach(files, question, keep=keep, sees=sees))
        interrupted = _wait(callbacks, asked, services)
        asked.print_result()
        return ExitCode.INTERRUPTED if interrupted else ExitCode.OK
    finally:
        services.close()


def _wait(callbacks: CallbackQueue, asked: "_Asked", services: Services) -> bool:
    """Run until the turn is over; True when Ctrl+C stopped it."""
    try:
        callbacks.run_until(lambda: asked.is_over)
        return False
    except KeyboardInterrupt:
        services.turns.stop()
        if not callbacks.run_until(lambda: asked.is_over, timeout=_PATIENCE_SECONDS):
            raise
        return True


class _Asked:
    """One question under way: listens to the turn and prints."""

    def __init__(
        self, options: argparse.Namespace, services: Services, output: Output, schema: str
    ) -> None:
        self._options = options
        self._services = services
        self._output = output
        self._answer: Message | None = None
        self._error: KnownError | None = None
        self._failure: KnownError | None = None
        self._model: InstalledModel | None = None
        self._conversation: Conversation | None = None
        self._ends_in_newline = True
        self._attached: Sequence[AttachedText] = ()
        self._schema = schema

    @property
    def is_over(self) -> bool:
        """Whether the turn has ended one way or another."""
        return self._answer is not None or self._error is not None

    def begin(self, question: str, attach: Callable[[bool], Sequence[AttachedText]]) -> None:
        """Find the model and send the question with its files. Raises KnownError.

        ``attach`` reads the files; it is told whether the model sees pictures.
        """
        services, options = self._services, self._options
        conversation, branch = self._earlier()
        model = _model(services, options.model, conversation)
        wishes = Wishes(context_tokens=options.context, from_disk=options.from_disk)
        self._model = model
        attached = self._attached = attach(model.handle.projector is not None)
        base = services.settings.current.sampling
        if conversation is None:
            conversation = Conversation(new_id(), "", clean(options.system), model_key=model.key)
        sampling = _sampling(conversation.sampling or base, options, self._schema)
        services.turns.subscribe(self._heard)
        services.turns.send(
            conversation, branch, question, model, None if wishes == Wishes() else wishes, sampling,
            attachments=attached,
        )  # fmt: skip

    def _earlier(self) -> tuple[Conversation | None, Sequence[Message]]:
        """The conversation that goes on, and the branch that is shown. Raises KnownError."""
        wanted, history = self._options.conversation, self._services.history
        if wanted is None:
            return None, ()
        if self._options.system:
            raise UsageError("terminal.system_of_conversation")
        conversation = history.conversation(wanted)
        if conversation.trashed_ms is not None:
            raise HistoryError("history.no_conversation", id=wanted)
        return conversation, history.branch(wanted)

    def _heard(self, event: TurnEvent) -> None:
        match event:
            case TurnStarted(conversation=conversation):
                self._conversation = conversation
            case TurnLoading(model_name=name, fraction=fraction):
                percent = round(fraction * 100)
                self._output.progress(
                    sentence("terminal.loading", {"name": name, "percent": percent})
                )
            case TurnSummarising():
                self._output.progress(sentence("terminal.summarising"))
            case TurnReading(done=done, total=total):
                facts = {"done": done, "total": total}
                self._output.progress(sentence("terminal.reading", facts))
            case TurnText(text=text):
                if text and not self._output.as_json:
                    self._output.progress("")
                    self._output.write(text)
                    self._ends_in_newline = text.endswith("\n")
            case TurnRefused():
                self._error = AppError(event.code, **event.facts)
            case TurnEnded(message=message, failure=failure):
                self._output.progress("")
                self._answer = message
                self._failure = failure

    def print_result(self) -> None:
        """Finish the output. Raises KnownError when there is no whole answer."""
        if self._error is not None:
            raise self._error
        answer = self._answer
        assert answer is not None
        assert answer.details is not None
        if not self._output.as_json and not self._ends_in_newline:
            self._output.write("\n")
        if self._failure is not None:
            raise self._failure
        result = self._object(answer, answer.details)
        if self._schema and answer.details.stop_reason != "cancelled":
            result["value"] = checked_value(self._schema, answer.text)
        if self._output.as_json:
            self._output.json(result)

    def _object(self, answer: Message, details: AnswerDetails) -> dict[str, Any]:
        kept = None if self._options.temporary else answer.conversation_id
        return {
            "text": answer.text,
            "reasoning": answer.reasoning,
            "stop_reason": details.stop_reason,
            "timings": msgspec.to_builtins(details.timings),
            "model": {
                "key": details.model_key,
                "name": details.model_name,
                "quantization": details.quantization,
            },
            "plan": msgspec.to_builtins(details.plan),
            "sampling": msgspec.to_builtins(details.sampling),
            "placement": self._placement(),
            "attachments": attachments_json(self._attached),
            "conversation": kept,
        }

    def _placement(self) -> dict[str, Any] | None:
        """How the model was placed, what that took, and what had to be given up for it."""
        services, model = self._services, self._model
        current = services.loader.current
        if current is None or model is None:
            return None
        subject = services.placements.subject(model.handle)
        return {
            **placement_object(current.placement, subject.paths, subject.facts),
            "measured_bytes": current.measured_bytes,
            "repairs": [sentence(step.code, step.facts) for step in current.steps],
            "trouble": None if current.trouble is None else sentence_for(current.trouble),
        }


def _model(
    services: Services, wanted: str | None, conversation: Conversation | None
) -> InstalledModel:
    if wanted is not None:
        return services.library.resolve(wanted)
    model = services.library.default()
    if conversation is not None:
        model = model_for(conversation, services.library, services.host.status)
    if model is None:
        raise UsageError("terminal.no_model")
    return model


def _sampling(
    base: SamplingParameters, options: argparse.Namespace, schema: str
) -> SamplingParameters:
    changes = {
        name: value
        for name, value in (
            ("temperature", options.temperature),
            ("seed", options.seed),
            ("max_tokens", options.max_tokens),
            ("json_schema", schema or None),
        )
        if value is not None
    }
    return msgspec.structs.replace(base, **changes)


def _temperature(text: str) -> float:
    return _number(text, float, 0, 10, "terminal.not_temperature")


def _seed(text: str) -> int:
    return int(_number(text, int, 0, 2**32 - 2, "terminal.not_seed"))


def _number(
    text: str, kind: type[int] | type[float], least: float, most: float, code: str
) -> float:
    """``text`` as a number between two bounds; argparse puts what is raised behind the option."""
    try:
        value = kind(text)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(sentence(code))
    return value
