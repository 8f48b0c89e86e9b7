"""Set Moestro up and start it, or run its checks: one command on a fresh machine.

    python3 packaging/bootstrap.py run [--backend BACKEND] [arguments of main.py]
    python3 packaging/bootstrap.py engine --backend BACKEND
    python3 packaging/bootstrap.py test [arguments of pytest]

Standard library only. This file must be readable by any Python 3, to say which one is needed;
the steps lie in ``setup_steps``.
"""

import os
import sys

OLDEST_PYTHON = (3, 11)
USAGE = """usage: python3 packaging/bootstrap.py run [--backend BACKEND] [arguments of main.py]
       python3 packaging/bootstrap.py engine --backend BACKEND
       python3 packaging/bootstrap.py test [arguments of pytest]

run      set up what is missing, then open Moestro (or run: ask "…", export …)
engine   build the engine for this computer's graphics card, try it, and keep it if it works
test     set up what is missing, then run all checks (with arguments: pytest alone)

BACKEND is cuda (NVIDIA), vulkan (AMD, Intel, NVIDIA) or metal (Apple). The ordinary engine,
which computes on the processor, is always there and stays."""


def python_problem(version: "tuple[int, int]", largest_integer: int) -> str:
    """Why this Python cannot be used; empty when it can."""
    if version < OLDEST_PYTHON:
        return "Moestro needs Python 3.11 or newer, and this is Python {}.{}.".format(*version)
    if largest_integer <= 2**32:
        return "Moestro needs a 64-bit Python, and this one has 32 bits."
    return ""


def main(arguments: "list[str]") -> int:
    """Run the purpose named first; the exit code."""
    problem = python_problem((sys.version_info[0], sys.version_info[1]), sys.maxsize)
    if problem:
        print(problem, file=sys.stderr)
        return 1
    if arguments[:1] in (["-h"], ["--help"]):
        print(USAGE)
        return 0
    if arguments[:1] not in (["run"], ["engine"], ["test"]):
        print(USAGE, file=sys.stderr)
        return 2
    from setup_steps.procedure import Procedure

    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    if arguments[0] == "run":
        return Procedure(root).run(arguments[1:])
    if arguments[0] == "test":
        return Procedure(root).test(arguments[1:])
    import argparse

    parser = argparse.ArgumentParser(prog="packaging/bootstrap.py engine", usage=USAGE[7:])
    parser.add_argument("--backend", required=True)
    # For the application, which starts this itself: its own Python, and lines to be read.
    parser.add_argument("--python", default="")
    parser.add_argument("--progress", action="store_true")
    options = parser.parse_args(arguments[1:])
    progress = sys.stdout if options.progress else None
    return Procedure(root, progress=progress).engine(options.backend, options.python)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
