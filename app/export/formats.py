"""The formats there are; each is imported when it is first asked for."""

import threading
from collections.abc import Callable

from app.export.base import Format

_TOGETHER = frozenset(("json", "jsonl"))


class Formats:
    """A format by its name, which is the ending of its files too.

    What is heavy, as PDF and Word are, costs nothing before its use.
    """

    def __init__(self) -> None:
        self._makers: dict[str, Callable[[], Format]] = {
            "md": _markdown,
            "html": _html,
            "pdf": _pdf,
            "docx": _docx,
            "txt": _text,
            "json": _json,
            "jsonl": _jsonl,
        }
        self._made: dict[str, Format] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """As the terminal calls them, in the order in which they are offered."""
        return tuple(self._makers)

    def get(self, name: str) -> Format:
        """One format, on any thread. Raises KeyError for another name."""
        with self._lock:
            if name not in self._made:
                self._made[name] = self._makers[name]()
            return self._made[name]

    def is_together(self, name: str) -> bool:
        """Whether many conversations become one file, told without importing the format."""
        return name in _TOGETHER


def _markdown() -> Format:
    from app.export.markdown import MarkdownFormat

    return MarkdownFormat()


def _html() -> Format:
    from app.export.html import HtmlFormat

    return HtmlFormat()


def _pdf() -> Format:
    from app.export.pdf import PdfFormat

    return PdfFormat()


def _docx() -> Format:
    from app.export.docx import DocxFormat

    return DocxFormat()


def _text() -> Format:
    from app.export.plain import PlainFormat

    return PlainFormat()


def _json() -> Format:
    from app.export.json_format import JsonFormat

    return JsonFormat()


def _jsonl() -> Format:
    from app.export.jsonl import JsonlFormat

    return JsonlFormat()
