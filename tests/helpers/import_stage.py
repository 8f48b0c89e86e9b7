"""A data folder and the import service on it, with the real helper process."""

import sys
from collections.abc import Callable
from pathlib import Path

from app.imports.entities import AUTO
from app.imports.imports import Importing, Imports
from app.imports.process import ImportLimits, helper_command
from app.imports.report import Preview, ReadingSoFar, Taken, TakingSoFar
from app.posting import Scheduler
from app.storage.backup_files import BackupFile, Reason
from app.storage.copies import keep_copy
from models.errors import KnownError
from tests.helpers.random_trees import Folder


class Stage:
    """A data folder and the service on it; everything is waited for."""

    def __init__(self, root: Path) -> None:
        self.folder = Folder(root)
        self.posted = self.folder.posted
        self.scheduler = Scheduler(self.posted.post)
        self.staging = root / "importing"
        self.backups: list[BackupFile] = []
        self.changed = 0
        self.imports = self.service()

    def service(self, limits: ImportLimits | None = None, code: str = "") -> Imports:
        """``code`` is Python that stands for the helper."""

        def changed() -> None:
            self.changed += 1

        return Imports(
            self.folder.database, self.staging, self.posted.post, self.scheduler, self.back_up,
            changed, limits=limits,
            command=(lambda: [sys.executable, "-c", code]) if code else helper_command,
        )  # fmt: skip

    def back_up(
        self, done: Callable[[BackupFile], None], _failed: Callable[[KnownError], None]
    ) -> None:
        made = keep_copy(self.folder.database.path, self.folder.root / "backups", Reason.IMPORT)
        self.backups.append(made)
        self.posted.post(lambda: done(made))

    def read(
        self, *paths: Path, source: str = AUTO, imports: Imports | None = None
    ) -> tuple[Preview | KnownError, Importing]:
        heard: list[Preview | KnownError] = []
        self.progress: list[ReadingSoFar] = []
        importing = (imports or self.imports).begin(
            paths, heard.append, heard.append, self.progress.append, source
        )
        assert self.posted.run_until(lambda: bool(heard), 100)
        return heard[0], importing

    def take(self, importing: Importing, ids: list[str]) -> Taken | KnownError:
        heard: list[Taken | KnownError] = []
        self.taking: list[TakingSoFar] = []
        importing.take(ids, heard.append, heard.append, self.taking.append)
        assert self.posted.run_until(lambda: bool(heard), 60)
        return heard[0]

    def left(self) -> list[Path]:
        """What an import left in the data folder."""
        return list(self.staging.rglob("*"))

    def close(self) -> None:
        self.imports.close()
        self.scheduler.close()
        self.folder.close()
