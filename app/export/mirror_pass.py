"""One look at a Markdown copy: what changed is written, what is gone is removed.

A file that somebody changed since we wrote it is never written over, renamed or removed. Nor is
one removed because its chat is merely not there: a history that was lost, or an older one that
was restored, must not take the copy along.
"""

import contextlib
import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from app.export.base import Format
from app.export.errors import ExportError
from app.export.files import TEMPORARY, NewFile, export_error
from app.export.files_left import remove_left
from app.export.gathering import Gatherer
from app.export.mirror_adopting import LeftFiles
from app.export.mirror_records import MirrorFile, MirrorRecord
from app.export.mirror_sources import MirrorSource, known, mirror_sources
from app.export.names import Names
from app.export.scope import one_conversation
from app.export.sinks import MemorySink
from app.export.wishes import wants_tree
from app.files import sync_folder
from app.history.errors import HistoryError
from app.storage.connection import Connection
from app.storage.questions import reading

log = logging.getLogger("moestro.export")

_FEW, _SHARE = 3, 10
"""So many chats, or one in so many, can have been erased between two looks; not more."""

_BATCH_FILES = 200
_BATCH_BYTES = 16 * 1024 * 1024
"""Written between two notes of what is written; so much is in memory."""


@dataclass(slots=True)
class MirrorChanges:
    """What one look did."""

    written: int = 0
    removed: int = 0
    edited: list[str] = field(default_factory=list)
    """Files of which it was found now that somebody changed them."""
    lost: int = 0
    """Files that stay although the history has their chats no more."""


@dataclass(frozen=True, slots=True)
class _Due:
    """A file to be written, and what it will hold."""

    source: MirrorSource
    file: MirrorFile
    data: bytes


