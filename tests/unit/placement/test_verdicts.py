"""The planner against the table of 24 verdicts that was written down before it existed."""

from typing import Any

import pytest

from app.placement.marking import marked
from tests.helpers.verdict_plans import TABLE, judged, placed

LEAST_RIGHT = 22


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
