"""Kills a move of the data folder at each of its steps, and looks what the next start finds.

Run as ``python -m tests.helpers.data_move_kills FOLDER FIRST STEP``: every ``STEP``-th call of the
system from the ``FIRST`` on, in a fork each; prints what was found as JSON.
"""

import json
import os
import shutil
import signal
import sys
import traceback
from collections import Counter
from pathlib import Path
from types import FrameType

from app.data_move import finish_move, move_data
from app.data_place import mark_of, pointed
from app.paths import DataPaths
from tests.helpers.data_folders import titles, write

_CALLS = frozenset(
    ("open", "write", "fsync", "rename", "replace", "unlink", "mkdir", "rmdir", "close", "pragma",
     "flush", "read", "scandir", "lstat", "symlink")
)  # fmt: skip


def make(paths: DataPaths) -> None:
    write(paths, *(f"Chat {number} " + "and so on " * 50 for number in range(20)))
    for name in ("backups/one.sqlite3", "logs/moestro.log", "settings.json"):
        (paths.root / name).parent.mkdir(exist_ok=True)
        (paths.root / name).write_bytes(b"{}" if "settings" in name else name.encode() * 100)
    (paths.models / "org").mkdir(parents=True)
    (paths.models / "org" / "model.gguf").write_bytes(b"weights")


def killed_at(paths: DataPaths, target: Path, at: int) -> int:
    """Move and die at that call; 0 when it died, else how many calls there were."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        count = 0

        def profile(_frame: FrameType, event: str, argument: object) -> None:
            nonlocal count
            if event == "c_call" and getattr(argument, "__name__", "") in _CALLS:
                count += 1
                if count == at:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.setprofile(profile)
            move_data(paths, target)
            sys.setprofile(None)
            os.write(writing, str(count).encode())
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    _pid, status = os.waitpid(pid, 0)
    told = os.read(reading, 20)
    os.close(reading)
    assert status == 0 or os.WIFSIGNALED(status), "the move ended with an error"
    return int(told or 0)


def look(home: Path, target: Path, expected: list[str], when: str) -> str:
    """Start as the application does, and once more move to the end; tells which one was in use."""
    now = pointed(home) or home
    paths = DataPaths(now, home)
    finish_move(paths)
    assert titles(paths) == expected, when
    for name in ("backups/one.sqlite3", "logs/moestro.log"):
        assert (now / name).read_bytes() == name.encode() * 100, when
    assert (home / "models" / "org" / "model.gguf").read_bytes() == b"weights", when
    if now == home:
        move_data(paths, target)
        assert titles(DataPaths(pointed(home) or home, home)) == expected, when
    mark = mark_of(target)
    assert mark is not None
    assert mark.came_from == "", when
    # What was being written when it was killed goes an hour later.
    left = {each.name for each in home.iterdir() if not each.name.endswith((".opening", ".new"))}
    assert {name for name in left if not name.startswith("moved-")} == {
        "models", "data-folder.json",
    }, f"{when}: {left}"  # fmt: skip
    return "old" if now == home else "new"


def main(folder: Path, first: int, step: int) -> None:
    """Kill at each of them."""
    original = DataPaths(folder / "original")
    make(original)
    expected = titles(original)
    found: Counter[str] = Counter()
    at, calls, kills = 0, first + 1, 0
    while at < calls:
        home, target = folder / "usual", folder / "disk" / "Moestro"
        for each in (home, target.parent):
            shutil.rmtree(each, ignore_errors=True)
        shutil.copytree(original.root, home)
        target.parent.mkdir()
        ended = killed_at(DataPaths(home, home), target, at)
        if at == 0:
            calls = ended
        kills += at > 0 and ended == 0
        found[look(home, target, expected, f"call {at} of {calls}")] += at > 0
        at += step if at else first
    print(json.dumps({"calls": calls, "kills": kills, "found": found}))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
