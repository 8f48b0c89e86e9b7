"""One window per data folder."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.errors import DataFolderError
from app.instance import InstanceLock
from app.wording import sentence_for

REPOSITORY = Path(__file__).resolve().parents[2]
HOLDER = """
import sys, time
from pathlib import Path
from app.instance import InstanceLock
lock = InstanceLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


def start(path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def answer(child: "subprocess.Popen[str]") -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def test_taken_and_given_back(tmp_path: Path) -> None:
    path = tmp_path / "ü new" / "instance.lock"
    first, second = InstanceLock(path), InstanceLock(path)
    assert first.acquire() is True
    assert second.acquire() is False
    first.release()
    assert second.acquire() is True
    second.release()
    second.release()


def test_given_back_by_another_thread(tmp_path: Path) -> None:
    path = tmp_path / "instance.lock"
    lock, other = InstanceLock(path), InstanceLock(path)
    assert lock.acquire()
    thread = threading.Thread(target=lock.release)
    thread.start()
    thread.join()
    assert other.acquire()
    other.release()


def test_another_folder_is_another_lock(tmp_path: Path) -> None:
    first, second = InstanceLock(tmp_path / "a.lock"), InstanceLock(tmp_path / "b.lock")
    assert first.acquire()
    assert second.acquire()
    first.release()
    second.release()


def test_free_at_once_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "instance.lock"
    lock = InstanceLock(path)
    with start(path) as child:
        assert answer(child) == "True"
        assert lock.acquire() is False
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=20)
        assert lock.acquire() is True
    lock.release()


def test_of_many_starts_exactly_one_wins(tmp_path: Path) -> None:
    children = [start(tmp_path / "instance.lock") for _ in range(6)]
    answers = sorted(answer(child) for child in children)
    for child in children:
        child.communicate(timeout=20)
    assert answers == ["False"] * 5 + ["True"]


def test_a_stale_file_blocks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "instance.lock"
    path.write_text("12345")
    lock = InstanceLock(path)
    assert lock.acquire() is True
    lock.release()


@pytest.mark.parametrize("folder", ["file", "file/below", "/proc", "/proc/moestro", "x" * 300])
def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataFolderError) as caught:
        InstanceLock(tmp_path / folder / "instance.lock").acquire()
    text = sentence_for(caught.value)
    assert "instance.lock" in text
    assert len(text) <= 140


def test_a_folder_in_the_lock_s_place(tmp_path: Path) -> None:
    (tmp_path / "instance.lock").mkdir()
    with pytest.raises(DataFolderError):
        InstanceLock(tmp_path / "instance.lock").acquire()
