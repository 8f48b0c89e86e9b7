"""Where a remote file goes: safe local paths from names that anyone may have written."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

from models.errors import KnownError
from models.naming import parse_shard, shorten

MOST_BYTES = 200
"""Of one name in UTF-8. File systems take 255; a lock's and a copy's endings need room."""
MOST_PARTS = 8
_FORBIDDEN = re.compile(r'[<>:"|?*\\]')
"""Some systems refuse these; on others they would mean drives, streams or folders."""
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.I)


class UnsafeName(KnownError):  # noqa: N818
    """A remote name cannot be used on this computer."""


def folder_of(repository: str) -> PurePosixPath:
    """``publisher/repository`` as a folder. Raises UnsafeName."""
    return _safe(repository)


def beside(folder: PurePosixPath, commit: str) -> PurePosixPath:
    """The folder for another content under the same names: ``repository@01234567``."""
    digits = re.sub(r"[^0-9a-zA-Z]", "", commit)[:8]
    return folder.with_name(f"{folder.name}@{digits}")


def local_paths(remote: Sequence[str]) -> tuple[PurePosixPath, ...]:
    """Relative paths for the files of one set, in the same order.

    Traversal, absolute paths, drives, shares, control and direction characters are refused;
    reserved names, trailing dots and spaces and long names are changed, the same way every
    time, so that the parts of a split model keep one name. Raises UnsafeName: also when two
    files would meet on a disk that does not tell capitals apart.
    """
    paths = tuple(_safe(path) for path in remote)
    seen: dict[str, str] = {}
    for path, original in zip(paths, remote, strict=True):
        key = unicodedata.normalize("NFKC", str(path)).casefold()
        if key in seen:
            raise UnsafeName("download.name_clash", name=shorten(original))
        seen[key] = original
    for path, original in zip(paths, remote, strict=True):
        parents = {unicodedata.normalize("NFKC", str(parent)).casefold() for parent in path.parents}
        if parents & seen.keys():
            raise UnsafeName("download.name_clash", name=shorten(original))
    return paths


def _safe(remote: str) -> PurePosixPath:
    parts = remote.split("/")
    wrong = (
        not all(_is_plain(character) for character in remote)
        or _FORBIDDEN.search(remote) is not None
        or any(part.strip(" .") == "" for part in parts)
        or len(parts) > MOST_PARTS
    )
    if wrong:
        raise UnsafeName("download.name", name=shorten(remote))
    return PurePosixPath(*(_safe_part(part) for part in parts))


def _is_plain(character: str) -> bool:
    """Whether it prints as itself: no control, direction, half or private character."""
    return character.isprintable()


def _safe_part(part: str) -> str:
    name = unicodedata.normalize("NFC", part)
    if name.startswith("."):
        # Our own folder for parts begins like this, and other systems hide such files.
        name = "_" + name[1:]
    stripped = name.rstrip(" .")
    name = stripped + "_" * (len(name) - len(stripped))
    if _RESERVED.fullmatch(name.partition(".")[0].rstrip()):
        name = "_" + name
    return _short(name)


def _short(name: str) -> str:
    if len(name.encode()) <= MOST_BYTES:
        return name
    shard = parse_shard(name)
    if shard is not None:
        stem, tail = shard.prefix, name[len(shard.prefix) :]
    else:
        stem, dot, ending = name.rpartition(".")
        stem, tail = (stem, dot + ending) if stem and len(ending) <= 8 else (name, "")
    digest = "~" + hashlib.sha256(stem.encode()).hexdigest()[:12]
    room = MOST_BYTES - len(digest) - len(tail.encode())
    return stem.encode()[:room].decode(errors="ignore") + digest + tail
