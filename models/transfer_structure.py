"""Whether a GGUF file is whole and makes sense, also one that is no chat model by itself."""

import contextlib
from pathlib import Path

from models.errors import ModelFileDamaged, ModelFileNewer
from models.gguf_check import check_extent
from models.gguf_parser import NeedMore, StreamSource, parse_header
from models.gguf_sniff import SNIFFED_BYTES, check_beginning

MAGIC = b"GGUF"


def check_structure(path: Path, name: str) -> None:
    """Read the header at ``path`` and see that all weights are there; ``name`` is for sentences.

    A file that needs a newer engine is whole, and may be kept. Projectors and other companions
    are judged as files, not as models. Raises ModelFileError, OSError.
    """
    with path.open("rb", buffering=0) as stream:
        source = StreamSource(stream)
        with contextlib.suppress(NeedMore):
            source.require(SNIFFED_BYTES)
        try:
            check_beginning(bytes(source.data[:SNIFFED_BYTES]), name)
            header = parse_header(source, name)
        except NeedMore as short:
            missing = max(short.end - path.stat().st_size, 1)
            raise ModelFileDamaged("gguf.truncated_header", name=name, missing=missing) from None
        except ModelFileNewer:
            return
    check_extent(header, path.stat().st_size)
