"""What the engine builds ask of the operating system: programs, their answers, files."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PATIENCE_SECONDS = 30.0
"""Waking a graphics driver can take long."""


def answer_of(command: Sequence[str]) -> str:
    """What a program prints, errors included; empty when it is not there, fails or hangs."""
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ended.stdout.decode("utf-8", "replace") if ended.returncode == 0 else ""


@dataclass(frozen=True, slots=True)
class Computer:
    """This computer as far as engine builds look at it; tests describe others."""

    system: str = sys.platform
    """As ``sys.platform`` names it."""
    machine: str = field(default_factory=platform.machine)
    root: Path = Path("/")
    """Where files are looked for."""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    find: Callable[[str], str | None] = shutil.which
    """From a program's name to its path."""
    ask: Callable[[Sequence[str]], str] = answer_of
    """What a program prints."""

    def program(self, name: str, *folders: str) -> str:
        """A program on the search path or in one of ``folders``; empty when it is nowhere."""
        if found := self.find(name):
            return found
        ending = ".exe" if self.system == "win32" else ""
        for folder in folders:
            path = self.root / folder.lstrip("/") / (name + ending)
            if folder and path.is_file():
                return str(path)
        return ""

    def text(self, path: str) -> str:
        """A small file's text; empty when it cannot be read."""
        try:
            with (self.root / path.lstrip("/")).open("rb") as file:
                return file.read(1 << 20).decode("utf-8", "replace")
        except OSError:
            return ""

    def files(self, pattern: str) -> list[Path]:
        """Paths that match ``pattern`` below the root, sorted."""
        try:
            return sorted(self.root.glob(pattern.lstrip("/")))
        except OSError:
            return []
