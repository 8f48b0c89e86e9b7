"""The composition root: builds every service once and wires them together."""

import contextlib
import logging
from dataclasses import dataclass, field

from app.chat.turns import Turns
from app.engine.host import ModelHost
from app.engine.start_guard import StartGuard
from app.history.repository import History
from app.library.library import Library
from app.logs import LogFiles
from app.notices import Notice
from app.paths import DataPaths
from app.posting import Scheduler
from app.settings.store import SettingsStore
from app.storage.opening import Database

log = logging.getLogger("moestro.services")

TRASH_DAYS = 30


@dataclass(slots=True)
class Services:
    """Everything that the window and the terminal work with."""

    paths: DataPaths
    logs: LogFiles
    scheduler: Scheduler
    settings: SettingsStore
    history: History
    library: Library
    host: ModelHost
    turns: Turns
    start_guard: StartGuard
    databases: tuple[Database, ...]
    notices: list[Notice] = field(default_factory=list)
    """What the user should be told once, found while starting."""

    def close(self) -> None:
        """Save what is under way, end the worker, close the databases. In this order."""
        self.turns.shut_down()
        self.host.shut_down()
        self.scheduler.close()
        for database in self.databases:
            with contextlib.suppress(Exception):
                database.close()
        self.logs.close()
