"""Runs requests for waiting threads: a total deadline, a bound for the answer, cancel at once.

One asyncio loop on a thread of its own, because only there a request that hangs can be given
up at any moment. Imports asyncio and httpx2, so it is loaded with the first request.
"""

import asyncio
import concurrent.futures
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

from models.http_clients import PURPOSE, Purpose
from models.hub_errors import (
    CallCancelledError,
    HubError,
    HubTrouble,
    NetworkError,
    NetworkTrouble,
    host_of,
    network_error_of,
)

RETRY_SECONDS = 0.5
_RETRIED_STATUS = frozenset((502, 503, 504))
_ERROR_BYTES = 64 * 1024
_CLOSE_SECONDS = 2.0


class CallHandle:
    """Cancels one call from any thread, before or while it runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._future: concurrent.futures.Future[Reply] | None = None
        self._cancelled = False

    def cancel(self) -> None:
        """Give the call up; whoever waits for it gets CallCancelledError at once."""
        with self._lock:
            self._cancelled = True
            if self._future is not None:
                self._future.cancel()

    def attach(self, future: "concurrent.futures.Future[Reply]") -> None:
        """Cancel ``future`` with this handle from now on, also when that was long ago."""
        with self._lock:
            self._future = future
            if self._cancelled:
                future.cancel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One GET request."""

    purpose: Purpose
    url: str
    parameters: tuple[tuple[str, str], ...] = ()
    token: str | None = None
    most_bytes: int
    """Of the answer, unpacked."""
    cut: bool = False
    """Keep the beginning of a longer answer instead of refusing it."""
    seconds: float
    """For everything together, a retry included."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was read to its end."""

    status: int
    headers: httpx2.Headers
    body: bytes
    url: str
    next_url: str | None
    """Of the following page."""


class HubCalls:
    """Runs calls; any thread may wait for one. ``open_client`` is called on the loop's thread."""

    def __init__(self, open_client: Callable[[], httpx2.AsyncClient]) -> None:
        self._open_client = open_client
        self._client: httpx2.AsyncClient | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="hub-requests", daemon=True)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._thread.start()

    def run(self, call: Call, handle: CallHandle | None = None) -> Reply:
        """Wait for the answer. Raises NetworkError, HubError or CallCancelledError."""
        with self._lock:
            if self._closed:
                raise CallCancelledError
            future = asyncio.run_coroutine_threadsafe(self._answer(call), self._loop)
        if handle is not None:
            handle.attach(future)
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise CallCancelledError from None

    def close(self) -> None:
        """Give up what is under way and end the thread."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            # Behind every call that was let in, so none is left waiting.
            asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        self._thread.join(_CLOSE_SECONDS)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    async def _end(self) -> None:
        # The calls alone: the tasks that they started are theirs to cancel.
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
        self._loop.stop()

    async def _answer(self, call: Call) -> Reply:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            async with asyncio.timeout(call.seconds):
                return await self._tried(call)
        except TimeoutError:
            raise NetworkError(NetworkTrouble.TIMEOUT, host=host_of(call.url)) from None

    async def _tried(self, call: Call) -> Reply:
        """Ask once, and a second time where that alone often helps."""
        try:
            reply = await self._asked(call)
        except NetworkError as error:
            # A kept-alive connection may have ended just now.
            if error.trouble is not NetworkTrouble.BROKEN:
                raise
        else:
            if reply.status not in _RETRIED_STATUS:
                return reply
        await asyncio.sleep(RETRY_SECONDS)
        return await self._asked(call)

    async def _asked(self, call: Call) -> Reply:
        if self._client is None:
            self._client = self._open_client()
        headers = {"Accept-Encoding": "gzip"}
        if call.token is not None:
            headers["Authorization"] = f"Bearer {call.token}"
        try:
            request = self._client.build_request(
                "GET", call.url, params=list(call.parameters) or None, headers=headers,
                extensions={PURPOSE: call.purpose},
            )  # fmt: skip
            response = await self._client.send(request, stream=True)
            try:
                return await self._read(call, response)
            finally:
                await response.aclose()
        except httpx2.HTTPError as error:
            raise network_error_of(error, call.url) from error
        except httpx2.InvalidURL as error:
            raise _nonsense(call) from error

    async def _read(self, call: Call, response: httpx2.Response) -> Reply:
        is_error = response.status_code >= 400
        most = _ERROR_BYTES if is_error else call.most_bytes
        unpack = unpacker(response.headers.get("Content-Encoding", "identity"))
        if unpack is None:
            raise _nonsense(call)
        body = bytearray()
        try:
            async for piece in response.aiter_raw():
                body += unpack(piece, most + 1 - len(body))
                if len(body) > most:
                    break
        except zlib.error as error:
            raise _nonsense(call) from error
        if len(body) > most and not (call.cut or is_error):
            raise _nonsense(call)
        following = response.links.get("next", {}).get("url")
        return Reply(
            response.status_code, response.headers, bytes(body[:most]), str(response.url), following
        )


def unpacker(encoding: str) -> Callable[[bytes, int], bytes] | None:
    """Unpacks a piece to at most so many bytes; None for a packing that was not asked for."""
    match encoding.strip().casefold():
        case "identity" | "":
            return lambda piece, most: piece[:most]
        case "gzip":
            return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress
    return None


def _nonsense(call: Call) -> HubError:
    return HubError(HubTrouble.NONSENSE, host=host_of(call.url))
