"""Pygments tokens as coloured ranges of lines, a few milliseconds at a time."""

import time
from collections.abc import Iterator
from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound
from PySide6.QtGui import QColor, QTextCharFormat, QTextLayout

from ui.theme.tokens import Palette

_LONGEST_LINE = 1000
"""Characters; a longer line is no source code and could keep a lexer busy."""
_LARGEST = 200_000

_COLORS: tuple[tuple[_TokenType, str], ...] = (
    (Token.Comment, "code_comment"),
    (Token.Keyword, "code_keyword"),
    (Token.Operator.Word, "code_keyword"),
    (Token.Literal.String, "code_string"),
    (Token.Literal.Number, "code_number"),
    (Token.Name.Function, "code_name"),
    (Token.Name.Class, "code_name"),
    (Token.Name.Builtin, "code_name"),
    (Token.Name.Tag, "code_keyword"),
    (Token.Name.Attribute, "code_name"),
    (Token.Name.Decorator, "code_name"),
    (Token.Generic.Heading, "code_name"),
    (Token.Generic.Inserted, "code_string"),
    (Token.Generic.Deleted, "bad"),
)

Range = QTextLayout.FormatRange

_USUAL = (
    "python", "bash", "json", "javascript", "typescript", "html", "css", "c", "cpp", "java", "sql",
    "rust", "go", "yaml",
)  # fmt: skip


@lru_cache(maxsize=64)
def lexer_for(language: str) -> Lexer | None:
    """The lexer of a fence's language word, None when there is none."""
    if not language:
        return None
    try:
        return get_lexer_by_name(language.lower())
    except ClassNotFound:
        return None


def preload(pause: float = 0.05) -> None:
    """Load the usual lexers, on a thread: the first use of one takes tens of milliseconds."""
    for language in _USUAL:
        lexer_for(language)
        time.sleep(pause)  # whoever draws or types is let in


def _belongs(kind: _TokenType, group: _TokenType) -> bool:
    return tuple(kind)[: len(group)] == tuple(group)


class Highlighter:
    """Colours ``text`` line by line; ``advance`` until ``finished``."""

    def __init__(self, palette: Palette, language: str, text: str) -> None:
        self.finished = False
        self._palette = palette
        self._formats: dict[_TokenType, QTextCharFormat | None] = {}
        self._line = 0
        self._column = 0
        self._ranges: list[Range] = []
        self._tokens = self._lex(language, text)

    @staticmethod
    def _lex(language: str, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        lexer = lexer_for(language)
        if lexer is None or len(text) > _LARGEST:
            return iter(())
        if max(map(len, text.split("\n"))) > _LONGEST_LINE:
            return iter(())
        return iter(lexer.get_tokens_unprocessed(text))

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
            name = next((color for token, color in _COLORS if _belongs(kind, token)), None)
            form = None
            if name is not None:
                form = QTextCharFormat()
                form.setForeground(QColor(getattr(self._palette, name)))
            self._formats[kind] = form
        return self._formats[kind]
