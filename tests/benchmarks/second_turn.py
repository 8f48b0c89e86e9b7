"""Time to the first token: of a long first prompt, and of the turn after it."""

from pathlib import Path

from app.engine.entities import ChatMessage
from tests.benchmarks.decode import Say, open_client
from tests.benchmarks.measure import Row, ratios
from tests.benchmarks.prompts import SEED, long_question


def second_turn_rows(root: Path, runs: int, say: Say) -> list[Row]:
    """Every run is a conversation that shares nothing with the one before."""
    first: list[float] = []
    second: list[float] = []
    tokens: list[float] = []
    read_again: list[float] = []
    speed: list[float] = []
    with open_client(root / "turns", 0) as client:
        for run in range(-1, runs):
            messages = [ChatMessage("user", long_question(run + 1000))]
            one = client.ask(messages, 24, SEED)
            messages += [
                ChatMessage("assistant", one["text"]),
                ChatMessage("user", "Say the same in one short sentence."),
            ]
            two = client.ask(messages, 8, SEED)
            say(f"second turn: run {run + 1} of {runs}")
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
