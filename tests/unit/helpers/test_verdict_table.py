"""The table of expected verdicts is complete and does not contradict itself."""

from collections import Counter
from typing import Any

import pytest

from tests.helpers.verdict_table import PAGE, page_of, read_table

TABLE = read_table()
PAIRS = TABLE["pairs"]
VERDICTS = {"gpu", "hybrid", "cpu", "too_large"}


def test_the_page_tells_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_of(TABLE)


def test_it_covers_what_it_should() -> None:
    assert len(PAIRS) == 24
    assert len({(pair["model"], pair["machine"]) for pair in PAIRS}) == 24
    assert {pair["model"] for pair in PAIRS} == set(TABLE["models"])
    assert {pair["machine"] for pair in PAIRS} == set(TABLE["machines"])
    counts = Counter(pair["verdict"] for pair in PAIRS)
    assert set(counts) == VERDICTS
    assert min(counts.values()) >= 3


@pytest.mark.parametrize("model", TABLE["models"].values(), ids=list(TABLE["models"]))
def test_quantizations_are_several_and_in_order(model: dict[str, Any]) -> None:
    sizes = [quantization["bytes"] for quantization in model["quantizations"]]
    assert 3 <= len(sizes) <= 5
    assert sizes == sorted(set(sizes))
    assert all(quantization["source"] for quantization in model["quantizations"])
    # Between 1.5 bits and a little more than 16 for each weight.
    assert sizes[0] / model["parameters"] > 0.18
    assert sizes[-1] / model["parameters"] < 2.2


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair['model']} {pair['machine']}")
def test_no_row_contradicts_its_own_figures(pair: dict[str, Any]) -> None:
    """Only what is certain without any planning: weights alone, and memory without margins."""
    machine = TABLE["machines"][pair["machine"]]["machine"]
    quantizations = TABLE["models"][pair["model"]]["quantizations"]
    sizes = {quantization["label"]: quantization["bytes"] for quantization in quantizations}
    marked = sizes[pair["marked"]]
    unified = any(device["kind"] == "unified" for device in machine["devices"])
    graphics = sum(device["memory_bytes"] for device in machine["devices"])
    memory = machine["ram_bytes"] + graphics * (not unified)
    match pair["verdict"]:
        case "gpu":
            assert marked < 0.9 * graphics
        case "hybrid":
            assert machine["devices"]
            assert graphics < marked < 0.95 * memory
        case "cpu":
            assert not machine["devices"]
            assert marked < 0.9 * memory
        case "too_large":
            assert marked == min(sizes.values())
            assert marked > memory
    low, high = pair["tokens_per_second"]
    assert 0 <= low < high
    assert low > 0 or pair["verdict"] == "too_large"
    assert pair["source"]
