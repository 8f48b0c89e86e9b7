"""Errors of the engine room.

KnownError
└── EngineError              the engine could not do what was asked
    ├── BadModelError        the file is no model that this engine can run
    ├── OutOfMemoryError     this computer has too little memory for it
    ├── SchemaError          a JSON Schema cannot be enforced
    ├── HostError            another computer that should lend its devices cannot
    ├── WorkerDiedError      the worker process ended or was ended
    │   ├── HostLostError    because another computer did not answer any more
    │   └── WorkerKilledError by the system, almost always for lack of memory
    └── RefusedError         inside the worker: becomes a Failed message
"""

from app.errors import ExitCode
from models.errors import KnownError


class EngineError(KnownError):
    """The engine could not do what was asked."""


class BadModelError(EngineError):
    """The file is no model that this engine can run."""

    exit_code = ExitCode.BAD_MODEL


class OutOfMemoryError(EngineError):
    """There is too little memory for the model or its context."""

    exit_code = ExitCode.NOT_ENOUGH_MEMORY


class SchemaError(EngineError):
    """A JSON Schema is none, or says something that cannot be enforced."""

    exit_code = ExitCode.USAGE


class HostError(EngineError):
    """Another computer that should lend its devices cannot."""

    exit_code = ExitCode.NETWORK


class WorkerDiedError(EngineError):
    """The worker process ended, or was ended because a deadline passed."""


class HostLostError(WorkerDiedError):
    """It ended because a computer that lent its devices did not answer any more."""

    exit_code = ExitCode.NETWORK


class WorkerKilledError(WorkerDiedError):
    """The system ended it, almost always because memory ran out."""

    exit_code = ExitCode.NOT_ENOUGH_MEMORY


class RefusedError(EngineError):
    """Raised inside the worker and sent to the application as ``Failed``.

    ``detail`` is for the log: the engine's or the template's own words.
    """

    def __init__(self, code: str, detail: str = "", **facts: str | int | float) -> None:
        super().__init__(code, **facts)
        self.detail = detail
