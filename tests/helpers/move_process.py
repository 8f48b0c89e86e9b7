"""A program that moves its library, to be killed. One process stays loaded and forks each.

Reads orders as lines of JSON; answers each with its program's exit status and, when it came to
its end, how many calls it made. A program kills itself at the call that the order names, in
whatever thread that is: so every step between two calls of the system is hit.
"""

import json
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

from tests.helpers.move_stage import MoveStage


class Countdown:
    """Counts calls from ``go`` on, in every thread, and kills this process at one of them."""

    def __init__(self, at: int) -> None:
        self._at = at
        self.count = 0
        self._goes = False
        sys.setprofile(self._profile)
        threading.setprofile(self._profile)

    def go(self) -> None:
        """Begin to count."""
        self._goes = True

    def _profile(self, _frame: FrameType, event: str, _argument: object) -> None:
        if self._goes and event in ("call", "c_call"):
            self.count += 1
            if self.count == self._at:
                os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Serve orders until the input ends."""
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os._exit(_run(order, writing))
        os.close(writing)
        _pid, status = os.waitpid(pid, 0)
        with os.fdopen(reading) as told:
            count = int(told.read() or 0)
        sys.stdout.write(json.dumps({"status": status, "count": count}) + "\n")
        sys.stdout.flush()


def _run(order: dict[str, Any], writing: int) -> int:
    try:
        countdown = Countdown(order["at"])
        if order["only_starts"]:
            countdown.go()
        stage = MoveStage(Path(order["root"]))
        stage.settle()
        if not order["only_starts"]:
            _target, ends = Path(order["target"]), []  # type: ignore[var-annotated]
            countdown.go()
            stage.moving.begin(_target, lambda _told: None, ends.append, ends.append)
            assert stage.queue.run_until(lambda: bool(ends), 60)
        os.write(writing, str(countdown.count).encode())
        stage.close()
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main()
