"""Notices a model that repeats itself exactly and would go on for ever.

The last tokens are looked at now and then: is their end one period, again and again? Much
that people want repeats too (rules of dashes, empty tables, matrices of zeros, indentation), so
it depends on the period's text how much of it there must be: words soon make a loop, signs late.
"""

import re
from array import array
from collections.abc import Callable

_LOOK_EVERY = 16
"""Tokens. Looking costs some microseconds."""
_KEPT = 8192
"""Last tokens that are looked at."""
_PROBE = 48
"""Tokens of the end that must have been there before, for a period to be looked into."""
_LONGEST_PERIOD = 512
_CANDIDATES = 32
"""Periods that are tried at most in one look."""

_WORDS, _BLANKS, _SIGNS = 192, 512, 4096
"""Tokens that must be repetition, by what the period's text is made of."""
_TIMES, _TIMES_LONG, _LONG = 8, 5, 64
"""How often a period must stand there: a short one, and one of so many tokens."""
_INDENTED = re.compile(r"\n[ \t]{2}")
"""Lines of code may well be alike."""
_MOSTLY = 0.85
"""Share of letters among the signs of a text that is words; rows of tables stay below."""


class LoopGuard:
    """Of one answer. ``text_of`` gives the bytes of a token."""

    def __init__(self, text_of: Callable[[int], bytes]) -> None:
        self._text_of = text_of
        self._tokens = array("i")
        self._until_look = _PROBE

    def repeats(self, token: int) -> bool:
        """Take the next token; True when the answer has become a loop."""
        self._tokens.append(token)
        self._until_look -= 1
        if self._until_look > 0:
            return False
        self._until_look = _LOOK_EVERY
        if len(self._tokens) > 2 * _KEPT:
            del self._tokens[:-_KEPT]
        return self._is_loop()

    def _is_loop(self) -> bool:
        size = self._tokens.itemsize
        data = self._tokens.tobytes()
        return any(
            self._stands_often(data, period * size, period) for period in self._periods(data, size)
        )

    def _periods(self, data: bytes, size: int) -> list[int]:
        """How far back the last tokens stood before, nearest first."""
        probe = data[-_PROBE * size :]
        first = max(0, len(data) - (_PROBE + _LONGEST_PERIOD) * size)
        found: list[int] = []
        end = len(data) - size
        while len(found) < _CANDIDATES:
            at = data.rfind(probe, first, end)
            if at < 0:
                break
            if at % size == 0:
                found.append((len(data) - len(probe) - at) // size)
            end = at + len(probe) - 1
        return found

    def _stands_often(self, data: bytes, width: int, period: int) -> bool:
        """Whether the end is long enough one period of ``width`` bytes to be a loop."""
        times = _TIMES if period < _LONG else _TIMES_LONG
        size = width // period
        text = b"".join(self._text_of(token) for token in self._tokens[-period:])
        needed = max(times * period, _needed(text.decode("utf-8", "replace"))) * size
        if len(data) < needed:
            return False
        end = len(data)
        return data[end - needed : end - width] == data[end - needed + width :]


def _needed(text: str) -> int:
    """Tokens of repetition that make a loop of a period with this text."""
    signs = [character for character in text if not character.isspace()]
    if not signs:
        return _BLANKS
    if _INDENTED.search(text + text):
        return _SIGNS
    letters = sum(character.isalpha() or character in ".,;:!?'\u2019" for character in signs)
    has_letter = any(character.isalpha() for character in signs)
    return _WORDS if has_letter and letters >= _MOSTLY * len(signs) else _SIGNS
