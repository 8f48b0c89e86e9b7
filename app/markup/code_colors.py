"""Source code as Pygments tokens, and which colour of the palette each has."""

import time
from collections.abc import Iterator
from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound

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


def lex(language: str, text: str) -> Iterator[tuple[int, _TokenType, str]]:
    """Offset, kind and text of every token; nothing where there is nothing to colour."""
    lexer = lexer_for(language)
    if lexer is None or len(text) > _LARGEST:
        return iter(())
    if max(map(len, text.split("\n"))) > _LONGEST_LINE:
        return iter(())
    return iter(lexer.get_tokens_unprocessed(text))


@lru_cache(maxsize=512)
def color_of(kind: _TokenType) -> str | None:
    """The name of its colour, as palettes call it; None is the colour of text."""
    return next((color for token, color in _COLORS if _belongs(kind, token)), None)
