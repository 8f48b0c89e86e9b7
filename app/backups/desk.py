"""What a window does with backups and the data folder: slow work on a thread, answers posted."""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from app.backups.comparing import Difference, compare
from app.backups.data_parts import DataUse, measure
from app.backups.describing import BackupContents, describe
from app.backups.errors import BackupError
from app.backups.keeper import BackupKeeper
from app.backups.one_file import OneFile, export_everything
from app.backups.restoring import is_waiting, restore
from app.backups.waiting import drop_waiting
from app.backups.whole_file import WholeFile, look_into, take
from app.data_move import check_move
from app.paths import DataPaths
from app.posting import Post
from app.storage.backup_files import BackupFile, Reason, list_backups
from app.storage.copies import copy_is_sound
from models.errors import KnownError
from models.naming import shorten

log = logging.getLogger("moestro.backups")

T = TypeVar("T")
Failed = Callable[[KnownError], None]
_CLOSING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Listed:
    """A backup in the list; without ``contents`` it could not even be opened."""

    file: BackupFile
    contents: BackupContents | None
    is_sound: bool | None = None
    """Whether every page of it was read and is as it must be; None while nobody looked."""


class BackupDesk:
    """Used on the state thread. What writes does so one after the other, beside what only looks."""

    def __init__(self, paths: DataPaths, keeper: BackupKeeper, post: Post) -> None:
        self._paths = paths
        self._keeper = keeper
        self._post = post
        self._writing = threading.Lock()
        self._checking = threading.Lock()
        self._measuring = threading.Lock()
        self._stop = threading.Event()
        self._looking = 0
        self._known: dict[tuple[BackupFile, int], Listed] = {}

    @property
    def folder(self) -> Path:
        """Where the backups lie."""
        return self._paths.backups

    @property
    def is_waiting(self) -> bool:
        """Whether a restored history comes with the next start."""
        return is_waiting(self._paths)

    def look(self, told: Callable[[tuple[Listed, ...]], None], failed: Failed) -> None:
        """Tell the list, newest first, and again whenever one more of it was checked.

        Only the last question goes on being answered; ``stop_looking`` ends it.
        """
        self._looking += 1
        mine = self._looking

        def goes_on() -> bool:
            return mine == self._looking and not self._stop.is_set()

        def tell(listed: list[Listed]) -> None:
            shown = tuple(listed)
            self._post(lambda: told(shown) if goes_on() else None)

        def work() -> None:
            listed = [self._listed(each) for each in self._files()]
            tell(listed)
            for place, each in enumerate(listed):
                if not goes_on():
                    return
                if each.is_sound is None:
                    listed[place] = self._checked(each)
                    tell(listed)

        self._run(work, failed, self._checking)

    def stop_looking(self) -> None:
        """Nobody looks at the list any more."""
        self._looking += 1

    def keep(self, done: Callable[[BackupFile], None], failed: Failed) -> None:
        """Make a backup now."""
        self._keeper.keep(Reason.MANUAL, done, failed)

    def compare(self, file: BackupFile, done: Callable[[Difference], None], failed: Failed) -> None:
        """What restoring this one would change."""
        self._answer(lambda: compare(self._paths.history, file), done, failed)

    def restore(
        self, file: BackupFile, done: Callable[[BackupContents], None], failed: Failed
    ) -> None:
        """Let this one wait for the next start, which keeps the history of now first."""
        self._answer(lambda: restore(self._paths, file), done, failed)

    def drop_waiting(self, done: Callable[[bool], None], failed: Failed) -> None:
        """Think better of it."""
        self._answer(lambda: drop_waiting(self._paths), done, failed)

    def save_everything(
        self, target: Path, done: Callable[[OneFile], None], failed: Failed
    ) -> None:
        """Write history and settings into one new file."""
        self._answer(lambda: export_everything(self._paths, target), done, failed)

    def look_into(self, source: Path, done: Callable[[WholeFile], None], failed: Failed) -> None:
        """What such a file holds, and how it differs from now."""
        self._answer(lambda: look_into(self._paths, source), done, failed)

    def take(self, source: Path, done: Callable[[bytes], None], failed: Failed) -> None:
        """Let its history wait for the next start; ``done`` hears its settings."""
        self._answer(lambda: take(self._paths, source), done, failed)

    def measure(self, models: Path, done: Callable[[DataUse], None], failed: Failed) -> None:
        """How large every part of the data folder is."""

        def told(use: DataUse | None) -> None:
            if use is not None:
                done(use)

        ask = lambda: measure(self._paths, models, self._stop.is_set)  # noqa: E731
        self._answer(ask, told, failed, self._measuring)

    def check_move(self, folder: Path, done: Callable[[int], None], failed: Failed) -> None:
        """How many bytes would go when the data moved to ``folder``; refused when they cannot."""
        self._answer(lambda: check_move(self._paths, folder), done, failed, self._measuring)

    def close(self) -> None:
        """End what only looks, and wait a moment for what writes."""
        self._stop.set()
        if self._writing.acquire(timeout=_CLOSING_SECONDS):
            self._writing.release()

    # --- on threads of their own -----------------------------------------------------------

    def _answer(
        self,
        ask: Callable[[], T],
        done: Callable[[T], None],
        failed: Failed,
        order: AbstractContextManager[bool] | None = None,
    ) -> None:
        def work() -> None:
            answer = ask()
            self._post(lambda: done(answer))

        self._run(work, failed, order or self._writing)

    def _run(
        self, work: Callable[[], None], failed: Failed, order: AbstractContextManager[bool]
    ) -> None:
        def run() -> None:
            with order:
                if self._stop.is_set():
                    return
                try:
                    work()
                except KnownError as error:
                    known = error
                except Exception:  # the thread's boundary
                    log.exception("the backups could not be looked at")
                    name = shorten(self._paths.backups.name)
                    known = BackupError("backup.io", name=name)
                else:
                    return
            self._post(lambda: failed(known))

        threading.Thread(target=run, name="backups", daemon=True).start()

    def _files(self) -> tuple[BackupFile, ...]:
        return list_backups(self._paths.backups, self._paths.history.stem)

    def _listed(self, file: BackupFile) -> Listed:
        known = self._known.get(_identity(file))
        if known is not None:
            return known
        try:
            return Listed(file, describe(file))
        except BackupError:
            return self._remember(Listed(file, None, False))

    def _checked(self, listed: Listed) -> Listed:
        is_sound = copy_is_sound(listed.file.path)
        return self._remember(Listed(listed.file, listed.contents, is_sound))

    def _remember(self, listed: Listed) -> Listed:
        self._known[_identity(listed.file)] = listed
        return listed


def _identity(file: BackupFile) -> tuple[BackupFile, int]:
    """Another file under the same name is another backup."""
    try:
        return file, file.path.stat().st_mtime_ns
    except OSError:
        return file, 0
