"""Exit codes of the terminal, and errors that belong to no single room.

KnownError (models.errors)
├── ModelFileError      models room
├── AppError            this file
│   ├── UsageError      a command or a setting that makes no sense
│   └── DataFolderError the data folder cannot be used
├── EngineError         app.engine.errors
├── StorageError        app.storage.errors
└── …                   one errors.py per room
"""

from enum import IntEnum

from models.errors import KnownError


class ExitCode(IntEnum):
    """What a terminal command ends with."""

    OK = 0
    FAILED = 1
    USAGE = 2
    BAD_MODEL = 3
    NOT_ENOUGH_MEMORY = 4
    NETWORK = 5
    INTERRUPTED = 130


class AppError(KnownError):
    """An expected failure that belongs to no single room."""


class UsageError(AppError):
    """The request itself makes no sense."""

    exit_code = ExitCode.USAGE


class DataFolderError(AppError):
    """The data folder is absent, read-only or in use."""
