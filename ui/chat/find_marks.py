"""Marks every place in the text of a message that is a widget now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QColor, QTextBlock, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit

from ui.chat.code_view import CodeView
from ui.chat.document_view import DocumentView
from ui.chat.find_text import Folding
from ui.chat.markdown.blocks import OBJECT_CHARACTER, FormulaBlock
from ui.chat.markdown.styles import COPIED, OBJECT_INDEX
from ui.chat.markdown_view import MarkdownView
from ui.chat.message_view import MessageView
from ui.chat.table_view import TableView
from ui.chat.transcript_tabs import main_text
from ui.chat.user_view import UserView
from ui.theme.theme import Theme

_FAINT = 64
"""Of 255: how much of the mark's colour lies behind a hit that is not the current one."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One hit: the text view and the range in its document."""

    view: DocumentView
    begin: int
    end: int

    def cursor(self) -> QTextCursor:
        """Selects it."""
        cursor = QTextCursor(self.view.document())
        last = self.view.document().characterCount() - 1
        cursor.setPosition(min(self.begin, last))
        cursor.setPosition(min(self.end, last), QTextCursor.MoveMode.KeepAnchor)
        return cursor


def marks_in(view: MessageView, wanted: str, folding: Folding) -> list[Mark]:
    """The hits that can be shown, in reading order; ``wanted`` is folded."""
    text = main_text(view)
    if text is None or not wanted:
        return []
    return list(_in_document(text, wanted, folding))


def unfold_hits(view: MessageView, wanted: str, folding: Folding) -> None:
    """Unfold what hides a hit: the rest of a long message, code block or table."""
    if isinstance(view, UserView) and view.is_folded:
        shown = len(marks_in(view, wanted, folding))
        if folding.fold(view.item.message.text).count(wanted) > shown:
            view.unfold()
    for code in view.findChildren(CodeView):
        if code.is_folded and wanted in folding.fold(code.text):
            code.unfold()
    for table in view.findChildren(TableView):
        if table.is_folded and wanted in folding.fold(table.markdown):
            table.unfold()


def show_marks(
    view: MessageView, marks: Sequence[Mark], current: Mark | None, theme: Theme
) -> None:
    """Colour ``marks`` and nothing else in ``view``, the current one stronger."""
    by_text: dict[DocumentView, list[QTextEdit.ExtraSelection]] = {
        text: [] for text in view.findChildren(DocumentView) if text.extraSelections()
    }
    faint, strong = _formats(theme)
    for mark in marks:
        made = QTextEdit.ExtraSelection()
        made.cursor = mark.cursor()
        made.format = strong if mark == current else faint
        by_text.setdefault(mark.view, []).append(made)
    for text, selections in by_text.items():
        text.setExtraSelections(selections)


def _formats(theme: Theme) -> tuple[QTextCharFormat, QTextCharFormat]:
    faint, strong = QTextCharFormat(), QTextCharFormat()
    back = QColor(theme.color("warning"))
    strong.setBackground(back)
    strong.setForeground(theme.color("page"))
    back.setAlpha(_FAINT)
    faint.setBackground(back)
    faint.setForeground(theme.color("text"))
    return faint, strong


def _in_document(text: DocumentView, wanted: str, folding: Folding) -> Iterator[Mark]:
    block = text.document().begin()
    while block.isValid():
        if block.text() == OBJECT_CHARACTER and isinstance(text, MarkdownView):
            yield from _in_embedded(text, block, wanted, folding)
        else:
            yield from _in_block(text, block, wanted, folding)
        block = block.next()


def _in_block(
    text: DocumentView, block: QTextBlock, wanted: str, folding: Folding
) -> Iterator[Mark]:
    words, begins = _written(block)
    for begin, end in folding.places(words, wanted):
        yield Mark(
            text, block.position() + begins(begin), block.position() + begins(end, last=True)
        )


def _in_embedded(
    text: MarkdownView, block: QTextBlock, wanted: str, folding: Folding
) -> Iterator[Mark]:
    index = block.begin().fragment().charFormat().intProperty(OBJECT_INDEX)
    cover = text.cover(index)
    inner = getattr(cover, "text_view", None)
    if isinstance(inner, DocumentView):
        yield from _in_document(inner, wanted, folding)
        return
    embedded = text.embedded(index)
    if isinstance(embedded, FormulaBlock):
        for _ in range(folding.fold(embedded.markdown).count(wanted)):
            yield Mark(text, block.position(), block.position() + 1)


@dataclass(frozen=True, slots=True)
class _Places:
    """From places in what a text block says to places in it: a formula is one character."""

    pieces: tuple[tuple[int, int, int, bool], ...]
    """Of each piece: where it begins in the words, its length there, where it begins in the
    block, and whether it stands for one character."""

    def __call__(self, place: int, *, last: bool = False) -> int:
        for begin, length, position, stands in self.pieces:
            if begin <= place < begin + length or (last and begin < place <= begin + length):
                return position + (int(last) if stands else place - begin)
        return place


def _written(block: QTextBlock) -> tuple[str, _Places]:
    """What a text block says, with the source of its formulas, in UTF-16 units."""
    if OBJECT_CHARACTER not in block.text():
        return block.text(), _Places(((0, block.length(), 0, False),))
    words: list[str] = []
    pieces: list[tuple[int, int, int, bool]] = []
    at = 0
    iterator = block.begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        iterator += 1
        source = fragment.charFormat().property(COPIED)
        stands = source is not None and fragment.text()[0] == OBJECT_CHARACTER
        position = fragment.position() - block.position()
        for offset in range(fragment.length() if stands else 1):
            said = str(source) if stands else fragment.text()
            length = len(said.encode("utf-16-le", "surrogatepass")) // 2
            pieces.append((at, length, position + offset, stands))
            words.append(said)
            at += length
    return "".join(words), _Places(tuple(pieces))
