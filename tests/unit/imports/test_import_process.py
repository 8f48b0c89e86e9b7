"""The service with its real helper process: preview, taking over, cancelling, faults."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from app.imports.imports import Imports
from app.imports.process import ImportLimits
from app.imports.report import Preview, Standing, Taken
from app.storage.backup_files import BackupFile
from models.errors import KnownError
from tests.helpers.import_stage import Stage
from tests.helpers.random_trees import Folder

MIB = 1024 * 1024
linux = pytest.mark.skipif(sys.platform != "linux", reason="what the kernel of Linux can bound")


@pytest.fixture
def stage(tmp_path):
    opened = Stage(tmp_path / "data")
    yield opened
    opened.close()


def jsonl(path: Path, *chats: object) -> Path:
    """A file of conversations for training, one a line."""
    path.write_text("".join(json.dumps(each) + "\n" for each in chats), "utf-8")
    return path


def talk(number: int, size: int = 1) -> dict[str, object]:
    """One of them."""
    return {
        "messages": [
            {"role": "user", "content": f"question {number} " * size},
            {"role": "assistant", "content": f"answer {number}"},
        ]
    }


def test_files_become_a_preview_and_then_chats(stage, tmp_path):
    ours = tmp_path / "ours.json"
    other = Folder(tmp_path / "other")
    other.fill(3, lambda: "words", 2, 4)
    ours.write_bytes(other.json())
    theirs = jsonl(tmp_path / "chats.jsonl", talk(1), talk(2))
    preview, importing = stage.read(ours, theirs, tmp_path / "absent.json")
    assert isinstance(preview, Preview)
    assert set(preview.sources) == {"moestro", "jsonl"}
    assert [each.code for each in preview.unread] == ["import.cannot_open"]
    assert stage.folder.database.read(
        lambda c: c.execute("SELECT count(*) FROM conversations").fetchall()
    ) == [(0,)]
    taken = stage.take(importing, [row.id for row in preview.rows])
    assert isinstance(taken, Taken)
    assert taken.added == len(preview.rows) == 4
    # The copy of before was made first, and holds nothing of it.
    assert [each.name for each in stage.backups] == [taken.backup]
    assert stage.taking[0].backup
    assert stage.taking[-1].done == 4
    assert stage.changed == 1
    importing.close()
    assert stage.left() == []
    again, importing = stage.read(ours, theirs)
    assert isinstance(again, Preview)
    assert {row.standing for row in again.rows} == {Standing.HERE}
    importing.close()
    other.close()


def test_a_source_that_was_named_is_believed(stage, tmp_path):
    path = jsonl(tmp_path / "chats.jsonl", talk(1))
    preview, _importing = stage.read(path, source="moestro")
    assert isinstance(preview, Preview)
    assert preview.rows == ()
    assert len(preview.unread) == 1
    named, _importing = stage.read(path, source="jsonl")
    assert isinstance(named, Preview)
    assert len(named.rows) == 1


def test_taking_nothing_makes_no_backup(stage, tmp_path):
    _preview, importing = stage.read(jsonl(tmp_path / "chats.jsonl", talk(1)))
    taken = stage.take(importing, [])
    assert taken == Taken(0, 0, 0, (), 0, 0, "")
    assert stage.backups == []


def test_cancelled_while_reading_it_ends_at_once_and_leaves_nothing(stage, tmp_path):
    path = jsonl(tmp_path / "chats.jsonl", *(talk(number, 50) for number in range(20_000)))
    heard: list[object] = []
    importing = stage.imports.begin([path], heard.append, heard.append)
    began = time.monotonic()
    importing.cancel()
    assert stage.posted.run_until(lambda: bool(heard), 30)
    assert time.monotonic() - began < 15
    assert heard[0].code == "import.cancelled"
    importing.close()
    assert stage.left() == []


def test_cancelled_while_it_is_compared_it_is_told_and_closes_at_once(stage, tmp_path, monkeypatch):
    began = threading.Event()

    def slow(_staging: Path, _history: Path, _unread: int, given_up: Callable[[], bool]) -> Preview:
        began.set()
        while not given_up():
            time.sleep(0.01)
        return Preview((), 0, (), 0, ())

    monkeypatch.setattr("app.imports.imports.compare", slow)
    heard: list[object] = []
    importing = stage.imports.begin(
        [jsonl(tmp_path / "chats.jsonl", talk(1))], heard.append, heard.append
    )
    assert stage.posted.run_until(began.is_set, 60)
    importing.cancel()
    assert stage.posted.run_until(lambda: bool(heard), 30)
    assert heard[0].code == "import.cancelled"
    closing = time.monotonic()
    importing.close()
    assert time.monotonic() - closing < 2.5


def test_closed_while_another_backup_is_made_none_is_made_afterwards(stage, tmp_path):
    asked: list[int] = []

    def busy(_done: object, failed: Callable[[KnownError], None]) -> None:
        asked.append(1)
        failed(KnownError("backup.in_use"))

    stage.imports = Imports(
        stage.folder.database, stage.staging, stage.posted.post, stage.scheduler, busy
    )
    preview, importing = stage.read(jsonl(tmp_path / "chats.jsonl", talk(1)))
    importing.take([row.id for row in preview.rows], lambda _taken: None, lambda _error: None)
    importing.close()
    stage.posted.run_until(lambda: False, 1.5)
    assert len(asked) == 1


def test_cancelled_while_taking_over_nothing_was_changed(stage, tmp_path):
    before = stage.folder.dump()
    path = jsonl(tmp_path / "chats.jsonl", *(talk(number) for number in range(100)))
    preview, importing = stage.read(path)
    heard: list[object] = []
    importing.take(
        [row.id for row in preview.rows], heard.append, heard.append,
        lambda so_far: importing.cancel() if so_far.backup else None,
    )  # fmt: skip
    assert stage.posted.run_until(lambda: bool(heard), 30)
    assert heard[0].code == "import.cancelled"
    assert stage.folder.dump() == before
    # It may be taken over after all.
    taken = stage.take(importing, [row.id for row in preview.rows])
    assert isinstance(taken, Taken)
    assert taken.added == 100


def test_cancelled_behind_the_backup_nothing_was_changed(stage, tmp_path):
    before = stage.folder.dump()
    preview, importing = stage.read(jsonl(tmp_path / "chats.jsonl", talk(1), talk(2)))
    heard: list[object] = []
    gate = threading.Event()
    # The writer is busy with something else, so that cancelling comes before the commit.
    stage.folder.database.writer.submit(lambda _connection: gate.wait(60))
    importing.take([row.id for row in preview.rows], heard.append, heard.append)
    stage.posted.run_until(lambda: False, 1.0)
    assert stage.backups
    importing.cancel()
    gate.set()
    assert stage.posted.run_until(lambda: bool(heard), 60)
    assert heard[0].code == "import.cancelled"
    assert stage.folder.dump() == before


def test_without_a_backup_nothing_is_taken_over(stage, tmp_path):
    def refuse(_done: object, failed: Callable[[KnownError], None]) -> None:
        failed(KnownError("backup.no_room"))

    stage.imports = Imports(
        stage.folder.database, stage.staging, stage.posted.post, stage.scheduler, refuse
    )
    before = stage.folder.dump()
    preview, importing = stage.read(jsonl(tmp_path / "chats.jsonl", talk(1)))
    refused = stage.take(importing, [row.id for row in preview.rows])
    assert isinstance(refused, KnownError)
    assert refused.code == "backup.no_room"
    assert stage.folder.dump() == before


def test_a_backup_that_is_being_made_is_waited_for(stage, tmp_path):
    asked: list[int] = []
    usual = stage.back_up

    def busy_first(
        done: Callable[[BackupFile], None], failed: Callable[[KnownError], None]
    ) -> None:
        asked.append(1)
        if len(asked) == 1:
            failed(KnownError("backup.in_use"))
        else:
            usual(done, failed)

    stage.imports = Imports(
        stage.folder.database, stage.staging, stage.posted.post, stage.scheduler, busy_first
    )
    preview, importing = stage.read(jsonl(tmp_path / "chats.jsonl", talk(1)))
    assert isinstance(stage.take(importing, [row.id for row in preview.rows]), Taken)
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import time; time.sleep(60)", "import.hung"),
        ("import os; os.kill(os.getpid(), 9)", "import.helper_died"),
        ("print('nonsense', flush=True); input()", "import.helper_died"),
        ("print('x' * 10_000_000, flush=True)", "import.helper_died"),
        ("print('{\"type\":\"refused\",\"code\":\"chat.secret\"}', flush=True)",
         "import.helper_died"),
        ("print('{\"type\":\"refused\",\"code\":\"import.no_memory\"}', flush=True)",
         "import.no_memory"),
    ],
)  # fmt: skip
def test_a_helper_that_misbehaves_is_ended_and_told(stage, tmp_path, code, expected):
    before = stage.folder.dump()
    imports = stage.service(ImportLimits(silence=2.0), code)
    refused, importing = stage.read(tmp_path, imports=imports)
    assert isinstance(refused, KnownError)
    assert refused.code == expected
    importing.close()
    assert stage.left() == []
    assert stage.folder.dump() == before


def test_what_a_killed_program_left_is_removed_at_the_next_start(stage):
    old = stage.staging / "old"
    old.mkdir(parents=True)
    (old / "staging.sqlite3").write_bytes(b"x")
    stage.imports.clear()
    assert not old.parent.exists()


def test_closing_the_service_ends_everything(stage, tmp_path):
    path = jsonl(tmp_path / "chats.jsonl", *(talk(number, 50) for number in range(20_000)))
    heard: list[object] = []
    stage.imports.begin([path], heard.append, heard.append)
    time.sleep(0.5)  # so that there is a helper
    stage.imports.close()
    assert stage.left() == []
    helpers = [each for each in psutil.Process().children() if "--import" in each.cmdline()]
    assert helpers == []
    stage.posted.run_until(lambda: False, 1.0)
    assert heard == []


@linux
def test_a_pipe_is_not_waited_for(stage, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    preview, _importing = stage.read(tmp_path / "pipe")
    assert isinstance(preview, Preview)
    assert [each.code for each in preview.unread] == ["import.cannot_open"]


LOCKED = """
import sys
sys.path.insert(0, {root!r})
import os, socket
from pathlib import Path
import app.imports.helper as helper

