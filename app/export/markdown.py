"""Markdown: CommonMark with front matter, for reading; every message's own text byte for byte."""

import re
from collections.abc import Iterable, Iterator, Sequence

from app.export.base import ExportOptions, Given, Sink
from app.export.commonmark import Closer, fenced, inline, nameable, quoted, yaml_string
from app.export.readable import Entry, Readable, ReadableFile, readable
from app.export.words import branch_heading, branch_origin, model_names, written_words
from app.text import clean
from app.wording import sentence

_PICTURE = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/]+=*")
_TAG = "moestro"
"""By which a note program finds all of them."""


class MarkdownFormat:
    """Front matter, a heading per message, reasoning as a quotation above its answer.

    Other branches follow as appendices. Headings hold nothing that a note program's link
    cannot name. A link or footnote that one message defines counts in the whole file, as
    CommonMark has it: texts stay as they were written.
    """

    name = "md"
    ending = "md"
    together = False
    keeps_trees = False

    def write(self, given: Iterable[Given], options: ExportOptions, sink: Sink) -> None:
        """Write the one conversation. Raises what ``sink`` raises."""
        closer = Closer()
        for each in given:
            text = readable(each, options)
            models = model_names(each) if options.statistics else []
            for number, piece in enumerate(_pieces(each, text, models, closer, sink)):
                sink.write(clean(piece if number == 0 else f"\n{piece}").encode())


def _pieces(
    given: Given, text: Readable, models: Sequence[str], closer: Closer, sink: Sink
) -> Iterator[str]:
    """Each ends with a line break; an empty line comes between two."""
    yield _front_matter(text, models)
    yield f"# {inline(nameable(text.title)) or sentence('export.untitled')}\n"
    for entry in text.entries:
        yield from _entry(entry, "##", closer)
        sink.step(1 if entry.id else 0)
    for number, branch in enumerate(text.branches, 1):
        yield f"## {inline(nameable(branch_heading(number)))}\n"
        if origin := branch_origin(given, branch):
            yield f"*{inline(origin)}*\n"
        for entry in branch:
            yield from _entry(entry, "###", closer)
            sink.step(1)


def _front_matter(text: Readable, models: Sequence[str]) -> str:
    lines = [
        "---",
        f"title: {yaml_string(text.title)}",
        f"conversation: {yaml_string(text.id)}",
    ]
    lines += [f"created: {text.created}"] if text.created else []
    lines += [f"updated: {text.updated}"] if text.updated else []
    if models:
        lines += ["models:", *(f"  - {yaml_string(name)}" for name in models)]
    if text.folder:
        lines.append(f"folder: {yaml_string(text.folder)}")
    return "\n".join([*lines, "tags:", f"  - {_TAG}", "---", ""])


def _entry(entry: Entry, marks: str, closer: Closer) -> Iterator[str]:
    name = inline(nameable(entry.heading)) or sentence("export.assistant")
    yield f"{marks} {name}\n"
    if facts := " · ".join(filter(None, (written_words(entry.written), entry.version))):
        yield f"*{inline(facts)}*\n"
    if entry.reasoning.strip():
        yield quoted(f"**{sentence('export.reasoning')}**\n\n{entry.reasoning}") + "\n"
    for file in entry.files:
        yield from _file(file)
    if entry.text:
        yield f"{entry.text}{closer.closing(entry.text)}\n"
    for note in entry.notes:
        yield f"*{inline(note)}*\n"


def _file(file: ReadableFile) -> Iterator[str]:
    label = inline(file.label)
    if _PICTURE.fullmatch(file.picture):
        yield f"![{label}]({file.picture})\n"
        return
    yield f"*{label}*\n"
    if file.text:
        yield f"{fenced(file.text)}\n"
