"""A Hub on the loopback interface, with a CDN of another origin, for tests without internet.

``with hub() as server:`` serves until the block ends; then every connection is cut, kept-alive
ones too, and no thread is left. ``server.faults`` plans what goes wrong.
"""

import contextlib
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.helpers.hub_answers import HubAnswers, Question
from tests.helpers.hub_faults import CDN, HUB, Faults, Side
from tests.helpers.hub_repositories import HubRepository
from tests.helpers.hub_sending import GoneError, send

CERTIFICATES = Path(__file__).resolve().parents[1] / "fixtures" / "hub"
AUTHORITY = CERTIFICATES / "authority.pem"
"""Signed the server's certificate, for 127.0.0.1 and localhost. Known to nobody else."""


@dataclass
class Seen:
    """One request as it arrived, and what was sent in reply so far."""

    side: Side
    method: str
    path: str
    query: str
    headers: dict[str, str]
    """Names in small letters."""
    target: str = ""
    """As it stood in the request line."""
    status: int = 0
    """0 while nothing was answered."""
    sent: int = 0
    """Bytes of the body."""


class HubServer:
    """A running Hub."""

    def __init__(self, *, tls: bool) -> None:
        self.faults = Faults()
        self.answers = HubAnswers()
        self._seen: list[Seen] = []
        self._lock = threading.Lock()
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATES / "server.pem")
        self._listeners = [_Listener(self, side, context) for side in (HUB, CDN)]
        scheme = "https" if tls else "http"
        self.endpoint, self.cdn = (
            f"{scheme}://127.0.0.1:{listener.server_port}" for listener in self._listeners
        )
        self.answers.hub_origin, self.answers.cdn_origin = self.endpoint, self.cdn
        for listener in self._listeners:
            listener.start()

    @property
    def authority(self) -> Path:
        """The file that a client must trust when this Hub speaks TLS."""
        return AUTHORITY

    def add(self, repository: HubRepository) -> HubRepository:
        """Publish a repository."""
        self.answers.repositories[repository.id] = repository
        return repository

    def know(self, token: str, name: str = "somebody") -> str:
        """Accept a token; which repositories it opens is theirs to say."""
        self.answers.tokens[token] = name
        return token

    def seen(
        self, path: str | None = None, *, side: Side | None = None, method: str | None = None
    ) -> list[Seen]:
        """Requests so far whose path ends with ``path``."""
        with self._lock:
            return [
                one
                for one in self._seen
                if (path is None or one.path.endswith(path))
                and side in (None, one.side)
                and method in (None, one.method)
            ]

    def bytes_sent(self, path: str | None = None, *, side: Side | None = None) -> int:
        """Bytes of bodies so far."""
        return sum(one.sent for one in self.seen(path, side=side))

    def forget(self) -> None:
        """Count from zero again."""
        with self._lock:
            self._seen.clear()

    def note(self, seen: Seen) -> None:
        """Record a request; for the handlers."""
        with self._lock:
            self._seen.append(seen)

    def cut_connections(self) -> None:
        """Cut everything that is connected; new connections work."""
        for listener in self._listeners:
            listener.cut()

    def close(self) -> None:
        """Go away: cut every connection and end every thread."""
        for listener in self._listeners:
            listener.stop()


class _Listener(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, hub: HubServer, side: Side, context: ssl.SSLContext | None) -> None:
        self.hub, self.side, self.context = hub, side, context
        self.closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.05,), name=f"test-{side}", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.closing.set()
        self.shutdown()
        self._thread.join()
        self.cut()
        self.server_close()

    def cut(self) -> None:
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """In the connection's own thread: handshake, then requests until it ends."""
        with self._guard:
            self._open.add(request)
        try:
            if self.context is not None:
                request.settimeout(10)
                request = self._secured(request)
            super().process_request_thread(request, client_address)
        except OSError:
            request.close()
        finally:
            with self._guard:
                self._open = {one for one in self._open if one.fileno() != -1}

    def _secured(self, request: socket.socket) -> ssl.SSLSocket:
        assert self.context is not None
        secured = self.context.wrap_socket(request, server_side=True)
        secured.settimeout(None)
        with self._guard:
            self._open.add(secured)
        return secured

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left in the middle is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 0
    disable_nagle_algorithm = True
    server: _Listener
    _seen: Seen

    @property
    def closing(self) -> threading.Event:
        return self.server.closing

    def begin(self, status: int, headers: dict[str, str]) -> None:
        self._seen.status = status
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()

    def write(self, data: bytes) -> None:
        # Counted first: who has received the last byte may look at the count at once.
        self._seen.sent += len(data)
        try:
            self.connection.sendall(data)
        except OSError:
            self._seen.sent -= len(data)
            raise

    def _handle(self) -> None:
        hub = self.server.hub
        address = urllib.parse.urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        question = Question(
            self.server.side,
            self.command,
            urllib.parse.unquote(address.path),
            urllib.parse.parse_qs(address.query),
            {name.lower(): text for name, text in self.headers.items()},
            self.rfile.read(length),
        )
        self._seen = Seen(
            question.side, question.method, question.path, address.query, question.headers,
            self.path,
        )  # fmt: skip
        hub.note(self._seen)
        planned = hub.faults.take(question.side, question.method, question.path)
        try:
            send(self, question, hub.answers, planned)
        except (GoneError, OSError):
            self.close_connection = True

    do_GET = do_HEAD = do_POST = _handle  # noqa: N815 - the library's names

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


@contextlib.contextmanager
def hub(*repositories: HubRepository, tls: bool = False) -> Iterator[HubServer]:
    """Serve ``repositories`` while the block runs."""
    server = HubServer(tls=tls)
    try:
        for one in repositories:
            server.add(one)
        yield server
    finally:
        server.close()


@contextlib.contextmanager
def deaf_server() -> Iterator[str]:
    """An address where connections are accepted and nothing is ever read or answered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def closed_address() -> str:
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
