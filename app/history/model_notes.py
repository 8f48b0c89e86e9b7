"""What a person wrote about their models, by model key."""

import time
from collections.abc import Callable

from app.storage.connection import Connection
from app.storage.opening import Database
from app.text import clean
from models.errors import KnownError

MOST_CHARACTERS = 4000


def _unix_ms() -> int:
    return time.time_ns() // 1_000_000


class ModelNotes:
    """The notes of one data folder. Reads run on the state thread and raise StorageError.

    A note belongs to the content of a model: it stays when the model is removed, and stands
    there again when the same one comes back.
    """

    def __init__(self, database: Database, now_ms: Callable[[], int] = _unix_ms) -> None:
        self._database = database
        self._now_ms = now_ms

    def get(self, key: str) -> str:
        """The note of one model; empty when there is none."""

        def read(connection: Connection) -> str:
            row = connection.execute(
                "SELECT text FROM model_notes WHERE model_key = ?", (key,)
            ).fetchone()
            return "" if row is None else _as_text(row[0])

        return self._database.read(read)

    def all(self) -> dict[str, str]:
        """Every note by model key."""

        def read(connection: Connection) -> dict[str, str]:
            rows = connection.execute("SELECT model_key, text FROM model_notes")
            return {str(key): _as_text(text) for key, text in rows}

        return self._database.read(read)

    def set(
        self,
        key: str,
        text: str,
        done: Callable[[None], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
    ) -> None:
        """Keep ``text``, at most MOST_CHARACTERS of it; white space alone removes the note.

        Returns at once. ``done`` is posted after the commit, ``failed`` when nothing was kept.
        """
        kept, now = clean(text.strip()[:MOST_CHARACTERS]), self._now_ms()

        def write(connection: Connection) -> None:
            if not kept:
                connection.execute("DELETE FROM model_notes WHERE model_key = ?", (key,))
                return
            connection.execute(
                "INSERT INTO model_notes (model_key, text, updated_ms) VALUES (?, ?, ?)"
                " ON CONFLICT (model_key) DO UPDATE"
                " SET text = excluded.text, updated_ms = excluded.updated_ms",
                (key, kept, now),
            )

        self._database.writer.submit(write, done, failed)


def _as_text(value: object) -> str:
    """What a disk fault may have left in the column makes no note."""
    return value if isinstance(value, str) else ""
