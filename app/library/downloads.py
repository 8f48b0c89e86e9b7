"""The queue of downloads: order, two streams at a time, pause, resume, cancel, and restarts."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.awake import Awake
from app.ids import new_id
from app.library.download_entities import Download, DownloadError, DownloadRequest
from app.library.download_entry import DownloadEntry, Run, new_entry
from app.library.download_list import DownloadList, Listener, now_ms
from app.library.download_orders import (
    FilesChanged,
    JobElsewhere,
    JobEnded,
    JobMessage,
    JobOrder,
    JobTools,
    PlaceChosen,
    StreamFreed,
)
from app.library.download_records import DownloadRecords
from app.library.download_states import ACTIVE, BY_ITSELF, ENDED, STOPPED, DownloadState, Status
from app.library.download_takeover import Takeover
from app.library.download_thread import DownloadThread
from app.posting import Delayed, Post, Scheduler
from models.naming import shorten
from models.transfer_entities import StopReason
from models.transfer_paths import beside, folder_of, local_paths

S = DownloadState

STREAMS = 2
CLOSING_SECONDS = 0.95
REARM_SECONDS = 60.0
"""After which a download that lost the network tries again by itself."""
LOOK_SECONDS = 2.0
"""Between two looks at what another Moestro downloads."""
KEPT_DAYS = 7
"""Partials of cancelled downloads."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Downloads:
    """All downloads of one data folder. Used on the state thread.

    Listeners hear of a state only after it was stored. ``library`` is where new models go;
    ``endpoint`` is the Hub's address without a slash at its end; ``token`` is asked for only
    where one is needed.
    """

    def __init__(
        self,
        records: DownloadRecords,
        library: Callable[[], Path],
        endpoint: Callable[[], str],
        token: Callable[[], str | None],
        tools: JobTools,
        post: Post,
        scheduler: Scheduler,
        *,
        awake: Awake | None = None,
        clock_ms: Callable[[], int] = now_ms,
        rearm_seconds: float = REARM_SECONDS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._library = library
        self._endpoint = endpoint
        self._token = token
        self._scheduler = scheduler
        self._awake = awake or Awake()
        self._rearm_seconds = rearm_seconds
        self._list = DownloadList(records, clock_ms)
        self._thread = DownloadThread(post, tools, self._list.counted)
        self._takeover = Takeover(self._list, self._thread, self._later, self._taken, look_seconds)
        self._timers: dict[str, Delayed] = {}
        self._resume: bool | None = None
        """Whether what was found goes on by itself; None in a program that takes over nothing."""
        self._is_closed = False

    # --- looking ---------------------------------------------------------------------------

    def entries(self) -> list[Download]:
        """Every download in the queue's order."""
        return sorted(self._list.shown.values(), key=lambda shown: (shown.position, shown.id))

    def get(self, identifier: str) -> Download | None:
        """One download, or None."""
        return self._list.shown.get(identifier)

    def is_over(self, identifier: str) -> bool:
        """Whether it stands still or ended, and what is shown says so; for who waits for it.

        What was just asked for is shown only when it was stored, so that looking at what is
        shown would find the state from before.
        """
        entry, shown = self._list.entries.get(identifier), self._list.shown.get(identifier)
        if entry is None or entry.elsewhere:
            return True
        still = entry.state in STOPPED | ENDED and entry.run is None and not entry.is_wanted
        return still and shown is not None and shown.status == entry.status

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` of every change and, at most 8 times a second, of progress.

        Returns what ends it.
        """
        return self._list.subscribe(listener)

    def refresh(self) -> None:
        """Look whether another Moestro changed something."""
        for entry in self._list.refresh():
            if self._resume is not None and entry.state in ACTIVE:
                self._takeover.adopt(entry, resume=self._resume)

    # --- asking ----------------------------------------------------------------------------

    def start(self, *, resume: bool = True) -> None:
        """Take over what stands in the queue; ``resume`` says whether it goes on by itself.

        For the window. A terminal command runs only what it asks for itself.
        """
        self._resume = resume
        for entry in self._list.in_order():
            self._takeover.adopt(entry, resume=resume)
        self._expire()
        self._schedule()

    def add(self, request: DownloadRequest, library: Path | None = None) -> str:
        """Put a set at the end of the queue; returns the download's id.

        A set that is on the list already, and not done, goes on instead, where it began.
        ``library`` None takes the library's folder.
        Raises DownloadError, UnsafeName: before anything was asked of the network.
        """
        _check(request)
        for entry in self._list.in_order():
            same = entry.request.files == request.files and entry.request.commit == request.commit
            if same and entry.state is not S.READY and not entry.forget_at_end:
                self.resume(entry.id)
                return entry.id
        position, now = self._list.next_position(), self._list.now_ms()
        folder = (library or self._library()).absolute()
        entry = new_entry(new_id(), request, folder, position, now)
        self._list.entries[entry.id] = entry
        self._list.store(entry)
        self._schedule()
        return entry.id

    def pause(self, identifier: str) -> None:
        """Stop for now; what arrived is kept. Raises DownloadError."""
        entry = self._changeable(identifier)
        if entry.state in STOPPED | ENDED or entry.state is S.CANCELLING:
            return
        self._stop(entry)
        entry.set_unready(Status(S.PAUSED, StopReason.USER))
        self._list.store(entry)
        self._schedule()

    def resume(self, identifier: str) -> None:
        """Go on, or try again, where it stopped; also what was cancelled. Raises DownloadError."""
        entry = self._changeable(identifier)
        entry.is_wanted = True
        self._takeover.adopt(entry, resume=True)
        if entry.is_ours:
            self._taken(entry)

    def cancel(self, identifier: str, *, discard: bool = False) -> None:
        """Stop for good; the partial stays for a week unless ``discard``. Raises DownloadError."""
        entry = self._changeable(identifier)
        entry.is_ours = True
        entry.discard_at_end = discard and entry.state is not S.READY
        if entry.state not in ENDED and entry.state is not S.CANCELLING:
            self._stop(entry)
            entry.set_unready(Status(S.CANCELLING))
            self._list.store(entry)
        if entry.run is None:
            self._finish_cancel(entry)
            self._schedule()

    def move(self, identifier: str, before: str | None) -> None:
        """Put a download before another one in the queue, or at its end. Raises DownloadError."""
        entry = self._changeable(identifier)
        order = [one for one in self._list.in_order() if one is not entry]
        places = [one.id for one in order]
        order.insert(places.index(before) if before in places else len(order), entry)
        for position, one in enumerate(order, start=1):
            if one.position != position:
                one.position = position
                self._list.store(one)
        self._schedule()

    def forget(self, identifier: str) -> None:
        """Take a download off the list, with its partials; files in their place stay.

        Raises DownloadError.
        """
        entry = self._changeable(identifier)
        if entry.state is S.READY:
            self._list.remove(entry)
            return
        entry.forget_at_end = True
        self.cancel(identifier, discard=True)

    def network_changed(self) -> None:
        """The network, or the wish to be offline, changed: what waits for it tries again."""
        for entry in self._list.in_order():
            if entry.is_ours and entry.state is S.PAUSED and entry.status.reason in BY_ITSELF:
                self._queue_again(entry)
        self._schedule()

    def close(self) -> None:
        """Pause everything so that the next start goes on; takes less than a second."""
        self._is_closed = True
        for timer in self._timers.values():
            timer.cancel()
        for entry in self._list.in_order():
            if entry.run is None:
                continue
            was_stopping, entry.run.is_stopping = entry.run.is_stopping, True
            if entry.quit(asked_to_stop=was_stopping):
                self._list.store(entry)
        self._thread.close(CLOSING_SECONDS)
        self._awake.hold(False)

    # --- the queue -------------------------------------------------------------------------

    def _schedule(self) -> None:
        """Give free streams to those who wait, the first first."""
        if self._is_closed:
            return
        entries = self._list.in_order()
        free = STREAMS - sum(entry.run.streams for entry in entries if entry.run is not None)
        for entry in entries:
            waits = entry.is_ours and entry.run is None and entry.state is S.QUEUED
            if waits and free > 0:
                run = Run(min(free, len(entry.files)))
                free -= run.streams
                entry.run = run
                self._thread.start(self._order(entry, run), partial(self._heard, entry, run))
        self._awake.hold(any(entry.run is not None for entry in entries))

    def _order(self, entry: DownloadEntry, run: Run) -> JobOrder:
        plain = folder_of(entry.request.repository)
        places = [str(plain), str(beside(plain, entry.request.commit))]
        if entry.place in places:
            # Where the set began, if nothing else went there meanwhile.
            places.remove(entry.place)
            places.insert(0, entry.place)
        return JobOrder(
            id=entry.id,
            files=tuple(file.wanted for file in entry.files),
            library=entry.library,
            is_new=not entry.place,
            places=tuple(places),
            local=tuple(str(path) for path in local_paths([f.path for f in entry.request.files])),
            streams=run.streams,
            distrust=frozenset(n for n, file in enumerate(entry.files) if file.distrust),
            forgive=entry.is_forgiven,
            promised=tuple(
                (one.library, one.remaining)
                for one in self._list.in_order()
                if one is not entry and (one.run is not None or one.elsewhere)
            ),
            known=self._list.known_files(),
            endpoint=self._endpoint(),
            token=self._token() if entry.request.needs_token or entry.send_token else None,
        )

    def _taken(self, entry: DownloadEntry) -> None:
        """An entry is ours: do what was asked of it."""
        wanted, entry.is_wanted = entry.is_wanted, False
        if wanted and entry.state in STOPPED | {S.CANCELLED}:
            self._queue_again(entry)
        self._schedule()

    def _queue_again(self, entry: DownloadEntry) -> None:
        if entry.status.reason is StopReason.AUTH:
            # It was refused without a token; whoever goes on after that wants it to be sent.
            entry.send_token = True
        # A job that stands still may be about to end: what it still tells belongs to before.
        self._stop(entry)
        entry.is_forgiven = entry.state is S.CORRUPT
        entry.set_unready(Status(S.QUEUED))
        entry.went_back = ""
        self._list.store(entry)

    def _stop(self, entry: DownloadEntry) -> None:
        if entry.run is not None:
            entry.run.is_stopping = True
            self._thread.stop(entry.id)

    # --- what jobs tell --------------------------------------------------------------------

    def _heard(self, entry: DownloadEntry, run: Run, message: JobMessage) -> None:
        match message:
            case JobEnded():
                self._ended(entry)
            case StreamFreed():
                run.streams -= 1
                self._schedule()
            case _ if run.is_stopping:
                return
            case PlaceChosen():
                entry.place = message.place
                for file, target in zip(entry.files, message.targets, strict=True):
                    file.target = target
            case FilesChanged():
                entry.change(message)
                self._list.store(entry)
            case JobElsewhere():
                entry.elsewhere, entry.is_ours = True, False

    def _ended(self, entry: DownloadEntry) -> None:
        entry.run = None
        if self._is_closed:
            return
        if entry.state is S.CANCELLING:
            self._finish_cancel(entry)
        elif entry.state is S.READY:
            # The small files beside the parts are of no more use.
            self._thread.discard(self._list.parts_alone(entry), lambda: None)
        elif entry.elsewhere:
            self._takeover.look(entry, resume=True)
        elif entry.settle():
            self._list.store(entry)
        self._arm(entry)
        for other in self._list.in_order():
            in_use = other.state is S.PAUSED and other.status.reason is StopReason.IN_USE
            if in_use and other is not entry and other.is_ours and other.run is None:
                self._queue_again(other)
        self._schedule()

    def _finish_cancel(self, entry: DownloadEntry) -> None:
        if entry.state is S.CANCELLING:
            entry.set_unready(Status(S.CANCELLED))
            if not entry.forget_at_end:
                self._list.store(entry)
        if entry.forget_at_end:
            self._thread.discard(self._list.parts_alone(entry), lambda: None)
            self._list.remove(entry)
        elif entry.discard_at_end:
            self._thread.discard(self._list.parts_alone(entry), partial(self._discarded, entry))

    def _discarded(self, entry: DownloadEntry) -> None:
        if self._list.entries.get(entry.id) is entry and entry.run is None:
            for file in entry.files:
                file.done = 0
            self._list.store(entry)

    def _arm(self, entry: DownloadEntry) -> None:
        """Try again later what stopped for want of a network, unless that is the user's wish."""
        status = entry.status
        by_itself = status.state is S.PAUSED and status.reason in BY_ITSELF
        if not by_itself or status.code == "network.offline":
            return

        def again() -> None:
            if self._list.entries.get(entry.id) is entry and entry.status == status:
                self._queue_again(entry)
                self._schedule()

        self._later(entry.id, self._rearm_seconds, again)

    # --- inside ----------------------------------------------------------------------------

    def _expire(self) -> None:
        """Remove what was cancelled a week ago, with its partials."""
        limit = self._list.now_ms() - KEPT_DAYS * 86_400_000
        for entry in self._list.in_order():
            if entry.is_ours and entry.state is S.CANCELLED and entry.changed_ms < limit:
                self.forget(entry.id)

    def _changeable(self, identifier: str) -> DownloadEntry:
        entry = self._list.entries.get(identifier)
        if entry is None:
            raise DownloadError("download.unknown")
        if entry.elsewhere:
            raise DownloadError("download.elsewhere", name=shorten(entry.request.name))
        return entry

    def _later(self, identifier: str, seconds: float, work: Callable[[], None]) -> None:
        if identifier in self._timers:
            self._timers.pop(identifier).cancel()
        if not self._is_closed:
            self._timers[identifier] = self._scheduler.call_later(seconds, work)


def _check(request: DownloadRequest) -> None:
    """Refuse what could not be verified or has no place. Raises DownloadError, UnsafeName."""
    if not request.files:
        raise DownloadError("download.nothing", name=shorten(request.name))
    for file in request.files:
        if file.sha256 is None or not _SHA256.fullmatch(file.sha256) or file.size < 0:
            name = shorten(file.path.rpartition("/")[2])
            raise DownloadError("download.no_checksum", name=name)
    folder_of(request.repository)
    local_paths([file.path for file in request.files])
