"""Logs: rotating, private, one line each, no conversation in them, never in the way."""

import logging
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.logs import ENGINE_LOGGER, KEPT_FILES, MAX_FILE_BYTES, LogFiles, configure
from app.wording import sentence
from models.errors import ModelFileError

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[LogFiles]:
    files = configure(tmp_path / "logs")
    yield files
    files.close()


def test_three_files_for_their_owner_only(logs: LogFiles) -> None:
    logging.getLogger("moestro.test").info("from the program")
    logging.getLogger(ENGINE_LOGGER).info("from the engine")
    logging.getLogger(ENGINE_LOGGER).error("an error of the engine")
    assert logs.notice is None
    assert "from the program" in logs.program.read_text()
    assert "engine" not in logs.program.read_text()
    assert logs.engine.read_text().count("\n") == 2
    assert logs.engine_errors.read_text().count("\n") == 1
    for path in (logs.program, logs.engine, logs.engine_errors):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(logs.folder.stat().st_mode) == 0o700


def test_rotation_keeps_three_small_files(logs: LogFiles) -> None:
    log = logging.getLogger(ENGINE_LOGGER)
    log.error("the first error")
    for _ in range(KEPT_FILES * MAX_FILE_BYTES // 1900 + 1200):
        log.info("x" * 1900)
    files = sorted(logs.folder.glob("engine.log*"))
    assert len(files) == KEPT_FILES
    for path in files:
        assert path.stat().st_size <= MAX_FILE_BYTES
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "the first error" in logs.engine_errors.read_text()


def test_a_record_is_one_short_printable_line(logs: LogFiles) -> None:
    logging.getLogger("moestro").warning("a\nforged line\x1b[31m %s", "y" * 10_000)
    logging.getLogger("moestro").warning("half \ud800 character")
    lines = logs.program.read_text().splitlines()
    assert len(lines) == 2
    assert len(lines[0]) < 2200
    assert "\x1b" not in lines[0]


def test_errors_do_not_quote_what_a_user_wrote(logs: LogFiles) -> None:
    log = logging.getLogger("moestro")
    for raised in (ValueError("dear diary"), KeyError("dear diary")):
        try:
            raise raised
        except (ValueError, KeyError):
            log.exception("a fault")
    try:
        raise OSError(28, "No space left on device")
    except OSError:
        log.exception("a fault")
    log.error("known", exc_info=ModelFileError("gguf.empty", name="m.gguf"))
    text = logs.program.read_text()
    assert "dear diary" not in text
    assert "ValueError" in text
    assert "test_logs.py" in text
    assert "No space left" in text
    assert "gguf.empty" in text


def test_debug_lines_of_libraries_stay_out(logs: LogFiles) -> None:
    logging.getLogger("some.library").debug("chatter")
    assert logs.program.read_text() == ""


def test_close_undoes_everything(tmp_path: Path) -> None:
    before = (list(logging.getLogger().handlers), sys.excepthook, threading.excepthook)
    files = configure(tmp_path)
    assert sys.excepthook is not before[1]
    files.close()
    files.close()
    assert (list(logging.getLogger().handlers), sys.excepthook, threading.excepthook) == before
    assert logging.getLogger(ENGINE_LOGGER).handlers == []


def test_no_place_to_write_is_said_and_harmless(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("in the way")
    files = configure(tmp_path / "logs")
    assert files.notice is not None
    assert len(sentence(files.notice.code, files.notice.facts)) <= 140
    logging.getLogger(ENGINE_LOGGER).error("lost")
    files.close()
    assert capfd.readouterr().err == ""


HOOKS = """
import sys, threading, warnings, logging, resource, signal
from pathlib import Path
from app.logs import configure
files = configure(Path(sys.argv[1]))
warnings.warn("a warning of a library")
def fail(): raise OSError("in a thread")
thread = threading.Thread(target=fail, name="worker-7")
thread.start(); thread.join()
class Stray:
    def __del__(self): raise OSError("in a finalizer")
Stray()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = files.engine.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size, files.program.stat().st_size + 2000))
logging.getLogger("moestro.engine").error("the disk is full")
resource.setrlimit(resource.RLIMIT_FSIZE, (files.program.stat().st_size + 2000,) * 2)
raise OSError("at the top")
"""


def test_warnings_and_uncaught_errors_go_to_the_log_not_to_the_terminal(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HOOKS, str(tmp_path)],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    text = (tmp_path / "moestro.log").read_text()
    for expected in ("a warning of a library", "worker-7", "in a thread", "in a finalizer",
                     "at the top"):  # fmt: skip
        assert expected in text
    assert done.returncode == 1
    assert done.stderr == ""
