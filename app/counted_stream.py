"""An answer's body that reports each piece as it arrives. Imports httpx2, so it is loaded late."""

from collections.abc import AsyncIterator, Callable, Iterator

import httpx2


class CountedStream(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """Passes ``stream`` on.

    ``arrived`` hears the size of each piece and may end it by raising; ``ended`` hears at the
    end whether the last piece was taken.
    """

    def __init__(
        self,
        stream: httpx2.SyncByteStream | httpx2.AsyncByteStream,
        arrived: Callable[[int], None],
        ended: Callable[[bool], None],
    ) -> None:
        self._stream = stream
        self._arrived = arrived
        self._ended = ended
        self._complete = False

    def __iter__(self) -> Iterator[bytes]:
        assert isinstance(self._stream, httpx2.SyncByteStream)
        for piece in self._stream:
            self._arrived(len(piece))
            yield piece
        self._complete = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self._stream, httpx2.AsyncByteStream)
        async for piece in self._stream:
            self._arrived(len(piece))
            yield piece
        self._complete = True

    def close(self) -> None:
        """Give the connection back."""
        assert isinstance(self._stream, httpx2.SyncByteStream)
        self._stream.close()
        self._ended(self._complete)

    async def aclose(self) -> None:
        """Give the connection back."""
        assert isinstance(self._stream, httpx2.AsyncByteStream)
        await self._stream.aclose()
        self._ended(self._complete)
