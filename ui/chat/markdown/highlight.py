"""Pygments tokens as coloured ranges of lines, a few milliseconds at a time."""

import time

from pygments.token import _TokenType
from PySide6.QtGui import QColor, QTextCharFormat, QTextLayout

from app.markup.code_colors import color_of, lex
from ui.theme.tokens import Palette

Range = QTextLayout.FormatRange


class Highlighter:
    """Colours ``text`` line by line; ``advance`` until ``finished``."""

    def __init__(self, palette: Palette, language: str, text: str) -> None:
        self.finished = False
        self._palette = palette
        self._formats: dict[_TokenType, QTextCharFormat | None] = {}
        self._line = 0
        self._column = 0
        self._ranges: list[Range] = []
        self._tokens = lex(language, text)

    def advance(self, seconds: float) -> list[tuple[int, list[Range]]]:
        """Work for about ``seconds``; return (line, ranges) of the lines completed."""
        done: list[tuple[int, list[Range]]] = []
        until = time.perf_counter() + seconds
        for _offset, kind, value in self._tokens:
            form = self._format(kind)
            pieces = value.split("\n")
            for at, piece in enumerate(pieces):
                if at:
                    self._close_line(done)
                if form is not None and piece:
                    self._add_range(form, len(piece.encode("utf-16-le")) // 2)
                self._column += len(piece.encode("utf-16-le")) // 2
            if time.perf_counter() > until:
                return done
        self.finished = True
        self._close_line(done)
        return done

    def _add_range(self, form: QTextCharFormat, length: int) -> None:
        made = Range()
        made.start, made.length, made.format = self._column, length, form
        self._ranges.append(made)

    def _close_line(self, done: list[tuple[int, list[Range]]]) -> None:
        if self._ranges:
            done.append((self._line, self._ranges))
        self._ranges = []
        self._line += 1
        self._column = 0

    def _format(self, kind: _TokenType) -> QTextCharFormat | None:
        if kind not in self._formats:
            name = color_of(kind)
            form = None
            if name is not None:
                form = QTextCharFormat()
                form.setForeground(QColor(getattr(self._palette, name)))
            self._formats[kind] = form
        return self._formats[kind]
