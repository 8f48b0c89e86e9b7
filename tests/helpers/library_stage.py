"""A library with a real database, whose work arrives on the test's own thread."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.library.index import LIBRARY_MIGRATIONS, ORIGIN_MIGRATIONS
from app.library.library import Library
from app.paths import starter_model
from app.posting import CallbackQueue
from app.storage.opening import open_database

STEPS = (*LIBRARY_MIGRATIONS, *ORIGIN_MIGRATIONS)


class LibraryStage:
    """Folders side by side: ``models`` is the library's, ``elsewhere`` what a person has."""

    def __init__(self, root: Path) -> None:
        self.queue = CallbackQueue()
        self.models = root / "data" / "models"
        self.elsewhere = root / "elsewhere"
        self.elsewhere.mkdir()
        self.database = open_database(root / "data" / "library.db", STEPS, None, self.queue.post)
        self.library = Library(self.database, starter_model(), now_ms=lambda: 1_700_000_000_000)

    def wait(self, begin: Callable[[Callable[[Any], None], Callable[[Any], None]], object]) -> Any:
        """What ``begin`` hands to one of the two."""
        results: list[Any] = []
        begin(results.append, results.append)
        assert self.queue.run_until(lambda: bool(results), 20)
        return results[0]

    def real(self) -> list[str]:
        """Names of the models besides the demo."""
        return [model.name for model in self.library.entries() if not model.is_demo]

    def close(self) -> None:
        self.database.close()


def tree(root: Path) -> dict[str, tuple[object, ...]]:
    """Everything about a folder that could be changed."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted((root, *root.rglob("*"))):
        status = path.lstat()
        content: object = ""
        if path.is_symlink():
            content = os.readlink(path)  # noqa: PTH115
        elif path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        found[str(path)] = content, status.st_mtime_ns, status.st_ino, status.st_mode
    return found
