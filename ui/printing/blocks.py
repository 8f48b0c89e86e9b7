"""Markdown as strips: one small document for each block, so that nothing is ever large."""

import threading
from collections.abc import Generator, Iterator
from dataclasses import replace

from markdown_it.token import Token
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QTextBlock

from app.markup.parser import Block
from ui.chat.markdown.blocks import (
    OBJECT_CHARACTER,
    CodeBlock,
    EmbeddedBlock,
    FormulaBlock,
    RuleBlock,
    TableBlock,
)
from ui.chat.markdown.builder import DocumentBuilder
from ui.chat.markdown.styles import OBJECT_INDEX, OBJECT_TYPE, Styles
from ui.printing.code import code_strips
from ui.printing.documents import (
    make_room_for_marks,
    new_document,
    plain_strips,
    settle,
    text_strips,
)
from ui.printing.formulas import formula_strips
from ui.printing.look import Look
from ui.printing.sheet import Sheet
from ui.printing.strip import Strip, Strips
from ui.printing.table import table_strips

_PARAGRAPH_GAP, _LIST_GAP, _OBJECT_GAP, _RULE = 10, 6, 10, 0.75
_HEADING_GAPS = (20, 20, 16, 14, 14, 14)
_MOST_TOKENS = 60
"""Of a list that is laid out in one go; a longer one is taken some items at a time."""


def markdown_strips(
    source: str, look: Look, sheet: Sheet, *, quiet: bool = False, left: float = 0.0
) -> Strips:
    """The strips of a message. Never raises for any text."""
    styles = look.quiet if quiet else look.body
    width = sheet.text_width - left
    if len(source) > _LONGEST:
        yield from plain_strips(source, look, styles.note(), width, gap=0, left=left)
        return
    before = ""
    for block in (yield from _parsed(_one_kind_of_line_break(source), look)):
        kind = block.tokens[0].type
        joined = before == kind == "footnote_open"
        gap = look.px(_ITEM_GAP if joined else _gap(block.tokens[0]))
        before = kind
        if block.plain is not None:
            yield from plain_strips(block.plain, look, styles.note(), width, gap=gap, left=left)
            continue
        for number, piece in enumerate(_pieces(block)):
            between = look.px(_ITEM_GAP) if number else gap
            yield from _block_strips(piece, look, sheet, styles, between, left)
            yield None


_ITEM_GAP = 4
_READ_AT_ONCE = 8000
"""Characters, which take a few milliseconds."""
_BREATH_SECONDS = 0.005
_LONGEST = 400_000
"""Characters; a longer message is printed as it is, as the window shows it."""


def _parsed(source: str, look: Look) -> Generator[None, None, list[Block]]:
    """The blocks of ``source``; a long one is read on a thread, taking breath meanwhile."""
    if len(source) <= _READ_AT_ONCE:
        return look.parser.blocks(source)
    found: list[Block] = []
    thread = threading.Thread(target=lambda: found.extend(look.parser.blocks(source)), daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_BREATH_SECONDS)
        yield None
    return found


def _one_kind_of_line_break(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _gap(token: Token) -> int:
    if token.type == "heading_open":
        return _HEADING_GAPS[int(token.tag[1:]) - 1]
    return _LIST_GAP if token.type.endswith("_list_open") else _PARAGRAPH_GAP


def _block_strips(
    block: Block, look: Look, sheet: Sheet, styles: Styles, gap: float, left: float
) -> Strips:
    width = sheet.text_width - left
    source = max((t.content for t in block.tokens if t.type == "inline"), key=len, default="")
    document = new_document(look, width, source)
    builder = DocumentBuilder(document, styles, look.formulas)
    builder.add(block)
    make_room_for_marks(document, look)
    settle(document, look, styles)

    def embedded(at: QTextBlock, begin: float) -> Strips | None:
        if at.text() != OBJECT_CHARACTER:
            return None
        form = at.begin().fragment().charFormat()
        if form.objectType() != OBJECT_TYPE:
            return None
        placed = builder.placed[int(form.property(OBJECT_INDEX))].block
        room = left + width - begin
        return _embedded_strips(placed, look, sheet, begin, room, quiet=styles is look.quiet)

    yield from text_strips(document, look, gap, left, embedded)


def _embedded_strips(
    block: EmbeddedBlock, look: Look, sheet: Sheet, left: float, width: float, *, quiet: bool
) -> Strips:
    match block:
        case CodeBlock():
            return code_strips(block, look, left, width)
        case TableBlock():
            return table_strips(block, look, left, width, sheet.text_height)
        case FormulaBlock():
            return formula_strips(block, look, left, width, sheet.text_height, quiet=quiet)
        case RuleBlock():
            # With nothing behind it on its page a line would divide nothing.
            return iter((replace(rule_strip(look, left, width), keep=True),))


def rule_strip(look: Look, left: float, width: float) -> Strip:
    """A thin line from side to side."""
    thick = look.px(_RULE)
    around = look.px(6)

    def draw(painter: QPainter, at: float, top: float) -> None:
        area = QRectF(at + left, top + around, width, thick)
        painter.fillRect(area, look.theme.color("border"))

    return Strip(thick + 2 * around, draw)


def _pieces(block: Block) -> Iterator[Block]:
    """A long list some items at a time; everything else as it is."""
    tokens = block.tokens
    if len(tokens) <= _MOST_TOKENS or not tokens[0].type.endswith("_list_open"):
        yield block
        return
    opening, closing = tokens[0], tokens[-1]
    number = int(opening.attrs.get("start", 1))
    piece: list[Token] = []
    items = 0
    for token in tokens[1:-1]:
        piece.append(token)
        if token.type == "list_item_close" and token.level == opening.level + 1:
            items += 1
            if len(piece) >= _MOST_TOKENS:
                yield _part(block, opening, piece, closing, number)
                number, items, piece = number + items, 0, []
    if piece:
        yield _part(block, opening, piece, closing, number)


def _part(block: Block, opening: Token, inner: list[Token], closing: Token, number: int) -> Block:
    begins = opening.copy(attrs={**opening.attrs, "start": number})
    return Block((begins, *inner, closing), block.start_line, block.end_line)
