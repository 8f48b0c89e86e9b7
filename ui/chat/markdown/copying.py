"""A selection in a rendered message as text: list marks, fences and tables included."""

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument

from ui.chat.markdown.blocks import OBJECT_CHARACTER
from ui.chat.markdown.builder import Placed
from ui.chat.markdown.inline import LINE_BREAK
from ui.chat.markdown.styles import COPIED, FOOTNOTE, SPOKEN, list_mark

_WRITTEN = {"•": "-", "☐": "- [ ]", "☑": "- [x]"}


def selection_as_text(cursor: QTextCursor, placed: Sequence[Placed]) -> str:
    """What copying the selection writes; empty when nothing is selected."""
    start, end = cursor.selectionStart(), cursor.selectionEnd()
    if start == end:
        return ""
    markdown = {entry.position: entry.block.markdown for entry in placed}
    pieces: list[str] = []
    block = cursor.document().findBlock(start)
    while block.isValid() and block.position() < end:
        first = max(start, block.position())
        last = min(end, block.position() + block.length() - 1)
        text = _text(block, first, last, markdown)
        if pieces:
            pieces.append(_gap(block))
        if first == block.position():
            text = _mark(block) + text
        pieces.append(text)
        block = block.next()
    return "".join(pieces)


def _text(block: QTextBlock, first: int, last: int, markdown: dict[int, str]) -> str:
    """Positions count UTF-16 units, so the text is cut in that encoding."""
    if block.position() in markdown:
        return markdown[block.position()] if last > first else ""
    pieces: list[str] = []
    iterator = block.begin()
    while not iterator.atEnd():
        piece = iterator.fragment()
        iterator += 1
        begin = max(first, piece.position())
        finish = min(last, piece.position() + piece.length())
        if begin >= finish:
            continue
        form = piece.charFormat()
        if form.hasProperty(COPIED):
            each = finish - begin if piece.text()[0] == OBJECT_CHARACTER else 1
            pieces.append(form.stringProperty(COPIED) * each)
            continue
        units = piece.text().encode("utf-16-le", "surrogatepass")
        offset = piece.position()
        text = units[(begin - offset) * 2 : (finish - offset) * 2].decode("utf-16-le", "replace")
        pieces.append(text.replace(LINE_BREAK, "\n").replace("\u00a0", " "))
    return "".join(pieces)


def spoken_text(document: QTextDocument, names: Mapping[int, str]) -> str:
    """The whole message as a screen reader says it: formulas in their spoken form.

    ``names`` tells what the embedded blocks at these positions are called.
    """
    lines: list[str] = []
    block = document.begin()
    while block.isValid():
        pieces = [names.get(block.position(), "")]
        iterator = block.begin()
        while not iterator.atEnd():
            piece = iterator.fragment()
            iterator += 1
            spoken = piece.charFormat().property(SPOKEN)
            pieces.append(piece.text().replace(OBJECT_CHARACTER, str(spoken or "")))
        lines.append("".join(pieces).replace(LINE_BREAK, "\n").replace("\u00a0", " "))
        block = block.next()
    return "\n".join(lines)


def _mark(block: QTextBlock) -> str:
    mark = list_mark(block)
    if mark is None:
        return ""
    form = block.textList().format()
    depth = max(0, form.indent() - 1)
    footnote = form.property(FOOTNOTE)
    written = f"[^{footnote}]:" if footnote is not None else _WRITTEN.get(mark, mark)
    return "   " * depth + written + " "


def _gap(block: QTextBlock) -> str:
    """Items of a tight list follow each other; everything else is set apart by a line."""
    return "\n" if block.textList() is not None and block.previous().textList() else "\n\n"


def find_anchor(document: QTextDocument, name: str) -> int | None:
    """The position of the text that carries the anchor ``name``."""
    block = document.begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            piece = iterator.fragment()
            iterator += 1
            if name in piece.charFormat().anchorNames():
                return piece.position()
        block = block.next()
    return None
