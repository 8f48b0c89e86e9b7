"""A zip of exported files, written as it comes; the same content gives the same bytes."""

import contextlib
import zipfile
from collections.abc import Iterator
from typing import IO

from app.export.files import NewFile, export_error

_MADE = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip knows: that of the export would differ each time."""

_LEVEL = 6


class ZipPlace:
    """The archive inside a file that is being written."""

    def __init__(self, new: NewFile) -> None:
        self._new = new
        self._archive = zipfile.ZipFile(
            new.stream, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL, strict_timestamps=False
        )

    @contextlib.contextmanager
    def file(self, folder: str, name: str) -> Iterator[IO[bytes]]:
        """A member to write, one at a time."""
        info = zipfile.ZipInfo(f"{folder}/{name}" if folder else name, _MADE)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.create_system = 3
        info.external_attr = 0o600 << 16
        with self._archive.open(info, "w", force_zip64=True) as member:
            yield member

    def keep(self) -> None:
        """Write the list of members and give the file its name. Raises ExportError."""
        try:
            self._archive.close()
        except OSError as error:
            raise export_error(error, self._new.path) from error
        self._new.keep()

    def give_up(self) -> None:
        """Let go of it; harmless when it is kept."""
        # It ends itself by writing, also when it is only forgotten.
        with contextlib.suppress(OSError, ValueError):
            self._archive.close()
