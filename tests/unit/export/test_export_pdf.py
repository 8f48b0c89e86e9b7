"""The PDF format and its process: whole or one sentence, whatever the process does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.export.base import ExportOptions, Given
from app.export.errors import ExportError
from app.export.pdf import PdfFormat
from app.export.printer import Printer
from app.export.printing import Command, PrinterLimits, printer_command
from app.history.entities import Conversation, Message, Role
from app.posting import CallbackQueue
from app.wording import sentence_for
from tests.helpers.pdf_reading import texts

ROOT = Path(__file__).resolve().parents[3]
GALLERY = (ROOT / "tests" / "fixtures" / "gallery.md").read_text("utf-8")


class Kept:
    """A sink in memory; it may be cancelled at the n-th step."""

    def __init__(self, cancel_at: int | None = None) -> None:
        self.data = b""
        self.steps = 0
        self.asked = 0
        self._cancel_at = cancel_at

    def write(self, data: bytes) -> None:
        self.data += data

    def step(self, messages: int = 0) -> None:
        self.steps += messages
        self.asked += 1
        if self._cancel_at is not None and self.asked >= self._cancel_at:
            raise ExportError("export.io", file="x", folder="y")


def given(*messages: str, title: str = "A talk") -> Given:
    made = []
    parent = None
    for number, text in enumerate(messages):
        role = Role.ASSISTANT if number % 2 else Role.USER
        made.append(Message(f"m{number}", "c", parent, role, text, sequence=number))
        parent = made[-1].id
    conversation = Conversation("c", title, created_ms=1, updated_ms=2)
    return Given(conversation, tuple(made), tuple(each.id for each in made))


def played(script: str) -> Command:
    """A process that does as it is told instead of printing."""
    prelude = (
        "import os, sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from app.export.printer_protocol import *\n"
        "def say(m): sys.stdout.buffer.write(frame(m)); sys.stdout.buffer.flush()\n"
    )

    def command() -> Sequence[str]:
        return [sys.executable, "-c", prelude + script, str(ROOT)]

    return command


def written(command: Command, sink: Kept, silence: float = 30.0) -> ExportError:
    started = time.monotonic()
    with pytest.raises(ExportError) as caught:
        PdfFormat(command, PrinterLimits(silence)).write([given("Hi", "Ho")], ExportOptions(), sink)
    assert time.monotonic() - started < 20
    return caught.value


def test_the_file_is_whole_and_every_message_a_step() -> None:
    sink = Kept()
    PdfFormat().write([given("Question?", "Answer with `code`.", "More?")], ExportOptions(), sink)
    assert sink.data.startswith(b"%PDF-")
    assert sink.steps == 3
    assert "Answer with" in texts(sink.data)[0]


def test_two_exports_are_equal_and_the_options_count() -> None:
    one, two, plain = Kept(), Kept(), Kept()
    talk = given("Hi", GALLERY)
    PdfFormat().write([talk], ExportOptions(), one)
    PdfFormat().write([talk], ExportOptions(), two)
    PdfFormat().write([talk], ExportOptions(dates=False, paper="letter"), plain)
    assert one.data == two.data
    assert "UTC" in texts(one.data)[0]
    assert "UTC" not in texts(plain.data)[0]
    assert b"<xmp:CreateDate>1970" in one.data
    for date in (b"CreationDate", b"CreateDate", b"ModDate", b"ModifyDate"):
        assert date in one.data
        assert date not in plain.data


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("os.kill(os.getpid(), 9)", "export.printer_died"),
        ("say(Working(1, 2)); sys.exit(3)", "export.printer_died"),
        ("say(NotPrinted('trouble'))", "export.printer_died"),
        ("print('nonsense that is no frame')", "export.printer_died"),
        ("say(PdfPiece(b'%PDF-1.4 half')); say(Printed(999))", "export.printer_damaged"),
        ("say(PdfPiece(b'GIF89a')); say(Printed(6))", "export.printer_damaged"),
        ("say(PdfPiece(b'%PDF-1.4 cut')); say(Printed(12))", "export.printer_damaged"),
        ("say(Printed(0))", "export.printer_damaged"),
        (
            "sys.stdout.buffer.write(b'\\xff' * 100); sys.stdout.flush(); time.sleep(60)",
            "export.printer_died",
        ),
    ],
    ids=["killed", "ends early", "says so", "nonsense", "size", "no PDF", "cut", "empty", "huge"],
)
def test_whatever_the_process_does_there_is_one_sentence(script: str, code: str) -> None:
    error = written(played(script), Kept())
    assert error.code == code
    assert "A talk" in sentence_for(error)


def test_a_process_that_hangs_is_ended(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    script = f"open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    assert written(played(script), Kept(), silence=2.0).code == "export.printer_hung"
    assert not alive(int(told.read_text()))


def test_cancelling_ends_the_process_at_once(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    script = (
        f"open({str(told)!r}, 'w').write(str(os.getpid()))\n"
        "while True: say(Working(1, 2)); time.sleep(0.02)"
    )
    assert written(played(script), Kept(cancel_at=20)).code == "export.io"
    assert not alive(int(told.read_text()))


def test_no_program_no_pages() -> None:
    assert written(lambda: ["/nowhere/at/all"], Kept()).code == "export.printer_absent"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# --- previews ---------------------------------------------------------------------------------


def test_a_preview_shows_the_first_pages() -> None:
    posted = CallbackQueue()
    heard: list[list[bytes]] = []
    printer = Printer(posted.post)
    printer.preview(given("word " * 3000), ExportOptions(), 2, heard.append, pytest.fail)
    assert posted.run_until(lambda: bool(heard), timeout=60)
    assert [each[:8] for each in heard[0]] == [b"\x89PNG\r\n\x1a\n"] * 2
    printer.close()


def test_a_preview_that_goes_wrong_says_so_and_a_cancelled_one_nothing() -> None:
    posted = CallbackQueue()
    failures: list[ExportError] = []
    printer = Printer(posted.post, played("sys.exit(1)"))
    printer.preview(given("Hi"), ExportOptions(), 1, pytest.fail, failures.append)
    assert posted.run_until(lambda: bool(failures), timeout=60)
    assert failures[0].code == "export.printer_died"
    slow = Printer(posted.post, played("time.sleep(600)"))
    preview = slow.preview(given("Hi"), ExportOptions(), 1, pytest.fail, pytest.fail)
    preview.cancel()
    assert preview.wait(20)
    posted.run_until(lambda: False, timeout=0.3)
    slow.close()
    printer.close()


# --- the process ------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="dying with a parent is asked of Linux alone")
def test_it_dies_with_its_parent() -> None:
    script = (
        "import subprocess, sys, time\n"
        "p = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "print(p.pid, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", script, *printer_command()]
    # What it reads from stays open, so that nothing else tells it of the end.
    reading, writing = os.pipe()
    with subprocess.Popen(command, stdin=reading, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        until = time.monotonic() + 60
        while "NoNewPrivs:\t1" not in Path(f"/proc/{pid}/status").read_text():
            assert time.monotonic() < until
            time.sleep(0.05)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    until = time.monotonic() + 20
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    is_dead = not alive(pid)
    os.close(writing)
    os.close(reading)
    assert is_dead
