"""The printing process itself: what it may not do, what it takes, and what it says meanwhile."""

import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from app.export.printer_protocol import PdfPiece, Printed, Working
from app.export.printing import printed, printer_command
from app.export.readable import Entry, Readable
from tests.helpers.pdf_reading import faults, headers, squeezed, texts

GALLERY = (Path(__file__).resolve().parents[1] / "fixtures" / "gallery.md").read_text("utf-8")


def conversation(*sources: str) -> Readable:
    entries = tuple(
        Entry(id=str(number), who="assistant", heading="Small model", text=source)
        for number, source in enumerate(sources)
    )
    told = "2026-01-02T03:04:05Z"
    return Readable(id="c", title="A talk", created=told, updated=told, entries=entries)


@pytest.mark.skipif(sys.platform != "linux", reason="there is a sandbox on Linux only")
def test_it_has_locked_itself_down_before_it_reads_anything() -> None:
    process = subprocess.Popen(
        printer_command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    try:
        status = ""
        until = time.monotonic() + 60
        while "NoNewPrivs:\t1" not in status or "Seccomp:\t2" not in status:
            assert time.monotonic() < until, status
            assert process.poll() is None
            status = Path(f"/proc/{process.pid}/status").read_text()
            time.sleep(0.05)
        # Nothing was said to it yet.
    finally:
        process.kill()
        process.wait()
        assert process.stdin is not None
        process.stdin.close()


def test_many_messages_take_little_memory_and_tell_how_far_they_are() -> None:
    answer = GALLERY.split("## Other writing")[0]
    readable = conversation(*(f"# Part {n}\n\n{answer}" for n in range(12)))
    pdf, told, most = b"", [], 0
    with closing(printed(readable, "a4", 0)) as run:
        for said in run:
            match said:
                case Working(done, total):
                    told.append((done, total))
                    most = max(most, _peak_kib())
                case PdfPiece(data):
                    pdf += data
                case Printed(size):
                    assert size == len(pdf)
    assert told == sorted(told)
    assert len(told) > 3
    assert told[-1] == (24, 24)
    assert most < 300 * 1024
    pages = headers(pdf)
    assert f"{len(pages)} / {len(pages)}" in pages[-1]
    text = squeezed("".join(texts(pdf)))
    assert [n for n in range(12) if f"Part{n}" not in text] == []
    headings = [line.lstrip("# ") for line in GALLERY.split("\n") if line.startswith("#")]
    assert faults(pdf, [*headings, "Small model"]) == []


def _peak_kib() -> int:
    """Of the one child that prints; 0 where the system does not tell."""
    most = 0
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            status = Path(f"/proc/{pid}/status").read_text()
            for line in status.splitlines():
                if line.startswith("VmHWM:"):
                    most = max(most, int(line.split()[1]))
    return most
