"""The one door to the network: clients that refuse when offline, keep deadlines and log.

Every HTTP client of the application comes from ``Network``. What a client may do is decided
here and not where it is used: offline refuses each request, also the ones behind a redirect,
and ends the answers that are arriving; no redirect leads to a less protected place, by its
address and again by the computer that answers to its name; cookies are not kept.
"""

import logging
import threading
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.logged_request import Ending
from app.request_log import RequestLog, RunningRequest
from models.http_clients import PURPOSE, Deadlines, Purpose
from models.hub_errors import NetworkError, NetworkTrouble, host_of
from models.naming import shorten
from models.redirects import Reach, reach_of_address, reach_of_host, redirect_allowed

if TYPE_CHECKING:
    import ssl

    import httpx2

MAX_REDIRECTS = 5
USER_AGENT = "Moestro"

_Hooks = dict[str, list[Callable[..., Any]]]
_ENTRY = "moestro_entry"
_CONNECTED = "connection.connect_tcp.complete"
_CONNECTING = "connection.connect_tcp.started"
_BROKEN = (
    "connection.connect_tcp.failed",
    "connection.start_tls.failed",
    "http11.receive_response_headers.failed",
    "http11.receive_response_body.failed",
)
"""After these nothing more comes. A request that cannot be written may still be answered."""


