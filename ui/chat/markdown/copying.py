"""A selection in a rendered message as text: list marks, fences and tables included."""

from collections.abc import Sequence

from PySide6.QtGui import QTextBlock, QTextCursor

from ui.chat.markdown.blocks import OBJECT_CHARACTER
from ui.chat.markdown.builder import Placed
from ui.chat.markdown.inline import LINE_BREAK
from ui.chat.markdown.styles import list_mark


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
    if block.text() == OBJECT_CHARACTER:
        return markdown.get(block.position(), "") if last > first else ""
    units = block.text().encode("utf-16-le", "surrogatepass")
    begin, finish = (first - block.position()) * 2, (last - block.position()) * 2
    text = units[begin:finish].decode("utf-16-le", "replace")
    return text.replace(LINE_BREAK, "\n").replace("\u00a0", " ")


def _mark(block: QTextBlock) -> str:
    mark = list_mark(block)
    if mark is None:
        return ""
    depth = max(0, block.textList().format().indent() - 1)
    return "   " * depth + ("-" if mark == "•" else mark) + " "


def _gap(block: QTextBlock) -> str:
    """Items of a tight list follow each other; everything else is set apart by a line."""
    return "\n" if block.textList() is not None and block.previous().textList() else "\n\n"
