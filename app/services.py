"""The composition root: builds every service once and wires them together."""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.attachments.attachments import Attachments
from app.attachments.store import AttachmentStore
from app.awake_rooms import AwakeRooms, open_awake
from app.backups.keeper import BackupKeeper
from app.backups.mending import mend_history
from app.chat.branching import Branching
from app.chat.budget import ContextBudget
from app.chat.events import TurnEnded
from app.chat.send_queue import SendQueue
from app.chat.summarising import Summariser
from app.chat.titling import Titler
from app.chat.turns import Turns
from app.chat_rooms import open_chat_rooms
from app.engine.build_process import bootstrap_command
from app.engine.builds import EngineBuilds, installed_key
from app.engine.client import Deadlines, EngineClient
from app.engine.errors import WorkerDiedError
from app.engine.host import ModelHost
from app.engine.pipes import worker_command
from app.engine.start_guard import StartGuard
from app.engine.workers import Workers
from app.exchange_rooms import open_exchange
from app.export.exports import Exports
from app.export.mirrors import Mirrors
from app.history.drafts import Drafts
from app.history.finding import Finder
from app.history.organising import Organiser
from app.history.presets import Presets
from app.history.repository import History
from app.history.schema import history_migrations
from app.imports.imports import Imports
from app.instance import InstanceLock
from app.library.downloads_schema import DOWNLOAD_MIGRATIONS
from app.library.index import LIBRARY_MIGRATIONS, ORIGIN_MIGRATIONS
from app.library.library import Library
from app.library.move_journal import MOVE_MIGRATIONS
from app.logs import LogFiles, configure
from app.model_rooms import HubWishes, ModelRooms
from app.notices import Notice, NoticeBoard
from app.paths import DataPaths, program_folder, starter_model
from app.placement.fingerprint import engine_fingerprint
from app.placement.inventory import inventory_without_engine
from app.placement.loader import Loader
from app.placement.placements import Placements
from app.placement.records import PlacementRecords
from app.placement.rehearsing import Rehearser
from app.placement.schema import PLACEMENT_MIGRATIONS
from app.placement.survey import Survey
from app.posting import Post, Scheduler
from app.secrets import Secrets
from app.settings.store import SettingsStore
from app.storage.opening import Database, open_database

log = logging.getLogger("moestro.services")

_LIBRARY_STEPS = (
    *LIBRARY_MIGRATIONS, *PLACEMENT_MIGRATIONS, *DOWNLOAD_MIGRATIONS, *ORIGIN_MIGRATIONS,
    *MOVE_MIGRATIONS,
)  # fmt: skip
"""Of one file that two rooms share. Steps are known by their number: whichever room adds one, it
goes to the end of this list."""

