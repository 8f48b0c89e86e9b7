"""How soon a cancelled download is over: stored as such, and its connections closed."""

import os
from pathlib import Path

from tests.benchmarks.download_rates import ServedFile
from tests.benchmarks.download_server import GIGABIT
from tests.benchmarks.machine import Pace
from tests.benchmarks.measure import Row

_SIZE = 1024 * 2**20
_AFTER_BYTES = 16 * 2**20
_STALL_AT = 24 * 2**20


def cancel_rows(root: Path, times: int, pace: Pace) -> list[Row]:
    """While bytes arrive at 1 Gbit/s, and while the server has gone silent in the middle."""
    served = ServedFile(root, _SIZE)
    rows: list[Row] = []
    try:
        with served.application("data") as child:
            for stall_at, when in ((None, "bytes arrive"), (_STALL_AT, "the server is silent")):
                served.set(GIGABIT, stall_at)
                after = _AFTER_BYTES if stall_at is None else stall_at
                told = [
                    child.ask(do="cancel", file=served.described, cdn=served.cdn, after_bytes=after)
                    for _time in range(times)
                ]
                rows += [
                    Row(f"Cancel while {when}: stored", _ms(told, "stored"), "ms", "≤ 1000 ms"),
                    Row("– all its connections closed", _ms(told, "closed"), "ms", "≤ 1000 ms"),
                ]
                pace.say(f"cancel while {when}: {times} times, load {os.getloadavg()[0]:.1f}")
    finally:
        served.close()
    return rows


def _ms(told: list[dict[str, float]], key: str) -> list[float]:
    return [1000 * each[key] for each in told]