def look(self):
    told = []
    for name, do in (
        ("read", lambda: Path({secret!r}).read_bytes()),
        ("write", lambda: Path({wanted!r}).write_bytes(b"x")),
        ("beside", lambda: Path({wanted!r} + "-new").write_bytes(b"x")),
        ("staging-wal", lambda: Path(self._request.staging + "-wal").write_bytes(b"x")),
        ("network", lambda: socket.socket()),
        ("program", lambda: os.posix_spawn("/bin/true", ["true"], {{}})),
        ("memory", lambda: bytearray(1100 * 1024 * 1024)),
        ("wanted", lambda: Path({wanted!r}).read_bytes()),
    ):
        try:
            do()
            told.append(name)
        except (OSError, MemoryError):
            pass
    from app.imports.entities import Unread
    self._staging.unread(Unread(" ".join(told), "import.no_chats"))
    return usual(self)

usual = helper._Import.run
helper._Import.run = look
sys.exit(helper.main())
"""


@linux
def test_the_helper_can_do_nothing_but_read_its_files(stage, tmp_path):
    secret, wanted = tmp_path / "secret", jsonl(tmp_path / "chats.jsonl", talk(1))
    secret.write_text("secret")
    root = str(Path(__file__).resolve().parents[3])
    code = LOCKED.format(root=root, secret=str(secret), wanted=str(wanted))
    preview, _importing = stage.read(wanted, imports=stage.service(code=code))
    assert isinstance(preview, Preview)
    assert len(preview.rows) == 1
    assert [each.where for each in preview.unread if each.code == "import.no_chats"] == ["wanted"]


@linux
def test_a_staging_file_that_would_fill_the_disk_is_refused(stage, tmp_path, monkeypatch):
    from app.imports import process

    free = process.shutil.disk_usage(tmp_path).free
    monkeypatch.setattr(process, "RESERVE_BYTES", free - 400_000)
    path = jsonl(tmp_path / "chats.jsonl", *(talk(number, 400) for number in range(2000)))
    refused, _importing = stage.read(path)
    assert isinstance(refused, KnownError)
    assert refused.code in ("storage.disk_full", "storage.io")
