"""Sampling parameters become an ordered list of sampler steps and a seed."""

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.engine.entities import SamplingParameters

PENALTY_WINDOW = 256
"""Last tokens that the penalties look at; without a bound every common word is punished."""
DRY_WINDOW = 4096
"""Last tokens in which DRY looks for a sequence that was there before."""

_SEEDS = 2**32 - 1
"""The engine reads this value as "draw one", so it is never used as a seed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a number of the sampling may be, and how finely it is worth choosing."""

    low: float
    high: float
    step: float
    decimals: int = 2

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies between the limits."""
        return math.isfinite(value) and self.low <= value <= self.high


LIMITS: Mapping[str, Limits] = MappingProxyType(
    {
        "temperature": Limits(0, 2, 0.05),
        "top_k": Limits(0, 500, 1, 0),
        "top_p": Limits(0, 1, 0.01),
        "min_p": Limits(0, 1, 0.01),
        "typical_p": Limits(0.05, 1, 0.01),
        "repetition_penalty": Limits(0.5, 2, 0.01),
        "frequency_penalty": Limits(-2, 2, 0.1, 1),
        "presence_penalty": Limits(-2, 2, 0.1, 1),
        "dry_multiplier": Limits(0, 5, 0.1, 1),
        "dry_base": Limits(1, 4, 0.05),
        "dry_allowed_length": Limits(1, 20, 1, 0),
        "xtc_probability": Limits(0, 1, 0.05),
        "xtc_threshold": Limits(0, 0.5, 0.01),
    }
)
"""By field of ``SamplingParameters``: what a person may choose. Files may say more."""


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
    steps = [*_penalties(parameters), *_dry(parameters)]
    temperature = _finite(parameters.temperature, 0.0)
    if temperature <= 0:
        return (*steps, Step("greedy"))
    steps += _cuts(parameters)
    steps += _xtc(parameters, seed)
    if temperature != 1:
        steps.append(Step("temperature", (temperature,)))
    steps.append(Step("dist", (seed,)))
    return tuple(steps)


def thinking_wish(parameters: SamplingParameters) -> bool | None:
    """What templates that can switch thinking are told; None leaves it to them."""
    return None if parameters.thinking == "auto" else parameters.thinking == "on"


def thinking_limit(parameters: SamplingParameters) -> int | None:
    """Tokens after which thinking is ended; 0 where it is switched off, None without a limit.

    A model whose template has no switch thinks in spite of it, and is then ended at once.
    """
    if parameters.thinking == "off":
        return 0
    budget = parameters.thinking_budget
    return None if budget is None else max(0, budget)


def _cuts(parameters: SamplingParameters) -> list[Step]:
    """The steps that leave unlikely candidates out."""
    steps = []
    if parameters.top_k > 0:
        steps.append(Step("top_k", (parameters.top_k,)))
    typical_p = _finite(parameters.typical_p, 1.0)
    if 0 < typical_p < 1:
        steps.append(Step("typical", (typical_p,)))
    top_p = _finite(parameters.top_p, 1.0)
    if top_p < 1:
        steps.append(Step("top_p", (max(top_p, 0.0),)))
    min_p = _finite(parameters.min_p, 0.0)
    if min_p > 0:
        steps.append(Step("min_p", (min(min_p, 1.0),)))
    return steps


def _penalties(parameters: SamplingParameters) -> tuple[Step, ...]:
    repetition = _finite(parameters.repetition_penalty, 1.0)
    if repetition <= 0:
        repetition = 1.0  # a penalty of 0 would divide by zero
    frequency = _finite(parameters.frequency_penalty, 0.0)
    presence = _finite(parameters.presence_penalty, 0.0)
    if (repetition, frequency, presence) == (1.0, 0.0, 0.0):
        return ()
    return (Step("penalties", (PENALTY_WINDOW, repetition, frequency, presence)),)


def _dry(parameters: SamplingParameters) -> tuple[Step, ...]:
    multiplier = min(_finite(parameters.dry_multiplier, 0.0), 100.0)
    if multiplier <= 0:
        return ()
    # Below 1 the engine switches DRY off without a word.
    base = min(max(_finite(parameters.dry_base, 1.75), 1.0), 100.0)
    length = min(max(parameters.dry_allowed_length, 1), DRY_WINDOW)
    return (Step("dry", (multiplier, base, length, DRY_WINDOW)),)


def _xtc(parameters: SamplingParameters, seed: int) -> tuple[Step, ...]:
    probability = min(_finite(parameters.xtc_probability, 0.0), 1.0)
    threshold = max(_finite(parameters.xtc_threshold, 0.1), 0.0)
    if probability <= 0 or threshold > LIMITS["xtc_threshold"].high:
        return ()
    return (Step("xtc", (probability, threshold, seed)),)


def _finite(value: float, otherwise: float) -> float:
    return value if math.isfinite(value) else otherwise
