"""Errors of the models room, and the base that every room's tree grows from.

KnownError                 something of the user's world went wrong and has a sentence
└── ModelFileError         a model file cannot be used
    ├── ModelFileDamaged   it is not what it says it is
    ├── ModelFileNewer     it is sound, but newer than this engine
    └── ModelFileAbsent    it is not there or cannot be read
"""


class KnownError(Exception):
    """An expected failure: ``code`` names a sentence in ``app.wording``, ``facts`` fill it.

    ``exit_code`` is what a terminal command ends with (see ``app.errors.ExitCode``).
    """

    exit_code = 1

    def __init__(self, code: str, **facts: str | int | float) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} {self.facts}"


class ModelFileError(KnownError):
    """A model file cannot be used."""

    exit_code = 3


class ModelFileDamaged(ModelFileError):  # noqa: N818 - a state of a file, not "…Error"
    """The content is not a usable GGUF model."""


class ModelFileNewer(ModelFileError):  # noqa: N818
    """The file is sound as far as it can be read, but only a newer engine can use it."""


class ModelFileAbsent(ModelFileError):  # noqa: N818
    """The file is not there or may not be read."""
