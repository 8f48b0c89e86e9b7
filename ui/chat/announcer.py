"""Tells screen readers what a model writes: by finished sentences, and not too often."""

import re
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from ui.chat.markdown.parser import MarkdownParser
from ui.chat.selection_plain import markdown_as_plain

INTERVAL_MS = 2000
"""Between two announcements, at least."""
_SENTENCE = re.compile(r"[.!?…:][\"')\]*_]*\s+|[。！？]|\n\s*\n|\n(?=\s*[-*+] |\s*\d+[.)] )")
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)


class Announcer(QObject):
    """Give it the whole text of an answer as it grows. ``tell`` is for tests."""

    def __init__(
        self,
        parent: QObject,
        tell: Callable[[str], None] | None = None,
        interval_ms: int = INTERVAL_MS,
    ) -> None:
        super().__init__(parent)
        self._about, self._tell = parent, tell
        self._text = ""
        self._said = 0
        self._ended = False
        self._parser: MarkdownParser | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(interval_ms)
        self._pause.timeout.connect(self._speak)

    def forget(self) -> None:
        """Another conversation is shown: be silent about the last one."""
        self._pause.stop()
        self._text, self._said, self._ended = "", 0, False

    def grow(self, text: str) -> None:
        """The answer reads ``text`` so far."""
        if not self._is_heard():
            return
        if not text.startswith(self._text[: self._said]) or self._ended:
            self._said, self._ended = 0, False
        self._text = text
        if not self._pause.isActive():
            self._speak()

    def finish(self, text: str) -> None:
        """The answer is complete: the rest is told too."""
        if not self._is_heard():
            return
        self._text, self._ended = text, True
        if not self._pause.isActive():
            self._speak()

    def _is_heard(self) -> bool:
        return self._tell is not None or QAccessible.isActive()

    def _speak(self) -> None:
        end = len(self._text) if self._ended else self._finished()
        words = self._plain(self._text[self._said : end])
        self._said = end
        if words:
            self._announce(words)
            self._pause.start()

    def _finished(self) -> int:
        """Where the last finished sentence ends; what stands in an open fence is not one."""
        rest = self._text[self._said :]
        fences = list(_FENCE.finditer(rest))
        if len(fences) % 2:
            rest = rest[: fences[-1].start()]
        ends = [found.end() for found in _SENTENCE.finditer(rest)]
        return self._said + (ends[-1] if ends else 0)

    def _plain(self, source: str) -> str:
        if self._parser is None:
            self._parser = MarkdownParser()
        return " ".join(markdown_as_plain(source, self._parser).split())

    def _announce(self, words: str) -> None:
        if self._tell is not None:
            self._tell(words)
        else:
            event = QAccessibleAnnouncementEvent(self._about, words)
            QAccessible.updateAccessibility(event)
