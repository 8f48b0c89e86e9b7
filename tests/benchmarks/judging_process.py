"""The application without a window, that judges a repository of a Hub.

Arguments: data folder, the Hub's address, file that describes a machine. Command of ``Child``:
``{"do": "judge", "repository"}`` looks the repository up and judges all its quantizations.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.library.hub_pages import RepositoryPage
from app.library.judged import Judgement
from app.model_rooms import HubWishes
from app.paths import DataPaths
from app.placement.described import read_machine
from app.placement.entities import Wishes
from app.posting import CallbackQueue
from app.services import open_services
from models.errors import KnownError
from tests.benchmarks.processes import STARTER, answer_commands

_PATIENCE_SECONDS = 120.0


class Judging:
    """One data folder; what was judged stays known in it."""

    def __init__(self, data: Path, endpoint: str, machine: Path) -> None:
        self._queue = CallbackQueue()
        wishes = HubWishes(endpoint=endpoint, environment={})
        self._services = open_services(
            DataPaths(data), self._queue.post, starter=STARTER, hub=wishes
        )
        self._machine = read_machine(machine, {})

    def obey(self, command: dict[str, Any]) -> dict[str, Any]:
        """Look a repository up and judge it; seconds from the beginning of each."""
        hub = self._services.models.hub
        began = time.perf_counter()
        pages: list[RepositoryPage] = []
        troubles: list[KnownError] = []
        hub.look_up(command["repository"], None, pages.append, troubles.append)
        self._wait(lambda: bool(pages or troubles))
        if troubles:
            raise troubles[0]
        (model,) = pages[0].contents.models
        looked_up = time.perf_counter()
        told: list[tuple[float, Judgement]] = []

        def changed(judgement: Judgement) -> None:
            told.append((time.perf_counter() - looked_up, judgement))

        judging = hub.judge(pages[0], model, self._machine, Wishes(), changed)
        try:
            judging.begin()
            self._wait(lambda: told[-1][1].is_done)
        finally:
            judging.close()
        last = told[-1][1]
        return {
            "looked_up": looked_up - began,
            "estimated": _first(told, lambda row: row.stage != "waiting"),
            "exact": _first(told, lambda row: row.stage in ("exact", "refused")),
            "stages": [row.stage for row in last.rows],
            "verdicts": [row.placement and row.placement.verdict for row in last.rows],
            "fetched_bytes": last.fetched_bytes,
            "requests": last.requests,
        }

    def close(self) -> None:
        """As at the program's end."""
        self._services.close()

    def _wait(self, done: Callable[[], bool]) -> None:
        if not self._queue.run_until(done, _PATIENCE_SECONDS):
            raise RuntimeError("the repository was not judged in time")


def _first(told: list[tuple[float, Judgement]], holds: Callable[[Any], bool]) -> float:
    """When it held for all rows."""
    return next(moment for moment, seen in told if all(holds(row) for row in seen.rows))


def main(data: Path, endpoint: str, machine: Path) -> None:
    """Obey stdin's commands until it closes."""
    judging = Judging(data, endpoint, machine)
    try:
        answer_commands(judging.obey)
    finally:
        judging.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
