"""Keeps a document equal to a growing source by rendering only its last block again."""

from PySide6.QtGui import QTextDocument

from app.markup.parser import Block
from ui.chat.markdown.blocks import CodeBlock, fenced
from ui.chat.markdown.builder import DocumentBuilder, Placed
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown.styles import Styles

_LONGEST, _MOST_LINES = 400_000, 20_000
"""Characters and lines of a message; a larger one is shown as plain text."""
_FENCE_MARKS = ("`", "~")


class TailRenderer:
    """Renders markdown into ``document``.

    Everything before the last top-level block is final (before the last two while they may turn
    out to be one); a selection in it survives.
    A late link definition changes what is final: ``finish`` then renders all of it again.
    The caller wraps calls in one edit block of the document.
    """

    def __init__(self, document: QTextDocument, styles: Styles, parser: MarkdownParser) -> None:
        self._document = document
        self._parser = parser
        self._builder = DocumentBuilder(document, styles, parser.formulas)
        self._source = ""
        self._tail = 0
        """Offset in the source where the last block begins."""
        self._end = 0
        """Position in the document where the last block's predecessor ends."""
        self._embedded = 0
        """Embedded blocks before the last block."""
        self._keeps_nothing = True
        """Whether nothing stands before the last block."""
        self._open_fence: int | None = None
        """Offset in the source of the text of a fence that is open and alone in the tail."""
        self._is_plain = False
        """Whether the message is too large, and all of it stands there as it is."""

    @property
    def source(self) -> str:
        """What was rendered so far."""
        return self._source

    @property
    def placed(self) -> list[Placed]:
        """The embedded blocks in the document, in order."""
        return self._builder.placed

    @property
    def settled(self) -> int:
        """How many of the embedded blocks are final: what is appended does not change them."""
        return self._embedded

    def restyle(self, styles: Styles) -> None:
        """Render everything again with other formats."""
        self._builder.cut(0, 0, empty=True)
        self._builder = DocumentBuilder(self._document, styles, self._parser.formulas)
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
        if self._is_plain:
            self._builder.write_plain(text)
        elif not self._grow_fence(seen):
            self._render_tail()

    def finish(self, source: str) -> None:
        """Make the document equal to a full rendering of ``source``."""
        source = _one_kind_of_line_break(source)
        if source != self._source or "]:" in source:
            self.set_source(source)

    def _render_all(self) -> None:
        self._tail = self._end = self._embedded = 0
        self._keeps_nothing = True
        self._is_plain = False
        self._render_tail()

    def _render_tail(self) -> None:
        if len(self._source) > _LONGEST or self._source.count("\n") > _MOST_LINES:
            self._is_plain = True
            self._open_fence = None
            self._tail = self._end = self._embedded = 0
            self._keeps_nothing = True
            self._builder.cut(0, 0, empty=True)
            self._builder.add_plain(self._source, "markdown.plain_message")
            return
        self._builder.cut(self._end, self._embedded, empty=self._keeps_nothing)
        self._open_fence = None
        source = self._source[self._tail :]
        blocks = self._parser.blocks(source)
        if not blocks:
            self._builder.close()
            return
        loose = 2 if _may_join(blocks, source) else 1
        final, rest = blocks[:-loose], blocks[-loose:]
        for block in final:
            self._builder.add(block)
        if final:
            self._end = self._builder.end()
            self._keeps_nothing = self._builder.is_empty
            self._embedded = len(self._builder.placed)
            self._tail += _offset_of_line(source, rest[0].start_line)
        for block in rest:
            self._builder.add(block)
        if len(rest) == 1:
            self._note_open_fence(rest[0])

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
        last = self._source[self._source.rfind("\n") + 1 :]
        if last and not last.strip():
            return False  # The parser drops an unfinished line of nothing but white space.
        placed = self._builder.placed[-1]
        if not isinstance(placed.block, CodeBlock):
            return False
        content = self._source[self._open_fence :].replace("\0", "\ufffd")
        grown = fenced(placed.block.language, content)
        self._builder.placed[-1] = Placed(grown, placed.position)
        return True


def _one_kind_of_line_break(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _may_join(blocks: list[Block], source: str) -> bool:
    """Whether the last block may turn out to belong to the one before it.

    It begins in an unfinished line: "*" begins a list, "*word" continues a paragraph; "2" is a
    paragraph, "2. word" continues a list even behind an empty line.
    """
    if len(blocks) < 2 or blocks[-1].start_line != source.count("\n"):
        return False
    if blocks[-2].tokens[0].type.endswith(("_list_open", "footnote_open")):
        return True
    before = source.rfind("\n", 0, source.rfind("\n"))
    return bool(source[before + 1 : source.rfind("\n")].strip())


def _offset_of_line(text: str, line: int) -> int:
    offset = 0
    for _ in range(line):
        offset = text.find("\n", offset) + 1
    return offset
