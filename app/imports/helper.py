"""The import's helper process: reads strangers' chats into a staging file, and nothing else.

Started as ``main.py --import``. It reads the files it was told, writes the one staging file, and
has no way to the network or to programs where the system allows that; its memory is bounded on
Linux, and its parent owns the time.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from app.engine.sandbox import die_with_parent, lock_down
from app.history.schema import history_migrations
from app.imports.bundle import opened
from app.imports.entities import AUTO, FoundConversation, Unread
from app.imports.errors import ImportingError
from app.imports.foreign import ForeignChats
from app.imports.moestro import MoestroFiles
from app.imports.process_protocol import (
    MOST_REQUEST_BYTES,
    FromHelper,
    Reading,
    Refused,
    Request,
    Staged,
    encode_line,
)
from app.imports.sharing import shares
from app.imports.sources import foreign_readers
from app.imports.staging import Staging
from app.imports.streaming import HEAD_BYTES
from app.storage.connection import Connection
from app.storage.scratch import make_scratch, scratch_errors
from models.errors import KnownError

IMPORT_OPTION = "--import"

MEMORY_BYTES = 1024**3
"""Of address space; what gets past every other bound ends here."""

_TELL_SECONDS = 0.05


def main() -> int:
    """Do what the request on standard input says, and tell how it went on standard output."""
    die_with_parent()
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else prints must not come between
    said: FromHelper
    try:
        request = msgspec.json.decode(
            sys.stdin.buffer.read(MOST_REQUEST_BYTES), type=Request, strict=True
        )
        _bound(request.most_bytes)
        connection = make_scratch(Path(request.staging), history_migrations())
        # Everything that is needed is imported and open: from here on only these are read.
        lock_down(request.paths, folders=[path for path in request.paths if Path(path).is_dir()])
        with scratch_errors(Path(request.staging)):
            said = _Import(connection, request, outgoing).run()
            connection.close()
    except MemoryError:
        said = Refused("import.no_memory")
    except KnownError as error:
        said = Refused(error.code, error.facts)
    except Exception as error:  # the process's boundary: readers meet files nobody thought of
        said = Refused("import.unexpected", {}, repr(error)[:400])
    outgoing.write(encode_line(said))
    outgoing.flush()
    return 0


class _Import:
    """One request under way."""

    def __init__(self, connection: Connection, request: Request, outgoing: BinaryIO) -> None:
        self._connection = connection
        self._request = request
        self._out = outgoing
        self._told = 0.0
        connection.execute("BEGIN")
        self._staging = Staging(connection)
        self._ours = MoestroFiles(self._staging)
        self._foreign = ForeignChats(self._staging, request.now_ms)
        self._readers = foreign_readers()

    def run(self) -> Staged:
        """Read every path; one that cannot be read is told, and the others are read."""
        for number, name in enumerate(self._request.paths):
            path = Path(name)
            self._tell(number)
            try:
                for _ in self._read(path):
                    self._tell(number)
            except ImportingError as error:
                self._staging.unread(Unread(path.name, error.code, error.facts))
            except OSError:
                self._staging.unread(Unread(path.name, "import.cannot_open"))
        self._staging.finish()
        self._connection.execute("COMMIT")
        return Staged(self._staging.conversations, self._staging.unread_count)

    def _read(self, path: Path) -> Iterator[None]:
        head = b""
        if not path.is_dir():
            if path.exists() and not path.is_file():
                # Opening a pipe that nobody writes to would wait for ever.
                raise ImportingError("import.cannot_open")
            with path.open("rb") as file:
                head = file.read(HEAD_BYTES)
        source = self._request.source
        if source == AUTO and (not head or head.startswith(b"PK")):
            yield from self._several(path)
            return
        if source == self._ours.name or (source == AUTO and self._ours.recognises(path, head)):
            yield from self._ours.stage(path)
            return
        for reader in self._readers:
            if source == reader.name or (source == AUTO and reader.recognises(path, head)):
                yield from self._take(reader.read(path), path)
                return
        raise ImportingError("import.unknown_source")

    def _several(self, path: Path) -> Iterator[None]:
        """A folder or zip, which may hold chats of several programs."""
        with opened(path) as bundle:
            found = shares(bundle, self._readers, self._ours.is_one, lambda: self._tell(0))
        if not (found.ours or found.foreign):
            raise ImportingError("import.unknown_source")
        if found.ours:
            yield from self._one_of_several(self._ours.stage(path), path)
        for reader in self._readers:
            if reader.name in found.foreign:
                taken = self._take(reader.read(path, found.foreign[reader.name]), path)
                yield from self._one_of_several(taken, path)
        if found.left:
            facts: dict[str, str | int | float] = {"count": found.left}
            self._staging.unread(Unread(path.name, "import.passed_over", facts))

    def _one_of_several(self, steps: Iterator[None], path: Path) -> Iterator[None]:
        try:
            yield from steps
        except ImportingError as error:
            self._staging.unread(Unread(path.name, error.code, error.facts))

    def _take(self, found: Iterator[FoundConversation | Unread], path: Path) -> Iterator[None]:
        for each in found:
            if isinstance(each, Unread):
                self._staging.unread(each)
            else:
                self._foreign.add(each, path.name)
            yield None

    def _tell(self, files_done: int) -> None:
        now = time.monotonic()
        if now - self._told >= _TELL_SECONDS:
            self._told = now
            staging = self._staging
            reading = Reading(
                files_done, len(self._request.paths), staging.conversations, staging.messages
            )
            self._out.write(encode_line(reading))
            self._out.flush()


def _bound(most_bytes: int) -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
