"""The worker process: takes its pipes before anything else may write to them, then works.

Started as ``main.py --worker [--engine FOLDER]`` or ``python -m app.engine.worker``. Frames come
in on what was standard input and go out on what was standard output; whatever else prints goes
to the log.
"""

import os
import sys

ENGINE_OPTION = "--engine"
"""Followed by the folder of the engine to use, instead of the environment's own."""


def main() -> int:
    """Run until the application closes the pipe; never returns normally before that."""
    incoming, outgoing = _claim_pipes()
    _prefer_engine(sys.argv)
    # One thread only until the sandbox is in place: it would not hold those that exist already.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    from app.engine.workroom import run

    return run(incoming, outgoing)


def _prefer_engine(arguments: list[str]) -> None:
    """Put the folder of the engine to use before everything else that is imported from."""
    if ENGINE_OPTION in arguments:
        sys.path.insert(0, arguments[arguments.index(ENGINE_OPTION) + 1])


def _claim_pipes() -> tuple[int, int]:
    """Duplicate the two ends of the protocol and point 0 and 1 to harmless places."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(incoming, os.O_BINARY)
        msvcrt.setmode(outgoing, os.O_BINARY)
    return incoming, outgoing


if __name__ == "__main__":
    sys.exit(main())
