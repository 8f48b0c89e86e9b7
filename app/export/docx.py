"""DOCX: real headings, lists, tables, code and formulas, written without holding it all.

The file is made by hand: a library that builds the document in memory would need many times
its size, and would put its own time into it.
"""

from collections.abc import Iterable, Iterator

from app.export.base import ExportOptions, Given, Paper, Sink
from app.export.docx_blocks import BlockWriter
from app.export.docx_package import NAMESPACES, Package, back_parts, front_parts, section
from app.export.docx_paragraph import paragraph
from app.export.docx_pictures import drawing
from app.export.docx_story import Story
from app.export.docx_xml import Look, run
from app.export.readable import Entry, Readable, ReadableFile, readable
from app.export.words import branch_heading, branch_origin, written_words
from app.markup.parser import BlockParser
from app.wording import sentence

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class DocxFormat:
    """A title, a heading per message; the same input gives the same bytes."""

    name = "docx"
    ending = "docx"
    together = False
    keeps_trees = False

    def write(self, given: Iterable[Given], options: ExportOptions, sink: Sink) -> None:
        """Write the one conversation. Raises what ``sink`` raises."""
        for each in given:
            text = readable(each, options)
            package = Package(sink)
            well = False
            try:
                for name, data in front_parts(text.title, text.created, text.updated):
                    package.add(name, data)
                story = Story()
                with package.part("word/document.xml") as part:
                    for piece in _document(each, text, options, story, sink):
                        part.write(piece.encode())
                for name, data in back_parts(story):
                    package.add(name, data)
                    sink.step()
                well = True
            finally:
                package.close(well=well)


def _document(
    given: Given, text: Readable, options: ExportOptions, story: Story, sink: Sink
) -> Iterator[str]:
    yield f"{_HEAD}<w:document {NAMESPACES}><w:body>"
    yield paragraph(run(_line(text.title)), "Title")
    facts = " · ".join(filter(None, (text.folder, _day(text))))
    if facts:
        yield paragraph(run(_line(facts)), "Subtitle")
    entries = _Entries(story, options.paper, sink)
    for entry in text.entries:
        yield "".join(entries.entry(entry, 1))
        sink.step(1 if entry.id else 0)
    for number, branch in enumerate(text.branches, 1):
        yield paragraph(run(branch_heading(number)), "Heading1")
        if origin := branch_origin(given, branch):
            yield paragraph(run(_line(origin)), "MessageFacts")
        for entry in branch:
            yield "".join(entries.entry(entry, 2))
            sink.step(1)
    yield f"{section(options.paper)}</w:body></w:document>"


class _Entries:
    """Messages of one document."""

    def __init__(self, story: Story, paper: Paper, sink: Sink) -> None:
        self._story = story
        self._sink = sink
        self._paper: Paper = paper
        self._blocks = BlockWriter(story, BlockParser())

    def entry(self, entry: Entry, level: int) -> Iterator[str]:
        """A message under a heading of ``level``."""
        yield paragraph(run(_line(entry.heading)), f"Heading{level}")
        if facts := " · ".join(filter(None, (written_words(entry.written), entry.version))):
            yield paragraph(run(facts), "MessageFacts")
        if entry.reasoning.strip():
            yield paragraph(run(sentence("export.reasoning"), Look(bold=True)), "MessageFacts")
            yield from self._text(entry.reasoning, level, quotes=1)
        for file in entry.files:
            yield from self._file(file)
        if entry.text.strip():
            yield from self._text(entry.text, level)
        for note in entry.notes:
            yield paragraph(run(_line(note)), "MessageNote")

    def _text(self, source: str, level: int, quotes: int = 0) -> Iterator[str]:
        for block in self._blocks.blocks(source, heading_offset=level, quotes=quotes):
            self._sink.step()  # A message may take seconds: a cancel need not wait for its end.
            yield block

    def _file(self, file: ReadableFile) -> Iterator[str]:
        label = _line(file.label)
        yield paragraph(run(label), "FileLabel")
        if file.picture:
            picture = self._story.picture(file.picture)
            if picture is not None:
                relation, size = picture
                number = self._story.next_id()
                yield paragraph(drawing(relation, size, label, number, self._paper), "")
        elif file.text:
            yield paragraph(run(file.text), "SourceCode")


def _line(text: str) -> str:
    return " ".join(text.split())


def _day(text: Readable) -> str:
    return written_words(text.created[:16] + "Z") if text.created else ""
