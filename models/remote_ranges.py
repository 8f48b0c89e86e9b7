"""Gets pieces of a repository's files from the Hub by HTTP range."""

import re
import threading
import time
import urllib.parse
from collections.abc import Callable
from typing import TYPE_CHECKING

from models.http_clients import HttpClients, Purpose
from models.hub_errors import (
    HubError,
    HubTrouble,
    NetworkError,
    NetworkTrouble,
    host_of,
    network_error_of,
)
from models.naming import shorten
from models.remote_header import ReadingCancelled

if TYPE_CHECKING:
    import httpx2

_PIECE_SECONDS = 60.0
"""For one piece, however steadily it trickles."""
_TRIES = 2
_BLOCK = 65_536
_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(?:\d{1,19}|\*)")
_ASKED_TO_WAIT = re.compile(r"(?:^|;)\s*t=(\d{1,6})\b")
_WORTH_A_SECOND_TRY = frozenset({NetworkTrouble.BROKEN, HubTrouble.SERVER})


class HubRanges:
    """A ``models.remote_header.Fetch`` for one commit. Any thread may call it; close it.

    ``stopped`` ends readings while their bytes arrive. Where the bytes lie is asked of the Hub
    for every piece, so that no signed address expires.
    """

    def __init__(
        self,
        clients: HttpClients,
        endpoint: str,
        repository: str,
        commit: str,
        token: Callable[[], str | None] = lambda: None,
        stopped: threading.Event | None = None,
    ) -> None:
        self._clients = clients
        self._endpoint = endpoint.rstrip("/")
        self._repository = repository
        self._commit = commit
        self._token = token
        self._stopped = stopped or threading.Event()
        self._lock = threading.Lock()
        self._client: httpx2.Client | None = None
        self._is_closed = False

    def __call__(self, path: str, start: int, stop: int) -> bytes:
        """The bytes from ``start`` up to ``stop``, fewer only where the file ends.

        Raises NetworkError, and ReadingCancelled.
        """
        for _try in range(_TRIES - 1):
            try:
                return self._piece(path, start, stop)
            except NetworkError as error:
                if error.trouble not in _WORTH_A_SECOND_TRY:
                    raise
        return self._piece(path, start, stop)

    def close(self) -> None:
        """End all connections."""
        with self._lock:
            client, self._client = self._client, None
            self._is_closed = True
        if client is not None:
            client.close()

    def _piece(self, path: str, start: int, stop: int) -> bytes:
        import httpx2

        address = self._address(path)
        headers = {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity"}
        if token := self._token():
            # The client takes it off when it is sent on to another origin.
            headers["Authorization"] = f"Bearer {token}"
        try:
            with self._open_client().stream("GET", address, headers=headers) as answer:
                begin = self._begin(answer, start)
                return b"" if begin is None else self._read(answer, begin, start, stop)
        except httpx2.HTTPError as error:
            raise network_error_of(error, address) from error
        except httpx2.InvalidURL as error:
            raise self._refusal(HubTrouble.NONSENSE) from error

    def _open_client(self) -> "httpx2.Client":
        with self._lock:
            if self._is_closed:
                raise ReadingCancelled
            if self._client is None:
                self._client = self._clients.client(Purpose.HEADER, self._endpoint)
            return self._client

    def _address(self, path: str) -> str:
        repository, commit, file = (
            urllib.parse.quote(text, safe="/") for text in (self._repository, self._commit, path)
        )
        return f"{self._endpoint}/{repository}/resolve/{commit}/{file}"

    # --- answers ---------------------------------------------------------------------------

    def _begin(self, answer: "httpx2.Response", start: int) -> int | None:
        """Where the body begins in the file; None when the file ends before the piece."""
        if answer.status_code == 416:
            return None
        if answer.status_code == 200:
            return 0
        if answer.status_code == 206:
            told = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            if told is not None and int(told[1]) == start:
                return start
            raise self._refusal(HubTrouble.NONSENSE)
        raise self._refused(answer)

    def _read(self, answer: "httpx2.Response", begin: int, start: int, stop: int) -> bytes:
        """The piece out of a body that begins at ``begin``."""
        data = bytearray()
        skipped, wanted = start - begin, stop - start
        deadline = time.monotonic() + _PIECE_SECONDS
        for block in answer.iter_raw(_BLOCK):
            if self._stopped.is_set():
                raise ReadingCancelled
            if time.monotonic() > deadline:
                raise NetworkError(NetworkTrouble.TIMEOUT, host=host_of(str(answer.url)))
            dropped = min(skipped, len(block))
            skipped -= dropped
            data += block[dropped:]
            if len(data) >= wanted:
                break
        return bytes(data[:wanted])

    def _refused(self, answer: "httpx2.Response") -> NetworkError:
        code, status = answer.headers.get("X-Error-Code", ""), answer.status_code
        has_token = self._token() is not None
        trouble = HubTrouble.NONSENSE
        if status in (401, 403) and code == "GatedRepo":
            trouble = HubTrouble.REQUEST if has_token else HubTrouble.LOGIN
        elif status == 401:
            trouble = HubTrouble.TOKEN if has_token else HubTrouble.NOT_FOUND
        elif status == 403:
            # Where the Hub pointed to, a signed address has expired: a new one is asked for.
            trouble = HubTrouble.SERVER if answer.history else HubTrouble.REFUSED
        elif status == 404:
            trouble = HubTrouble.NOT_FOUND if code == "RepoNotFound" else HubTrouble.REVISION
        elif status == 429:
            return self._refusal(HubTrouble.RATE_LIMITED, seconds=_seconds(answer))
        elif status >= 500:
            trouble = HubTrouble.SERVER
        return self._refusal(trouble, status=status)

    def _refusal(self, trouble: HubTrouble, *, status: int = 0, seconds: int = 1) -> HubError:
        host, name = host_of(self._endpoint), shorten(self._repository)
        return HubError(trouble, host=host, name=name, number=status, seconds=seconds)


def _seconds(answer: "httpx2.Response") -> int:
    """How long a server that was asked too often wants to be left alone; 60 when it is silent."""
    if told := _ASKED_TO_WAIT.search(answer.headers.get("RateLimit", "")):
        return int(told[1])
    after = answer.headers.get("Retry-After", "")
    return min(int(after), 86_400) if after.isascii() and after.isdigit() else 60
