"""Sampling parameters become an ordered list of sampler steps and a seed."""

import math
import secrets
from dataclasses import dataclass

from app.engine.entities import SamplingParameters

PENALTY_WINDOW = 256
"""Last tokens that the penalties look at; without a bound every common word is punished."""

_SEEDS = 2**32 - 1
"""The engine reads this value as "draw one", so it is never used as a seed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One native sampler: its name in the engine and its numbers."""

    name: str
    numbers: tuple[float, ...] = ()


def choose_seed(parameters: SamplingParameters) -> int:
    """The wished seed folded into 32 bits, else a new one."""
    if parameters.seed is None:
        return secrets.randbelow(_SEEDS)
    return parameters.seed % _SEEDS


def sampler_steps(parameters: SamplingParameters, seed: int) -> tuple[Step, ...]:
    """The chain for ``parameters``, in order; steps that would change nothing are left out.

    Penalties come first because they change which token is the most likely one; top-k comes
    before the steps whose cost grows with the number of candidates. Numbers outside of a
    step's range are moved into it: a parameter from an old settings file must not end an answer.
    """
    steps = list(_penalties(parameters))
    temperature = _finite(parameters.temperature, 0.0)
    if temperature <= 0:
        return (*steps, Step("greedy"))
    if parameters.top_k > 0:
        steps.append(Step("top_k", (parameters.top_k,)))
    top_p = _finite(parameters.top_p, 1.0)
    if top_p < 1:
        steps.append(Step("top_p", (max(top_p, 0.0),)))
    min_p = _finite(parameters.min_p, 0.0)
    if min_p > 0:
        steps.append(Step("min_p", (min(min_p, 1.0),)))
    if temperature != 1:
        steps.append(Step("temperature", (temperature,)))
    steps.append(Step("dist", (seed,)))
    return tuple(steps)


def _penalties(parameters: SamplingParameters) -> tuple[Step, ...]:
    repetition = _finite(parameters.repetition_penalty, 1.0)
    if repetition <= 0:
        repetition = 1.0  # a penalty of 0 would divide by zero
    frequency = _finite(parameters.frequency_penalty, 0.0)
    presence = _finite(parameters.presence_penalty, 0.0)
    if (repetition, frequency, presence) == (1.0, 0.0, 0.0):
        return ()
    return (Step("penalties", (PENALTY_WINDOW, repetition, frequency, presence)),)


def _finite(value: float, otherwise: float) -> float:
    return value if math.isfinite(value) else otherwise
