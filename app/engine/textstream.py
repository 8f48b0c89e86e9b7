"""Bytes of tokens become text: whole characters only, and nothing of a stop string."""

import codecs
from collections.abc import Iterable


class Utf8Assembler:
    """Joins the bytes of successive tokens and hands out complete characters.

    Bytes that can never become a character are shown as U+FFFD. An unfinished character at
    the end of an answer is dropped: the model was cut off inside it.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def is_waiting(self) -> bool:
        """Whether the last character is not complete yet."""
        return bool(self._decoder.getstate()[0])

    def feed(self, piece: bytes) -> str:
        """Return the characters that ``piece`` completes; often all of it, sometimes none."""
        return self._decoder.decode(piece)


class StopStrings:
    """Withholds text while it could still become a stop string, and never lets one through."""

    def __init__(self, stops: Iterable[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.found = False

    def feed(self, text: str) -> str:
        """Return what may be shown now. Sets ``found`` at a stop string; then returns nothing."""
        if not self._stops:
            return text
        if self.found:
            return ""
        self._held += text
        ends = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if ends:
            self.found = True
            shown, self._held = self._held[: min(ends)], ""
            return shown
        keep = held_back(self._held, self._stops)
        cut = len(self._held) - keep
        shown, self._held = self._held[:cut], self._held[cut:]
        return shown

    def flush(self) -> str:
        """Return what was held: the answer ended before it became a stop string."""
        shown, self._held = self._held, ""
        return shown


def held_back(text: str, markers: Iterable[str]) -> int:
    """Length of the longest end of ``text`` that could be the beginning of a marker."""
    longest = 0
    for marker in markers:
        for length in range(min(len(marker) - 1, len(text)), longest, -1):
            if text.endswith(marker[:length]):
                longest = length
                break
    return longest
