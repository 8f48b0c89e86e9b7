"""Small text documents for one block each, and their lines as strips."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QTextFragment,
    QTextLine,
    QTextOption,
)

from ui.chat.document_view import SealedDocument, wrap_mode_for
from ui.chat.markdown.inline import LINE_BREAK, printable, reference_address, write_source
from ui.chat.markdown.inline_formulas import InlineFormulas
from ui.chat.markdown.painting import paint_mark, paint_pills
from ui.chat.markdown.styles import (
    COPIED,
    DISPLAY,
    EM_PER_PIXEL,
    FORMULA_TYPE,
    HAS_INLINE_CODE,
    QUOTE_BARS,
    TEX,
    Ink,
    Styles,
    list_mark,
)
from ui.printing.look import Look
from ui.printing.strip import Strip, Strips, together

_SMALLEST = 0.5
"""To which a formula shrinks before its TeX is printed instead."""
_PIECE_LINES, _PIECE_CHARACTERS = 60, 6000
_MARK_GAP = 9
_MOST_INDENT = 0.6
"""Of the width, by all the lists inside one another."""
_WEB = ("http://", "https://")
_WAY_BACK = reference_address(0)[:-1]
"""Where the arrow behind a footnote leads; on paper there is no way back."""

Embedded = Callable[[QTextBlock, float], Strips | None]
"""The strips of what a text block holds besides text, given its left edge; None for text."""


def new_document(look: Look, width: float, text: str) -> SealedDocument:
    """An empty document as wide as ``width`` dots, for what the source ``text`` says."""
    document = SealedDocument()
    document.setUndoRedoEnabled(False)
    document.setDocumentMargin(0)
    document.setDefaultFont(look.body.font)
    option = QTextOption()
    option.setWrapMode(wrap_mode_for(text))
    document.setDefaultTextOption(option)
    InlineFormulas(document, look.formulas, document)
    document.setTextWidth(width)
    return document


def settle(document: SealedDocument, look: Look, styles: Styles) -> None:
    """After writing: formulas that are too wide shrink, links lead to the web or nowhere."""
    block = document.begin()
    while block.isValid():
        room = document.textWidth() - _left_of(block)
        pieces = []
        at = block.begin()
        while not at.atEnd():
            pieces.append(at.fragment())
            at += 1
        # From the end, so that what changes length moves nothing that is still to come.
        for piece in reversed(pieces):
            _settle_piece(document, piece, room, look, styles)
        block = block.next()


def make_room_for_marks(document: SealedDocument, look: Look) -> None:
    """Indent lists so far that their numbers stand before the text, as long as they may be."""
    metrics = QFontMetricsF(look.body.font)
    widest, deepest = 0.0, 1
    block = document.begin()
    while block.isValid():
        mark = list_mark(block)
        if mark is not None:
            widest = max(widest, metrics.horizontalAdvance(mark) + look.px(_MARK_GAP))
            deepest = max(deepest, block.textList().format().indent())
        block = block.next()
    most = document.textWidth() * _MOST_INDENT / deepest
    if document.indentWidth() < widest:
        document.setIndentWidth(max(document.indentWidth(), min(widest, most)))


def _left_of(block: QTextBlock) -> float:
    form = block.blockFormat()
    items = block.textList()
    depth = form.indent() + (items.format().indent() if items is not None else 0)
    return float(depth * block.document().indentWidth() + form.leftMargin())


def _settle_piece(
    document: SealedDocument, piece: QTextFragment, room: float, look: Look, styles: Styles
) -> None:
    form = piece.charFormat()
    if form.anchorHref().startswith(_WAY_BACK):
        _selected(document, piece).removeSelectedText()
        return
    leads_nowhere = form.isAnchor() and not form.anchorHref().startswith(_WEB)
    if leads_nowhere:
        form.clearProperty(QTextFormat.Property.IsAnchor)
        form.clearProperty(QTextFormat.Property.AnchorHref)
        form.setFontUnderline(False)
    share = _share(form, room, look)
    if share < _SMALLEST:
        cursor = _selected(document, piece)
        source = str(form.property(COPIED)) * piece.length()
        cursor.removeSelectedText()
        write_source(cursor, source, styles, Ink())
        return
    if share < 1:
        font = form.font()
        font.setPixelSize(max(1, int(font.pixelSize() * share)))
        form.setFont(font)
    if leads_nowhere or share < 1:
        _selected(document, piece).setCharFormat(form)


def _share(form: QTextCharFormat, room: float, look: Look) -> float:
    """The part of its size that a formula can have in ``room``; 1 for everything else."""
    if form.objectType() != FORMULA_TYPE:
        return 1.0
    tex, display = str(form.property(TEX)), bool(form.property(DISPLAY))
    formula = look.formulas.formula(tex, display=display)
    if formula is None:
        return 1.0
    return min(1.0, room / (formula.width * form.font().pixelSize() * EM_PER_PIXEL))


def _selected(document: SealedDocument, piece: QTextFragment) -> QTextCursor:
    cursor = QTextCursor(document)
    cursor.setPosition(piece.position())
    cursor.setPosition(piece.position() + piece.length(), QTextCursor.MoveMode.KeepAnchor)
    return cursor


# --- strips ---------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Line:
    """One line of a laid out document."""

    document: SealedDocument
    """Kept alive: the line is a part of it."""
    block: QTextBlock
    line: QTextLine
    top: float
    """From the top of the document."""
    height: float
    """Up to the next line."""
    is_first: bool

    def draw(self, painter: QPainter, look: Look, left: float, top: float) -> None:
        """Draw it with the document's left edge at ``left`` and its own top at ``top``."""
        painter.save()
        painter.translate(left, top - self.top)
        if self.is_first:
            mark = list_mark(self.block)
            if mark is not None:
                paint_mark(painter, self.block, mark, look.theme)
        if self.block.userState() == HAS_INLINE_CODE:
            paint_pills(painter, self.block, [self.line], look.theme)
        painter.setPen(look.theme.color("text"))
        self.line.draw(painter, self.block.layout().position())
        painter.restore()


