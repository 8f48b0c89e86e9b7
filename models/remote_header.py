"""Reads headers of model files over the wire, in pieces, and as few of them as possible.

A header is some kilobytes about the model, megabytes of vocabulary, and the tensor table. All
quantizations of a model share the vocabulary: once one header of a repository was read whole,
of the others only what stands before and behind it is fetched. That the two pieces belong
together is checked by the file's size, which the tensor table gives to the byte.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from models.errors import ModelFileError
from models.gguf_arrival import ArrivingHeader
from models.gguf_check import check_extent
from models.gguf_header import GgufHeader, SkippedArray, Value
from models.gguf_parser import MAX_HEADER_BYTES, Texts
from models.header_cache import HeaderCache
from models.naming import shorten

FIRST_BYTES = 65_536
_LEAST_PIECE = 65_536
_LARGEST_PIECE = 16 * 1024 * 1024
_BEYOND = 4096
"""Read behind the place where the table is expected to end: a few keys differ in length."""
_PEEKED = 8192
"""Of the vocabulary, to see whether it is the known one."""


class ReadingCancelled(Exception):  # noqa: N818 - somebody asked for it
    """The reading was given up on request."""


class Fetch(Protocol):
    """Gets a piece of a file of the repository; may be called by several threads at once."""

    def __call__(self, path: str, start: int, stop: int) -> bytes:
        """The bytes from ``start`` up to ``stop``, fewer only where the file ends.

        Raises KnownError, or ReadingCancelled.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteHeader:
    """A header that was read, and what that took."""

    data: bytes
    """The file's first bytes, to the end of the tensor table."""
    header: GgufHeader
    key_spans: Mapping[str, tuple[int, int]]
    """Where each key with its value begins and ends in ``data``."""
    fetched_bytes: int
    requests: int
    is_stitched: bool = False
    """Whether the vocabulary is another file's of the repository: no ground for a model key."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the first kilobytes tell of a model, before its tensor table is there."""

    metadata: Mapping[str, Value]
    """As far as it was read, in order."""
    vocabulary: int | None
    """Entries of the vocabulary, when its beginning was reached."""


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """Where the vocabulary lies in a header that was read whole."""

    data: bytes
    """That header."""
    begin: int
    """Where the first array begins, its key included."""
    end: int
    """Where the last array ends."""
    texts: tuple[Texts, ...]
    """Its arrays of texts, which take the longest to read."""

    @property
    def content(self) -> bytes:
        """Its bytes."""
        return self.data[self.begin : self.end]


@dataclass(slots=True)
class _Counter:
    """Of one reading."""

    fetched_bytes: int = 0
    requests: int = 0


