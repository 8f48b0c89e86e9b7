"""Names of exported files: safe on every system, readable, and no two alike in one folder."""

import re
import unicodedata

_NAME_BYTES = 120
"""Of a whole file name; far below what any file system takes, with room for a copy's number."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*]+')
_NO_LINK = re.compile(r'[<>:"/\\|?*#^\[\]]+')
"""Besides, what a link between notes may not hold: so for Markdown."""

_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.I)


def safe_file_name(title: str, ending: str) -> str:
    """A file name from a title that every system takes and that shows what it is.

    ``ending`` comes without its dot. An empty title gives "chat".
    """
    forbidden = _NO_LINK if ending == "md" else _FORBIDDEN
    return f"{_stem(title, forbidden, len(ending.encode()) + 1, 'chat')}.{ending}"


def safe_folder_name(name: str) -> str:
    """The same for a folder of chats."""
    return _stem(name, _NO_LINK, 0, "chats")


class Names:
    """The names taken in one folder, told apart without regard to case or normal form."""

    def __init__(self, taken: tuple[str, ...] = ()) -> None:
        self._taken = {_key(name) for name in taken}
        self._next: dict[str, int] = {}

    def take(self, name: str) -> str:
        """``name``, or with a number when it is taken: "Title.md", then "Title 2.md"."""
        stem, dot, ending = name.rpartition(".")
        if not dot:
            stem, ending = name, ""
        found, number = name, self._next.get(_key(name), 2)
        while _key(found) in self._taken:
            found = f"{stem} {number}{dot}{ending}"
            number += 1
        # A thousand chats of the same title must not be counted through a thousand times.
        self._next[_key(name)] = number
        self._taken.add(_key(found))
        return found


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _stem(title: str, forbidden: re.Pattern[str], ending_bytes: int, otherwise: str) -> str:
    # Control, format (bidi, zero width), private, unassigned and surrogate characters go.
    kept = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in unicodedata.normalize("NFC", title)
        if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn")
    )
    stem = " ".join(forbidden.sub("-", kept).split())
    stem = stem.encode()[: _NAME_BYTES - ending_bytes].decode("utf-8", "ignore")
    stem = stem.strip(" .-~") or otherwise
    # Windows keeps these names for devices, also with anything after a dot.
    if _RESERVED.fullmatch(stem.split(".")[0].rstrip()):
        stem = f"chat {stem}"
    return stem
