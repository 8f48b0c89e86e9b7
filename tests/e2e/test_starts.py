"""Starts in bad circumstances: each gets one sentence, and nothing is overwritten."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.engine.entities import SamplingParameters
from app.paths import DataPaths
from app.posting import CallbackQueue
from app.services import open_services
from app.storage.errors import StorageError
from tests.helpers.window import dispose, is_over, open_session, wait_until
from ui.startup_page import StartupPage
from ui.theme.theme import Theme

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.usefixtures("starter_model", "qapp")


def start(root: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "--data-dir", str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )


def until_locked(root: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until the window of ``process`` is open: its log says that the library is."""
    deadline = time.monotonic() + 40
    log = root / "logs" / "moestro.log"
    while not (log.exists() and "library.sqlite3" in log.read_text("utf-8", "replace")):
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


def make_newer(root: Path) -> None:
    services = open_services(DataPaths(root), CallbackQueue().post)
    writer = services.databases[0].writer
    # Each version has tables or columns of its own; a number alone would be taken for damage.
    writer.run(lambda db: db.execute("CREATE TABLE of_tomorrow (id TEXT)"))
    writer.run(lambda db: db.pragma("user_version", 999))
    services.close()


def test_a_second_start_raises_the_first_and_ends(tmp_path: Path) -> None:
    root = tmp_path / "data"
    first = start(root)
    try:
        until_locked(root, first)
        time.sleep(1.0)
        second = start(root)
        out, err = second.communicate(timeout=40)
        assert second.returncode == 0, (out, err)
        assert first.poll() is None
    finally:
        first.send_signal(signal.SIGTERM)
        out, err = first.communicate(timeout=20)
    assert first.returncode == 0, (out, err)
    assert b"Traceback" not in err


def test_a_newer_history_is_left_alone(tmp_path: Path) -> None:
    root = tmp_path / "data"
    make_newer(root)
    before = hashlib.sha256((root / "history.sqlite3").read_bytes()).hexdigest()
    with pytest.raises(StorageError) as caught:
        open_session(root)
    page = StartupPage(Theme(), DataPaths(root), caught.value)
    page.show()
    assert "newer" in page.sentence.text()
    page.close()
    logs = root / "logs"
    told = "".join(path.read_text(errors="replace") for path in logs.glob("*.log"))
    process = start(root)
    deadline = time.monotonic() + 30
    while told == "".join(path.read_text(errors="replace") for path in logs.glob("*.log")):
        assert time.monotonic() < deadline, "it says in the log why it did not start"
        time.sleep(0.05)
    time.sleep(1.0)  # the page is shown after that was written
    process.send_signal(signal.SIGTERM)
    _out, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert b"Traceback" not in err
    assert hashlib.sha256((root / "history.sqlite3").read_bytes()).hexdigest() == before


@pytest.mark.parametrize("damage", ["text", "zeros", "truncated", "directory"])
def test_a_damaged_history_is_set_aside_and_said(tmp_path: Path, damage: str) -> None:
    root = tmp_path / "data"
    open_services(DataPaths(root), CallbackQueue().post).close()
    file = root / "history.sqlite3"
    content = file.read_bytes()
    match damage:
        case "text":
            file.write_text("this is not a database, it is a letter to grandmother " * 100)
        case "zeros":
            file.write_bytes(bytes(len(content)))
        case "truncated":
            file.write_bytes(content[: len(content) // 2 + 7])
        case "directory":
            file.unlink()
            file.mkdir()
            (file / "something").write_text("of the user's")
    session = open_session(root)
    try:
        assert session.window.banner.isVisible()
        assert "history.sqlite3" in session.window.banner.text
        assert list(root.glob("history.sqlite3.damaged-*"))
        session.services.settings.change(sampling=SamplingParameters(max_tokens=2))
        session.chat.send("Do you still work?")
        wait_until(lambda: is_over(session), 60)
    finally:
        dispose(session)


def test_garbage_settings_are_set_aside_and_said(tmp_path: Path) -> None:
    root = tmp_path / "data"
    root.mkdir()
    (root / "settings.json").write_bytes(b"\xff\xfe{]garbage")
    session = open_session(root)
    try:
        assert session.window.banner.isVisible()
        assert list(root.glob("settings.json.damaged-*"))
    finally:
        dispose(session)


def test_a_model_that_crashed_at_start_is_not_loaded_there_again(tmp_path: Path) -> None:
    root = tmp_path / "data"
    services = open_services(DataPaths(root), CallbackQueue().post)
    services.settings.change(load_last_model_at_start=True)
    key = services.library.default().key
    services.start_guard.arm(key)
    services.close()
    session = open_session(root)
    try:
        assert session.services.host.status.state == "empty"
        assert session.window.banner.isVisible()
        # Loaded by hand it works, and the next start may try again.
        session.models.load(key)
        wait_until(lambda: session.services.host.is_ready(key), 60)
        assert session.services.start_guard.crashed_with() == ""
    finally:
        dispose(session)
    session = open_session(root)
    try:
        wait_until(lambda: session.services.host.is_ready(key), 60)
    finally:
        dispose(session)


def test_a_full_disk_while_streaming_is_said_and_loses_nothing(tmp_path: Path) -> None:
    root = tmp_path / "data"
    session = open_session(root)
    try:
        session.services.settings.change(sampling=SamplingParameters(temperature=0, max_tokens=120))
        database = session.services.databases[0]

        def fill(connection) -> None:
            pages = next(iter(connection.execute("PRAGMA page_count")))[0]
            connection.execute(f"PRAGMA max_page_count={pages}")

        session.chat.send("Write a long story about a dragon.")
        wait_until(lambda: session.page.composer.is_answering)
        database.writer.run(fill)
        padding = "Keep this text. " * 4000
        wait_until(lambda: is_over(session), 90)
        session.chat.send(padding)
        wait_until(lambda: session.window.banner.isVisible(), 20)
        assert "disk" in session.window.banner.text.lower()
        assert session.page.composer.is_answering is False
        # There is room again: the same window goes on.
        session.window.banner.dismiss()
        database.writer.run(lambda db: db.execute("PRAGMA max_page_count=1000000"))
        session.services.settings.change(sampling=SamplingParameters(max_tokens=2))
        before = len(session.chat.branch)
        session.chat.send("And now?")
        wait_until(lambda: len(session.chat.branch) == before + 2 and is_over(session), 60)
    finally:
        dispose(session)
