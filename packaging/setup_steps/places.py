"""Where the set-up keeps things: the checkout's own folders and one cache for all checkouts."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path


def cache_folder() -> Path:
    """The folder of this user's caches for Moestro, in the system's usual place."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
        return Path(base) / "Moestro" / "Cache"
    chosen = os.environ.get("XDG_CACHE_HOME")
    # The specification ignores relative paths there.
    if chosen and Path(chosen).is_absolute():
        return Path(chosen) / "moestro"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "Moestro"
    return Path.home() / ".cache" / "moestro"


def interpreter(environment: Path) -> Path:
    """The interpreter inside an environment."""
    if sys.platform == "win32":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


@dataclass(frozen=True)
class Places:
    """Every path of the set-up. ``root`` is the checkout."""

    root: Path
    cache: Path

    @property
    def packaging(self) -> Path:
        """Scripts and pins."""
        return self.root / "packaging"

    @property
    def venv(self) -> Path:
        """The checkout's own Python environment."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return interpreter(self.venv)

    @property
    def run_lock(self) -> Path:
        """What is needed to run."""
        return self.root / "requirements.lock"

    @property
    def test_lock(self) -> Path:
        """What is needed to run and to be tested."""
        return self.root / "requirements-test.lock"

    @property
    def starter(self) -> Path:
        """The starter model's folder in the checkout."""
        return self.root / ".starter"

    @property
    def engines(self) -> Path:
        """Engines for graphics processors, beside the environment's ordinary one."""
        return self.root / ".engines"

    @property
    def engine_source(self) -> Path:
        """The part of the engine's source that the tests read."""
        return self.root / ".engine-source"

    @property
    def log(self) -> Path:
        """What the tools said, of the latest set-up."""
        return self.cache / "setup.log"
