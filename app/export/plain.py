"""Plain text: words without their marks; code, formulas and tables as they were written."""

from collections.abc import Iterable, Iterator

from app.export.base import ExportOptions, Given, Sink
from app.export.plain_blocks import plain_words
from app.export.readable import Entry, Readable, readable
from app.export.words import branch_heading, branch_origin, written_words
from app.markup.parser import BlockParser
from app.text import clean
from app.wording import sentence

_CONTROLS = dict.fromkeys((*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0)), "\ufffd")
"""What could command the terminal that shows the file. Tabulators and line ends are no controls."""


class PlainFormat:
    """A heading per message, lines as long as they are, nothing that a terminal would obey."""

    name = "txt"
    ending = "txt"
    together = False
    keeps_trees = False

    def write(self, given: Iterable[Given], options: ExportOptions, sink: Sink) -> None:
        """Write the one conversation. Raises what ``sink`` raises."""
        parser = BlockParser()
        for each in given:
            for number, piece in enumerate(_pieces(each, readable(each, options), parser, sink)):
                whole = piece if number == 0 else f"\n{piece}"
                sink.write(clean(whole).translate(_CONTROLS).encode())


def _pieces(given: Given, text: Readable, parser: BlockParser, sink: Sink) -> Iterator[str]:
    """Each ends with a line break; an empty line comes between two."""
    yield _underlined(_line(text.title), "=")
    for entry in text.entries:
        yield from _entry(entry, parser)
        sink.step(1 if entry.id else 0)
    for number, branch in enumerate(text.branches, 1):
        yield _underlined(branch_heading(number), "=")
        if origin := branch_origin(given, branch):
            yield f"{_line(origin)}\n"
        for entry in branch:
            yield from _entry(entry, parser)
            sink.step(1)


def _entry(entry: Entry, parser: BlockParser) -> Iterator[str]:
    facts = filter(None, (_line(entry.heading), written_words(entry.written), entry.version))
    yield _underlined(" · ".join(facts), "-")
    if entry.reasoning.strip():
        words = plain_words(entry.reasoning, parser)
        heading = f"| {sentence('export.reasoning')}\n|\n"
        yield heading + "".join(f"| {line}".rstrip() + "\n" for line in words.split("\n"))
    for file in entry.files:
        yield f"[{_line(file.label)}]\n"
        if file.text:
            yield _ended(file.text)
    if entry.text.strip():
        yield _ended(plain_words(entry.text, parser))
    for note in entry.notes:
        yield f"({_line(note)})\n"


def _underlined(words: str, mark: str) -> str:
    return f"{words}\n{mark * max(3, len(words))}\n"


def _line(text: str) -> str:
    return " ".join(text.split())


def _ended(text: str) -> str:
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    return whole if whole.endswith("\n") else f"{whole}\n"
