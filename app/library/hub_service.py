"""Asks the Hub on threads of its own and posts the answers; reads headers and judges them.

Nothing is asked, and no library for HTTP loaded, before somebody wants something.
"""

import logging
import tempfile
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from app.library.hub_pages import RepositoryPage
from app.library.judged import Judgement
from app.library.judging import Judge, Places
from app.library.row_headers import ReadSubject, read_subject
from app.placement.entities import Machine, Wishes
from app.posting import Post
from models.errors import KnownError
from models.header_cache import HeaderCache
from models.http_clients import HttpClients
from models.hub_entities import Gate, SearchPage, SearchQuery
from models.hub_errors import CallCancelledError
from models.remote_header import ReadingCancelled, RemoteHeaders
from models.remote_ranges import HubRanges
from models.repository import Quantization, RepositoryModel, read_repository

if TYPE_CHECKING:
    from models.hub import HubClient
    from models.hub_calls import CallHandle

log = logging.getLogger("moestro.library")

T = TypeVar("T")

Failed = Callable[[KnownError], None]


class HubAsk:
    """Something that is being asked; once cancelled, nobody hears of it any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handle: CallHandle | None = None
        self._cancelled = threading.Event()

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody wants the answer."""
        return self._cancelled.is_set()

    @property
    def stopped(self) -> threading.Event:
        """Set when it is cancelled."""
        return self._cancelled

    def cancel(self) -> None:
        """Give it up; harmless when the answer is there already."""
        with self._lock:
            self._cancelled.set()
            if self._handle is not None:
                self._handle.cancel()

    def handle(self) -> "CallHandle":
        """For the thread that asks."""
        from models.hub_calls import CallHandle

        with self._lock:
            if self._handle is None:
                self._handle = CallHandle()
                if self._cancelled.is_set():
                    self._handle.cancel()
            return self._handle


class HubReading:
    """A repository's headers, which are read once for every question about them. Close it."""

    def __init__(self, ranges: HubRanges, headers: RemoteHeaders) -> None:
        self._ranges = ranges
        self.headers = headers

    def let_go(self) -> None:
        """End all connections; what was read stays known."""
        self._ranges.close()

    def close(self) -> None:
        """Give up every reading, and end all connections."""
        self.headers.cancel()
        self._ranges.close()


class Judging:
    """One judgement under way; close it, also when it is done."""

    def __init__(self, judge: Judge, reading: HubReading) -> None:
        self._judge = judge
        self._reading = reading

    @property
    def judgement(self) -> Judgement:
        """What is known."""
        return self._judge.judgement

    def begin(self) -> None:
        """Start; what listens is called before this returns."""
        self._judge.begin()

    def close(self) -> None:
        """Stop; nobody is told anything any more."""
        self._judge.close()
        self._reading.close()


