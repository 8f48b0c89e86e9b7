"""How commands speak: results on stdout, exactly one line on stderr when something fails."""

import json
import sys
from typing import Any

from app.wording import sentence_for
from models.errors import KnownError


class Output:
    """Stdout and stderr of one command."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    @property
    def is_terminal(self) -> bool:
        """Whether somebody watches; progress is shown only then."""
        return sys.stderr.isatty()

    def write(self, text: str) -> None:
        """Print a piece of text at once."""
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()

    def line(self, text: str) -> None:
        """Print a line."""
        self.write(text + "\n")

    def json(self, value: Any) -> None:
        """Print one JSON value."""
        self.line(json.dumps(value, ensure_ascii=False, indent=2))

    def complain(self, text: str) -> None:
        """Print the one line of a failure to stderr."""
        one_line = " ".join(text.split())
        sys.stderr.buffer.write(one_line.encode("utf-8", "replace") + b"\n")
        sys.stderr.buffer.flush()

    def note(self, text: str) -> None:
        """Print a line that is no failure to stderr, where somebody watches."""
        if self.is_terminal:
            self.complain(text)

    def failure(self, error: KnownError) -> None:
        """Tell of a failure: the sentence, and with ``--json`` an object on stdout."""
        text = sentence_for(error)
        if self.as_json:
            self.json({"error": {"code": error.code, "message": text}})
        self.complain(text)

    def progress(self, text: str) -> None:
        """Show a passing line on a terminal; nothing elsewhere."""
        if self.is_terminal:
            sys.stderr.write("\r\x1b[K" + text)
            sys.stderr.flush()