def lines_of(document: SealedDocument, block: QTextBlock) -> list[Line]:
    """The lines of one text block."""
    document.documentLayout().blockBoundingRect(block)  # lays it out
    layout = block.layout()
    least = block.blockFormat().lineHeight()
    if block.blockFormat().lineHeightType() != _MINIMUM:
        least = 0
    count = layout.lineCount()
    lines = [layout.lineAt(index) for index in range(count)]
    ends = [line.y() for line in lines[1:]]
    if lines:
        ends.append(lines[-1].y() + max(lines[-1].height(), least))
    origin = layout.position().y()
    return [
        Line(document, block, line, origin + line.y(), end - line.y(), index == 0)
        for index, (line, end) in enumerate(zip(lines, ends, strict=True))
    ]


_MINIMUM = QTextBlockFormat.LineHeightTypes.MinimumHeight.value


def text_strips(
    document: SealedDocument,
    look: Look,
    gap: float,
    left: float = 0.0,
    embedded: Embedded = lambda _block, _left: None,
) -> Strips:
    """A document's lines; ``gap`` is above the first of them, ``left`` moves all of them."""
    block = document.begin()
    is_first = True
    while block.isValid():
        above = gap if is_first else block.blockFormat().topMargin()
        bars = _bars(block, look)
        other = embedded(block, left + _left_of(block))
        if other is not None:
            for strip in _with_gap(other, above):
                yield strip and replace(strip, bars=bars)
        else:
            yield from together(_block_strips(document, block, look, above, left, bars))
        is_first = False
        block = block.next()


def _with_gap(strips: Strips, gap: float) -> Strips:
    for strip in strips:
        if strip is not None:
            yield replace(strip, gap=gap)
            break
        yield None
    yield from strips


def _block_strips(
    document: SealedDocument,
    block: QTextBlock,
    look: Look,
    gap: float,
    left: float,
    bars: tuple[float, ...],
) -> Strips:
    keep = bool(block.blockFormat().headingLevel())
    for line in lines_of(document, block):

        def draw(painter: QPainter, at: float, top: float, line: Line = line) -> None:
            line.draw(painter, look, at + left, top)

        yield Strip(line.height, draw, gap if line.is_first else 0.0, keep=keep, bars=bars)


def _bars(block: QTextBlock, look: Look) -> tuple[float, ...]:
    """Where the bars of the quotes around a text block stand."""
    depths = str(block.blockFormat().property(QUOTE_BARS) or "")
    indent = block.document().indentWidth()
    return tuple(
        int(depth) * indent + level * look.body.quote_step
        for level, depth in enumerate(depths.split(",") if depths else ())
    )


def plain_strips(
    text: str, look: Look, chars: QTextCharFormat, width: float, *, gap: float, left: float = 0.0
) -> Strips:
    """Text as it is, a piece at a time however long it is."""
    for number, piece in enumerate(_pieces(text)):
        document = new_document(look, width, piece)
        form = QTextBlockFormat()
        height = round(chars.font().pixelSize() * 1.5)
        form.setLineHeight(height, _MINIMUM)
        cursor = QTextCursor(document)
        cursor.setBlockFormat(form)
        cursor.insertText(printable(piece).replace("\n", LINE_BREAK), chars)
        yield from text_strips(document, look, 0.0 if number else gap, left)
        yield None


def _pieces(text: str) -> list[str]:
    """Whole lines of ``text``, so many at once that laying them out takes no time."""
    pieces: list[str] = []
    lines: list[str] = []
    characters = 0
    for line in text.split("\n"):
        for start in range(0, max(1, len(line)), _PIECE_CHARACTERS):
            part = line[start : start + _PIECE_CHARACTERS]
            if lines and (len(lines) >= _PIECE_LINES or characters + len(part) > _PIECE_CHARACTERS):
                pieces.append("\n".join(lines))
                lines, characters = [], 0
            lines.append(part)
            characters += len(part)
    pieces.append("\n".join(lines))
    return pieces
