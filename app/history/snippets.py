"""The piece of a text that shows best why it was found, and what to show strongly in it. Pure."""

import re
from collections import Counter

from app.history.found import Snippet
from app.history.indexed_words import word_places
from app.history.search_query import Phrase, Query

WIDTH = 180
"""Characters of a snippet."""

_BEFORE = 40
"""Characters before the first word that was found."""

_MOST_LOOKED_AT = 200_000
"""Characters of a text; beyond, it was found in the index but its beginning is shown."""

_MOST_SLOWLY = 30_000
_MOST_PLACES = 64
_ELLIPSIS = "…"


class Highlighter:
    """Makes snippets for one query."""

    def __init__(self, query: Query) -> None:
        self._phrases = tuple(dict.fromkeys(query.phrases))
        firsts = [re.escape(term.typed.strip("*")) for term in query.wanted]
        spelled = "|".join(f"({first})" for first in firsts if first)
        self._typed = re.compile(spelled, re.IGNORECASE) if spelled else None

    def whole(self, text: str) -> Snippet:
        """All of a short text."""
        flat = _flat(text)
        return Snippet(flat, self._places(flat))

    def snippet(self, text: str) -> Snippet:
        """The piece with the most of the query's terms; without places when none is in it."""
        text = text[:_MOST_LOOKED_AT]
        found = self._cut(text, self._dense_place(text))
        if found.places:
            return found
        # Written in another way than it was typed: word by word.
        places = self._places(text[:_MOST_SLOWLY])
        return self._cut(text, places[0][0]) if places else found

    def _dense_place(self, text: str) -> int:
        """Where within one width most of the terms stand, as they were typed."""
        if self._typed is None:
            return 0
        found: list[tuple[int, int]] = []
        for match in self._typed.finditer(text):
            found.append((match.start(), match.lastindex or 0))
            if len(found) >= _MOST_PLACES:
                break
        best, place = 0, 0
        inside: Counter[int] = Counter()
        first = 0
        for at, term in found:
            inside[term] += 1
            while at - found[first][0] > WIDTH - _BEFORE:
                inside[found[first][1]] -= 1
                first += 1
            count = sum(1 for each in inside.values() if each > 0)
            if count > best:
                best, place = count, found[first][0]
        return place

    def _cut(self, text: str, place: int) -> Snippet:
        start = max(0, place - _BEFORE)
        if start:
            # From the beginning of a word, where there is one nearby.
            space = text.find(" ", start, place)
            start = space + 1 if space >= 0 else start
        end = min(len(text), start + WIDTH)
        if end < len(text):
            space = text.rfind(" ", end - _BEFORE, end)
            end = space if space > place else end
        piece = _flat(text[start:end])
        head = _ELLIPSIS if start else ""
        places = tuple((a + len(head), b + len(head)) for a, b in self._places(piece))
        return Snippet(head + piece + (_ELLIPSIS if end < len(text) else ""), places)

    def _places(self, text: str) -> tuple[tuple[int, int], ...]:
        words = list(word_places(text))
        by_word: dict[str, list[int]] = {}
        for position, (word, _start, _end) in enumerate(words):
            by_word.setdefault(word, []).append(position)
        spans: list[tuple[int, int]] = []
        for phrase in self._phrases:
            for position in self._beginnings(phrase, by_word):
                last = position + len(phrase.words) - 1
                if last < len(words) and _stands(
                    phrase, [word for word, _start, _end in words[position : last + 1]]
                ):
                    spans.append((words[position][1], words[last][2]))
        return _joined(spans)

    @staticmethod
    def _beginnings(phrase: Phrase, by_word: dict[str, list[int]]) -> list[int]:
        first = phrase.words[0]
        if len(phrase.words) > 1 or not phrase.is_beginning:
            return by_word.get(first, [])
        return [at for word, all_at in by_word.items() if word.startswith(first) for at in all_at]


def _stands(phrase: Phrase, words: list[str]) -> bool:
    if phrase.is_beginning:
        wanted, last = phrase.words[:-1], phrase.words[-1]
        return tuple(words[:-1]) == wanted and words[-1].startswith(last)
    return tuple(words) == phrase.words


def _joined(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _flat(text: str) -> str:
    """One line, character by character, so that places stay where they are."""
    return "".join(c if c.isprintable() or c in "\u200d\u200c" else " " for c in text)
