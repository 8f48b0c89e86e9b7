"""HTML: one page that holds all it needs, asks for nothing and runs nothing."""

import re
from collections.abc import Iterable, Iterator, Sequence

from app.export.base import ExportOptions, Given, Sink
from app.export.html_body import MarkdownHtml
from app.export.html_style import policy, style_sheet
from app.export.html_text import label_html, text_html
from app.export.readable import Entry, Readable, ReadableFile, readable
from app.export.words import branch_heading, branch_origin, written_words
from app.wording import sentence

_CONTENTS_FROM = 6
"""Messages from which a page begins with a table of contents."""
_BEGINNING = 90
"""Characters of a message in the table of contents."""
_PIECE = 1 << 16
"""Characters that are gathered before they are written."""
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|bmp);base64,[A-Za-z0-9+/]+={0,2}")
_LEADING_MARKS = "#>*-+`~ \t\r\n"


class HtmlFormat:
    """A page per conversation: light and dark, for reading and for printing."""

    name = "html"
    ending = "html"
    together = False
    keeps_trees = False

    def __init__(self) -> None:
        self._markdown = MarkdownHtml()
        self._style = style_sheet()
        self._policy = policy(self._style)

    def write(self, given: Iterable[Given], options: ExportOptions, sink: Sink) -> None:
        """Write the page of the one conversation that is given."""
        for each in given:
            output = _Output(sink)
            page = _Page(self._markdown, each, options)
            output.add(self._head(page.readable.title))
            for piece, messages in page.pieces():
                output.add(piece, messages)
            output.add("</main>\n</body>\n</html>\n")
            output.flush()

    def _head(self, title: str) -> str:
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{self._policy}">\n'
            '<meta name="referrer" content="no-referrer">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n'
            '<meta name="generator" content="Moestro">\n'
            f"<title>{label_html(title)}</title>\n"
            # Without it a browser asks the server of the page for its icon.
            '<link rel="icon" href="data:,">\n'
            f"<style>{self._style}</style>\n</head>\n<body>\n<main>\n"
        )


