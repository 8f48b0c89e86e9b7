"""The downloads' rows: written whole with each transition, read at a start and by others."""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.library.download_entities import DownloadRequest, DownloadRow, FileRow, RemoteFile
from app.library.download_states import DownloadState, Status
from app.storage.connection import Connection
from app.storage.opening import Database
from models.errors import KnownError
from models.transfer_entities import StopReason, WantedFile

log = logging.getLogger("moestro.library")


class DownloadRecords:
    """The downloads of one data folder. Used on the state thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[DownloadRow]:
        """Every download in the queue's order; what makes no sense is left out. Raises
        StorageError.
        """
        return self._database.read(_read_all)

    def keep(self, row: DownloadRow, done: Callable[[], None]) -> None:
        """Write ``row``; ``done`` is called when it is safe on the disk, or cannot be kept.

        What cannot be kept is logged and shown all the same: a full data folder must not make
        a download look stuck, and the next start goes by what lies on the disk.
        """

        def failed(error: KnownError) -> None:
            log.error("a download's state was not kept: %s", error)
            done()

        self._database.writer.submit(
            lambda connection: _write(connection, row), lambda _none: done(), failed
        )

    def remove(self, identifier: str, done: Callable[[], None]) -> None:
        """Delete a row; ``done`` as in ``keep``."""

        def failed(error: KnownError) -> None:
            log.error("a download was not removed: %s", error)
            done()

        self._database.writer.submit(
            lambda connection: _delete(connection, identifier), lambda _none: done(), failed
        )

    @property
    def outside_version(self) -> int:
        """Changes when another program wrote."""
        return self._database.read(lambda connection: int(connection.pragma("data_version")))


def _write(connection: Connection, row: DownloadRow) -> None:
    connection.execute(
        "INSERT INTO downloads (id, position, request, library, place, went_back, created_ms, "
        "changed_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "position = excluded.position, request = excluded.request, library = excluded.library, "
        "place = excluded.place, went_back = excluded.went_back, changed_ms = excluded.changed_ms",
        (
            row.id, row.position, _text(asdict(row.request)), _text(str(row.library)), row.place,
            row.went_back, row.created_ms, row.changed_ms,
        ),
    )  # fmt: skip
    for number, file in enumerate(row.files):
        connection.execute(
            "INSERT OR REPLACE INTO download_files (download, number, state, reason, facts, code, "
            "done, target, stamp, distrust) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.id, number, file.status.state.value,
                "" if file.status.reason is None else file.status.reason.value,
                _text(dict(file.status.facts)), file.status.code, file.done, file.target,
                _text(file.stamp), int(file.distrust),
            ),
        )  # fmt: skip


def _delete(connection: Connection, identifier: str) -> None:
    connection.execute("DELETE FROM downloads WHERE id = ?", (identifier,))


def _text(value: object) -> str:
    # ASCII also carries names that are no UTF-8, which SQLite would refuse.
    return json.dumps(value)


def _read_all(connection: Connection) -> list[DownloadRow]:
    rows = connection.execute(
        "SELECT id, position, request, library, place, went_back, created_ms, changed_ms "
        "FROM downloads ORDER BY position, id"
    ).fetchall()
    found = (_row_of(connection, row) for row in rows)
    return [row for row in found if row is not None]


def _row_of(connection: Connection, row: Any) -> DownloadRow | None:
    identifier, position, told, library, place, went_back, created_ms, changed_ms = row
    try:
        request = json.loads(told)
        remote = tuple(RemoteFile(**file) for file in request.pop("files"))
        asked = DownloadRequest(files=remote, **request)
        files = tuple(
            _file_of(asked, *columns)
            for columns in connection.execute(
                "SELECT number, state, reason, facts, code, done, target, stamp, distrust "
                "FROM download_files WHERE download = ? ORDER BY number",
                (identifier,),
            )
        )
        if not files or len(files) != len(remote):
            raise ValueError("another number of files")
        return DownloadRow(
            id=identifier,
            position=position,
            request=asked,
            library=Path(json.loads(library)),
            place=place,
            files=files,
            created_ms=created_ms,
            changed_ms=changed_ms,
            went_back=went_back,
        )
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        log.warning("a download's row makes no sense and is left out: %s", error)
        return None


def _file_of(request: DownloadRequest, number: int, *columns: Any) -> FileRow:
    state, reason, facts, code, done, target, stamp, distrust = columns
    stamp = json.loads(stamp)
    status = Status(
        DownloadState(state), StopReason(reason) if reason else None, json.loads(facts), code
    )
    place = None if stamp is None else (int(stamp[0]), int(stamp[1]), int(stamp[2]))
    return FileRow(wanted_of(request, number), status, done, target, place, bool(distrust))


def wanted_of(request: DownloadRequest, number: int) -> WantedFile:
    """File ``number`` of a request that was checked to have checksums."""
    file = request.files[number]
    return WantedFile(request.repository, request.commit, file.path, file.size, file.sha256 or "")
