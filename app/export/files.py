"""Exported files on the disk: a safe name, and a file that is there whole or not at all."""

import contextlib
import errno
import re
import unicodedata
from pathlib import Path

from app.export.errors import ExportError
from app.files import write_atomically

_NAME_BYTES = 120
"""Of a whole file name; far below what any file system takes, with room for a copy's number."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.I)


def write_whole(path: Path, data: str | bytes, *, overwrite: bool = False) -> None:
    """Write a file through a temporary one beside it; readable for its owner alone.

    Without ``overwrite`` a file that is there already is refused. Raises ExportError; then
    nothing has changed and nothing is left behind.
    """
    content = data.encode("utf-8", "replace") if isinstance(data, str) else data
    claimed = False
    try:
        if not overwrite:
            # Claims the name at once: two programs never replace each other's file.
            path.touch(mode=0o600, exist_ok=False)
            claimed = True
        write_atomically(path, content)
    except OSError as error:
        if claimed:
            with contextlib.suppress(OSError):
                path.unlink()
        raise ExportError(_code(error), file=path.name, folder=str(path.parent)) from error


def safe_file_name(title: str, ending: str) -> str:
    """A file name from a title that every system takes and that shows what it is.

    ``ending`` comes without its dot. An empty title gives "chat".
    """
    # Control, format (bidi, zero width), private, unassigned and surrogate characters go.
    kept = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in unicodedata.normalize("NFC", title)
        if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn")
    )
    stem = " ".join(_FORBIDDEN.sub("-", kept).split())
    stem = stem.encode()[: _NAME_BYTES - len(ending.encode()) - 1].decode("utf-8", "ignore")
    stem = stem.strip(" .-~") or "chat"
    # Windows keeps these names for devices, also with anything after a dot.
    if _RESERVED.fullmatch(stem.split(".")[0].rstrip()):
        stem = f"chat {stem}"
    return f"{stem}.{ending}"


def _code(error: OSError) -> str:
    match error.errno:
        case errno.EEXIST:
            return "export.exists"
        case errno.ENOENT | errno.ENOTDIR:
            return "export.no_folder"
        case errno.EACCES | errno.EPERM | errno.EROFS | errno.EISDIR:
            return "export.not_allowed"
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "export.disk_full"
    return "export.io"
