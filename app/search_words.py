"""Text as the words that a search compares: folded, whatever the script. Pure.

Stock tokenizers find no Chinese word inside a run of signs and no ``parser`` in
``HttpParser``. So runs of Chinese, Japanese and Korean become pairs of neighbouring signs,
identifiers count whole and by their parts, and accents and case are folded.
"""

import re
import unicodedata
from collections.abc import Iterator

_MARKS = re.compile("[\u0300-\u036f]")
"""Accents of Latin, Greek and Cyrillic. In other scripts marks are vowels, and stay."""

_FOLDED_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ς": "σ"}
)
_TOKEN = re.compile(r"(?:\w|[\u0900-\u0dff\u0e00-\u0eff\u0f00-\u109f])+(?:['’](?=[^\W\d_]))?\w*")
_RUN = re.compile(
    r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7a3々\U00020000-\U0003ffff]+"
)
_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_LONGEST = 64
"""Longer runs of letters are data, not words."""


def fold(text: str) -> str:
    """``text`` without case and accents, compatible forms made one; CJK stays as it is."""
    text = unicodedata.normalize("NFKD", text).casefold()
    text = _MARKS.sub("", text).translate(_FOLDED_LETTERS)
    return unicodedata.normalize("NFC", text)


def search_words(text: str) -> list[str]:
    """Every word to compare, in order; a word may give several. None holds white space."""
    return list(_words(text))


def _words(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(unicodedata.normalize("NFC", text)):
        token = match[0]
        if token.isascii():
            yield from _of_identifier(token)
            continue
        at = 0
        for run in _RUN.finditer(token):
            yield from _plain(token[at : run.start()])
            yield from _pairs(fold(run[0]))
            at = run.end()
        yield from _plain(token[at:])


def _of_identifier(token: str) -> Iterator[str]:
    """The whole and, where it has several, its parts: ``max_tokens``, ``HttpParser``, ``H200``."""
    token = token.replace("'", "")
    word = token.replace("_", "").lower()
    if word:
        yield word[:_LONGEST]
    if token.islower() and token.isalpha():
        return
    parts = [part.lower() for part in _PARTS.findall(token)]
    if len(parts) > 1:
        yield from (part[:_LONGEST] for part in parts if len(part) > 1)


def _plain(token: str) -> Iterator[str]:
    for word in fold(token).replace("_", " ").replace("’", "").replace("'", "").split():
        yield word[:_LONGEST]


def _pairs(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for at in range(len(run) - 1):
        yield run[at : at + 2]
