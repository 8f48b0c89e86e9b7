"""Whether anybody wrote in a database since last asked, without reading it."""

from contextlib import suppress
from pathlib import Path

import apsw

from app.storage.connection import Connection, open_reader


class ChangeWatch:
    """Has its own connection: SQLite tells each one of what all others wrote."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: Connection | None = None
        self._seen = self._version()

    def has_changed(self) -> bool:
        """True also when it cannot be told."""
        version = self._version()
        return version is None or version != self._seen

    def take_note(self) -> None:
        """From now on only what comes later counts."""
        self._seen = self._version()

    def close(self) -> None:
        """Close the connection; harmless when it is closed."""
        if self._connection is not None:
            self._connection.close(force=True)
            self._connection = None

    def _version(self) -> int | None:
        try:
            if self._connection is None:
                self._connection = open_reader(self._path)
            return int(self._connection.pragma("data_version"))
        except apsw.Error:
            with suppress(apsw.Error):
                self.close()
            return None
