"""Folders, pins, order and the trash as the other rooms see them."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import TypeVar

from app.history import folders, search_index, trash
from app.history.organised import Deleted, Emptied, Folder, Listed, Sort
from app.posting import Post
from app.storage.connection import Connection
from app.storage.log_emptying import empty_log
from app.storage.opening import Database
from models.errors import KnownError

T = TypeVar("T")

Done = Callable[[T], None] | None
Failed = Callable[[KnownError], None] | None


def _unix_ms() -> int:
    return time.time_ns() // 1_000_000


class Organiser:
    """The order of one history. Used on the state thread; reads raise StorageError.

    Writes return at once; ``done`` is posted after the commit, ``failed`` when nothing changed.
    What ``delete_…`` gives, ``restore`` undoes.
    """

    def __init__(
        self,
        database: Database,
        post: Post,
        now_ms: Callable[[], int] = _unix_ms,
        on_erased: Callable[[], None] = lambda: None,
    ) -> None:
        """``on_erased`` is called when something was erased for good."""
        self._database = database
        self._on_erased = on_erased
        self._post = post
        self._now_ms = now_ms
        self._emptying: threading.Thread | None = None

    # --- the list --------------------------------------------------------------------------

    def folders(self) -> list[Folder]:
        """Every folder, by name."""
        return self._database.read(folders.folders)

    def listed(self, sort: Sort = Sort.RECENT) -> list[Listed]:
        """Every conversation outside the trash."""
        return self._database.read(lambda connection: folders.listed(connection, sort))

    def create_folder(self, name: str, done: Done[Folder] = None, failed: Failed = None) -> None:
        """Make a folder; ``failed`` hears history.no_folder_name for an empty name."""
        now = self._now_ms()
        self._write(lambda connection: folders.create(connection, name, now), done, failed)

    def rename_folder(
        self, folder_id: str, name: str, done: Done[Folder] = None, failed: Failed = None
    ) -> None:
        """Give a folder another name."""
        self._write(lambda connection: folders.rename(connection, folder_id, name), done, failed)

    def move(
        self,
        ids: Sequence[str],
        folder_id: str | None,
        done: Done[int] = None,
        failed: Failed = None,
    ) -> None:
        """Put conversations into a folder, or out of any with None; ``done`` hears how many."""
        chosen = tuple(ids)
        self._write(lambda connection: folders.move(connection, chosen, folder_id), done, failed)

    def pin(
        self, ids: Sequence[str], pinned: bool, done: Done[int] = None, failed: Failed = None
    ) -> None:
        """Keep conversations at the top, or no longer; ``done`` hears how many."""
        chosen = tuple(ids)
        self._write(lambda connection: folders.pin(connection, chosen, pinned), done, failed)

    # --- the trash -------------------------------------------------------------------------

    def deleted(self) -> list[Deleted]:
        """What is in the trash, the latest first."""
        return self._database.read(trash.deleted)

    def delete_conversations(
        self, ids: Sequence[str], done: Done[list[Deleted]] = None, failed: Failed = None
    ) -> None:
        """Move conversations into the trash."""
        chosen, now = tuple(ids), self._now_ms()
        self._write(
            lambda connection: trash.delete_conversations(connection, chosen, now), done, failed
        )

    def delete_folder(
        self,
        folder_id: str,
        done: Done[list[Deleted]] = None,
        failed: Failed = None,
        *,
        with_conversations: bool,
    ) -> None:
        """Move a folder into the trash, its conversations with it or out of it."""
        now = self._now_ms()
        self._write(
            lambda connection: trash.delete_folder(
                connection, folder_id, now, with_conversations=with_conversations
            ),
            done,
            failed,
        )

    def delete_message(
        self,
        message_id: str,
        done: Done[list[Deleted]] = None,
        failed: Failed = None,
        *,
        alone: bool = False,
    ) -> None:
        """Move a message and all below it into the trash; ``alone`` leaves what is below."""
        now = self._now_ms()
        self._write(
            lambda connection: trash.delete_message(connection, message_id, now, alone=alone),
            done,
            failed,
        )

    def delete_preset(
        self, item_id: str, done: Done[list[Deleted]] = None, failed: Failed = None
    ) -> None:
        """Move a preset or a prompt of the library into the trash."""
        now = self._now_ms()
        self._write(lambda connection: trash.delete_preset(connection, item_id, now), done, failed)

    def restore(
        self, items: Sequence[Deleted], done: Done[int] = None, failed: Failed = None
    ) -> None:
        """Undo deletions, each whole; ``done`` hears how many of them were still there."""
        chosen = tuple(items)
        self._write(lambda connection: trash.restore(connection, chosen), done, failed)

    def purge(self, done: Done[Emptied] = None, failed: Failed = None) -> None:
        """Erase what has lain in the trash for 30 days."""
        now = self._now_ms()
        self._write(
            lambda connection: trash.kept_since(connection, now),
            lambda before: self._erase(before, done, failed),
            failed,
        )

    def empty_trash(self, done: Done[Emptied] = None, failed: Failed = None) -> None:
        """Erase everything in the trash for good, out of the index of words and the log too.

        Goes on in pieces, between which others write; what was erased before ``failed`` hears
        of something stays erased. Backups keep what they have.
        """
        self._erase(None, done, failed)

    def close(self) -> None:
        """Wait for the log that is being emptied; before the database is closed."""
        if self._emptying is not None:
            self._emptying.join()

    # --- how -------------------------------------------------------------------------------

    def _erase(self, before_ms: int | None, done: Done[Emptied], failed: Failed) -> None:
        """``before_ms``: of the trash; None is all of it."""
        total = Emptied()
        free_before = 0

        def free_now(free: int) -> None:
            nonlocal free_before
            free_before = free
            next_part()

        def next_part() -> None:
            self._write(lambda connection: trash.erase_some(connection, before_ms), erased, failed)

        def erased(part: tuple[Emptied, bool]) -> None:
            nonlocal total
            total = _sum(total, part[0])
            if part[1]:
                next_part()
            elif total == Emptied():
                finish(total)
            else:
                forget(True)

        def forget(more: bool) -> None:
            if more:
                self._write(search_index.forget_erased, forget, failed)
            else:
                self._write(trash.free_bytes, measured, failed)

        def measured(free: int) -> None:
            freed = Emptied(freed_bytes=max(0, free - free_before))
            self._empty_log(lambda: finish(_sum(total, freed)))

        def finish(result: Emptied) -> None:
            if total != Emptied():
                self._on_erased()
            if done is not None:
                done(result)

        self._write(trash.free_bytes, free_now, failed)

    def _empty_log(self, done: Callable[[], None]) -> None:
        def work() -> None:
            empty_log(self._database.path)
            self._post(done)

        # Outside of any transaction, which the database thread always is in.
        self._emptying = threading.Thread(target=work, name="empty-log", daemon=True)
        self._emptying.start()

    def _write(self, work: Callable[[Connection], T], done: Done[T], failed: Failed) -> None:
        self._database.writer.submit(work, done, failed)


def _sum(one: Emptied, other: Emptied) -> Emptied:
    return Emptied(
        *(getattr(one, field.name) + getattr(other, field.name) for field in fields(Emptied))
    )
