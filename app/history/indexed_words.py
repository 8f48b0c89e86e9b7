"""The words of a text as the index has them, with their places in it. Pure.

Made of ``app.search_words``. The last sign of a run of Chinese, Japanese or Korean is a word of
its own too: so a single sign is found wherever it stands, as the beginning of a pair or alone.
"""

import re
import unicodedata
from collections.abc import Iterator

from app.search_words import fold, search_words

_CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7a3々\U00020000-\U0003ffff"
_LETTER = rf"(?:(?![{_CJK}])[\w\u0300-\u036f\u0900-\u0dff\u0e00-\u109f])"
_PIECE = re.compile(rf"([{_CJK}]+)|{_LETTER}+(?:['’](?=[^\W\d_]){_LETTER}+)*")
_ENDS_IN_RUN = re.compile(rf"[{_CJK}]{{2,}}\W*\Z")
_ASCII = re.compile(r"[\x00-\x7f]*\Z")

Place = tuple[str, int, int]
"""A word, and where it begins and ends."""


def indexed_words(text: str) -> list[str]:
    """Every word of a text, in order, as it is put into the index."""
    if _ASCII.match(text):
        return search_words(text)
    return [word for word, _start, _end in word_places(unicodedata.normalize("NFC", text))]


def phrase_words(text: str) -> tuple[str, ...]:
    """The words that stand one after another in every text that has this phrase."""
    words = indexed_words(text)
    if _ENDS_IN_RUN.search(unicodedata.normalize("NFC", text)):
        # In a text the run may go on.
        words.pop()
    return tuple(words)


def word_places(text: str) -> Iterator[Place]:
    """Every word with its place in ``text``; the parts of an identifier have the whole one's."""
    for match in _PIECE.finditer(text):
        start, end = match.span()
        if match[1] is None:
            for word in search_words(match[0]):
                yield word, start, end
            continue
        for at in range(start, end - 1):
            yield fold(text[at : at + 2]), at, at + 2
        yield fold(text[end - 1]), end - 1, end


def pieces(text: str) -> list[str]:
    """A text cut where words of different scripts and kinds meet; identifiers stay whole."""
    return [match[0] for match in _PIECE.finditer(unicodedata.normalize("NFC", text))]


def is_cjk(text: str) -> bool:
    """Whether ``text`` is of Chinese, Japanese or Korean signs alone."""
    match = _PIECE.fullmatch(text)
    return match is not None and match[1] is not None
