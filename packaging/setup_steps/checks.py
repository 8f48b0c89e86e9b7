"""Runs the quality gates and the tests, all of them, and says at the end which ones failed."""

import os
import subprocess
from collections.abc import Sequence

from setup_steps.console import clean_environment
from setup_steps.places import Places

IMPORT_LINTER = "from importlinter.cli import lint_imports_command as check; check()"
TWO_AT_A_TIME = ("-n", "2", "--dist", "worksteal")


def run_checks(places: Places, arguments: Sequence[str]) -> int:
    """Run gates and suite, or pytest alone when it was given arguments; the exit code.

    A gate that fails does not keep the others from running; pytest's summary comes last.
    """
    python = str(places.python)
    # By module, not by script: scripts name their environment's folder and break when it moves.
    gates: list[tuple[str, list[str]]] = [
        ("ruff check", [python, "-m", "ruff", "check", "."]),
        ("ruff format", [python, "-m", "ruff", "format", "--check", "."]),
        ("mypy", [python, "-m", "mypy"]),
        ("import-linter", [python, "-c", IMPORT_LINTER]),
    ]
    # Most tests wait for a process that they started: two at a time on two cores take little more
    # than half as long. Neighbours stay together, as they share what is made for their module.
    suite = ("pytest", [python, "-m", "pytest", *(arguments or TWO_AT_A_TIME)])
    failed = [name for name, command in ([] if arguments else gates) if _run(places, name, command)]
    if failed:
        print(f"\nFailed before the tests: {', '.join(failed)}", flush=True)
    code = _run(places, *suite)
    if failed:
        print(f"Failed: {', '.join([*failed, *(['pytest'] if code else [])])}", flush=True)
    return code or (1 if failed else 0)


def _run(places: Places, name: str, command: Sequence[str]) -> int:
    print(f"\n=== {name}", flush=True)
    platform = os.environ.get("QT_QPA_PLATFORM", "offscreen")
    finished = subprocess.run(
        command,
        cwd=places.root,
        env=clean_environment({"QT_QPA_PLATFORM": platform}),
        check=False,
    )
    return finished.returncode