class RemoteHeaders:
    """Headers of one repository at one commit. May be used by several threads at once.

    ``stopped`` is set by ``cancel``; what fetches can look at the same event.
    """

    def __init__(
        self,
        repository: str,
        commit: str,
        fetch: Fetch,
        cache: HeaderCache | None = None,
        stopped: threading.Event | None = None,
    ) -> None:
        self._repository = repository
        self._commit = commit
        self._fetch = fetch
        self._cache = cache
        self._stopped = stopped or threading.Event()
        self._lock = threading.Lock()
        self._vocabulary: _Vocabulary | None = None
        self._total = _Counter()

    @property
    def fetched_bytes(self) -> int:
        """Bytes fetched for all headers together."""
        return self._total.fetched_bytes

    @property
    def requests(self) -> int:
        """Requests made for all headers together."""
        return self._total.requests

    def cancel(self) -> None:
        """Let every reading end with ReadingCancelled as soon as it can."""
        self._stopped.set()

    def read(
        self,
        path: str,
        file_size: int,
        on_beginning: Callable[[Beginning], None] | None = None,
    ) -> RemoteHeader:
        """The header of a file that has ``file_size`` bytes.

        ``on_beginning`` is called as soon as the first piece is there, unless that is all.

        Raises:
            ModelFileError: it is no file that this engine can use; the code says why.
            KnownError: what ``fetch`` raised.
            ReadingCancelled: the reading was given up.
        """
        if (kept := self._kept(path, file_size)) is not None:
            return kept
        with self._lock:
            known = self._vocabulary
        counter, arriving = _Counter(), self._arriving(path)
        # Where the vocabulary is known, it need not be fetched as far as that.
        first = FIRST_BYTES if known is None else max(known.begin + _PEEKED, FIRST_BYTES // 4)
        first = min(first, file_size)
        stitched = None
        if arriving.feed(self._piece(path, 0, first, counter)) is None:
            if known is not None:
                stitched = self._stitched(arriving, known, path, file_size, counter)
            elif on_beginning is not None:
                on_beginning(_beginning(arriving))
            if stitched is None and arriving.held >= first:
                self._read_on(arriving, path, file_size, counter)
            arriving = stitched or arriving
        header = arriving.finish()
        check_extent(header, file_size)
        data = bytes(arriving.data[: header.header_bytes])
        shared = self._learn(data, arriving)
        if self._cache is not None:
            self._cache.put(self._repository, self._commit, path, file_size, data, shared)
        return RemoteHeader(
            data=data, header=header, key_spans=arriving.key_spans,
            fetched_bytes=counter.fetched_bytes, requests=counter.requests,
            is_stitched=stitched is not None,
        )  # fmt: skip

    # --- reading ---------------------------------------------------------------------------

    def _kept(self, path: str, file_size: int) -> RemoteHeader | None:
        """The header from the cache, if it is there and sound."""
        if self._cache is None:
            return None
        data = self._cache.get(self._repository, self._commit, path, file_size)
        if data is None:
            return None
        arriving = self._arriving(path)
        try:
            header = arriving.feed(data)
            if header is None:
                return None
            check_extent(header, file_size)
        except ModelFileError:
            return None
        self._learn(data, arriving)
        spans = arriving.key_spans
        return RemoteHeader(data=data, header=header, key_spans=spans, fetched_bytes=0, requests=0)

    def _arriving(self, path: str) -> ArrivingHeader:
        with self._lock:
            known = self._vocabulary
        return ArrivingHeader(_shown(path), () if known is None else known.texts)

    def _read_on(
        self, arriving: ArrivingHeader, path: str, file_size: int, counter: _Counter
    ) -> None:
        """Feed pieces until the header is complete or the file ends."""
        while arriving.held < file_size:
            end = arriving.expected_end or 2 * arriving.held
            end = max(end, arriving.held + _LEAST_PIECE)
            most = min(arriving.held + _LARGEST_PIECE, MAX_HEADER_BYTES, file_size)
            stop = max(min(end, most), min(arriving.needed, file_size))
            piece = self._piece(path, arriving.held, stop, counter)
            if arriving.feed(piece) is not None or arriving.held < stop:
                return

    def _stitched(
        self,
        beginning: ArrivingHeader,
        known: _Vocabulary,
        path: str,
        file_size: int,
        counter: _Counter,
    ) -> ArrivingHeader | None:
        """The header made with the known vocabulary; None when this file has another one."""
        content = known.content
        if beginning.held < FIRST_BYTES <= file_size and not _at(beginning, content):
            # Longer descriptions than in the first file: the vocabulary comes later.
            piece = self._piece(path, beginning.held, FIRST_BYTES, counter)
            if beginning.feed(piece) is not None:
                return beginning
        if not _at(beginning, content):
            return None
        begin = _read_until(beginning)
        arriving = self._arriving(path)
        stop = begin + len(known.data) - known.begin + _BEYOND
        try:
            arriving.feed(bytes(beginning.data[:begin]))
            header = arriving.feed(content)
            while header is None and arriving.held < (stop := min(stop, file_size)):
                header = arriving.feed(self._piece(path, arriving.held, stop, counter))
                stop = max(arriving.needed, arriving.expected_end, stop + _BEYOND)
        except ModelFileError:
            return None  # what is wrong with the file shows when it is read whole
        return arriving if header is not None and _fills(header, file_size) else None

    def _piece(self, path: str, start: int, stop: int, counter: _Counter) -> bytes:
        self._check_cancelled()
        piece = self._fetch(path, start, stop)[: stop - start]
        counter.requests += 1
        counter.fetched_bytes += len(piece)
        with self._lock:
            self._total.requests += 1
            self._total.fetched_bytes += len(piece)
        self._check_cancelled()
        return piece

    def _check_cancelled(self) -> None:
        if self._stopped.is_set():
            raise ReadingCancelled

    # --- the vocabulary --------------------------------------------------------------------

    def _learn(self, data: bytes, arrived: ArrivingHeader) -> tuple[int, int]:
        """Remember the first vocabulary; where this header has it, nowhere being (0, 0)."""
        with self._lock:
            known = self._vocabulary
        if known is not None:
            begin = data.find(known.content)
            return (begin, begin + len(known.content)) if begin >= 0 else (0, 0)
        metadata, spans = arrived.metadata, arrived.key_spans
        arrays = [key for key, value in metadata.items() if isinstance(value, SkippedArray)]
        if not arrays:
            return 0, 0
        begin, end = spans[arrays[0]][0], spans[arrays[-1]][1]
        learned = _Vocabulary(data, begin, end, arrived.long_texts)
        with self._lock:
            self._vocabulary = self._vocabulary or learned
        return learned.begin, learned.end


def _read_until(arriving: ArrivingHeader) -> int:
    """Where the last complete key ends."""
    return max((end for _begin, end in arriving.key_spans.values()), default=0)


def _at(arriving: ArrivingHeader, content: bytes) -> bool:
    """Whether ``content`` is what comes next, as far as that can be seen."""
    begin = _read_until(arriving)
    seen = bytes(arriving.data[begin : begin + len(content)])
    return len(seen) >= min(_PEEKED // 2, len(content)) and content.startswith(seen)


def _beginning(arriving: ArrivingHeader) -> Beginning:
    """What the pieces so far tell; of an array that goes on, the number of its entries."""
    rest = bytes(arriving.data[_read_until(arriving) :])
    return Beginning(dict(arriving.metadata), _tokens_at(rest))


def _tokens_at(rest: bytes) -> int | None:
    """The length of the list of tokens that begins here; None when something else does."""
    key = b"tokenizer.ggml.tokens"
    begin = 8 + len(key) + 4 + 4
    if not rest.startswith(len(key).to_bytes(8, "little") + key) or len(rest) < begin + 8:
        return None
    return int.from_bytes(rest[begin : begin + 8], "little")


def _fills(header: GgufHeader, file_size: int) -> bool:
    """Whether the weights end where the file does, up to their padding."""
    return 0 <= file_size - header.data_end < header.alignment


def _shown(path: str) -> str:
    return shorten(path.rpartition("/")[2])
