"""Decode speed: a bare loop, the application's client, its window, and the high-level class."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from app.engine.entities import ChatMessage, Plan, SamplingParameters
from app.engine.errors import WorkerDiedError
from app.engine.pipes import WORKER_NICENESS
from app.engine.protocol import Failed, Finished, FromWorker, Tokens
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import Services, open_services
from models.errors import KnownError
from tests.benchmarks.machine import Pace
from tests.benchmarks.measure import Row, ratios
from tests.benchmarks.processes import STARTER, Child
from tests.benchmarks.prompts import CONTEXT_TOKENS, SEED, STORY

TOKENS = 160


class Client:
    """The application without a window: its services, its worker, a queue for callbacks."""

    def __init__(
        self,
        services: Services,
        callbacks: CallbackQueue,
        threads: int,
        context_tokens: int = CONTEXT_TOKENS,
    ) -> None:
        self._services = services
        self._callbacks = callbacks
        model = services.library.default()
        assert model is not None
        handle = services.library.handle_for(model.key)
        plan = Plan(context_tokens=context_tokens, threads=threads, prompt_threads=threads)
        outcome: list[KnownError | None] = []
        services.host.ensure(handle, plan, lambda: outcome.append(None), outcome.append)
        callbacks.run_until(lambda: bool(outcome), 120)
        if outcome != [None]:
            raise RuntimeError(f"the model was not loaded: {outcome}")

    def ask(self, messages: list[ChatMessage], tokens: int, seed: int) -> dict[str, Any]:
        """Answer; the moments of first and last text as the application's thread saw them."""
        moments: list[tuple[int, float]] = []
        text: list[str] = []
        last: list[Finished] = []

        def heard(event: FromWorker | WorkerDiedError) -> None:
            match event:
                case Tokens():
                    moments.append((event.tokens, time.perf_counter()))
                    text.append(event.text)
                case Finished():
                    last.append(event)
                case Failed() | WorkerDiedError():
                    raise RuntimeError(f"no answer: {event}")

        sampling = SamplingParameters(seed=seed, max_tokens=tokens)
        began = time.perf_counter()
        self._services.host.generate(messages, sampling, heard)
        self._callbacks.run_until(lambda: bool(last), 300)
        return {
            "moments": moments,
            "text": "".join(text),
            "seconds_to_first": moments[0][1] - began,
            "timings": msgspec.to_builtins(last[0].timings),
        }


@contextmanager
def open_client(root: Path, threads: int, context_tokens: int = CONTEXT_TOKENS) -> Iterator[Client]:
    """A client on a data folder of its own."""
    callbacks = CallbackQueue()
    services = open_services(DataPaths(root), callbacks.post, starter=STARTER)
    try:
        yield Client(services, callbacks, threads, context_tokens)
    finally:
        services.close()


def compare(root: Path, threads: int, rounds: int, pace: Pace) -> dict[str, list[float]]:
    """Tokens a second of every side, ``rounds`` times in turn, the order turning as well."""
    model, count = str(STARTER), str(threads)
    with ExitStack() as stack:
        enter = stack.enter_context
        # All sides run at the priority of the application's worker.
        bare = enter(Child("bare_process", model, count, niceness=WORKER_NICENESS))
        high = enter(Child("high_level_process", model, count, niceness=WORKER_NICENESS))
        window = enter(Child("window_process", str(root / "window"), count))
        client = enter(open_client(root / "client", threads))
        question = {"question": STORY, "tokens": TOKENS, "seed": SEED}
        sides: dict[str, Callable[[], float]] = {
            "bare": lambda: _whole(bare.ask(**question)),
            "client": lambda: _client_speed(client),
            "bare again": lambda: _whole(bare.ask(**question)),
            "window": lambda: window_speed(window.ask(do="answer", **question)),
            "high": lambda: _whole(high.ask(**question)),
        }
        _check_prompts(bare, client)
        names = list(sides)
        speeds: dict[str, list[float]] = {name: [] for name in names}
        for turn in range(-1, rounds):
            start = turn % len(names)
            order = names[start:] + names[:start]
            results = pace.undisturbed(lambda: {name: sides[name]() for name in order})  # noqa: B023
            if turn >= 0:  # the round before warms up
                for name, speed in results.items():
                    speeds[name].append(speed)
            pace.say(f"decode, {threads} threads: round {turn + 1} of {rounds}")
        return speeds


def rows(speeds: dict[str, list[float]], label: str, *, judged: bool) -> list[Row]:
    """The table's lines for one comparison."""
    bare, client, window, high = (speeds[name] for name in ("bare", "client", "window", "high"))
    least, faster = ("≥ 0.95", "> 1") if judged else ("", "")
    return [
        Row(f"Decode, bare loop, {label}", bare, "tokens/s"),
        Row(f"Decode, application without window, {label}", client, "tokens/s"),
        Row(f"Decode, through the window, {label}", window, "tokens/s"),
        Row(f"Decode, `llama_cpp.Llama`, {label}", high, "tokens/s"),
        Row(f"Application ÷ bare loop, {label}", ratios(client, bare), "×", least),
        Row(f"Window ÷ bare loop, {label}", ratios(window, bare), "×", least),
        Row(f"Application ÷ `Llama`, {label}", ratios(client, high), "×", faster),
        Row(f"Window ÷ `Llama`, {label}", ratios(window, high), "×", faster),
        Row(f"Bare loop ÷ `Llama`, {label}", ratios(bare, high), "×"),
        Row(f"Bare loop ÷ itself (noise), {label}", ratios(speeds["bare again"], bare), "×"),
    ]


def window_speed(answer: dict[str, Any]) -> float:
    """Tokens a second between the first and the last text that the window was given."""
    if answer["failure"]:
        raise RuntimeError(f"the window showed no answer: {answer['failure']}")
    return _streamed([(tokens, moment) for tokens, moment, _ in answer["moments"]])


def _client_speed(client: Client) -> float:
    return _streamed(client.ask([ChatMessage("user", STORY)], TOKENS, SEED)["moments"])


def _streamed(moments: list[tuple[int, float]]) -> float:
    (first, began), (last, ended) = moments[0], moments[-1]
    _enough(last)
    return (last - first) / (ended - began)


def _whole(answer: dict[str, Any]) -> float:
    _enough(answer["tokens"])
    return float((answer["tokens"] - 1) / answer["seconds"])


def _enough(tokens: int) -> None:
    if tokens < TOKENS * 0.9:
        raise RuntimeError(f"an answer of {tokens} tokens cannot be compared")


def _check_prompts(bare: Child, client: Client) -> None:
    """Both sides read the same prompt, or the comparison is none."""
    ours = client.ask([ChatMessage("user", STORY)], 2, SEED)["timings"]["prompt_tokens"]
    theirs = bare.ask(question=STORY, tokens=2, seed=SEED)["prompt_tokens"]
    if ours != theirs:
        raise RuntimeError(f"prompts of {ours} and {theirs} tokens")
