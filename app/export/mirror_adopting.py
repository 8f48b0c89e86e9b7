"""Files that an earlier copy left in the folder: the same bytes are taken for ours again."""

import contextlib
import hashlib
import os
from pathlib import Path

_ENDING = ".md"


class LeftFiles:
    """What lies in a copy's folder, by size, as it was when first looked at.

    Front matter names the conversation, so no file of another one has the same bytes.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._names: dict[str, dict[int, list[str]]] = {}

    def take(self, folder: str, data: bytes) -> str:
        """The path, below the copy's folder, of a file that holds just this; empty for none."""
        if folder not in self._names:
            self._names[folder] = self._look(folder)
        names = self._names[folder].get(len(data), [])
        wanted = hashlib.sha256(data).digest()
        for name in names:
            path = f"{folder}/{name}" if folder else name
            if _digest(self._root / path) == wanted:
                names.remove(name)
                return path
        return ""

    def _look(self, folder: str) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        with contextlib.suppress(OSError), os.scandir(self._root / folder) as entries:
            for entry in entries:
                # No links: what they lead to is not ours to write.
                if entry.name.endswith(_ENDING) and entry.is_file(follow_symlinks=False):
                    found.setdefault(entry.stat().st_size, []).append(entry.name)
        return found


def _digest(path: Path) -> bytes:
    """SHA-256 of a file; empty when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError:
        return b""
