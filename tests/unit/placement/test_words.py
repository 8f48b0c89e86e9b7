"""A placement's words in the terminal's own catalog; the window's tests read every kind."""

import pytest

from app.placement.entities import SpeedRange
from app.placement.words import (
    device_names,
    place_sentence,
    place_words,
    range_words,
    short_name,
    speed_sentence,
)
from app.wording import sentence
from tests.helpers.placement_plans import planned
from tests.helpers.plain_machines import gpu, processor


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(9.2, 12.1, "9–12"), (9.7, 10.2, "10"), (0.98, 4.04, "1.0–4.0"), (0.04, 0.08, "0.04–0.08"),
     (1700.0, 3284.0, "1,700–3,284"), (0.001, 0.002, "0.00")],
)  # fmt: skip
def test_ranges_have_as_many_digits_as_help(low: float, high: float, words: str) -> None:
    assert range_words(SpeedRange(low, (low + high) / 2, high)) == words


def test_names() -> None:
    assert short_name(processor(), sentence) == "RAM"
    assert short_name(gpu("CUDA0"), sentence) == "CUDA0"


def test_two_cards_of_one_kind_are_told_apart() -> None:
    placement = planned("Qwen3-30B-A3B", "Q4_K_M", ram_gib=64, gpu_gib=(8, 8))
    assert list(device_names(placement.shares, sentence).values()) == ["Card 1", "Card 2", "RAM"]


@pytest.mark.parametrize(
    ("ram_gib", "gpu_gib", "begin"),
    [
        (64, (24,), "The whole model is on the Card 1."),
        (64, (12,), "All attention and "),
        (64, (), "The whole model is in RAM and runs on the processor."),
        (16, (), "Qwen needs "),
    ],
)
def test_each_verdict_has_its_sentence(ram_gib: int, gpu_gib: tuple[int, ...], begin: str) -> None:
    placement = planned("Qwen3-30B-A3B", "Q4_K_M", ram_gib=ram_gib, gpu_gib=gpu_gib)
    said = place_sentence(placement, "Qwen", sentence)
    assert said.startswith(begin)
    assert len(said) <= 140
    assert len(place_words(placement, sentence)) <= 80
    assert "tokens/s" in speed_sentence(placement.predicted, sentence)
