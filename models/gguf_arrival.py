"""Reads a GGUF header from bytes that arrive in pieces, such as those of a download."""

from models.errors import ModelFileDamaged
from models.gguf_header import GgufHeader
from models.gguf_parser import HeaderParser, NeedMore
from models.gguf_sniff import SNIFFED_BYTES, check_beginning

_MAGIC = b"GGUF"


class ArrivingHeader:
    """The beginning of a model file, fed in order from its first byte on.

    Three answers stay apart: more bytes are needed (None, see ``needed``), the file is not
    usable (ModelFileDamaged and other ModelFileErrors), a newer engine is needed
    (ModelFileNewer).
    """

    def __init__(self, file_name: str) -> None:
        self._name = file_name
        self.data = bytearray()
        self._parser = HeaderParser(self, file_name)
        self._header: GgufHeader | None = None
        self.needed = len(_MAGIC)
        """Bytes from the start of the file without which it cannot go on."""

    @property
    def held(self) -> int:
        """Bytes taken so far, from the start of the file."""
        return len(self.data)

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
