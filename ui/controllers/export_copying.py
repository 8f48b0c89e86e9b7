"""A conversation to the clipboard: Markdown, plain text, or rich text for a word processor."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.amounts import file_size
from app.export.base import ExportOptions
from app.export.exports import Exports
from app.export.peeking import Peek, Peeking
from app.export.scope import Scope
from app.posting import Post
from models.errors import KnownError
from ui.chat.clipboard import put_rich, put_text
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.selection_html import markdown_as_html
from ui.sentences import say, say_error

_MOST_BYTES = 32 * 1024 * 1024
"""More than that no clipboard of a desktop takes without harm."""


class ExportCopying(QObject):
    """Signals:
    copied(): it lies in the clipboard.
    trouble(str): a sentence to show.
    """

    copied = Signal()
    trouble = Signal(str)

    def __init__(
        self,
        exports: Exports,
        post: Post,
        parent: QObject | None = None,
        most_bytes: int = _MOST_BYTES,
    ) -> None:
        super().__init__(parent)
        self._most_bytes = most_bytes
        self._exports, self._post = exports, post
        self._under_way: Peeking[Peek] | Peeking[str] | None = None

    def copy(self, kind: str, scope: Scope, options: ExportOptions) -> None:
        """Copy what is chosen as "md", "txt" or "rich"; a copy under way is given up."""
        self.stop()
        name = "txt" if kind == "txt" else "md"
        put: Callable[[Peek], None] = self._rich if kind == "rich" else self._plain
        self._under_way = self._exports.peek(
            scope, name, options, self._most_bytes,
            lambda found: put(found) if found.is_whole else self._too_much(), self._failed,
        )  # fmt: skip

    def stop(self) -> None:
        """It is not wanted any more."""
        if self._under_way is not None:
            self._under_way.cancel()
            self._under_way = None

    def _plain(self, found: Peek) -> None:
        put_text(_words_of(found))
        self.copied.emit()

    def _rich(self, found: Peek) -> None:
        text = _words_of(found)

        def put(html: str) -> None:
            put_rich(html, text)
            self.copied.emit()

        self._under_way = Peeking(
            self._post, lambda _cancelled: markdown_as_html(text, MarkdownParser()), put,
            self._failed,
        )  # fmt: skip

    def _too_much(self) -> None:
        """A part of it in the clipboard would look like all of it."""
        self.trouble.emit(say("export.too_long_to_copy", {"size": file_size(self._most_bytes)}))

    def _failed(self, error: KnownError) -> None:
        self.trouble.emit(say_error(error))


def _words_of(found: Peek) -> str:
    """The file's text without the front matter, which is for programs that keep files."""
    text = found.data.decode("utf-8", "ignore")
    if text.startswith("---\n"):
        _front, end, rest = text.partition("\n---\n")
        text = rest.lstrip("\n") if end else text
    return text