class HubService:
    """Used on the state thread. ``endpoint`` and ``token`` may change between two questions.

    ``kept`` is the folder for headers that were read.
    ``token`` is asked on other threads, and only where the Hub wants one.
    """

    def __init__(
        self,
        clients: HttpClients,
        endpoint: Callable[[], str],
        token: Callable[[], str | None],
        places: Places,
        kept: Path,
        post: Post,
    ) -> None:
        self._clients = clients
        self._endpoint = endpoint
        self._token = token
        self._places = places
        self._cache = HeaderCache(kept)
        self._post = post
        self._client: HubClient | None = None
        self._asks: set[HubAsk] = set()
        self._judgings: list[Judging] = []
        self._opened_by_token = threading.local()

    # --- questions -------------------------------------------------------------------------

    def search(
        self, query: SearchQuery, cursor: str | None, done: Callable[[SearchPage], None],
        failed: Failed,
    ) -> HubAsk:  # fmt: skip
        """One page of repositories; ``cursor`` is the ``next`` of the page before."""
        client = self._open_client()
        return self._ask(lambda ask: client.search(query, cursor, ask.handle()), done, failed)

    def look_up(
        self, name: str, revision: str | None, done: Callable[[RepositoryPage], None],
        failed: Failed,
    ) -> HubAsk:  # fmt: skip
        """A repository at its newest commit, or at ``revision``."""
        client = self._open_client()

        def work(ask: HubAsk) -> RepositoryPage:
            self._opened_by_token.value = False
            info = client.repository(name, revision, ask.handle())
            wants_one = info.gate is not Gate.OPEN or self._opened_by_token.value
            contents = read_repository(info.files)
            return RepositoryPage(info=info, contents=contents, needs_token=wants_one)

        return self._ask(work, done, failed)

    def card(self, page: RepositoryPage, done: Callable[[str], None], failed: Failed) -> HubAsk:
        """The text of a repository's card, which a stranger wrote."""
        client, info = self._open_client(), page.info
        return self._ask(lambda ask: client.card(info.id, info.commit, ask.handle()), done, failed)

    def read_headers(
        self,
        page: RepositoryPage,
        quantization: Quantization,
        folder: Path,
        done: Callable[[ReadSubject], None],
        failed: Failed,
    ) -> HubAsk:
        """The facts of one quantization, with stubs in ``folder`` that stand for its files."""

        def work(ask: HubAsk) -> ReadSubject:
            reading = self._reading(page, ask.stopped)
            try:
                return read_subject(reading.headers, quantization, folder, "stub", None)
            except OSError as error:
                log.warning("no stub could be written: %s", error)
                raise KnownError("repository.no_stub") from error
            finally:
                reading.let_go()

        return self._ask(work, done, failed)

    def judge(
        self,
        page: RepositoryPage,
        model: RepositoryModel,
        machine: Machine,
        wishes: Wishes,
        changed: Callable[[Judgement], None],
    ) -> Judging:
        """What judges all quantizations of ``model`` on ``machine``: begin it, then close it."""
        reading = self._reading(page, threading.Event())
        judge = Judge(
            model.quantizations, reading.headers, self._places, machine, wishes, self._post,
            Path(tempfile.gettempdir()), changed,
        )  # fmt: skip
        judging = Judging(judge, reading)
        self._judgings.append(judging)
        return judging

    def close(self) -> None:
        """Give up everything that is under way."""
        for ask in tuple(self._asks):
            ask.cancel()
        for judging in self._judgings:
            judging.close()
        if self._client is not None:
            self._client.close()

    # --- inside ----------------------------------------------------------------------------

    def _open_client(self) -> "HubClient":
        from models.hub import HubClient

        endpoint = self._endpoint()
        if self._client is None or self._client.endpoint != endpoint:
            if self._client is not None:
                self._client.close()
            self._client = HubClient(self._clients, endpoint, self._token_wanted)
        return self._client

    def _token_wanted(self) -> str | None:
        """Called on the thread that asks, when the Hub did not answer without one."""
        token = self._token()
        self._opened_by_token.value = token is not None
        return token

    def _reading(self, page: RepositoryPage, stopped: threading.Event) -> HubReading:
        info = page.info
        # Asked for once: a keyring takes milliseconds, and every piece of a header wants it.
        token = cache(self._token) if page.needs_token else (lambda: None)
        ranges = HubRanges(self._clients, self._endpoint(), info.id, info.commit, token, stopped)
        return HubReading(ranges, RemoteHeaders(info.id, info.commit, ranges, self._cache, stopped))

    def _ask(
        self, work: Callable[[HubAsk], T], done: Callable[[T], None], failed: Failed
    ) -> HubAsk:
        ask = HubAsk()
        self._asks.add(ask)

        def answer(tell: Callable[[], None]) -> None:
            self._asks.discard(ask)
            if not ask.is_cancelled:
                tell()

        def run() -> None:
            try:
                result = work(ask)
            except (CallCancelledError, ReadingCancelled):
                self._post(lambda: self._asks.discard(ask))
            except KnownError as error:
                known = error
                self._post(lambda: answer(lambda: failed(known)))
            except Exception:
                log.exception("a question to the Hub ended")
                trouble = KnownError("general.unexpected")
                self._post(lambda: answer(lambda: failed(trouble)))
            else:
                self._post(lambda: answer(lambda: done(result)))

        threading.Thread(target=run, name="hub", daemon=True).start()
        return ask
