"""Time to the first token: of a long first prompt, the turn after it, and coming back to it."""

import itertools
from pathlib import Path
from typing import Any

from app.engine.entities import ChatMessage
from tests.benchmarks.decode import Client, open_client
from tests.benchmarks.machine import Pace
from tests.benchmarks.measure import Row, ratios
from tests.benchmarks.prompts import SEED, long_question


def second_turn_rows(root: Path, runs: int, pace: Pace) -> list[Row]:
    """Every run is a conversation that shares nothing with the one before."""
    first: list[float] = []
    second: list[float] = []
    tokens: list[float] = []
    read_again: list[float] = []
    speed: list[float] = []
    numbers = itertools.count(1000)
    with open_client(root / "turns", 0) as client:
        for run in range(-1, runs):
            one, two = pace.undisturbed(lambda: _two_turns(client, next(numbers)))
            pace.say(f"second turn: run {run + 1} of {runs}")
            if run < 0:
                continue
            first.append(one["seconds_to_first"])
            second.append(two["seconds_to_first"])
            tokens.append(one["timings"]["prompt_tokens"])
            speed.append(one["timings"]["prompt_tokens_per_second"])
            read_again.append(two["timings"]["prompt_tokens"] - two["timings"]["reused_tokens"])
    return [
        Row("First turn: tokens of its prompt", tokens),
        Row("First turn: prompt", speed, "tokens/s"),
        Row("First turn: time to first token", first, "s"),
        Row("Second turn: time to first token", second, "s"),
        Row("Second turn: tokens read", read_again),
        Row("First ÷ second", ratios(first, second), "×"),
    ]


def _two_turns(client: Client, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    messages = [ChatMessage("user", long_question(number))]
    one = client.ask(messages, 24, SEED)
    messages += [
        ChatMessage("assistant", one["text"]),
        ChatMessage("user", "Say the same in one short sentence."),
    ]
    return one, client.ask(messages, 8, SEED)


_LONG_WORDS, _LONG_CONTEXT = 3850, 8192


def back_rows(root: Path, runs: int, pace: Pace) -> list[Row]:
    """Two conversations of some 4,000 tokens in turn, each with its next short question."""
    first: list[float] = []
    back: list[float] = []
    tokens: list[float] = []
    with open_client(root / "back", 0, _LONG_CONTEXT) as client:
        for run in range(-1, runs):
            pair = pace.undisturbed(lambda run=run: _to_and_back(client, 2000 + 2 * run))  # type: ignore[misc]
            pace.say(f"back: run {run + 1} of {runs}")
            if run < 0:
                continue
            first.append(pair[0]["seconds_to_first"])
            back.append(pair[1]["seconds_to_first"])
            tokens.append(pair[1]["timings"]["prompt_tokens"])
    return [
        Row("Back to a conversation: tokens of its prompt", tokens),
        Row("– read for the first time: time to first token", first, "s"),
        Row("– after another one of its length: time to first token", back, "s"),
        Row("– first ÷ back", ratios(first, back), "×", "≥ 10 ×"),
    ]


def _to_and_back(client: Client, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    talk = [ChatMessage("user", long_question(number, _LONG_WORDS))]
    first = client.ask(talk, 24, SEED)
    client.ask([ChatMessage("user", long_question(number + 1, _LONG_WORDS))], 4, SEED)
    talk += [
        ChatMessage("assistant", first["text"]),
        ChatMessage("user", "Say the same in one short sentence."),
    ]
    return first, client.ask(talk, 4, SEED)
