"""The list of downloads in memory: stored first, then shown; what listeners hear."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from app.library.download_entities import (
    Download,
    DownloadChanged,
    DownloadEvent,
    DownloadRemoved,
)
from app.library.download_entry import DownloadEntry, entry_of
from app.library.download_orders import PARTS_FOLDER, Figures
from app.library.download_records import DownloadRecords
from app.library.download_states import DownloadState
from models.transfer_part import PartPaths
from models.transfer_promotion import Stamp

Listener = Callable[[DownloadEvent], None]


def now_ms() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000


class DownloadList:
    """Entries and what is shown of them. Used on the state thread."""

    def __init__(self, records: DownloadRecords, clock_ms: Callable[[], int] = now_ms) -> None:
        self._records = records
        self.now_ms = clock_ms
        self.entries = {row.id: entry_of(row) for row in records.all()}
        self.shown = {entry.id: entry.shown() for entry in self.entries.values()}
        self._listeners: list[Listener] = []
        self._outside = records.outside_version

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` everything; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def in_order(self) -> list[DownloadEntry]:
        """The entries in the queue's order."""
        return sorted(self.entries.values(), key=lambda one: (one.position, one.id))

    def next_position(self) -> int:
        """Behind all others."""
        return 1 + max((entry.position for entry in self.entries.values()), default=0)

    def store(self, entry: DownloadEntry) -> None:
        """Keep an entry as it is now; it is shown when that is done."""
        entry.changed_ms = self.now_ms()
        shown = entry.shown()
        self._records.keep(entry.row(), lambda: self._stored(shown))

    def show(self, shown: Download) -> None:
        """Show what was stored, or what is known of another program's download."""
        self.shown[shown.id] = shown
        self._tell(DownloadChanged(shown))

    def remove(self, entry: DownloadEntry) -> None:
        """Take an entry off the list for good."""
        del self.entries[entry.id]
        self._records.remove(entry.id, lambda: self._hide(entry.id))

    def counted(self, figures: Mapping[str, Figures]) -> None:
        """Show progress: the states stay those that were stored, the counts are of now."""
        for identifier, told in figures.items():
            entry, shown = self.entries.get(identifier), self.shown.get(identifier)
            if entry is None or entry.run is None or entry.run.is_stopping or shown is None:
                continue
            entry.count(told)
            self.show(_with_counts(shown, entry))

    def refresh(self) -> list[DownloadEntry]:
        """Read what other programs changed; returns the entries that are new or other now."""
        version = self._records.outside_version
        if version == self._outside:
            return []
        self._outside = version
        rows = {row.id: row for row in self._records.all()}
        for identifier, entry in list(self.entries.items()):
            if identifier not in rows and not entry.is_ours and entry.run is None:
                del self.entries[identifier]
                self._hide(identifier)
        changed = []
        for row in rows.values():
            mine = self.entries.get(row.id)
            if mine is not None and (mine.is_ours or mine.run is not None or mine.row() == row):
                continue
            fresh = entry_of(row)
            if mine is not None:
                fresh.elsewhere, fresh.is_wanted = mine.elsewhere, mine.is_wanted
                fresh.is_looked_at = mine.is_looked_at
            self.entries[row.id] = fresh
            self.show(fresh.shown())
            changed.append(fresh)
        return changed

    def known_files(self) -> Mapping[Path, tuple[Stamp, str]]:
        """Files that downloads put in their place, as they were then, with their SHA-256."""
        return {
            entry.library / file.target: (file.stamp, file.wanted.sha256)
            for entry in self.entries.values()
            for file in entry.files
            if file.stamp is not None
        }

    def parts(self, entry: DownloadEntry) -> list[PartPaths]:
        """The parts of an entry's files."""
        folder = entry.library / PARTS_FOLDER
        return [PartPaths(folder, file.wanted.sha256) for file in entry.files]

    def parts_alone(self, entry: DownloadEntry) -> list[PartPaths]:
        """The parts that no other download of this library wants."""
        others = {
            file.wanted.sha256
            for one in self.entries.values()
            if one is not entry
            and one.library == entry.library
            and one.state is not DownloadState.READY
            for file in one.files
        }
        return [part for part in self.parts(entry) if part.sha256 not in others]

    def _stored(self, shown: Download) -> None:
        if entry := self.entries.get(shown.id):
            self.show(_with_counts(shown, entry))

    def _hide(self, identifier: str) -> None:
        if self.shown.pop(identifier, None) is not None:
            self._tell(DownloadRemoved(identifier))

    def _tell(self, event: DownloadEvent) -> None:
        for listener in tuple(self._listeners):
            listener(event)


def _with_counts(stored: Download, entry: DownloadEntry) -> Download:
    """The states that were stored, with the counts of this moment, which may be further on."""
    now = entry.shown()
    files = tuple(
        replace(new, status=old.status, path=old.path)
        for new, old in zip(now.files, stored.files, strict=True)
    )
    return replace(now, files=files, status=stored.status, changed_ms=stored.changed_ms)
