"""Keeps a document equal to a growing source by rendering only its last block again."""

from PySide6.QtGui import QTextDocument

from ui.chat.markdown.blocks import CodeBlock
from ui.chat.markdown.builder import DocumentBuilder, Placed
from ui.chat.markdown.parser import Block, MarkdownParser
from ui.chat.markdown.styles import Styles

_FENCE_MARKS = ("`", "~")


class TailRenderer:
    """Renders markdown into ``document``.

    Everything before the last top-level block is final; a selection in it survives.
    A late link definition changes what is final: ``finish`` then renders all of it again.
    The caller wraps calls in one edit block of the document.
    """

    def __init__(self, document: QTextDocument, styles: Styles, parser: MarkdownParser) -> None:
        self._document = document
        self._parser = parser
        self._builder = DocumentBuilder(document, styles)
        self._source = ""
        self._tail = 0
        """Offset in the source where the last block begins."""
        self._end = 0
        """Position in the document where the last block's predecessor ends."""
        self._embedded = 0
        """Embedded blocks before the last block."""
        self._open_fence: int | None = None
        """Offset in the source of the text of a fence that is open and alone in the tail."""

    @property
    def source(self) -> str:
        """What was rendered so far."""
        return self._source

    @property
    def placed(self) -> list[Placed]:
        """The embedded blocks in the document, in order."""
        return self._builder.placed

    def restyle(self, styles: Styles) -> None:
        """Render everything again with other formats."""
        self._builder.cut(0, 0)
        self._builder = DocumentBuilder(self._document, styles)
        self._render_all()

    def set_source(self, source: str) -> None:
        """Render ``source`` from its beginning."""
        self._source = _one_kind_of_line_break(source)
        self._render_all()

    def append(self, text: str) -> None:
        """Render what ``text`` changes."""
        text = _one_kind_of_line_break(text)
        if not text:
            return
        seen = len(self._source)
        self._source += text
        if not self._grow_fence(seen):
            self._render_tail()

    def finish(self, source: str) -> None:
        """Make the document equal to a full rendering of ``source``."""
        source = _one_kind_of_line_break(source)
        if source != self._source or "]:" in source:
            self.set_source(source)

    def _render_all(self) -> None:
        self._tail = self._end = self._embedded = 0
        self._render_tail()

    def _render_tail(self) -> None:
        self._builder.cut(self._end, self._embedded)
        self._open_fence = None
        blocks = self._parser.blocks(self._source[self._tail :])
        for block in blocks[:-1]:
            self._builder.add(block)
        if not blocks:
            return
        last = blocks[-1]
        if len(blocks) > 1:
            self._end = self._builder.end()
            self._embedded = len(self._builder.placed)
            self._tail += _offset_of_line(self._source[self._tail :], last.start_line)
        self._builder.add(last)
        self._note_open_fence(last)

    def _note_open_fence(self, block: Block) -> None:
        """Remember a fence that can grow without being parsed again."""
        token = block.tokens[0]
        if token.type != "fence" or not self._source.startswith(token.markup, self._tail):
            return
        tail = self._source[self._tail :]
        lines = tail.split("\n")
        closed = block.end_line - block.start_line >= 2 and lines[
            block.end_line - block.start_line - 1
        ].strip().startswith(token.markup)
        if not closed and len(lines) > 1:
            self._open_fence = self._tail + len(lines[0]) + 1

    def _grow_fence(self, seen: int) -> bool:
        """Extend the open fence if the new text cannot close it; whether that was done."""
        if self._open_fence is None or seen < self._open_fence:
            return False
        line = self._source.rfind("\n", 0, seen) + 1
        if any(mark in self._source[line:] for mark in _FENCE_MARKS):
            return False
        placed = self._builder.placed[-1]
        if not isinstance(placed.block, CodeBlock):
            return False
        text = self._source[self._open_fence :].replace("\0", "\ufffd").removesuffix("\n")
        language = placed.block.language
        grown = CodeBlock(language, text, f"```{language}\n{text}\n```")
        self._builder.placed[-1] = Placed(grown, placed.position)
        return True


def _one_kind_of_line_break(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _offset_of_line(text: str, line: int) -> int:
    offset = 0
    for _ in range(line):
        offset = text.find("\n", offset) + 1
    return offset
