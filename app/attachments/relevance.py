"""Which passages of a text have to do with a question, by full text alone: no other model.

Each passage is indexed by its words, by their stems and by the first letters of their stems, so
that "measured" finds "measurement". Words that only make a question one are left out of it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from app.attachments.empty_words import EMPTY_WORDS
from app.attachments.entities import Attachment
from app.attachments.passages import Passage, passages_of
from app.attachments.stems import stem
from app.search_words import search_words
from app.storage.full_text import RankedTexts

MOST_PASSAGES = 5
_CACHED_STEMS = 65536
_WEIGHTS = (1.0, 0.8, 0.3)
_HYPHENATED = re.compile(r"(?<![^\W\d_])[^\W\d_]+-\n[^\W\d_]+")
_BEGINNING = 5
"""Letters that related words share, where their endings differ: decide, decision."""


class IndexingStopped(Exception):  # noqa: N818 - nothing went wrong
    """The index is not wanted any more."""


class PassageIndex:
    """The passages of one attachment, ready to be ranked; for one thread at a time.

    ``wanted`` is asked while it is made. Raises IndexingStopped when it is not any more.
    """

    def __init__(self, attachment: Attachment, wanted: Callable[[], bool] = lambda: True) -> None:
        self._wanted = wanted
        self.passages = passages_of(attachment)
        self._stem = lru_cache(_CACHED_STEMS)(stem)
        self._ranked = RankedTexts(len(_WEIGHTS), self._all_columns(attachment.text))

    def best(self, question: str, most: int = MOST_PASSAGES) -> list[Passage]:
        """At most ``most`` passages, the best first; fewer when no more share a word with it."""
        words = [word for word in search_words(question) if word not in EMPTY_WORDS]
        ranked = self._ranked.best(self._columns(words or search_words(question)), _WEIGHTS, most)
        return [self.passages[number] for number, _score in ranked]

    def close(self) -> None:
        """Give the memory back."""
        self._ranked.close()

    def _all_columns(self, text: str) -> Iterator[Sequence[Sequence[str]]]:
        for passage in self.passages:
            if not self._wanted():
                raise IndexingStopped
            yield self._columns(_words(text[passage.start : passage.end]))

    def _columns(self, words: list[str]) -> tuple[list[str], list[str], list[str]]:
        stems = [self._stem(word) for word in words]
        beginnings = [each[:_BEGINNING] for each in stems if len(each) >= _BEGINNING]
        return words, stems, beginnings


def _words(text: str) -> list[str]:
    """Of a passage; a word that was hyphenated at the end of a line counts whole as well."""
    whole = "\n".join(match[0].replace("-\n", "") for match in _HYPHENATED.finditer(text))
    return search_words(text) + search_words(whole)