class Network:
    """Makes HTTP clients (``models.http_clients.HttpClients``); any thread may ask for one.

    ``is_offline`` is asked before each request and while an answer arrives, on the thread that
    makes the request. ``ca_file`` gives the user's own certificates, trusted besides the
    system's. Proxies come from the environment and the system's settings.
    """

    def __init__(
        self,
        is_offline: Callable[[], bool],
        requests: RequestLog | None = None,
        ca_file: Callable[[], Path | None] = lambda: None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self._is_offline = is_offline
        self.requests = requests or RequestLog()
        """Every request that was made."""
        self._ca_file = ca_file
        self.deadlines = deadlines or Deadlines()
        self._lock = threading.Lock()
        self._trusted: tuple[object, ssl.SSLContext] | None = None
        # Both would write whole addresses, signatures included, into the program's log.
        for name in ("httpx2", "httpcore2"):
            logging.getLogger(name).setLevel(logging.WARNING)

    def client(self, purpose: Purpose, endpoint: str) -> "httpx2.Client":
        """A client that waits, for requests that begin at ``endpoint``; close it.

        Its requests raise NetworkError besides the library's own errors. Raises NetworkError
        when the user's file of certificates cannot be read.
        """
        import httpx2

        door = _Door(self, purpose, endpoint)
        hooks: _Hooks = {"request": [door.before], "response": [door.after]}
        return httpx2.Client(event_hooks=hooks, **self._common())

    def async_client(self, purpose: Purpose, endpoint: str) -> "httpx2.AsyncClient":
        """The same for an asyncio loop."""
        import httpx2

        door = _Door(self, purpose, endpoint)

        async def before(request: "httpx2.Request") -> None:
            door.before(request, is_async=True)

        async def after(response: "httpx2.Response") -> None:
            door.after(response)

        hooks: _Hooks = {"request": [before], "response": [after]}
        return httpx2.AsyncClient(event_hooks=hooks, **self._common())

    def check_online(self, host: str) -> None:
        """Raise NetworkError when the user allows no network."""
        if self._is_offline():
            raise NetworkError(NetworkTrouble.OFFLINE, host=shorten(host))

    def _common(self) -> dict[str, Any]:
        from http.cookiejar import CookieJar, DefaultCookiePolicy

        return {
            "follow_redirects": True,
            "max_redirects": MAX_REDIRECTS,
            "headers": {"User-Agent": USER_AGENT},
            "cookies": CookieJar(policy=DefaultCookiePolicy(allowed_domains=())),
            "verify": self._trust(),
        }

    def _trust(self) -> "ssl.SSLContext":
        """The system's certificates, and the user's own besides; read once, as it takes 50 ms."""
        import httpx2

        path = self._ca_file()
        try:
            state = (path, path.stat().st_mtime_ns) if path is not None else None
            with self._lock:
                if self._trusted is None or self._trusted[0] != state:
                    context = httpx2.create_ssl_context()
                    if path is not None:
                        context.load_verify_locations(path)
                    self._trusted = (state, context)
                return self._trusted[1]
        except (OSError, ValueError) as error:
            name = shorten(path.name) if path is not None else ""
            raise NetworkError(NetworkTrouble.CA_FILE, path=name) from error


class _Door:
    """The hooks of one client."""

    def __init__(self, network: Network, purpose: Purpose, endpoint: str) -> None:
        self._network = network
        self._purpose = purpose
        self._endpoint = endpoint
        self._host = urllib.parse.urlsplit(endpoint).hostname or ""
        self._reach = reach_of_host(self._host)

    def before(self, request: "httpx2.Request", *, is_async: bool = False) -> None:
        """Refuse or note a request, and fill in its deadlines."""
        self._network.check_online(request.url.host)
        # Redirects were judged by their text; this is the address that is really asked.
        address = str(request.url)
        if not redirect_allowed(self._endpoint, self._endpoint, address, self._reach):
            raise self._refusal(request.url.host)
        limits, given = self._network.deadlines, request.extensions.get("timeout") or {}
        # Libraries pass "no timeout" with each request, so a client's default would not do.
        timeout = {
            part: min(given.get(part) or limit, limit)
            for part, limit in (
                ("connect", limits.connect), ("read", limits.read),
                ("write", limits.write), ("pool", limits.pool),
            )
        }  # fmt: skip
        entry = self._network.requests.begin(
            request.extensions.get(PURPOSE, self._purpose),
            request.method,
            request.url.host,
            request.url.path,
        )
        request.extensions = {
            **request.extensions,
            "timeout": timeout,
            "trace": self._tracer(request.url.host, entry, is_async=is_async),
            _ENTRY: entry,
        }

    def after(self, response: "httpx2.Response") -> None:
        """Count what arrives, and refuse a redirect to a less protected place."""
        from app.counted_stream import CountedStream

        entry: RunningRequest = response.request.extensions[_ENTRY]
        entry.status = response.status_code
        host = response.request.url.host

        def arrived(count: int) -> None:
            entry.received_bytes += count
            self._network.check_online(host)

        def ended(complete: bool) -> None:
            # Nobody reads what a redirect says, nor waits for an end behind the last byte.
            whole = str(entry.received_bytes) == response.headers.get("Content-Length")
            is_over = complete or whole or response.has_redirect_location
            entry.end(Ending.COMPLETE if is_over else Ending.STOPPED)

        response.stream = CountedStream(response.stream, arrived, ended)
        if not response.has_redirect_location:
            return
        source = str(response.request.url)
        target = urllib.parse.urljoin(source, response.headers["Location"])
        if not redirect_allowed(self._endpoint, source, target, self._reach):
            entry.end(Ending.REFUSED)
            raise self._refusal(host_of(target))

    def _refusal(self, host: str) -> NetworkError:
        return NetworkError(NetworkTrouble.REDIRECT, host=shorten(self._host), other=shorten(host))

    def _tracer(
        self, host: str, entry: RunningRequest, *, is_async: bool
    ) -> Callable[[str, dict[str, Any]], Any]:
        """Looks at each new connection before anything is sent over it; notes what broke."""
        direct = True

        def look(event: str, info: dict[str, Any]) -> None:
            nonlocal direct
            if event == _CONNECTING:
                # A proxy finds the address by itself, and its own place is the user's choice.
                direct = info.get("host") == host
            elif event == _CONNECTED and direct:
                self._judge(host, info["return_value"].get_extra_info("server_addr"))
            elif event in _BROKEN:
                # What is no Exception is the wish to end: a cancelled task, a closed answer.
                wanted = not isinstance(info["exception"], Exception)
                entry.end(Ending.STOPPED if wanted else Ending.BROKEN)

        async def look_too(event: str, info: dict[str, Any]) -> None:
            try:
                look(event, info)
            except NetworkError:
                entry.end(Ending.REFUSED)
                await info["return_value"].aclose()
                raise

        def look_and_close(event: str, info: dict[str, Any]) -> None:
            try:
                look(event, info)
            except NetworkError:
                entry.end(Ending.REFUSED)
                info["return_value"].close()
                raise

        return look_too if is_async else look_and_close

    def _judge(self, host: str, peer: Any) -> None:
        """Compare who really answers with the Hub's own class of addresses."""
        try:
            reach = reach_of_address(str(peer[0]))
        except (TypeError, ValueError, IndexError):
            return
        if host == self._host:
            # A company's own Hub has a name like any other. That a name leads to this very
            # computer opens this computer to nobody who does not say "localhost".
            named = reach_of_host(host)
            self._reach = reach if named < Reach.PUBLIC else max(reach, Reach.PRIVATE)
        elif reach < self._reach:
            raise self._refusal(host)
