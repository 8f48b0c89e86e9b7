"""Tokenizes a long text in segments that are kept, so that after a change little is done anew.

A text may be cut only where its tokens do not change: where no token goes from one word into the
next, that is between a letter and a space before a letter. The first such place of each line and
sentence is a cut; it depends on what stands around it alone, and an edit moves no other cut.
Vocabularies of the SPM kind put a space before whatever they are given; so theirs is left out.
"""

import re
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

_CUT = re.compile(r"[\n.!?][^\n.!?]*?[a-z](?= [a-z])")
_UNSAFE = re.compile(r"[a-z] [a-z]|[a-z]$|^ [a-z]")
_PROBE = (
    "One line of words here.\nAnother line of words, and more words! It is so? 12 words too\n"
    "def it(x): return in x.\n\tThe last line is’n a long one\n\n## And a title of it\nx y z"
)
_KEPT_CHARACTERS = 8 * 1024 * 1024
"""Of segments; beyond it the ones that were not used for longest are forgotten."""
_LEAST = 64
"""Characters of a segment."""


@dataclass(frozen=True, slots=True)
class Cutter:
    """Cuts texts for one vocabulary."""

    drops_space: bool
    """Whether the vocabulary puts a space before whatever it is given."""

    def given(self, segments: Iterable[str]) -> Iterator[str]:
        """Segments as they are given to the tokenizer."""
        for number, segment in enumerate(segments):
            yield segment[1:] if number and self.drops_space else segment


def cuts(text: str) -> Iterator[str]:
    """``text`` in segments, in order and without gaps."""
    start = 0
    for match in _CUT.finditer(text):
        if match.end() - start >= _LEAST:
            yield text[start : match.end()]
            start = match.end()
    if start < len(text) or not text:
        yield text[start:]


def cutter_of(
    tokenize: Callable[[str], list[int]], control_strings: Sequence[str]
) -> Cutter | None:
    """How a vocabulary gives the same tokens for a text and for its segments; None: it does not.

    The vocabulary must have no token that goes from one word into the next.
    """
    if any(_UNSAFE.search(each) for each in control_strings):
        return None
    whole = tokenize(_PROBE)
    for cutter in (Cutter(drops_space=False), Cutter(drops_space=True)):
        pieces = [token for given in cutter.given(_finest(_PROBE)) for token in tokenize(given)]
        if pieces == whole:
            return cutter
    return None


def _finest(text: str) -> Iterator[str]:
    """As ``cuts``, but at every place that is allowed."""
    start = 0
    for match in re.finditer(r"[a-z](?= [a-z])", text):
        yield text[start : match.end()]
        start = match.end()
    yield text[start:]


class Segments:
    """Remembers the tokens of segments. For one thread."""

    def __init__(self, tokenize: Callable[[str], list[int]]) -> None:
        self._tokenize = tokenize
        self._kept: OrderedDict[str, array[int]] = OrderedDict()
        self._characters = 0

    def of(self, segment: str) -> Sequence[int]:
        """Tokens of one segment."""
        tokens = self._kept.get(segment)
        if tokens is not None:
            self._kept.move_to_end(segment)
            return tokens
        tokens = array("i", self._tokenize(segment))
        self._kept[segment] = tokens
        self._characters += len(segment)
        while self._characters > _KEPT_CHARACTERS and len(self._kept) > 1:
            forgotten, _ = self._kept.popitem(last=False)
            self._characters -= len(forgotten)
        return tokens
