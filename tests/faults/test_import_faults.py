"""Imports that are killed at any moment, and thousands of damaged files of our own format."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from app.imports.errors import ImportingError
from app.storage.backup_files import list_backups
from tests.helpers.imported import import_json
from tests.helpers.random_trees import ODD, Folder

ROOT = Path(__file__).resolve().parents[2]
KILLS = 200
MUTATIONS = 2_000


def export_of(root: Path, seed: int, chats: int, messages: int) -> bytes:
    """What a folder of random conversations exports."""
    folder = Folder(root)
    draw = random.Random(seed)
    folder.fill(seed, lambda: draw.choice(ODD), chats, messages)
    data = folder.json()
    folder.close()
    return data


@pytest.mark.timeout(3600)
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_killed_at_any_moment_all_or_nothing_is_taken_over(tmp_path: Path) -> None:
    here = export_of(tmp_path / "first", 1, 3, 8)
    file = tmp_path / "more.json"
    file.write_bytes(export_of(tmp_path / "second", 2, 60, 30))
    both = Folder(tmp_path / "both")
    import_json(both, here)
    import_json(both, file.read_bytes())
    whole = both.json()
    both.close()
    draw = random.Random(time.time_ns())
    seconds = _one_import(tmp_path / "timed", file)
    ends = {"nothing": 0, "all": 0}
    for _ in range(KILLS):
        with tempfile.TemporaryDirectory(dir=tmp_path) as root:
            data = Path(root) / "data"
            folder = Folder(data)
            import_json(folder, here)
            folder.close()
            process = subprocess.Popen(
                [sys.executable, "main.py", "--data-dir", str(data), "import", str(file)],
                cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            time.sleep(draw.uniform(0.0, 1.3 * seconds))
            helpers = psutil.Process(process.pid).children()
            process.send_signal(signal.SIGKILL)
            process.wait()
            _gone, left = psutil.wait_procs(helpers, timeout=10)
            assert left == [], "a helper outlived its parent"
            folder = Folder(data)
            now = folder.json()
            assert now in (here, whole)
            ends["all" if now == whole else "nothing"] += 1
            if now == whole:
                assert len(list_backups(data / "backups", "history")) == 1
            folder.close()
            run = subprocess.run(
                [sys.executable, "main.py", "--data-dir", str(data), "import", str(file)],
                cwd=ROOT, capture_output=True, timeout=100, check=False,
            )  # fmt: skip
            assert run.returncode == 0, run.stderr
            # Nothing of the one that was killed lies around.
            assert not (data / "importing").exists()
            folder = Folder(data)
            assert folder.json() == whole
            folder.close()
    print(ends)  # noqa: T201 - for the table in the docs
    assert ends["all"]
    assert ends["nothing"]


def _one_import(data: Path, file: Path) -> float:
    """How long one takes here."""
    began = time.monotonic()
    command = [sys.executable, "main.py", "--data-dir", str(data), "import", str(file)]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True, timeout=100)
    return time.monotonic() - began


@pytest.mark.timeout(3600)
def test_damaged_files_are_refused_or_taken_in_part(tmp_path: Path) -> None:
    data = export_of(tmp_path / "from", 3, 4, 10)
    seed = time.time_ns()
    draw = random.Random(seed)
    for number in range(MUTATIONS):
        with tempfile.TemporaryDirectory(dir=tmp_path) as root:
            folder = Folder(Path(root) / "data")
            try:
                preview, taken = import_json(folder, _mutated(data, draw))
                assert taken.added == len(preview.rows), (seed, number)
                again = import_json(folder, folder.json())[1]
                assert again.messages == 0, (seed, number)
                exported = folder.json()
                other = Folder(Path(root) / "other")
                import_json(other, exported)
                assert other.json() == exported, (seed, number)
                other.close()
            except ImportingError:
                assert folder.dump() == [], (seed, number)
            finally:
                folder.close()


def _mutated(data: bytes, draw: random.Random) -> bytes:
    """A few bytes changed, a piece doubled, cut out or moved, or values of other types."""
    kind = draw.randrange(5)
    at, end = sorted(draw.randrange(len(data)) for _ in range(2))
    end = min(end, at + 4000)
    if kind == 0:
        changed = bytearray(data)
        for _ in range(draw.randint(1, 8)):
            changed[draw.randrange(len(data))] = draw.randrange(256)
        return bytes(changed)
    if kind == 1:
        return data[:at] + data[end:]
    if kind == 2:
        return data[:end] + data[at:]
    if kind == 3:
        return data[:at]
    plain = json.loads(data)
    for _ in range(draw.randint(1, 6)):
        _spoil(plain, draw)
    return json.dumps(plain).encode()


def _spoil(plain: dict[str, list[dict[str, object]]], draw: random.Random) -> None:
    chat = draw.choice(plain["conversations"])
    where: dict[str, object] = chat
    messages = chat.get("messages")
    if isinstance(messages, list) and messages and draw.random() < 0.7:
        where = draw.choice(messages)
        other = draw.choice(messages)
        if draw.random() < 0.4 and isinstance(where, dict) and isinstance(other, dict):
            where["parent_id"] = other.get("id")
            return
    if isinstance(where, dict) and where:
        odd = [None, -1, 10**30, 0.5, "x", [], {}, True, [[[]]], {"id": 1}, "\0", "\ud800"]
        where[draw.choice(list(where))] = draw.choice(odd)
