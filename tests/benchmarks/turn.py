"""The turn's figures: switching versions in a large tree, recounting a long draft, long pastes."""

import time
from pathlib import Path

from app.chat.budget import Measured, Wanted
from app.history.entities import Message, Role
from models.errors import KnownError
from tests.benchmarks.machine import Pace
from tests.benchmarks.measure import Row
from tests.benchmarks.processes import STARTER, Child
from tests.helpers.chat_room import ChatRoom

_MESSAGES = 10_000
_PASTED = 1_000_000
_WINDOW = 32_768
"""Tokens: so long that a draft of 100,000 is counted to its end."""
_PARAGRAPHS, _WORDS = 1000, 99
_DRAFT = 100_000


def turn_rows(root: Path, runs: int, pace: Pace) -> list[Row]:
    """Everything through the real window, but for the history alone and the counting."""
    root.mkdir(parents=True, exist_ok=True)
    seconds: dict[str, list[float]] = {"begin": [], "end": [], "history": [], "paste": []}
    with Child("turn_window", str(root)) as window:
        window.ask(do="fill", messages=_MESSAGES)
        for run in range(runs):
            for at in ("begin", "end"):
                told = pace.undisturbed(lambda at=at: window.ask(do="switch", at=at))  # type: ignore[misc]
                seconds[at].append(told["seconds"])
            told = pace.undisturbed(lambda: window.ask(do="ask_history"))
            seconds["history"].append(told["seconds"])
            told = pace.undisturbed(lambda: window.ask(do="paste", characters=_PASTED))
            seconds["paste"].append(told["seconds"])
            pace.say(f"turn: run {run + 1} of {runs}")
    counted = pace.undisturbed(lambda: _recounts(root, runs))
    ms = {name: [1000 * each for each in values] for name, values in seconds.items()}
    tree = f"in a tree of {_MESSAGES:,} messages"
    return [
        Row(f"Other version {tree}, {_MESSAGES // 2:,} below it: click to painted",
            ms["begin"], "ms", "≤ 100 ms"),
        Row("– at the end of a branch of half as many", ms["end"], "ms", "≤ 100 ms"),
        Row("– the history alone", ms["history"], "ms", "≤ 100 ms"),
        Row(f"Paste of {_PASTED:,} characters: key to painted", ms["paste"], "ms", "≤ 500 ms"),
        Row(f"Draft of {_DRAFT:,} tokens: counted the first time", counted[:1], "ms"),
        Row("– counted again after one word", counted[1:], "ms", "≤ 200 ms"),
    ]  # fmt: skip


def _recounts(root: Path, runs: int) -> list[float]:
    """Milliseconds from the end of the pause to the report; the first of a draft nobody knew."""
    room = ChatRoom(root, None, STARTER, context_tokens=_WINDOW)
    try:
        room.ask("Hi")
        taken = []
        for run in range(runs + 1):
            # Another word in another paragraph each time.
            words = [f"{run if n == 7 * run else n} " + "word " * _WORDS
                     for n in range(_PARAGRAPHS)]  # fmt: skip
            taken.append(1000 * _measure(room, "\n\n".join(words)))
        return taken
    finally:
        room.close()


def _measure(room: ChatRoom, text: str) -> float:
    draft = Message("draft", room.conversation.id, None, Role.USER, text)
    heard: list[Measured | KnownError] = []
    began = time.perf_counter()
    room.budget.measure(
        Wanted(system_prompt="", branch=(), draft=draft), heard.append, heard.append
    )
    room.until(lambda: bool(heard))
    seconds = time.perf_counter() - began
    (measured,) = heard
    if isinstance(measured, KnownError):
        raise measured
    if not (measured.report.exact and measured.report.prompt_tokens >= _DRAFT):
        raise RuntimeError(f"not counted to its end: {measured.report.prompt_tokens}")
    return seconds
