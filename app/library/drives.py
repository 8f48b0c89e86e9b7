"""What people call the drive that a file lies on, also while it is not connected."""

import re
from pathlib import Path, PurePath, PurePosixPath

_LETTER = re.compile(r"[A-Za-z]:")
_USER_MEDIA = ("/run/media", "/media")
_MOUNTS = ("/mnt", "/Volumes")


def drive_name(path: PurePath) -> str:
    """ "D:" or the name below the system's folder of drives; "" for the system's own disk.

    Only the path is looked at: a drive that is away cannot be asked.
    """
    if _LETTER.fullmatch(path.drive):
        return path.drive.upper()
    if path.drive:  # a share of another computer
        return path.drive.replace("\\", "/").strip("/")
    parts = PurePosixPath(path).parts
    for place, depth in (*((p, 2) for p in _USER_MEDIA), *((p, 1) for p in _MOUNTS)):
        begin = PurePosixPath(place).parts
        if parts[: len(begin)] == begin and len(parts) > len(begin) + 1:
            below = parts[len(begin) :]
            return below[min(depth, len(below) - 1) - 1]
    return ""


def is_away(path: Path) -> bool:
    """Whether the drive of ``path`` is not connected, as far as its folder tells."""
    name = drive_name(path)
    if not name:
        return False
    if path.drive:
        return not Path(path.anchor).exists()
    root = next((each for each in reversed(path.parents) if each.name == name), None)
    return root is not None and not (root.is_dir() and _is_filled(root))


def _is_filled(folder: Path) -> bool:
    """Some systems leave an empty folder where a drive was."""
    try:
        return any(folder.iterdir())
    except OSError:
        return False