class MirrorPass:
    """One look. ``save`` keeps the record; ``stopped`` ends the look between two files."""

    def __init__(
        self,
        connection: Connection,
        record: MirrorRecord,
        markdown: Format,
        save: Callable[[MirrorRecord], None],
        stopped: Callable[[], bool],
    ) -> None:
        self._connection = connection
        self._record = record
        self._markdown = markdown
        self._save = save
        self._stopped = stopped
        self._root = record.folder
        self._names: dict[str, Names] = {}
        self._left = LeftFiles(self._root)
        self._changes = MirrorChanges()
        scope_tree = wants_tree(one_conversation(""), markdown, record.options)
        self._gatherer = Gatherer(connection, whole_tree=scope_tree)

    def run(self, *, thorough: bool) -> MirrorChanges:
        """Bring the copy up to date. ``thorough``: it was not watched until now, so files that
        are gone come back too, and nobody can tell why a chat is not there any more.

        Raises ExportError export.mirror_missing, .mirror_no_folder or what the disk says;
        StorageError and OSError; what was written until then stays.
        """
        # Not Path.is_dir: it raises where a drive is there and does not answer.
        if not os.path.isdir(self._root):  # noqa: PTH112
            raise ExportError("export.mirror_missing")
        sources, gone = reading(self._connection, self._asked)
        self._take_up()
        self._keep_lost(sources, gone, thorough=thorough)
        self._remove({each.id for each in sources})
        for batch in self._batches(self._due(sources, thorough=thorough)):
            self._write(batch)
        self._save(self._record)
        return self._changes

    # --- what a kill left, and what is not wanted any more -----------------------------------

    def _take_up(self) -> None:
        """What was about to be written when the program was killed: written, or not."""
        for file in self._record.files.values():
            if not file.next_sha256:
                continue
            remove_left((self._root / file.next_path).parent, TEMPORARY)
            if self._hash(file.next_path) == file.next_sha256:
                if file.path != file.next_path and self._is_ours(file):
                    self._unlink(file.path)
                file.path, file.sha256 = file.next_path, file.next_sha256
                file.wanted = file.next_wanted
            file.next_path = file.next_sha256 = file.next_wanted = ""

    def _asked(self, connection: Connection) -> tuple[list[MirrorSource], set[str]]:
        """The chats of the copy, and those with a file that the history does not have at all."""
        sources = mirror_sources(connection, self._record.folder_id)
        others = set(self._record.files) - {each.id for each in sources}
        return sources, others - known(connection, sorted(others))

    def _keep_lost(self, sources: list[MirrorSource], gone: set[str], *, thorough: bool) -> None:
        """Which files stay. What a person deletes lies in the trash first, and few are erased
        from there before it is seen."""
        files = self._record.files
        fresh = [each for each in gone if not files[each].is_lost]
        are_many = len(fresh) > _FEW and len(fresh) * _SHARE > len(files)
        if thorough or are_many or not sources:
            for each in fresh:
                files[each].is_lost = True
        for each, file in files.items():
            file.is_lost = file.is_lost and each in gone

    def _remove(self, wanted: set[str]) -> None:
        for conversation_id in [each for each in self._record.files if each not in wanted]:
            file = self._record.files[conversation_id]
            if file.is_lost and self._is_ours(file):
                self._changes.lost += 1
                continue
            if self._is_ours(file):
                self._unlink(file.path)
                self._changes.removed += 1
            elif self._is_there(file.path) and not file.is_edited:
                self._changes.edited.append(file.path)
            del self._record.files[conversation_id]

    # --- what is to be written ---------------------------------------------------------------

    def _due(self, sources: list[MirrorSource], *, thorough: bool) -> Iterator[_Due]:
        for source in sources:
            if self._stopped():
                return
            file = self._record.files.get(source.id)
            if source.is_streaming or (
                file is not None and self._is_current(file, source, thorough)
            ):
                continue
            if file is not None and self._was_edited(file):
                continue
            try:
                data = self._rendered(source.id)
            except HistoryError:
                # Erased since we looked; the next look removes its file.
                continue
            if file is None:
                file = MirrorFile(path="", wanted="")
            yield _Due(source, file, data)

    def _is_current(self, file: MirrorFile, source: MirrorSource, thorough: bool) -> bool:
        if file.fingerprint != source.fingerprint or file.wanted != source.wanted:
            return False
        return not thorough or self._is_there(file.path)

    def _was_edited(self, file: MirrorFile) -> bool:
        is_edited = self._is_there(file.path) and not self._is_ours(file)
        if is_edited and not file.is_edited:
            self._changes.edited.append(file.path)
        file.is_edited = is_edited
        return is_edited

    def _rendered(self, conversation_id: str) -> bytes:
        scope = one_conversation(conversation_id)
        given = reading(self._connection, lambda _c: self._gatherer.gather(conversation_id, scope))
        sink = MemorySink(cancelled=self._stopped)
        self._markdown.write([given], self._record.options, sink)
        return sink.data

    @staticmethod
    def _batches(due: Iterator[_Due]) -> Iterator[list[_Due]]:
        batch: list[_Due] = []
        size = 0
        for each in due:
            batch.append(each)
            size += len(each.data)
            if len(batch) >= _BATCH_FILES or size >= _BATCH_BYTES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    # --- writing -----------------------------------------------------------------------------

    def _write(self, batch: list[_Due]) -> None:
        """Note what comes, then write: whenever a kill comes, every file of ours is known."""
        for due in batch:
            file = due.file
            file.next_sha256 = hashlib.sha256(due.data).hexdigest()
            file.next_path, file.next_wanted = file.path, due.source.wanted
            if not file.path:
                self._adopt(due)
            if file.wanted != due.source.wanted:
                file.next_path = self._free_name(due.source.wanted)
            self._record.files[due.source.id] = file
        self._save(self._record)
        for due in batch:
            if self._stopped():
                return
            self._write_one(due)

    def _adopt(self, due: _Due) -> None:
        """A copy that was stopped, or whose record was lost, left just this file: no second one."""
        file, wanted = due.file, due.source.wanted
        path = self._left.take(wanted.rpartition("/")[0], due.data)
        if path:
            file.path = file.next_path = path
            file.wanted, file.sha256 = wanted, file.next_sha256

    def _write_one(self, due: _Due) -> None:
        file = due.file
        before, target = file.path, self._root / file.next_path
        is_same = before == file.next_path
        if not is_same or file.next_sha256 != file.sha256 or not self._is_there(before):
            self._make_folder(target.parent)
            with NewFile(target, overwrite=is_same and self._is_ours(file)) as new:
                try:
                    new.stream.write(due.data)
                except OSError as error:
                    raise export_error(error, target) from error
                new.keep()
            self._changes.written += 1
        if before and not is_same and self._is_ours(file):
            self._unlink(before)
        file.path, file.sha256 = file.next_path, file.next_sha256
        file.wanted, file.fingerprint = file.next_wanted, due.source.fingerprint
        file.next_path = file.next_sha256 = file.next_wanted = ""

    def _make_folder(self, folder: Path) -> None:
        if folder != self._root:
            # Never the copy's own: where its drive is not connected, nothing must be written.
            folder.mkdir(mode=0o700, exist_ok=True)

    def _free_name(self, wanted: str) -> str:
        """A name that neither another chat nor a file of somebody else has."""
        place = PurePosixPath(wanted)
        folder = "" if place.parent == PurePosixPath(".") else str(place.parent)
        if folder not in self._names:
            taken: list[str] = []
            with contextlib.suppress(FileNotFoundError):
                taken = os.listdir(self._root / folder)  # noqa: PTH208 - names alone
            for file in self._record.files.values():
                for path in map(PurePosixPath, (file.path, file.next_path)):
                    if str(path.parent) == (folder or "."):
                        taken.append(path.name)
            self._names[folder] = Names(tuple(taken))
        name = self._names[folder].take(place.name)
        return f"{folder}/{name}" if folder else name

    # --- the disk ----------------------------------------------------------------------------

    def _is_ours(self, file: MirrorFile) -> bool:
        """Whether the file is there as we wrote it."""
        return bool(file.sha256) and self._hash(file.path) == file.sha256

    def _is_there(self, path: str) -> bool:
        return bool(path) and os.path.lexists(self._root / path)

    def _hash(self, path: str) -> str:
        """SHA-256 of a file, in hex; empty when it is no file or cannot be read."""
        if not path:
            return ""
        try:
            with (self._root / path).open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            return ""

    def _unlink(self, path: str) -> None:
        target = self._root / path
        try:
            target.unlink()
        except OSError as error:
            raise export_error(error, target) from error
        if target.parent != self._root:
            # A folder of chats that became empty; one that holds anything else stays.
            with contextlib.suppress(OSError):
                target.parent.rmdir()
        sync_folder(target.parent if target.parent.is_dir() else self._root)
