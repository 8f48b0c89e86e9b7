"""What the window costs while it streams, and how long a key takes while every core computes."""

from pathlib import Path
from typing import Any

from tests.benchmarks.decode import window_speed
from tests.benchmarks.machine import Pace
from tests.benchmarks.measure import Row, percentile, ratios
from tests.benchmarks.processes import Child
from tests.benchmarks.prompts import SEED, STORY

TOKENS = 480


def cost_rows(root: Path, runs: int, pace: Pace) -> list[Row]:
    """Processor time of the window's process per streamed token, worker not included."""
    with Child("window_process", str(root / "cost"), "0") as window:
        answers = []
        for run in range(-1, runs):
            command = {"question": STORY, "tokens": TOKENS, "seed": SEED + run}
            answer = pace.undisturbed(lambda: window.ask(do="answer", **command))  # noqa: B023
            if run >= 0:
                answers.append(answer["moments"])
            pace.say(f"cost per token: run {run + 1} of {runs}")
    return [
        Row("Window process, processor time per token", [_cost(each) for each in answers], "ms"),
        Row("– the answer's first quarter", [_cost(_part(each, 0)) for each in answers], "ms"),
        Row("– the answer's last quarter", [_cost(_part(each, 3)) for each in answers], "ms"),
        Row("– share of one core meanwhile", [_share(each) for each in answers], "%"),
    ]


def key_rows(root: Path, keys: int, pace: Pace) -> list[Row]:
    """From the press of a key to the end of the paint that shows it."""
    counts = {"idle": max(keys // 3, 1), "reading": keys, "streaming": keys}
    with Child("window_process", str(root / "keys"), "0") as window:
        window.ask(do="answer", question="Hello", tokens=4, seed=SEED)
        pace.say("keys: typing")
        typed = pace.undisturbed(lambda: window.ask(do="type", counts=counts))
        delays: dict[str, list[float]] = typed["delays"]
    texts = {
        "idle": "worker idle",
        "reading": "worker reads a prompt on every core",
        "streaming": "worker answers on every core, text streams in",
    }
    rows = []
    for phase, text in texts.items():
        values = [seconds * 1000 for seconds in delays[phase]]
        worst = percentile(values, 0.99)
        target = "" if phase == "idle" else f"p99 ≤ 50 ms: **{worst:.1f} ms**"
        rows.append(Row(f"Key press to its paint, {text}", values, "ms", target))
    return rows


def thread_rows(root: Path, rounds: int, cores: int, pace: Pace) -> list[Row]:
    """Speed through the visible window by the number of decode threads, in turn."""
    choices = sorted({max(1, cores - 1), cores})
    windows = {n: Child("window_process", str(root / f"threads-{n}"), str(n)) for n in choices}
    speeds: dict[int, list[float]] = {n: [] for n in choices}
    command = {"question": STORY, "tokens": 160, "seed": SEED}
    try:
        for run in range(-1, rounds):
            order = choices if run % 2 else choices[::-1]
            answers = pace.undisturbed(
                lambda: {n: windows[n].ask(do="answer", **command) for n in order}  # noqa: B023
            )
            if run >= 0:
                for threads, answer in answers.items():
                    speeds[threads].append(window_speed(answer))
            pace.say(f"threads: round {run + 1} of {rounds}")
    finally:
        for window in windows.values():
            window.close()
    rows = [
        Row(f"Through the window with {n} decode thread(s)", speeds[n], "tokens/s") for n in choices
    ]
    if len(choices) == 2:
        fewer, all_of_them = choices
        what = f"{all_of_them} threads ÷ {fewer}, window visible"
        rows.append(Row(what, ratios(speeds[all_of_them], speeds[fewer]), "×"))
    return rows


Moments = list[Any]


def _cost(moments: Moments) -> float:
    (first, _, began), (last, _, ended) = moments[0], moments[-1]
    return float((ended - began) * 1000 / (last - first))


def _share(moments: Moments) -> float:
    (_, began, used_before), (_, ended, used) = moments[0], moments[-1]
    return float((used - used_before) * 100 / (ended - began))


def _part(moments: Moments, quarter: int) -> Moments:
    size = len(moments) // 4
    return moments[quarter * size : (quarter + 1) * size]
