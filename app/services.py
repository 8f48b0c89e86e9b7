"""The composition root: builds every service once and wires them together."""

import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path

from app.chat.turns import Turns
from app.engine.client import Deadlines, EngineClient
from app.engine.host import ModelHost
from app.engine.start_guard import StartGuard
from app.export.exports import Exports
from app.history.repository import History
from app.history.schema import history_migrations
from app.instance import InstanceLock
from app.library.index import LIBRARY_MIGRATIONS
from app.library.library import Library
from app.logs import LogFiles, configure
from app.notices import NoticeBoard
from app.paths import DataPaths, starter_model
from app.posting import Post, Scheduler
from app.secrets import Secrets
from app.settings.store import SettingsStore
from app.storage.opening import Database, open_database

log = logging.getLogger("moestro.services")


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the window and the terminal work with."""

    paths: DataPaths
    logs: LogFiles
    scheduler: Scheduler
    settings: SettingsStore
    secrets: Secrets
    history: History
    library: Library
    host: ModelHost
    turns: Turns
    exports: Exports
    start_guard: StartGuard
    databases: tuple[Database, ...]
    notices: NoticeBoard
    """What the user should be told once, though nothing stopped."""

    def close(self) -> None:
        """Save what is under way, end the worker, close the databases. In this order."""
        self.turns.shut_down()
        self.host.shut_down()
        self.scheduler.close()
        for database in self.databases:
            # Each is closed whatever the one before did: the disk may be full or gone.
            with contextlib.suppress(Exception):
                database.close()
        log.info("closed")
        self.logs.close()


def open_services(
    paths: DataPaths,
    post: Post,
    *,
    exclusive: bool = True,
    temporary: bool = False,
    deadlines: Deadlines | None = None,
    starter: Path | None = None,
) -> Services:
    """Open everything in a data folder.

    ``exclusive`` says that the caller holds the instance lock; ``temporary`` keeps nothing of
    turns. Raises StorageError when the history cannot be opened; nothing is changed then.
    """
    logs = configure(paths.logs)
    scheduler = Scheduler(post)
    notices = NoticeBoard()
    opened: list[Database] = []
    try:
        settings = SettingsStore(paths.settings, notices.post)
        opened.append(
            open_database(
                paths.history, history_migrations(), paths.backups, post, exclusive=exclusive
            )
        )
        opened.append(
            open_database(paths.library, LIBRARY_MIGRATIONS, None, post, exclusive=exclusive)
        )
        history = History(opened[0])
    except BaseException:
        for database in opened:
            database.close()
        scheduler.close()
        logs.close()
        raise
    # The library can be made again from the files, so what happened to it is not announced.
    for notice in (logs.notice, *settings.notices, *opened[0].notices):
        if notice is not None:
            notices.post(notice)
    library = Library(opened[1], starter or starter_model())
    guard = StartGuard(paths.root / "loading-at-start")
    host = _host(post, scheduler, settings, guard, deadlines)
    settings.subscribe(lambda _settings: host.idle_minutes_changed())
    return Services(
        paths=paths,
        logs=logs,
        scheduler=scheduler,
        settings=settings,
        secrets=Secrets(),
        history=history,
        library=library,
        host=host,
        turns=Turns(None if temporary else history, host, scheduler, library.handle_for),
        exports=Exports(history),
        start_guard=guard,
        databases=tuple(opened),
        notices=notices,
    )


def _host(
    post: Post,
    scheduler: Scheduler,
    settings: SettingsStore,
    guard: StartGuard,
    deadlines: Deadlines | None,
) -> ModelHost:
    return ModelHost(
        lambda on_death: EngineClient(post, scheduler, on_death, deadlines),
        scheduler,
        guard,
        idle_minutes=lambda: settings.current.unload_after_minutes,
        lock_down=lambda: settings.current.lock_worker_down,
    )


def open_for_command(paths: DataPaths, post: Post, *, temporary: bool = False) -> Services:
    """Open everything for a terminal command, beside a window that may be running.

    Alone in the folder, the command may mend and migrate as the window would; the lock is
    given back at once, so that a window can start meanwhile.
    """
    lock = InstanceLock(paths.lock)
    alone = lock.acquire()
    try:
        return open_services(paths, post, exclusive=alone, temporary=temporary)
    finally:
        if alone:
            lock.release()
