"""Which graphics hardware no engine here can use, and what to do about it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.engine.computer import Computer
from app.engine.errors import EngineError
from app.engine.hardware import Hardware, find_hardware
from app.engine.toolkits import GpuBackend, examine
from app.engine.trial import SHOWN_NAMES

_NAME_CHARACTERS = 52


@dataclass(frozen=True, slots=True)
class Missing:
    """Graphics hardware that no engine here can use, and the next step, as a sentence."""

    backend: GpuBackend
    name: str
    """Of the hardware."""
    code: str
    """Of the sentence, which ``facts`` fill."""
    facts: dict[str, str | int | float]
    can_build: bool
    """Whether building can start right now."""


def find_missing(
    computer: Computer, usable: Collection[str], outdated: Collection[str], *, can_build: bool
) -> tuple[Missing, ...]:
    """Look at this computer, given the backends whose engines are usable or out of date.

    Asks drivers and compilers for their versions: seconds, not for the state thread.
    """
    return missing_for(find_hardware(computer), computer, usable, outdated, can_build=can_build)


def missing_for(
    hardware: Sequence[Hardware],
    computer: Computer,
    usable: Collection[str],
    outdated: Collection[str] = (),
    *,
    can_build: bool = True,
) -> tuple[Missing, ...]:
    """Which of ``hardware`` no usable engine serves, each with its next step.

    Beside an NVIDIA card the others are left out: the engine would not use them together. On
    Apple's chips the ordinary engine brings Metal along.
    """
    makers = {each.maker for each in hardware}
    found = []
    for each in hardware:
        if each.maker == "apple" or ("nvidia" in makers and each.maker != "nvidia"):
            continue
        if {"cuda", "vulkan"} & set(usable) if each.maker == "nvidia" else "vulkan" in usable:
            continue
        backend: GpuBackend = "cuda" if each.maker == "nvidia" else "vulkan"
        code, facts, ready = _next_step(each, backend, computer, outdated, can_build)
        found.append(Missing(backend, each.name, code, facts, ready))
    return tuple(found)


def _next_step(
    hardware: Hardware,
    backend: GpuBackend,
    computer: Computer,
    outdated: Collection[str],
    can_build: bool,
) -> tuple[str, dict[str, str | int | float], bool]:
    """Code and facts of a sentence, and whether building can start."""
    shown = SHOWN_NAMES[backend]
    try:
        if not hardware.has_driver:
            raise EngineError("builds.no_nvidia_driver")
        if not can_build:
            raise EngineError("builds.not_here")
        examine(backend, computer)
    except EngineError as error:
        return error.code, dict(error.facts), False
    if backend in outdated:
        return "builds.outdated", {"backend": shown}, True
    return (
        "builds.unused",
        {"description": hardware.name[:_NAME_CHARACTERS], "backend": shown},
        True,
    )
