"""A Hub that serves one file as fast as the kernel can, or exactly as fast as a line would be.

A process of its own, whose work the kernel does (``sendfile``), so that the server takes little
from whoever is measured. It begins with ``python -m tests.benchmarks.download_server`` and obeys
``Child``: ``{"do": "serve", "file", "repository", "path", "sha256"}`` gives the address,
``{"do": "set", "rate", "stall_at"}`` changes what follows, ``{"do": "sent"}`` counts.
"""

import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.benchmarks.processes import answer_commands

GIGABIT = 125_000_000
"""Bytes per second of a line of 1 Gbit/s."""
_PIECE = 128 * 1024
_FAST_PIECE = 4 * 1024 * 1024
_BURST = 4 * 1024 * 1024
"""Saved up at most, 34 ms of that line, as a network card queues: a late wake-up is made good."""


class TokenBucket:
    """Bytes that may be sent, filling at ``rate`` per second; None is without limit."""

    def __init__(self, rate: float | None) -> None:
        self.rate = rate
        self._lock = threading.Lock()
        self._paid_until = time.monotonic()

    def take(self, count: int) -> None:
        """Wait until ``count`` bytes may be sent."""
        if self.rate is None:
            return
        with self._lock:
            now = time.monotonic()
            self._paid_until = max(self._paid_until, now - _BURST / self.rate) + count / self.rate
            wait = self._paid_until - now
        if wait > 0:
            time.sleep(wait)


class Served:
    """What both listeners serve, and how."""

    def __init__(self) -> None:
        self.bucket = TokenBucket(None)
        self.stall_at: int | None = None
        """After so many bytes of an answer nothing follows."""
        self.sent = 0
        self.file = Path()
        self.sha256 = ""
        self.commit = "c0ffee" * 6 + "c0ff"
        self.cdn = ""
        self.gone = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    served: Served

    def do_GET(self) -> None:
        """Of the Hub's address a redirect; of the other one the file, or a range of it."""
        size = self.served.file.stat().st_size
        if "/resolve/" in self.path:
            self.send_response(302)
            self.send_header("X-Repo-Commit", self.served.commit)
            self.send_header("X-Linked-Size", str(size))
            self.send_header("X-Linked-Etag", f'"{self.served.sha256}"')
            self.send_header("Location", self.served.cdn + "/file")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        asked = self.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("Content-Length", str(size - start))
        self.send_header("Content-Type", "binary/octet-stream")
        self.end_headers()
        self.wfile.flush()
        try:
            self._send(start, size)
        except OSError:
            self.close_connection = True

    def _send(self, position: int, end: int) -> None:
        served, first = self.served, position
        piece = _PIECE if served.bucket.rate is not None else _FAST_PIECE
        with served.file.open("rb", buffering=0) as file:
            while position < end:
                if served.stall_at is not None and position - first >= served.stall_at:
                    served.gone.wait(3600)
                    return
                count = min(piece, end - position)
                served.bucket.take(count)
                while count:
                    done = os.sendfile(self.connection.fileno(), file.fileno(), position, count)
                    position += done
                    count -= done
                    served.sent += done

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left in the middle is measured too."""


def _listen(served: Served) -> str:
    handler = type("Handler", (_Handler,), {"served": served})
    listener = _Listener(("127.0.0.1", 0), handler)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{listener.server_port}"


def main() -> None:
    """Serve until stdin closes."""
    served = Served()
    endpoint, served.cdn = _listen(served), _listen(served)

    def obey(command: dict[str, Any]) -> dict[str, Any]:
        match command["do"]:
            case "serve":
                served.file, served.sha256 = Path(command["file"]), command["sha256"]
                return {"endpoint": endpoint, "cdn": served.cdn, "commit": served.commit}
            case "set":
                served.bucket = TokenBucket(command["rate"])
                served.stall_at = command["stall_at"]
                served.gone.set()
                served.gone = threading.Event()
        return {"sent": served.sent}

    answer_commands(obey)


if __name__ == "__main__":
    main()
