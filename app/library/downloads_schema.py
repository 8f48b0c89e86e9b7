"""The tables of the downloads; they share a file with the library's."""

from app.storage.connection import Connection


def _m001_downloads(connection: Connection) -> None:
    connection.execute(
        """
        CREATE TABLE downloads (
            id TEXT NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL,
            request TEXT NOT NULL,
            library TEXT NOT NULL,
            place TEXT NOT NULL,
            went_back TEXT NOT NULL,
            created_ms INTEGER NOT NULL,
            changed_ms INTEGER NOT NULL
        ) STRICT
        """
    )
    connection.execute(
        """
        CREATE TABLE download_files (
            download TEXT NOT NULL REFERENCES downloads (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            facts TEXT NOT NULL,
            code TEXT NOT NULL,
            done INTEGER NOT NULL,
            target TEXT NOT NULL,
            stamp TEXT NOT NULL,
            distrust INTEGER NOT NULL,
            PRIMARY KEY (download, number)
        ) STRICT
        """
    )


DOWNLOAD_MIGRATIONS = (_m001_downloads,)
