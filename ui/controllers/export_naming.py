"""The file that an export will be: its name made safe, and free where nobody chose it."""

import os.path
from pathlib import Path

from app.export.names import safe_file_name, safe_folder_name
from app.export.targets import Packing


def safe_path(folder: Path, typed: str, ending: str, packing: Packing) -> Path:
    """Where an export goes whose name somebody typed; ``ending`` is without its dot."""
    if packing == "folder":
        return folder / safe_folder_name(typed)
    return folder / safe_file_name(without_ending(typed, ending), ending)


def without_ending(typed: str, ending: str) -> str:
    """What somebody typed, less the ending that the file gets anyway; "" is none."""
    stem = typed.strip()
    if ending and stem.casefold().endswith(f".{ending}".casefold()):
        return stem[: -len(ending) - 1]
    return stem


def free_path(path: Path) -> Path:
    """The path itself, or with a number when something is there already."""
    number, free = 2, path
    while os.path.lexists(free):  # also a link that leads nowhere; False where nobody may look
        free = path.with_name(f"{path.stem} {number}{path.suffix}")
        number += 1
    return free


def is_folder(path: Path) -> bool:
    """Whether a folder is there; one on a share that does not answer is not there."""
    try:
        return path.is_dir()
    except OSError:
        return False


def code_ending(language: str) -> str:
    """What a file with code in this language ends in; "txt" where nobody knows."""
    return _ENDINGS.get(language.lower(), "txt")


_ENDINGS = {
    "python": "py", "py": "py", "javascript": "js", "js": "js", "typescript": "ts",
    "bash": "sh", "sh": "sh", "shell": "sh", "c": "c", "cpp": "cpp", "c++": "cpp",
    "rust": "rs", "go": "go", "java": "java", "html": "html", "css": "css", "json": "json",
    "yaml": "yaml", "toml": "toml", "sql": "sql", "markdown": "md", "xml": "xml", "csv": "csv",
}  # fmt: skip
