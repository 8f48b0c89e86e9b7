"""Asks the loaded model for a summary of messages that no longer fit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.attachments.given import prompt_text
from app.chat.context import room_for_answer
from app.engine.entities import ChatMessage, ModelFacts, SamplingParameters
from app.engine.errors import EngineError, WorkerDiedError
from app.engine.host import ModelHost
from app.engine.outcomes import error_of
from app.engine.protocol import Failed, Finished, FromWorker, Tokens
from app.errors import AppError
from app.history.entities import Message, Role
from app.wording import sentence
from models.errors import KnownError

_CHARACTERS_OF_A_TOKEN = 3
"""Of most texts; a part that takes more tokens is cut in two."""
_LEAST_CHARACTERS = 64
"""Of a part that is worth cutting in two."""
_SHARE = 0.5
"""Of the window for what is summarised; the rest is for the request and the summary."""
_THINKING = 1024
"""Tokens of a summary by a model that may not leave its thinking."""
_COOL = 0.3


@dataclass(slots=True)
class _Job:
    parts: list[str]
    sampling: SamplingParameters
    on_text: Callable[[str], None]
    done: Callable[[str], None]
    failed: Callable[[KnownError], None]
    summary: str
    """Of the parts before."""
    written: list[str] = field(default_factory=list)
    cancel: Callable[[], None] | None = None


class Summariser:
    """One summary at a time. Long conversations are read in parts, each with the summary of
    those before it. Nothing is stored: who asked shows it, lets it be edited and keeps it."""

    def __init__(self, host: ModelHost, is_answering: Callable[[], bool] = lambda: False) -> None:
        """``is_answering`` tells when the model has something else to do."""
        self._host = host
        self._is_answering = is_answering
        self._job: _Job | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a summary is being written."""
        return self._job is not None

    def summarise(
        self,
        messages: Sequence[Message],
        before: str,
        on_text: Callable[[str], None],
        done: Callable[[str], None],
        failed: Callable[[KnownError], None],
    ) -> bool:
        """Summarise ``messages`` after the summary ``before``.

        False while another summary or an answer is written. ``on_text`` hears the last part's
        summary as it grows. A model must be loaded.
        """
        facts = self._host.status.facts
        if self._job is not None or self._is_answering():
            return False
        if facts is None:
            failed(EngineError("engine.not_loaded"))
            return True
        size = int(facts.context_tokens * _SHARE) * _CHARACTERS_OF_A_TOKEN
        parts = parts_of_conversation(messages, max(size - len(before), size // 2))
        self._job = _Job(parts, _sampling(facts), on_text, done, failed, before)
        self._next(self._job)
        return True

    def stop(self) -> None:
        """Forget the summary under way; nobody is told."""
        job, self._job = self._job, None
        if job is not None and job.cancel is not None:
            job.cancel()

    def give_way(self) -> None:
        """Stop, since the model is needed for an answer, and say so to who asked."""
        job = self._job
        self.stop()
        if job is not None:
            job.failed(AppError("chat.summary_put_off"))

    def _next(self, job: _Job) -> None:
        """Ask for the next part, or end."""
        if job.parts:
            self._ask(job)
            return
        self._job = None
        summary = job.summary.strip()
        if summary:
            job.done(summary)
        else:
            job.failed(AppError("chat.no_summary"))

    def _ask(self, job: _Job) -> None:
        job.written.clear()

        def heard(event: FromWorker | WorkerDiedError) -> None:
            if self._job is not job:
                return
            match event:
                case Tokens(text=text):
                    job.written.append(text)
                    job.on_text("".join(job.written))
                case Finished():
                    job.summary = "".join(job.written)
                    del job.parts[0]
                    self._next(job)
                case Failed():
                    self._refused(job, error_of(event))
                case WorkerDiedError():
                    self._refused(job, event)

        request = ChatMessage("user", _request(job.summary, job.parts[0]))
        try:
            job.cancel = self._host.generate([request], job.sampling, heard, thinking=False)
        except EngineError as error:
            self._refused(job, error)

    def _refused(self, job: _Job, error: KnownError) -> None:
        part = job.parts[0]
        if error.code == "engine.prompt_too_long" and len(part) > _LEAST_CHARACTERS:
            middle = len(part) // 2
            job.parts[:1] = [part[:middle], part[middle:]]
            self._ask(job)
            return
        self._job = None
        job.failed(error)


def parts_of_conversation(messages: Sequence[Message], size: int) -> list[str]:
    """The conversation as text, in parts of at most ``size`` characters; nothing is dropped."""
    parts: list[str] = []
    for message in messages:
        name = "User" if message.role is Role.USER else "Assistant"
        text = f"{name}: {prompt_text(message.text, message.attachments)}"
        for start in range(0, len(text), size):
            piece = text[start : start + size]
            if parts and start == 0 and len(parts[-1]) + len(piece) + 2 <= size:
                parts[-1] += "\n\n" + piece
            else:
                parts.append(piece)
    return parts


def _request(before: str, part: str) -> str:
    heading = f"{sentence('chat.summary_heading')}\n\n{before}\n\n" if before.strip() else ""
    return f"{heading}{part}\n\n{sentence('chat.summary_request')}"


def _sampling(facts: ModelFacts) -> SamplingParameters:
    tokens = room_for_answer(facts.context_tokens, None)
    if facts.supports_thinking:
        tokens = max(tokens, min(_THINKING, facts.context_tokens // 4))
    return SamplingParameters(temperature=_COOL, max_tokens=tokens)
