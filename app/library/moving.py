"""Gives the library another folder: copies, verifies, switches in one transaction, tidies up.

Whenever it is killed, nothing is lost: until the switch the library is the old one and the
copies are removed by the next start, and from then on it is the new one and the old files are.
"""

import logging
import os
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import filelock

from app.instance import InstanceLock
from app.library.downloads import Downloads
from app.library.errors import KeepingError
from app.library.library import Library
from app.library.move_downloads import follow
from app.library.move_entities import Moved, MoveProgress
from app.library.move_files import clean
from app.library.move_journal import JournaledMove, MoveJournal
from app.library.move_run import MoveOrder, MoveRun
from app.library.move_switch import Switched
from app.library.volumes import Volumes
from app.posting import Post
from app.settings.store import SettingsStore
from app.storage.errors import StorageError
from app.storage.opening import Database
from models.errors import KnownError
from models.naming import shorten
from models.transfer_part import PartInUse, take_lock

log = logging.getLogger("moestro.library")

_CLOSING_SECONDS = 0.5

Told = Callable[[MoveProgress], None]
Done = Callable[[Moved], None]
Failed = Callable[[KnownError], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLocks:
    """What a move holds, so that nobody is in its way."""

    instance: InstanceLock | None
    """Of the data folder; None when this program, as the window, has it all the time."""
    own: Path
    """The file of the moves' own lock."""


class LibraryMove:
    """Used on the state thread; each move works on a thread of its own, one at a time.

    ``folder`` is the library's. Models that Moestro put there go along, and partials of
    downloads; whatever else lies there stays, and so do models that are not as they were
    recorded.
    """

    def __init__(
        self,
        library: Library,
        database: Database,
        downloads: Callable[[], Downloads],
        settings: SettingsStore,
        folder: Callable[[], Path],
        locks: MoveLocks,
        post: Post,
        volumes: Volumes | None = None,
    ) -> None:
        self._library = library
        self._database = database
        self._downloads = downloads
        self._settings = settings
        self._folder = folder
        self._locks = locks
        self._post = post
        self._volumes = volumes or Volumes()
        self._journal = MoveJournal(database)
        self._run: MoveRun | None = None
        self._tidying: threading.Thread | None = None
        self._own: filelock.BaseFileLock | None = None

    @property
    def is_running(self) -> bool:
        """Whether a move is under way."""
        return self._run is not None

    def begin(self, target: Path, told: Told, done: Done, failed: Failed) -> MoveRun:
        """Move the library to ``target``, which is made if only its last folder is missing.

        Exactly one of ``done`` and ``failed`` is posted; after ``failed`` all is as before.
        Raises StorageError when it is not known what there is to move.
        """
        order = self._order(target)

        def ended(tell: Callable[[], None]) -> None:
            self._give_back()
            self._run = None
            tell()

        run = MoveRun(
            order, self._database, self._journal, self._volumes, self._post, told,
            lambda switched, moved: self._switched(order, switched, moved), self._damaged,
        )  # fmt: skip
        try:
            self._take()
        except KnownError as error:
            known = error
            self._post(lambda: failed(known))
            return run
        self._run = run
        run.start(
            lambda moved: ended(lambda: done(moved)), lambda error: ended(lambda: failed(error))
        )
        return run

    def _order(self, target: Path) -> MoveOrder:
        return MoveOrder(
            source=self._folder(),
            target=Path(os.path.abspath(target)),  # noqa: PTH100 - links stay
            token=f"{os.getpid()}-{secrets.token_hex(4)}",
            models=tuple(self._library.entries()),
            downloads=tuple(self._downloads().entries()),
        )

    def mend(self) -> None:
        """At a start that is alone in the data folder: end what an earlier program began.

        The settings are right when this returns; files are removed in the background. Raises
        StorageError.
        """
        moves = self._journal.all()
        try:
            own = take_lock(self._locks.own)
        except (PartInUse, OSError):
            return  # somebody is at work on it
        for move in moves:
            if move.state == "switched":
                self._settle(move.id, move.source, move.target)
        self._tidying = threading.Thread(
            target=self._tidy, args=(moves, own), name="tidying", daemon=True
        )
        self._tidying.start()

    def join(self, seconds: float) -> None:
        """Wait until what ``mend`` began is over, at most so long."""
        if self._tidying is not None:
            self._tidying.join(seconds)

    def close(self) -> None:
        """Give up what is under way."""
        if self._run is not None:
            self._run.cancel()
            self._run.join(_CLOSING_SECONDS)
        self.join(_CLOSING_SECONDS)
        if self._run is None:
            # What is still at work keeps its locks until the program is gone.
            self._give_back()

    # --- locks -----------------------------------------------------------------------------

    def _take(self) -> None:
        """Be alone. Raises KnownError."""
        if self._run is not None:
            raise KeepingError("library.move_under_way")
        self.join(_CLOSING_SECONDS)
        instance = self._locks.instance
        if instance is not None and not instance.acquire():
            raise KeepingError("library.move_not_alone")
        try:
            self._own = take_lock(self._locks.own)
        except (PartInUse, OSError) as error:
            self._give_back()
            raise KeepingError("library.move_under_way") from error

    def _give_back(self) -> None:
        if self._own is not None:
            self._own.release(force=True)
            self._own = None
        if self._locks.instance is not None:
            self._locks.instance.release()

    # --- after the switch ------------------------------------------------------------------

    def _switched(self, order: MoveOrder, switched: Switched, downloads: Sequence[str]) -> None:
        """On the state thread, before the old files are removed."""
        self._settle(switched.move, order.source, order.target)
        follow(self._downloads(), order.source, downloads, switched.over)

    def _settle(self, move: int, source: Path, target: Path) -> None:
        """The settings name the new folder, unless a person chose another one since."""
        if self._folder() == source:
            self._settings.change(library_folder=str(target))
        self._journal.settled(move)

    def _damaged(self, key: str) -> None:
        if self._library.by_key(key) is not None:
            self._library.found_damaged(key)

    def _tidy(self, moves: Sequence[JournaledMove], own: filelock.BaseFileLock) -> None:
        """On a thread, as a disk may take its time; gives ``own`` back."""
        try:
            for move in moves:
                place = move.target if move.state == "copying" else move.source
                if not place.is_dir():
                    # A drive that is away: its rubbish waits for it.
                    log.info("old files wait for %s", shorten(str(place)))
                elif not clean(move):
                    self._journal.over(move.id)
        except (StorageError, OSError) as error:
            log.warning("old files stay until the next start: %s", error)
        finally:
            own.release(force=True)
