"""The parent owns time and trust: helpers that hang, lie, die or talk without end."""

import json
import sys
import threading
import time
from pathlib import Path

import pytest

from app.attachments import extraction as extraction_module
from app.attachments.entities import Attachment
from app.attachments.errors import AttachmentError
from app.attachments.extraction import ExtractionLimits, shown_file_name
from app.attachments.helper_protocol import LINE_BYTES, Piece, decode_line, encode_line


@pytest.fixture
def some_file(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_text("some words")
    return path


def program(code: str):
    return lambda _name: [sys.executable, "-c", code]


def said(message: object) -> str:
    return f"print({json.dumps(message)!r}, flush=True)"


DONE = {"type": "extracted", "kind": "text"}
PIECE = {"type": "piece", "text": "words", "title": "", "begins": True}


def test_the_program_of_these_tests_is_understood(reader, some_file) -> None:
    reader.begin(some_file, command=program(f"{said(PIECE)}; {said(DONE)}"))
    found = reader.result()
    assert isinstance(found, Attachment)
    assert found.text == "words"


def test_one_that_hangs_is_killed_and_it_is_said(reader, some_file) -> None:
    extraction = reader.begin(
        some_file, ExtractionLimits(silence=0.6), program("import time; time.sleep(600)")
    )
    begun = time.monotonic()
    result = reader.result()
    assert isinstance(result, AttachmentError)
    assert result.code == "attachments.hung"
    assert time.monotonic() - begun < 10
    assert extraction.wait(2)


def test_one_that_is_cancelled_is_killed(reader, some_file) -> None:
    speaks = f"{said({'type': 'reading', 'done': 1, 'total': 2, 'unit': 'pages'})}; "
    extraction = reader.begin(some_file, command=program(speaks + "import time; time.sleep(600)"))
    assert reader.queue.run_until(lambda: bool(reader.progress), timeout=30)
    extraction.cancel()
    result = reader.result()
    assert isinstance(result, AttachmentError)
    assert result.code == "attachments.cancelled"
    # Its thread ends with the process, and with nothing else.
    assert extraction.wait(10)


def test_a_disk_that_answers_no_more_keeps_nobody_waiting(reader, some_file, monkeypatch) -> None:
    # No signal frees a thread from such a disk, so the system's call is held in its place.
    freed = threading.Event()
    real = extraction_module.os.open

    def stuck(*arguments: object) -> int:
        freed.wait(60)
        return real(*arguments)

    monkeypatch.setattr(extraction_module.os, "open", stuck)
    extraction = reader.begin(some_file)
    extraction.cancel()
    begun = time.monotonic()
    result = reader.result()
    assert time.monotonic() - begun < 5
    assert isinstance(result, AttachmentError)
    assert result.code == "attachments.cancelled"
    monkeypatch.undo()
    freed.set()
    assert extraction.wait(5)
    reader.queue.run_until(lambda: False, timeout=0.3)
    assert reader.results == [result]


def test_one_that_works_for_ever_is_killed_too(reader, some_file) -> None:
    busy = f"import time\nwhile True:\n {said(PIECE)}\n time.sleep(0.05)"
    reader.begin(some_file, ExtractionLimits(silence=5, whole=1.0), program(busy))
    result = reader.result()
    assert isinstance(result, AttachmentError)
    assert result.code == "attachments.hung"


BAD = {
    "dies": "import os; os.abort()",
    "is silent": "pass",
    "speaks nonsense": "print('hello')",
    "another type": said({"type": "piece", "text": 7}),
    "a title without end": said({"type": "piece", "text": "", "title": "x" * 999, "begins": True}),
    "not a sentence of ours": said({"type": "no-text", "code": "general.unexpected"}),
    "a line without end": f"print('x' * {LINE_BYTES * 2})",
    "ends in the middle": said(PIECE),
}


@pytest.mark.parametrize("case", BAD)
def test_what_makes_no_sense_is_no_text(case, reader, some_file) -> None:
    reader.begin(some_file, command=program(BAD[case]))
    result = reader.result()
    assert isinstance(result, AttachmentError)
    assert result.code == "attachments.helper_died"


def test_one_that_talks_without_end_is_stopped(reader, some_file) -> None:
    one = "{'type': 'piece', 'text': 'x' * 250_000, 'title': '', 'begins': False}"
    code = f"import json\ns = json.dumps({one})\nwhile True: print(s)"
    reader.begin(some_file, command=program(code))
    result = reader.result()
    assert isinstance(result, AttachmentError)
    assert result.code == "attachments.too_long"


def test_it_gets_no_secret_from_the_environment(reader, some_file, monkeypatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    tells = "import os, json; print(json.dumps({'type': 'piece', 'begins': True,"
    tells += f" 'title': '', 'text': 'seen: ' + os.environ.get('HF_TOKEN', '')}})); {said(DONE)}"
    reader.begin(some_file, command=program(tells))
    found = reader.result()
    assert isinstance(found, Attachment)
    assert found.text == "seen: "


def test_the_largest_piece_fits_a_line() -> None:
    from app.attachments.helper_protocol import PIECE_CHARACTERS

    piece = Piece("\x01" * PIECE_CHARACTERS, "t" * 200)
    line = encode_line(piece)
    assert len(line) <= LINE_BYTES
    assert decode_line(line) == piece


def test_a_name_of_nothing_is_still_one() -> None:
    assert shown_file_name("") == "file"
