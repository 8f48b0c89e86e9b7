"""What is remembered of a plan that worked."""

import msgspec

from app.engine.entities import DeviceAmount, Plan
from app.placement.entities import Prediction, Wishes


class RepairStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step by which a plan was made smaller until it loaded: a sentence's code and facts."""

    code: str
    facts: dict[str, str | int | float] = {}


class RememberedPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that loaded, beside what was foretold and what was found."""

    plan: Plan
    wishes: Wishes
    """That it was made for, repairs among them."""
    asked: Wishes = Wishes()
    """What had been asked for before any repair."""
    planned: tuple[DeviceAmount, ...]
    measured: tuple[DeviceAmount, ...] = ()
    """What loading really took, by device."""
    predicted: Prediction | None = None
    tokens_per_second: float = 0.0
    """Of the last answer; 0 before the first."""
    prompt_tokens_per_second: float = 0.0
    repairs: tuple[RepairStep, ...] = ()
