"""Log files in the data folder: rotating, closed to other users, without conversations.

``moestro.log`` is the program's, ``engine.log`` what llama.cpp says, and ``engine-errors.log``
its errors, which a chatty engine must not push out.
"""

import io
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

from app.notices import Notice
from models.errors import KnownError
from models.naming import shorten

PROGRAM_LOGGER = "moestro"
ENGINE_LOGGER = "moestro.engine"
MAX_FILE_BYTES = 2 * 1024 * 1024
KEPT_FILES = 3
"""Of each log, the one being written included."""
_LINE_CHARACTERS = 2000

_ErrorInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class LogFiles:
    """The open logs of one process. ``close`` undoes everything that ``configure`` did."""

    def __init__(self, folder: Path, notice: Notice | None, undo: list[Callable[[], None]]) -> None:
        self._undo = undo
        self.folder = folder
        self.notice = notice
        """Said when no log can be written; the program works without."""

    @property
    def program(self) -> Path:
        """What the program did."""
        return self.folder / "moestro.log"

    @property
    def engine(self) -> Path:
        """What the engine says."""
        return self.folder / "engine.log"

    @property
    def engine_errors(self) -> Path:
        """The engine's errors only."""
        return self.folder / "engine-errors.log"

    def close(self) -> None:
        """Close the files and give Python its own hooks back; harmless when done twice."""
        while self._undo:
            self._undo.pop()()


def configure(folder: Path) -> LogFiles:
    """Send logs, Python's warnings and uncaught errors to files in ``folder``.

    Never raises: where no log can be written, ``LogFiles.notice`` says so.
    """
    undo: list[Callable[[], None]] = []
    files = LogFiles(folder, None, undo)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        program = _handler(files.program)
        engine = _handler(files.engine)
        errors = _handler(files.engine_errors, logging.ERROR)
    except (OSError, ValueError):
        files.notice = Notice("logs.not_usable", {"path": shorten(str(folder))})
        # Without any handler Python would print warnings onto the terminal.
        _attach(logging.getLogger(), [logging.NullHandler()], undo)
        return files
    _attach(logging.getLogger(), [program], undo)
    _attach(logging.getLogger(ENGINE_LOGGER), [engine, errors], undo, propagate=False)
    _catch_everything(undo)
    return files


def _handler(path: Path, level: int = logging.NOTSET) -> logging.Handler:
    handler = _PrivateRotatingFile(
        path, maxBytes=MAX_FILE_BYTES, backupCount=KEPT_FILES - 1, encoding="utf-8",
        errors="backslashreplace",
    )  # fmt: skip
    handler.setLevel(level)
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
    return handler


def _attach(
    logger: logging.Logger,
    handlers: list[logging.Handler],
    undo: list[Callable[[], None]],
    *,
    propagate: bool = True,
) -> None:
    level, propagated = logger.level, logger.propagate

    def detach() -> None:
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close()
        logger.setLevel(level)
        logger.propagate = propagated

    for handler in handlers:
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = propagate
    undo.append(detach)


def _catch_everything(undo: list[Callable[[], None]]) -> None:
    log = logging.getLogger(PROGRAM_LOGGER)
    old_hook, old_thread_hook, old_stray_hook = (
        sys.excepthook, threading.excepthook, sys.unraisablehook,
    )  # fmt: skip

    def on_error(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        log.critical("uncaught", exc_info=(kind, error, trace))

    def on_thread_error(arguments: threading.ExceptHookArgs) -> None:
        name = arguments.thread.name if arguments.thread else "?"
        error = arguments.exc_value or arguments.exc_type()
        log.critical(
            "uncaught in thread %s", name,
            exc_info=(arguments.exc_type, error, arguments.exc_traceback),
        )  # fmt: skip

    def on_stray_error(arguments: Any) -> None:
        log.error("uncaught where nobody could catch it", exc_info=arguments.exc_value)

    def restore() -> None:
        logging.captureWarnings(False)
        sys.excepthook, threading.excepthook = old_hook, old_thread_hook
        sys.unraisablehook = old_stray_hook

    logging.captureWarnings(True)
    sys.excepthook, threading.excepthook = on_error, on_thread_error
    sys.unraisablehook = on_stray_error
    undo.append(restore)


class _PrivateRotatingFile(RotatingFileHandler):
    """A log that only its owner may read, and that never disturbs the program."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        raw = io.FileIO(os.open(self.baseFilename, flags, 0o600), "a")
        return TextIOWrapper(io.BufferedWriter(raw), self.encoding, self.errors)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """A full disk loses log lines; it must not write to the terminal instead."""


class _OneLine(logging.Formatter):
    """Keeps a record on one line, short, and tells no error's text that may quote a chat."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line, then its traceback if there is one."""
        record.message = _printable(record.getMessage())
        record.asctime = self.formatTime(record)
        line = self.formatMessage(record)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line

    def formatException(self, ei: _ErrorInfo) -> str:  # noqa: N802 - the library's name
        """The places of the traceback, without source values."""
        kind, error, trace = ei
        if kind is None or error is None:
            return ""
        places = "".join(traceback.format_tb(trace)).rstrip()
        return f"{places}\n{kind.__name__}{_told(error)}".strip("\n")


def _told(error: BaseException) -> str:
    """The text of an error only where it can hold nothing that a user wrote."""
    if isinstance(error, OSError | KnownError | ImportError | AttributeError):
        return f": {_printable(str(error))}"
    return ""


def _printable(text: str) -> str:
    return shorten(text, _LINE_CHARACTERS)