class _Output:
    """Gathers text and writes it in large pieces."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._pieces: list[str] = []
        self._size = 0

    def add(self, text: str, messages: int = 0) -> None:
        """Append text; ``messages`` are done with it."""
        self._pieces.append(text)
        self._size += len(text)
        if self._size >= _PIECE:
            self.flush()
        self._sink.step(messages)

    def flush(self) -> None:
        """Write what is gathered."""
        self._sink.write("".join(self._pieces).encode())
        self._pieces.clear()
        self._size = 0


class _Page:
    """The body of one conversation's page, piece by piece."""

    def __init__(self, markdown: MarkdownHtml, given: Given, options: ExportOptions) -> None:
        self.readable: Readable = readable(given, options)
        self._markdown = markdown
        self._given = given
        shown = [*self.readable.entries]
        for branch in self.readable.branches:
            shown.extend(branch)
        self._anchors = {id(entry): f"m{number}" for number, entry in enumerate(shown, 1)}
        self._by_message = {entry.id: self._anchors[id(entry)] for entry in shown if entry.id}
        self._parents = {message.id: message.parent_id for message in given.messages}
        self._forks: dict[str, list[int]] = {}
        for number, branch in enumerate(self.readable.branches, 1):
            if branch and (parent := self._parents.get(branch[0].id)):
                self._forks.setdefault(parent, []).append(number)

    def pieces(self) -> Iterator[tuple[str, int]]:
        """Pieces of HTML, each with how many messages end with it."""
        yield self._header(), 0
        entries = self.readable.entries
        if len(entries) >= _CONTENTS_FROM:
            yield self._contents(entries), 0
        for entry in entries:
            yield from self._entry(entry)
        for number, branch in enumerate(self.readable.branches, 1):
            yield self._branch_head(number, branch), 0
            for entry in branch:
                yield from self._entry(entry)
            yield "</section>\n", 0

    def _header(self) -> str:
        shown = self.readable
        parts = [text_html(shown.folder)] if shown.folder else []
        if shown.created:
            parts.append(_time(shown.created[:16] + "Z"))
        meta = f'<p class="meta">{" · ".join(parts)}</p>\n' if parts else ""
        return f'<h1 dir="auto">{text_html(shown.title)}</h1>\n{meta}'

    def _contents(self, entries: Sequence[Entry]) -> str:
        """The questions, as links; everything where nothing was asked."""
        asked = [entry for entry in entries if entry.who == "user"] or entries
        lines = "".join(
            f'<li><a href="#{self._anchors[id(entry)]}">{_beginning(entry)}</a></li>\n'
            for entry in asked
        )
        branches = "".join(
            f'<li><a href="#b{number}">{text_html(branch_heading(number))}</a></li>\n'
            for number in range(1, len(self.readable.branches) + 1)
        )
        name = text_html(sentence("export.contents"))
        return (
            f"<nav><details><summary>{name}</summary>\n<ol>\n{lines}{branches}</ol>\n"
            "</details></nav>\n"
        )

    def _branch_head(self, number: int, branch: Sequence[Entry]) -> str:
        head = f'<section id="b{number}">\n<h2>{text_html(branch_heading(number))}</h2>\n'
        origin = branch_origin(self._given, branch)
        target = self._by_message.get(self._parents.get(branch[0].id) or "") if branch else None
        if origin and target:
            head += f'<p class="origin"><a href="#{target}">{text_html(origin)}</a></p>\n'
        return head

    def _entry(self, entry: Entry) -> Iterator[tuple[str, int]]:
        """One message, block by block."""
        anchor = self._anchors[id(entry)]
        meta = [text_html(entry.version)] if entry.version else []
        if entry.written:
            meta.append(_time(entry.written))
        told = f' <span class="meta">{" · ".join(meta)}</span>' if meta else ""
        heading = f"<h2><bdi>{text_html(entry.heading)}</bdi>{told}</h2>\n"
        yield f'<article id="{anchor}" class="{entry.who}">\n{heading}', 0
        if entry.reasoning.strip():
            name = text_html(sentence("export.reasoning"))
            yield f'<details class="reasoning"><summary>{name}</summary>\n', 0
            yield from self._text(entry.reasoning, f"{anchor}t")
            yield "</details>\n", 0
        for file in entry.files:
            yield from _file(file)
        if entry.text.strip():
            yield from self._text(entry.text, anchor)
        end = "".join(f'<p class="note">{text_html(note)}</p>\n' for note in entry.notes)
        for number in self._forks.get(entry.id, ()):
            name = text_html(branch_heading(number))
            end += f'<p class="fork">↳ <a href="#b{number}">{name}</a></p>\n'
        yield f"{end}</article>\n", 1 if entry.id else 0

    def _text(self, source: str, anchor: str) -> Iterator[tuple[str, int]]:
        # In which language strangers write is not known.
        yield '<div class="text" lang="">\n', 0
        for block in self._markdown.blocks(source, anchor):
            yield block, 0
        yield "</div>\n", 0


def _beginning(entry: Entry) -> str:
    """A message's first words, or the name of what it brought."""
    files = (file.label for file in entry.files)
    words = entry.text.lstrip(_LEADING_MARKS) or next(files, entry.heading)
    return f"<bdi>{label_html(words, _BEGINNING)}</bdi>"


def _time(written: str) -> str:
    return f'<time datetime="{written}">{written_words(written)}</time>'


def _file(file: ReadableFile) -> Iterator[tuple[str, int]]:
    """A picture, the words of a file, or its name alone."""
    label = text_html(file.label)
    if _PICTURE.fullmatch(file.picture):
        yield f'<figure><img src="{file.picture}" alt="{label_html(file.label)}">', 0
        yield f'<figcaption class="meta">{label}</figcaption></figure>\n', 0
    elif file.text:
        yield f'<details class="file"><summary>{label}</summary>\n<pre dir="auto"><code>', 0
        yield text_html(file.text), 0
        yield "</code></pre></details>\n", 0
    else:
        yield f'<p class="file">{label}</p>\n', 0
