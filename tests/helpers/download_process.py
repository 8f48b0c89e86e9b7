"""A program that downloads, to be killed. One process stays loaded and forks each of them.

Reads orders as lines of JSON, answers each with the pid of its program and then, when that
ended, with its exit status. Forking spares the second that loading everything takes.
"""

import json
import os
import random
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.library.download_entities import DownloadRequest, RemoteFile
from tests.helpers.download_stage import QUICK, Stage


def main() -> None:
    """Serve orders until the input ends."""
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os._exit(_run(order))
        _answer(pid=pid)
        _pid, status = os.waitpid(pid, 0)
        _answer(status=status)


def _answer(**told: int) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _run(order: dict[str, Any]) -> int:
    try:
        _download(order)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _download(order: dict[str, Any]) -> None:
    folder, chance = Path(order["folder"]), random.Random(order["seed"])
    stage = Stage(folder, order["endpoint"], timing=replace(QUICK, read=0.3, flush=0.02))
    _note(folder, "found", [one.status.state.value for one in stage.downloads.entries()])
    stage.downloads.start(resume=True)
    request = order["request"]
    files = tuple(RemoteFile(**file) for file in request.pop("files"))
    identifier = stage.downloads.add(DownloadRequest(files=files, **request))
    if order["wishes"]:
        _interfere(stage, identifier, chance)

    stage.run_until(lambda: stage.downloads.is_over(identifier), 60)
    assert not stage.is_elsewhere(identifier), "nobody else is alive"
    stage.check_progress()
    _note(folder, "ended", stage.state(identifier))
    if chance.random() < 0.5:
        stage.close()


def _interfere(stage: Stage, identifier: str, chance: random.Random) -> None:
    """Pause or cancel in the middle, and go on."""
    stage.queue.run_until(lambda: False, chance.uniform(0, 0.2))
    act = chance.choice((stage.downloads.pause, stage.downloads.cancel))
    act(identifier)
    stage.queue.run_until(lambda: False, chance.uniform(0, 0.1))
    stage.downloads.resume(identifier)
    stage.run_until(lambda: stage.state(identifier) not in ("cancelling", "paused/user"))
    if stage.state(identifier) == "cancelled":
        stage.downloads.resume(identifier)
        stage.run_until(lambda: stage.state(identifier) != "cancelled")


def _note(folder: Path, name: str, value: object) -> None:
    (folder / f"{name}.json").write_text(json.dumps(value))


if __name__ == "__main__":
    main()
