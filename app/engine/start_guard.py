"""Remembers over a restart that loading a model at start crashed, so that it is not tried again."""

import contextlib
from pathlib import Path

from app.files import write_atomically


class StartGuard:
    """A small file that exists from before a load at start until it went well."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def arm(self, model_key: str) -> None:
        """Note that this model is about to be loaded at start."""
        with contextlib.suppress(OSError):
            write_atomically(self._path, model_key.encode())

    def disarm(self, model_key: str) -> None:
        """This model's load ended well, or with a clear refusal."""
        if self.crashed_with() != model_key:
            return
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def crashed_with(self) -> str:
        """The model key whose load at start never came back; empty if there is none."""
        try:
            return self._path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError):
            return ""
