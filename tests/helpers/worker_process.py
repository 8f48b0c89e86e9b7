"""Drives one real worker process by frames, without the application's client."""

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from app.engine.entities import ChatMessage, ModelFacts, Plan, SamplingParameters
from app.engine.protocol import (
    Cancel,
    Counted,
    CountTokens,
    Failed,
    Finished,
    FromWorker,
    Generate,
    Hello,
    Load,
    Loaded,
    Tokens,
    ToWorker,
    encode,
    read_from_worker,
)

ROOT = Path(__file__).resolve().parent.parent.parent
STARTER = ROOT / ".starter" / "SmolLM2-135M-Instruct.Q4_1.gguf"
PATIENCE = 60.0
"""Seconds; the machine may be busy."""

_ENDS = (Loaded, Finished, Counted, Failed)


class WorkerEnded(Exception):  # noqa: N818 - an event, not only an error
    """The process ended while an answer was awaited."""


class WorkerProcess:
    """A worker with its pipes. Use as a context manager: leaving it kills the process."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.engine.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "GGML_NO_BACKTRACE": "1", **(environment or {})},
        )
        self._messages: queue.SimpleQueue[FromWorker | None] = queue.SimpleQueue()
        self.log = bytearray()
        self.text = ""
        self.reasoning = ""
        self._next = 1
        self._threads = [
            threading.Thread(target=target, daemon=True) for target in (self._read, self._read_log)
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> "WorkerProcess":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(timeout=5)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            with contextlib.suppress(OSError):
                stream.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            for message in read_from_worker(self.process.stdout):  # type: ignore[arg-type]
                self._messages.put(message)
        self._messages.put(None)

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(self.process.stderr.fileno(), 65536):
                self.log += chunk

    def send(self, message: ToWorker) -> None:
        """Write one frame."""
        assert self.process.stdin is not None
        self.process.stdin.write(encode(message))
        self.process.stdin.flush()

    def close(self) -> None:
        """Close the worker's input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def next(self, seconds: float = PATIENCE) -> FromWorker:
        """The next message. Raises WorkerEnded, and TimeoutError after ``seconds``."""
        try:
            message = self._messages.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError(self.log.decode("utf-8", "replace")[-2000:]) from None
        if message is None:
            raise WorkerEnded(self.process.wait())
        return message

    def events(self, seconds: float = PATIENCE) -> Iterator[FromWorker]:
        """Messages up to the one that ends a request; gathers text and reasoning."""
        deadline = time.monotonic() + seconds
        self.text = self.reasoning = ""
        while True:
            message = self.next(deadline - time.monotonic())
            if isinstance(message, Tokens):
                self.text += message.text
                self.reasoning += message.reasoning
            yield message
            if isinstance(message, _ENDS):
                return

    def finish(self, seconds: float = PATIENCE) -> FromWorker:
        """Wait for the message that ends the request under way."""
        *_, last = self.events(seconds)
        return last

    def begin_load(
        self, path: Path | str = STARTER, plan: Plan | None = None, *, sandbox: bool = True
    ) -> None:
        """Read the greeting and ask for a model."""
        assert isinstance(self.next(), Hello)
        self.send(Load(paths=(str(path),), plan=plan or small_plan(), sandbox=sandbox))

    def load(
        self, path: Path | str = STARTER, plan: Plan | None = None, *, sandbox: bool = True
    ) -> ModelFacts:
        """Load a model that can be loaded."""
        self.begin_load(path, plan, sandbox=sandbox)
        message = self.finish()
        assert isinstance(message, Loaded), message
        return message.facts

    def begin(
        self,
        messages: Sequence[ChatMessage] | str,
        sampling: SamplingParameters | None = None,
        thinking: bool | None = None,
    ) -> int:
        """Ask for an answer and return the request's number."""
        number = self._next
        self._next += 1
        self.send(
            Generate(
                request=number,
                messages=as_messages(messages),
                sampling=sampling or greedy(),
                thinking=thinking,
            )
        )
        return number

    def ask(
        self,
        messages: Sequence[ChatMessage] | str,
        sampling: SamplingParameters | None = None,
    ) -> Finished:
        """Answer completely; the words are in ``text`` then."""
        self.begin(messages, sampling)
        message = self.finish()
        assert isinstance(message, Finished), message
        return message

    def count(self, messages: Sequence[ChatMessage] | str) -> int:
        """Tokens of the prompt that would be sent."""
        number = self._next
        self._next += 1
        self.send(CountTokens(request=number, messages=as_messages(messages)))
        message = self.finish()
        assert isinstance(message, Counted), message
        return message.tokens

    def cancel(self, request: int) -> None:
        """Stop a request."""
        self.send(Cancel(request=request))


def small_plan(**changes: object) -> Plan:
    """A plan that leaves the machine's other core alone."""
    values = {"context_tokens": 2048, "threads": 1, "prompt_threads": 1, **changes}
    return Plan(**values)  # type: ignore[arg-type]


def greedy(max_tokens: int | None = 24, **changes: object) -> SamplingParameters:
    """The most likely token each time."""
    values = {"temperature": 0.0, "max_tokens": max_tokens, **changes}
    return SamplingParameters(**values)  # type: ignore[arg-type]


def as_messages(messages: Sequence[ChatMessage] | str) -> tuple[ChatMessage, ...]:
    """A single question as a conversation."""
    if isinstance(messages, str):
        return (ChatMessage("user", messages),)
    return tuple(messages)
