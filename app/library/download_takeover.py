"""Whose download is it: another living Moestro's, or that of one that is gone."""

from collections.abc import Callable
from functools import partial

from app.library.download_entry import DownloadEntry
from app.library.download_list import DownloadList
from app.library.download_orders import PARTS_FOLDER
from app.library.download_states import ACTIVE, DownloadState
from app.library.download_thread import DownloadThread

Later = Callable[[str, float, Callable[[], None]], None]


class Takeover:
    """Makes entries ours. The kernel's lock of a download decides, never what is stored.

    ``taken`` is called when an entry that someone was at work on became ours.
    """

    def __init__(
        self,
        downloads: DownloadList,
        thread: DownloadThread,
        later: Later,
        taken: Callable[[DownloadEntry], None],
        look_seconds: float,
    ) -> None:
        self._list = downloads
        self._thread = thread
        self._later = later
        self._taken = taken
        self._look_seconds = look_seconds

    def adopt(self, entry: DownloadEntry, *, resume: bool) -> None:
        """Make an entry ours, at once or, if someone may be at work on it, after a look."""
        if entry.run is not None or entry.is_ours:
            return
        at_work = ACTIVE | {DownloadState.CANCELLING, DownloadState.VERIFIED}
        if entry.elsewhere or any(file.status.state in at_work for file in entry.files):
            self.look(entry, resume=resume)
            return
        entry.is_ours = True
        if entry.revive(resume=resume):
            self._list.store(entry)

    def look(self, entry: DownloadEntry, *, resume: bool) -> None:
        """Find out whether a living program holds the download's lock."""
        if entry.is_looked_at:
            return
        entry.is_looked_at = True
        lock = entry.library / PARTS_FOLDER / f"{entry.id}.lock"
        told = partial(self._looked, entry.id, resume)
        self._thread.probe(lock, self._list.parts(entry), told)

    def _looked(self, identifier: str, resume: bool, is_held: bool, sizes: list[int]) -> None:
        entry = self._list.entries.get(identifier)
        if entry is None:
            return
        entry.is_looked_at = False
        if entry.run is not None or entry.is_ours:
            return
        entry.elsewhere = is_held
        if is_held:
            for file, size in zip(entry.files, sizes, strict=False):
                if size >= 0:
                    file.done = min(size, file.wanted.size)
            self._list.show(entry.shown())
            self._later(identifier, self._look_seconds, partial(self._again, identifier, resume))
            return
        entry.is_ours = True
        entry.revive(resume=resume)
        self._list.store(entry)
        self._taken(entry)

    def _again(self, identifier: str, resume: bool) -> None:
        self._list.refresh()
        entry = self._list.entries.get(identifier)
        if entry is not None and entry.elsewhere:
            self.look(entry, resume=resume)
