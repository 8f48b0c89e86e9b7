"""``main.py import …`` and ``export …`` as a person types them."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.instance import InstanceLock
from app.storage.backup_files import list_backups
from tests.helpers.random_trees import ODD, Folder

ROOT = Path(__file__).resolve().parents[2]
GB = 1024**3


def moestro(data: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "main.py", "--data-dir", str(data), *arguments],
        cwd=ROOT, capture_output=True, timeout=110, check=False,
    )  # fmt: skip


def as_json(run: subprocess.CompletedProcess[bytes]) -> Any:
    assert run.returncode == 0, run.stderr
    assert run.stderr == b""
    return json.loads(run.stdout)


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A file of ours with every kind of content."""
    folder = Folder(tmp_path / "from")
    draw = random.Random(11)
    folder.fill(11, lambda: draw.choice(ODD), 6, 12)
    folder.close()
    path = tmp_path / "chats.json"
    run = moestro(tmp_path / "from", "export", "--all", "--format", "json", "--output", str(path))
    assert run.returncode == 0, run.stderr
    return path


def test_export_import_export_is_byte_equal(exported: Path, tmp_path: Path) -> None:
    data = tmp_path / "to"
    told = as_json(moestro(data, "import", str(exported), "--json"))
    assert told["unread"] == []
    assert told["taken"]["added"] == len(told["conversations"]) == 6
    assert {each["standing"] for each in told["conversations"]} == {"new"}
    run = moestro(data, "export", "--all", "--format", "json")
    assert run.stdout == exported.read_bytes()
    # A second time nothing comes, and nothing is written.
    (backup,) = list_backups(data / "backups", "history")
    assert backup.name == told["taken"]["backup"]
    again = as_json(moestro(data, "import", str(exported), "--json"))
    assert again["taken"]["added"] == again["taken"]["messages"] == 0
    assert {each["standing"] for each in again["conversations"]} == {"here"}
    assert moestro(data, "export", "--all", "--format", "json").stdout == exported.read_bytes()
    assert not (data / "importing").exists()


def test_a_dry_run_only_tells(exported: Path, tmp_path: Path) -> None:
    data = tmp_path / "to"
    told = as_json(moestro(data, "import", "--dry-run", "--json", str(exported)))
    assert told["taken"] is None
    assert len(told["conversations"]) == 6
    run = moestro(data, "import", "--dry-run", "--from", "moestro", str(exported))
    lines = run.stdout.decode().splitlines()
    assert lines[-1].startswith("6 chats with ")
    assert all("new" in line for line in lines[:-1])
    assert as_json(moestro(data, "conversations", "list", "--json")) == []
    assert list_backups(data / "backups", "history") == ()


def test_beside_a_window_nothing_is_imported(exported: Path, tmp_path: Path) -> None:
    data = tmp_path / "to"
    lock = InstanceLock(data / "instance.lock")
    assert lock.acquire()
    try:
        run = moestro(data, "import", str(exported))
    finally:
        lock.release()
    assert run.returncode == 1
    assert run.stderr.count(b"\n") == 1
    assert b"window" in run.stderr


def test_what_cannot_be_read_is_told_and_the_rest_comes(exported: Path, tmp_path: Path) -> None:
    (tmp_path / "no.bin").write_bytes(bytes(range(256)))
    run = moestro(tmp_path / "to", "import", str(tmp_path / "no.bin"), str(exported), "/nowhere")
    assert run.returncode == 0
    text = run.stdout.decode()
    assert "Moestro does not recognise no.bin" in text
    assert "nowhere cannot be opened" in text
    assert "6 chats with" in text


def test_when_nothing_can_be_read_it_fails_and_says_why(tmp_path: Path) -> None:
    bad = tmp_path / "no.bin"
    bad.write_bytes(bytes(range(256)))
    for files, words in (([bad], b"no.bin"), ([bad, tmp_path / "nowhere"], b"None of the 2 files")):
        run = moestro(tmp_path / "to", "import", *map(str, files))
        assert run.returncode == 1
        assert run.stdout == b""
        assert run.stderr.count(b"\n") == 1
        assert words in run.stderr
    run = moestro(tmp_path / "to", "import", "--json", str(bad))
    assert run.returncode == 1
    assert json.loads(run.stdout)["error"]["code"] == "import.unknown_source"


def test_a_line_of_a_gigabyte_is_passed_over(tmp_path: Path) -> None:
    """A file with a hole in it: it takes no room on the disk."""
    path = tmp_path / "long.json"
    chat = "01900000-0000-7000-8000-00000000000a"
    good = {
        "id": "01900000-0000-7000-8000-000000000001", "parent_id": None, "sequence": 1,
        "role": "user", "state": "complete", "text": "still here",
    }  # fmt: skip
    with path.open("wb") as file:
        file.write(b'{"format":"moestro","version":1,"conversations":[{"id":"%b",' % chat.encode())
        file.write(b'"title":"T","model_key":"","leaf_id":null,"created_ms":1,"updated_ms":1,')
        file.write(b'"messages":[{"text":"')
        file.seek(GB, 1)
        file.write(b'"},' + json.dumps(good).encode() + b"]}]}")
    told = as_json(moestro(tmp_path / "to", "import", "--json", str(path)))
    assert [each["messages"] for each in told["conversations"]] == [1]
    assert len(told["unread"]) == 1
    assert told["taken"]["messages"] == 1


def test_options_that_make_no_sense(tmp_path: Path) -> None:
    assert moestro(tmp_path / "to", "import").returncode == 2
    assert moestro(tmp_path / "to", "import", "--from", "word", "x").returncode == 2
