"""Plans held against llama.cpp and the world: ``python -m tests.benchmarks placement [WHAT…]``.

``plans`` has the real command plan every full-size model for every described machine, from the
file and from its header alone, checks each answer and prints a table for each model;
``--model NAME`` takes one. ``memory`` loads small models in five placements and prints what was
simulated beside what was taken. ``verdicts`` prints the expected speeds beside the planner's.
The tables go into docs/placement.md. The exit code is 1 when anything is wrong.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tests.benchmarks.machine import describe
from tests.benchmarks.placement_memory import memory_table
from tests.benchmarks.placement_plans import plan_all, shapes_named
from tests.benchmarks.placement_verdicts import verdict_table

_PARTS = ("plans", "memory", "verdicts")


def main(arguments: Sequence[str]) -> int:
    """Print what is asked for, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks placement")
    parser.add_argument("what", nargs="*", metavar="WHAT", help=", ".join(_PARTS))
    parser.add_argument("--model", action="append", default=[], help="the beginning of its name")
    options = parser.parse_args(arguments)
    unknown = set(options.what) - set(_PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    tables: dict[str, Callable[[Path], Iterable[str]]] = {
        "plans": lambda _folder: plan_all(shapes_named(options.model), _say),
        "memory": memory_table,
        "verdicts": lambda _folder: verdict_table(),
    }
    _print(f"{describe()}; load average {os.getloadavg()[0]:.1f} before")
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="moestro-placement-") as folder:
        for part in options.what or _PARTS:
            _print("")
            for line in tables[part](Path(folder)):
                _print(line)
                wrong += line.startswith("WRONG")
    return 1 if wrong else 0


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
