"""The planner against the table of 24 verdicts that was written down before it existed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.placement.described import machine_of
from app.placement.entities import Placement, Wishes
from app.placement.marking import Judged, marked
from app.placement.planner import Planner
from app.placement.workspace import GuessedWorkSpaces
from tests.helpers.verdict_models import facts_for
from tests.helpers.verdict_table import read_table

TABLE = read_table()
LEAST_RIGHT = 22
CLASSES = ("gpu", "hybrid", "cpu", "too_large")


def placed(pair: dict[str, Any], label: str) -> Placement:
    facts = facts_for(pair["model"], label)
    described = TABLE["machines"][pair["machine"]]["machine"]
    machine = machine_of(json.dumps(described).encode(), pair["machine"])
    wishes = Wishes(context_tokens=TABLE["context_tokens"], kv_type=TABLE["kv_type"])
    return Planner(facts, machine, wishes, GuessedWorkSpaces(facts)).plan()


def judged(pair: dict[str, Any]) -> Iterator[Judged]:
    for each in TABLE["models"][pair["model"]]["quantizations"]:
        yield Judged(each["label"], each["bytes"], placed(pair, each["label"]).verdict)


@pytest.mark.parametrize("pair", TABLE["pairs"], ids=lambda p: f"{p['model']}-{p['machine']}")
def test_verdict_and_marked_quantization(pair: dict[str, Any]) -> None:
    assert placed(pair, pair["marked"]).verdict == pair["verdict"]
    assert marked(list(judged(pair))).label == pair["marked"]


def test_most_speeds_are_in_their_bands_and_all_ranges_touch_them() -> None:
    right = 0
    for pair in TABLE["pairs"]:
        low, high = pair["tokens_per_second"]
        decode = placed(pair, pair["marked"]).predicted.decode
        assert decode.low <= high, pair
        assert decode.high >= low, pair
        right += low <= decode.expected <= high
    assert right >= LEAST_RIGHT
