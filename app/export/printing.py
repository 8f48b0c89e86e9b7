"""One run of the printing process; this side owns time, and the end of the process."""

import contextlib
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from app.export.base import Paper
from app.export.errors import ExportError
from app.export.printer_protocol import (
    Add,
    Begin,
    FromPrinter,
    NotPrinted,
    Print,
    Printed,
    PrintingError,
    ToPrinter,
    frame,
    said_by_printer,
)
from app.export.readable import Readable
from models.naming import shorten

log = logging.getLogger("moestro.printing")

PRINTER_NICENESS = 10
"""Below everything that a person waits for at the window."""
_TICK_SECONDS = 0.1
_KEPT_VARIABLES = (
    "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "USERPROFILE", "LOCALAPPDATA",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV",
    # Where fonts are.
    "XDG_DATA_HOME", "XDG_DATA_DIRS", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
)  # fmt: skip

Command = Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class PrinterLimits:
    """What the printing process may take; seconds."""

    silence: float = 120.0
    """Between two signs of life: it hangs."""


def printer_command() -> list[str]:
    """The command that starts this program as a printing process."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--print"]
    main = Path(__file__).resolve().parent.parent.parent / "main.py"
    return [sys.executable, "-X", "utf8", str(main), "--print"]


def printed(
    readable: Readable,
    paper: Paper,
    pictures: int,
    *,
    command: Command = printer_command,
    limits: PrinterLimits | None = None,
) -> Generator[FromPrinter | None, None, None]:
    """Yield what the printing process says up to and including ``Printed``; None when it is quiet.

    ``pictures`` is how many first pages are wanted as pictures, 0 for the PDF. Closing the
    iterator ends the process at once. Raises ExportError: export.printer_absent, _died, _hung.
    """
    facts = {"title": shorten(readable.title)}
    limits = limits or PrinterLimits()
    try:
        process = _started(command())
    except OSError as error:
        log.warning("the printing process did not start: %s", error)
        raise ExportError("export.printer_absent", **facts) from error
    assert process.stdin is not None
    assert process.stdout is not None
    heard: queue.SimpleQueue[FromPrinter | None] = queue.SimpleQueue()
    threads = [
        threading.Thread(target=_tell, args=(process.stdin, readable, paper, pictures)),
        threading.Thread(target=_listen, args=(process.stdout, heard)),
    ]
    for thread in threads:
        thread.daemon = True
        thread.start()
    try:
        yield from _until_printed(heard, limits, facts)
    finally:
        with contextlib.suppress(OSError):
            process.kill()
        process.wait()
        for thread in threads:
            thread.join()
        process.stdout.close()


def _until_printed(
    heard: "queue.SimpleQueue[FromPrinter | None]", limits: PrinterLimits, facts: dict[str, str]
) -> Iterator[FromPrinter | None]:
    last_sign = time.monotonic()
    while True:
        try:
            message = heard.get(timeout=min(_TICK_SECONDS, limits.silence / 4))
        except queue.Empty:
            if time.monotonic() - last_sign > limits.silence:
                raise ExportError("export.printer_hung", **facts) from None
            yield None
            continue
        last_sign = time.monotonic()
        if isinstance(message, NotPrinted):
            log.warning("nothing was printed: %s", message.detail)
        if message is None or isinstance(message, NotPrinted):
            raise ExportError("export.printer_died", **facts)
        yield message
        if isinstance(message, Printed):
            return


def _started(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**kept, "PYTHONUTF8": "1", "QT_QPA_PLATFORM": "offscreen"},
        # Out of reach of Ctrl+C in a terminal, where the command itself ends it.
        process_group=0 if os.name == "posix" else None,
    )
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, process.pid, PRINTER_NICENESS)
    return process


# --- on threads of their own ----------------------------------------------------------------


def _tell(stdin: BinaryIO, readable: Readable, paper: Paper, pictures: int) -> None:
    """Say the conversation; a process that ended hears no more of it."""
    try:
        for message in _messages(readable, paper, pictures):
            stdin.write(frame(message))
        stdin.flush()
    except (OSError, PrintingError) as error:
        log.info("the printing process does not listen: %s", error)
    finally:
        with contextlib.suppress(OSError):
            stdin.close()


def _messages(readable: Readable, paper: Paper, pictures: int) -> Iterator[ToPrinter]:
    yield Begin(msgspec.structs.replace(readable, entries=(), branches=()), paper, pictures)
    for entry in readable.entries:
        yield Add(entry)
    for number, branch in enumerate(readable.branches, 1):
        for entry in branch:
            yield Add(entry, number)
    yield Print()


def _listen(stdout: BinaryIO, heard: "queue.SimpleQueue[FromPrinter | None]") -> None:
    """Hand on what it says, and None at its end."""
    try:
        for message in said_by_printer(stdout):
            heard.put(message)
    except (OSError, PrintingError) as error:
        log.warning("the printing process spoke nonsense: %s", error)
    heard.put(None)
