"""Which native samplers a set of parameters becomes."""

import math

from app.engine.entities import SamplingParameters
from app.engine.sampling import PENALTY_WINDOW, Step, choose_seed, sampler_steps


def names(**values: float) -> list[str]:
    return [step.name for step in sampler_steps(SamplingParameters(**values), 1)]  # type: ignore[arg-type]


def test_the_default_chain_in_order() -> None:
    steps = sampler_steps(SamplingParameters(), seed=7)
    assert steps == (
        Step("top_k", (40,)),
        Step("top_p", (0.95,)),
        Step("min_p", (0.05,)),
        Step("temperature", (0.7,)),
        Step("dist", (7,)),
    )


def test_temperature_zero_is_greedy_and_draws_nothing() -> None:
    assert names(temperature=0) == ["greedy"]
    assert names(temperature=-1) == ["greedy"]


def test_penalties_come_first_and_hold_for_greedy_too() -> None:
    steps = sampler_steps(
        SamplingParameters(
            temperature=0, repetition_penalty=1.1, frequency_penalty=0.2, presence_penalty=0.3
        ),
        1,
    )
    assert steps == (Step("penalties", (PENALTY_WINDOW, 1.1, 0.2, 0.3)), Step("greedy"))


def test_steps_that_change_nothing_are_left_out() -> None:
    assert names(temperature=1, top_k=0, top_p=1, min_p=0) == ["dist"]


def test_numbers_out_of_range_are_moved_into_it() -> None:
    steps = sampler_steps(
        SamplingParameters(
            temperature=0.5,
            top_k=-3,
            top_p=-1,
            min_p=9,
            repetition_penalty=0,
            frequency_penalty=math.nan,
        ),
        1,
    )
    assert steps == (
        Step("top_p", (0.0,)),
        Step("min_p", (1.0,)),
        Step("temperature", (0.5,)),
        Step("dist", (1,)),
    )
    assert names(temperature=math.inf) == ["greedy"]


def test_a_wished_seed_is_kept_and_fits_the_engine() -> None:
    assert choose_seed(SamplingParameters(seed=42)) == 42
    for seed in (-1, 2**32 - 1, 2**80):
        assert 0 <= choose_seed(SamplingParameters(seed=seed)) < 2**32 - 1


def test_without_a_wish_seeds_differ() -> None:
    assert len({choose_seed(SamplingParameters()) for _ in range(20)}) > 1
