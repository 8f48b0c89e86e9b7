"""Reads a GGUF header from bytes that arrive in pieces, such as those of a download."""

from collections.abc import Mapping, Sequence

from models.errors import ModelFileDamaged
from models.gguf_header import GgufHeader, Value
from models.gguf_parser import HeaderParser, NeedMore, Texts
from models.gguf_sniff import SNIFFED_BYTES, check_beginning

_MAGIC = b"GGUF"
_TABLE_ENTRY_BYTES = 90
_CLOSING_BYTES = 24_576
"""Of a chat template and what else stands behind the vocabulary."""


class ArrivingHeader:
    """The beginning of a model file, fed in order from its first byte on.

    Three answers stay apart: more bytes are needed (None, see ``needed``), the file is not
    usable (ModelFileDamaged and other ModelFileErrors), a newer engine is needed
    (ModelFileNewer).
    """

    def __init__(self, file_name: str, known: Sequence[Texts] = ()) -> None:
        """``known`` are texts of another header that may stand here too."""
        self._name = file_name
        self.data = bytearray()
        self._parser = HeaderParser(self, file_name, known)
        self._header: GgufHeader | None = None
        self.needed = len(_MAGIC)
        """Bytes from the start of the file without which it cannot go on."""

    @property
    def held(self) -> int:
        """Bytes taken so far, from the start of the file."""
        return len(self.data)

    @property
    def metadata(self) -> Mapping[str, Value]:
        """What was read so far, in the file's order."""
        return self._parser.metadata

    @property
    def key_spans(self) -> Mapping[str, tuple[int, int]]:
        """Where each of these keys with its value begins and ends, bytes from the file's start."""
        return self._parser.key_spans

    @property
    def long_texts(self) -> tuple[Texts, ...]:
        """The long arrays of texts that were read so far, for reading another header."""
        return self._parser.long_texts

    @property
    def expected_end(self) -> int:
        """Where the header will probably end, bytes from the file's start; 0 when nothing tells.

        The vocabulary is most of it: its texts are counted on to be as long as those so far.
        """
        tensors, keys = self._parser.left
        table = tensors * _TABLE_ENTRY_BYTES + (_CLOSING_BYTES if keys else 0)
        has_tokens = "tokenizer.ggml.tokens" in self.metadata
        if self._parser.texts is None:
            return self._parser.done + table if has_tokens or not keys else 0
        count, end = self._parser.texts
        if has_tokens:
            return end + table
        with_merges = self.metadata.get("tokenizer.ggml.model") == "gpt2"
        # Each token has a type; pairs to merge are hardly longer than tokens, scores four bytes.
        return end + 4 * count + (end - self._parser.done if with_merges else 4 * count) + table

    def require(self, end: int) -> None:
        """What the parser asks for: nothing more can be had. Raises NeedMore."""
        raise NeedMore(end)

    def feed(self, piece: bytes) -> GgufHeader | None:
        """Take the next bytes; the header as soon as it is complete, until then None.

        Bytes behind the header may be fed and are not looked at. Raises ModelFileError.
        """
        if self._header is not None:
            return self._header
        self.data += piece
        if self.held < self.needed:
            return None
        if not self.data.startswith(_MAGIC):
            # What it is instead shows in its first kilobytes: wait for them or for the end.
            self.needed = SNIFFED_BYTES
            if self.held >= SNIFFED_BYTES:
                check_beginning(bytes(self.data[:SNIFFED_BYTES]), self._name)
            return None
        try:
            self._header = self._parser.parse()
        except NeedMore as short:
            self.needed = short.end
        return self._header

    def finish(self) -> GgufHeader:
        """The header, now that no more bytes come. Raises ModelFileError when it lacks some."""
        if self._header is not None:
            return self._header
        check_beginning(bytes(self.data[:SNIFFED_BYTES]), self._name)
        missing = max(self.needed - self.held, 1)
        raise ModelFileDamaged("gguf.truncated_header", name=self._name, missing=missing)
