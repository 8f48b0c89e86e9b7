"""A text cut into passages of 200 to 300 words that overlap, at the borders of paragraphs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.attachments.entities import Attachment
from app.attachments.places import Places

LEAST_WORDS = 200
MOST_WORDS = 300
OVERLAP_WORDS = 60
_BLOCK_WORDS = 100
"""A longer paragraph is cut into smaller ones, at ends of sentences where it has some."""

_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_LINE = re.compile(r"\n+")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？])")
_WORD = re.compile(
    r"[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]|[^\W_\u2e80-\u9fff\uac00-\ud7a3]{1,16}"
    r"|[^\w\s]{4,16}|_{4,16}"
)
"""A run of letters without end counts as many words: it is as long to read."""

_IDEOGRAPH = re.compile(r"[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Passage:
    """``text[start:end]`` of its attachment; ``place`` says where that is."""

    number: int
    start: int
    end: int
    place: str


@dataclass(frozen=True, slots=True)
class _Block:
    start: int
    end: int
    words: int


def passages_of(attachment: Attachment) -> list[Passage]:
    """All of the text in passages, in order; nothing is left out."""
    blocks = list(_blocks(attachment.text))
    places = Places(attachment)
    found: list[Passage] = []
    first = 0
    while first < len(blocks):
        last = _last_block(blocks, first)
        start, end = blocks[first].start, blocks[last].end
        found.append(Passage(len(found), start, end, places.of(start, end)))
        if last + 1 == len(blocks):
            break
        first = _next_first(blocks, first, last)
    return found


def _last_block(blocks: Sequence[_Block], first: int) -> int:
    words = blocks[first].words
    last = first
    while last + 1 < len(blocks) and words < LEAST_WORDS:
        following = blocks[last + 1].words
        if words + following > MOST_WORDS:
            break
        words += following
        last += 1
    return last


def _next_first(blocks: Sequence[_Block], first: int, last: int) -> int:
    """Where the next passage begins: with the last words of this one, and always further on."""
    words = 0
    begin = last + 1
    while begin - 1 > first and words + blocks[begin - 1].words <= OVERLAP_WORDS:
        begin -= 1
        words += blocks[begin].words
    return begin


def _blocks(text: str) -> Iterator[_Block]:
    for start, end in _pieces(text, 0, len(text), _PARAGRAPH):
        yield from _small_enough(text, start, end, (_LINE, _SENTENCE))


def _small_enough(
    text: str, start: int, end: int, borders: Sequence["re.Pattern[str]"]
) -> Iterator[_Block]:
    words = _count_words(text, start, end)
    if words <= _BLOCK_WORDS:
        if words or text[start:end].strip():
            yield _Block(start, end, words)
        return
    if borders:
        gathered = _gathered(text, _pieces(text, start, end, borders[0]))
        for part_start, part_end in gathered:
            yield from _small_enough(text, part_start, part_end, borders[1:])
        return
    # Not one border in all those words: cut between two of them.
    at = start
    for number, match in enumerate(_WORD.finditer(text, start, end)):
        if number and number % _BLOCK_WORDS == 0:
            yield _Block(at, match.start(), _BLOCK_WORDS)
            at = match.start()
    yield _Block(at, end, _count_words(text, at, end))


def _gathered(text: str, pieces: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Neighbouring pieces together, as many as make half a block: single lines say little."""
    held: tuple[int, int] | None = None
    words = 0
    for start, end in pieces:
        more = _count_words(text, start, end)
        if held is not None and words + more > _BLOCK_WORDS // 2:
            yield held
            held, words = None, 0
        held = (start if held is None else held[0], end)
        words += more
    if held is not None:
        yield held


def _pieces(
    text: str, start: int, end: int, border: "re.Pattern[str]"
) -> Iterator[tuple[int, int]]:
    at = start
    for match in border.finditer(text, start, end):
        if match.start() > at:
            yield at, match.start()
        at = match.end()
    if end > at:
        yield at, end


def _count_words(text: str, start: int, end: int) -> int:
    """Words; of Chinese, Japanese and Korean each second sign counts as one."""
    words = signs = 0
    for match in _WORD.finditer(text, start, end):
        if _IDEOGRAPH.match(match[0]):
            signs += 1
        else:
            words += 1
    return words + (signs + 1) // 2