_INDEX_AFTER_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the window and the terminal work with."""

    paths: DataPaths
    logs: LogFiles
    scheduler: Scheduler
    settings: SettingsStore
    secrets: Secrets
    history: History
    organiser: Organiser
    """Folders, order and the trash."""
    finder: Finder
    """Full-text search."""
    library: Library
    models: ModelRooms
    """What finds, fetches and keeps models."""
    builds: EngineBuilds
    workers: Workers
    host: ModelHost
    survey: Survey
    placements: Placements
    records: PlacementRecords
    loader: Loader
    turns: Turns
    awake: AwakeRooms
    """Against sleep while an answer is written, and for what sleep took."""
    branching: Branching
    """What a person does to the tree of messages."""
    budget: ContextBudget
    """What prompts take of the context window."""
    summariser: Summariser
    send_queue: SendQueue
    """Messages that wait for the answer under way."""
    titler: Titler
    """What asks the model for titles."""
    presets: Presets
    """Presets and the prompt library."""
    drafts: Drafts
    """What was typed and not sent yet."""
    attachments: Attachments
    """What reads files that go with a question, and finds what of them is relevant."""
    attachment_store: AttachmentStore
    exports: Exports
    mirrors: Mirrors
    imports: Imports
    start_guard: StartGuard
    backups: BackupKeeper
    databases: tuple[Database, ...]
    notices: NoticeBoard
    """What the user should be told once, though nothing stopped."""

    def close(self) -> None:
        """Save what is under way, end the workers, close the databases. In this order."""
        self.turns.shut_down()
        self.awake.close()
        for room in (self.exports, self.mirrors, self.imports, self.attachments):
            room.close()
        # Paused while their database can still be told so.
        self.models.close()
        self.builds.shut_down()
        self.loader.shut_down()
        self.placements.close()
        self.host.shut_down()
        self.workers.shut_down()
        self.scheduler.close()
        self.backups.close()
        self.finder.close()
        self.organiser.close()
        for database in self.databases:
            # Each is closed whatever the one before did: the disk may be full or gone.
            with contextlib.suppress(Exception):
                database.close()
        log.info("closed")
        self.logs.close()


def open_services(
    paths: DataPaths, post: Post, *, exclusive: bool = True, temporary: bool = False,
    deadlines: Deadlines | None = None, starter: Path | None = None,
    rpc_hosts: tuple[str, ...] = (), hub: HubWishes | None = None, lock: InstanceLock | None = None,
) -> Services:  # fmt: skip
    """Open everything in a data folder.

    ``exclusive`` says that the caller holds the instance lock; ``temporary`` keeps nothing of
    turns; ``rpc_hosts`` lend their devices besides those of the settings; ``hub`` goes before
    the settings; ``lock`` is the instance lock for who has it not all the time, as the window
    has. Raises StorageError when the history cannot be opened; nothing is changed then.
    """
    ground = _open_ground(paths, post, exclusive=exclusive)
    settings, scheduler, opened = ground.settings, ground.scheduler, ground.databases
    library = Library(opened[1], starter or starter_model())
    guard = StartGuard(paths.root / "loading-at-start")
    history = History(opened[0])
    builds = _builds(post)
    rooms = _placement(
        post, scheduler, settings, guard, builds, opened[1], deadlines, rpc_hosts,
        ground.notices.post,
    )  # fmt: skip
    is_window = exclusive and lock is None
    chat = open_chat_rooms(
        history, library, scheduler, rooms.host, rooms.loader, settings,
        temporary=temporary, follows=is_window,
    )  # fmt: skip
    awake = open_awake(
        chat.turns, rooms.host, rooms.loader, rooms.survey, scheduler, library.handle_for,
        ground.notices.post, follows=is_window,
    )  # fmt: skip
    secrets = Secrets()
    models = ModelRooms(
        paths, settings, secrets, library, opened[1], rooms.placements, post, scheduler,
        hub or HubWishes(), history=opened[0], lock=lock,
    )  # fmt: skip
    organiser, finder = _order(
        opened[0], post, scheduler, chat.turns, rooms.host, follows=is_window
    )
    attachment_store = AttachmentStore(opened[0])
    backups = _backups(paths, post, ground, starts=is_window)
    exports, mirrors, imports = open_exchange(
        paths, opened[0], post, scheduler, ground.notices, backups, finder, follows=is_window
    )
    if exclusive:
        imports.clear()
        models.mend()
        attachment_store.forget_unused()
    return Services(
        paths=paths, logs=ground.logs, scheduler=scheduler, settings=settings, secrets=secrets,
        history=history, organiser=organiser, finder=finder, library=library, models=models,
        builds=builds, workers=rooms.workers,
        host=rooms.host, survey=rooms.survey, placements=rooms.placements, records=rooms.records,
        loader=rooms.loader, turns=chat.turns, awake=awake, branching=chat.branching,
        budget=chat.budget, summariser=chat.summariser, send_queue=chat.send_queue,
        titler=chat.titler, presets=Presets(opened[0]), drafts=Drafts(opened[0]),
        attachments=Attachments(post, scheduler), attachment_store=attachment_store,
        exports=exports, mirrors=mirrors, imports=imports, start_guard=guard, databases=opened,
        notices=ground.notices, backups=backups,
    )  # fmt: skip


def _order(
    history: Database, post: Post, scheduler: Scheduler, turns: Turns, host: ModelHost, *,
    follows: bool,
) -> tuple[Organiser, Finder]:  # fmt: skip
    """``follows`` for a window: what is written is indexed, what is old leaves the trash."""
    organiser = Organiser(history, post, on_erased=host.forget)
    finder = Finder(history, post)
    if follows:
        organiser.purge()
        # Not before the window is there: after an update every text may wait.
        scheduler.call_later(_INDEX_AFTER_SECONDS, finder.catch_up)
        turns.subscribe(lambda event: finder.catch_up() if isinstance(event, TurnEnded) else None)
    return organiser, finder


@dataclass(frozen=True, slots=True)
class _Ground:
    """What everything else stands on."""

    logs: LogFiles
    scheduler: Scheduler
    settings: SettingsStore
    databases: tuple[Database, Database]
    notices: NoticeBoard


def _open_ground(paths: DataPaths, post: Post, *, exclusive: bool) -> _Ground:
    """Logs, settings and databases; nothing stays open when one cannot be opened."""
    logs = configure(paths.logs)
    scheduler = Scheduler(post)
    notices = NoticeBoard()
    try:
        settings = SettingsStore(paths.settings, notices.post)
        opened = _open_databases(paths, post, exclusive=exclusive)
    except BaseException:
        scheduler.close()
        logs.close()
        raise
    # The library can be made again from the files, so what happened to it is not announced.
    for notice in filter(None, (logs.notice, *settings.notices, *opened[0].notices)):
        notices.post(notice)
    return _Ground(logs, scheduler, settings, opened, notices)


def _backups(paths: DataPaths, post: Post, ground: _Ground, *, starts: bool) -> BackupKeeper:
    """``starts`` for a window: commands end too soon, and one may open beside them."""
    keeper = BackupKeeper(paths.history, paths.backups, post, ground.scheduler, ground.notices.post)
    if starts:
        keeper.start()
    return keeper


def _open_databases(paths: DataPaths, post: Post, *, exclusive: bool) -> tuple[Database, Database]:
    """The history's and the library's; neither stays open when one cannot be opened."""
    history = open_database(
        paths.history, history_migrations(), paths.backups, post, exclusive=exclusive,
        mend=mend_history,
    )  # fmt: skip
    try:
        library = open_database(paths.library, _LIBRARY_STEPS, None, post, exclusive=exclusive)
    except BaseException:
        history.close()
        raise
    return history, library


@dataclass(frozen=True, slots=True)
class _Rooms:
    """What places and loads models."""

    workers: Workers
    host: ModelHost
    survey: Survey
    placements: Placements
    records: PlacementRecords
    loader: Loader


def _builds(post: Post) -> EngineBuilds:
    """Engines besides the ordinary one can be built where there is a checkout."""
    folder = program_folder()
    is_checkout = (folder / "packaging" / "bootstrap.py").is_file()
    command = (lambda backend: bootstrap_command(folder, backend)) if is_checkout else None
    return EngineBuilds(folder / ".engines", installed_key(), post, command)


def _placement(
    post: Post,
    scheduler: Scheduler,
    settings: SettingsStore,
    guard: StartGuard,
    builds: EngineBuilds,
    library: Database,
    deadlines: Deadlines | None,
    rpc_hosts: tuple[str, ...],
    tell: Callable[[Notice], None],
) -> _Rooms:
    def engine_folder() -> Path | None:
        return builds.chosen(settings.current.engine_backend).folder

    def engine() -> str:
        folder = engine_folder()
        return fingerprint_of(folder / "llama_cpp" if folder else None)

    fingerprint_of = cache(engine_fingerprint)
    workers = _workers(post, scheduler, settings, builds, deadlines, tell)
    host = ModelHost(
        workers.start,
        scheduler,
        guard,
        idle_minutes=lambda: settings.current.unload_after_minutes,
        lock_down=lambda: settings.current.lock_worker_down,
    )
    settings.subscribe(lambda _settings: host.idle_minutes_changed())
    records = PlacementRecords(library)
    survey = Survey(
        workers.start,
        records,
        engine,
        lambda: inventory_without_engine(engine_folder()),
        budgets=lambda: settings.current.device_budgets,
        rpc_hosts=lambda: (*settings.current.rpc_hosts, *rpc_hosts),
        held=lambda: loader.held(),
        hosts_in_use=lambda: loader.uses_hosts,
    )
    placements = Placements(Rehearser(workers.start), records, scheduler, engine)
    loader = Loader(
        host, survey, placements, records, workers.when_ended,
        lambda: settings.current.context_tokens,
    )  # fmt: skip
    return _Rooms(workers, host, survey, placements, records, loader)


def _workers(
    post: Post,
    scheduler: Scheduler,
    settings: SettingsStore,
    builds: EngineBuilds,
    deadlines: Deadlines | None,
    tell: Callable[[Notice], None],
) -> Workers:
    """Whatever computes does so in these, with the engine that the settings choose."""

    def start_client(on_death: Callable[[WorkerDiedError | None], None]) -> EngineClient:
        build = builds.chosen(settings.current.engine_backend)

        def died(death: WorkerDiedError | None) -> None:
            if death is not None and not client.has_greeted:
                # A driver that went away must not keep every model from being loaded.
                trouble = builds.set_aside(build)
                if trouble is not None:
                    tell(Notice(trouble.code, trouble.facts))
            on_death(death)

        command = worker_command(build.folder)
        client = EngineClient(post, scheduler, died, deadlines, command)
        return client

    return Workers(start_client, scheduler)


def open_for_command(
    paths: DataPaths,
    post: Post,
    *,
    temporary: bool = False,
    rpc_hosts: tuple[str, ...] = (),
    hub: HubWishes | None = None,
) -> Services:
    """Open everything for a terminal command, beside a window that may be running.

    Alone in the folder, the command may mend and migrate as the window would; the lock is
    given back at once, so that a window can start meanwhile.
    """
    lock = InstanceLock(paths.lock)
    alone = lock.acquire()
    try:
        return open_services(
            paths, post, exclusive=alone, temporary=temporary, rpc_hosts=rpc_hosts, hub=hub,
            lock=lock,
        )  # fmt: skip
    finally:
        if alone:
            lock.release()
