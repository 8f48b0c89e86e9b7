"""A table: even rows with hairlines, columns as wide as they need, its own sideways scroll."""

from markdown_it.token import Token
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableFormat,
)
from PySide6.QtWidgets import QWidget

from ui.chat.document_view import DocumentView, wrap_mode_for
from ui.chat.markdown.blocks import TableBlock
from ui.chat.markdown.formulas import Formulas
from ui.chat.markdown.inline import write_inline
from ui.chat.markdown.inline_formulas import InlineFormulas
from ui.chat.markdown.styles import Ink, Styles
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import TextButton

FOLD_ROWS = 24
_WIDEST, _NARROWEST = 360, 120
"""Pixels of a column at 100 %: more than the first wraps, less than the second scrolls."""
_PAD_SIDE, _PAD_TOP = 12, 8
_SLACK = 4
"""Pixels: joined scripts are a little wider when laid out than when measured."""
_BAR = 12
_FOOT = 32
_ALIGNMENTS = {
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}


class TableView(QWidget):
    """Covers the rectangle that the document reserves for a table.

    Signals:
        copy_requested(str): the table as Markdown.
        link_activated(str): a link in a cell was chosen.
        size_changed(): it was unfolded.
    """

    copy_requested = Signal(str)
    link_activated = Signal(str)
    size_changed = Signal()

    def __init__(
        self, theme: Theme, formulas: Formulas, parent: QWidget, *, folded: bool = True
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._formulas = formulas
        self._block = TableBlock((), (), "")
        self._folded = folded
        self._selected = False
        self._available = 0
        self._wide = False
        self.text_view = DocumentView(theme, self)
        self._inline = InlineFormulas(self.text_view.document(), formulas, self)
        self.text_view.setLineWrapMode(DocumentView.LineWrapMode.FixedPixelWidth)
        self.text_view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.text_view.copy_all_requested.connect(
            lambda: self.copy_requested.emit(self._block.markdown)
        )
        self.text_view.link_activated.connect(self.link_activated)
        self._unfold = TextButton(theme, "", look="quiet", size=TEXT_SMALL, height=28, parent=self)
        self._unfold.clicked.connect(self.unfold)

    @property
    def is_folded(self) -> bool:
        """Whether only the first rows are shown."""
        return self._folded and len(self._block.rows) - 1 > FOLD_ROWS

    @property
    def markdown(self) -> str:
        """All of the table, folded or not."""
        return self._block.markdown

    def set_block(self, block: TableBlock) -> bool:
        """Show ``block``. Whether it is another than before."""
        if block.markdown == self._block.markdown:
            return False
        self._block = block
        self.text_view.setWordWrapMode(wrap_mode_for(block.markdown))
        rows = len(block.rows) - 1
        self.setAccessibleName(
            self.tr("Table, {rows} rows, {columns} columns").format(
                rows=rows, columns=len(block.alignments)
            )
        )
        self._unfold.setText(self.tr("Show all {count} rows").format(count=rows))
        self._available = 0
        return True

    def restyle(self) -> None:
        """Take over changed colours and sizes."""
        self._available = 0

    def unfold(self) -> None:
        """Show every row."""
        self._folded = False
        self._available = 0
        self.size_changed.emit()

    def set_selected(self, selected: bool) -> None:
        """Draw as part of the surrounding selection."""
        if selected != self._selected:
            self._selected = selected
            self.update()

    def height_for(self, width: int) -> int:
        """Pixels it needs at ``width``; lays the table out for it."""
        if width != self._available:
            self._available = width
            self._fill(width)
        px = self._theme.px
        foot = px(_FOOT) if self.is_folded else 0
        return self.text_view.content_height() + (px(_BAR) if self._wide else 0) + foot

    # --- the table --------------------------------------------------------------------------
    def _fill(self, available: int) -> None:
        rows = self._block.rows
        if self.is_folded:
            rows = rows[: FOLD_ROWS + 1]
        self._unfold.setVisible(self.is_folded)
        document = self.text_view.document()
        columns = len(self._block.alignments)
        if not columns:
            return
        widths = self._widths(rows, available)
        total = sum(widths)
        self._wide = total > available
        self.text_view.setLineWrapColumnOrWidth(total)
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.removeSelectedText()
        cursor.setBlockFormat(_hairline_block())
        table = cursor.insertTable(len(rows), columns, self._format(widths))
        self._write(table, rows)
        after = QTextCursor(document)
        after.movePosition(QTextCursor.MoveOperation.End)
        after.setBlockFormat(_hairline_block())
        cursor.endEditBlock()
        self.text_view.rest_cursor()

    def _write(self, table: QTextTable, rows: tuple[tuple[Token, ...], ...]) -> None:
        styles = Styles(self._theme, small=True)
        top, side_pad = self._theme.px(_PAD_TOP), self._theme.px(_PAD_SIDE)
        line = QBrush(self._theme.color("border"))
        for at_row, row in enumerate(rows):
            for at_column, token in enumerate(row):
                if at_column >= table.columns():
                    break
                cell = table.cellAt(at_row, at_column)
                shape = cell.format().toTableCellFormat()
                shape.setBottomBorder(1)
                shape.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                shape.setBottomBorderBrush(line)
                shape.setTopPadding(top)
                shape.setBottomPadding(top)
                shape.setLeftPadding(0 if at_column == 0 else side_pad)
                shape.setRightPadding(side_pad)
                cell.setFormat(shape)
                cursor = cell.firstCursorPosition()
                block = QTextBlockFormat()
                side = self._block.alignments[at_column]
                if side in _ALIGNMENTS:
                    block.setAlignment(_ALIGNMENTS[side])
                cursor.setBlockFormat(block)
                ink = Ink(strong=at_row == 0)
                write_inline(cursor, token.children or (), styles, ink, self._formulas)

    def _format(self, widths: list[int]) -> QTextTableFormat:
        made = QTextTableFormat()
        made.setBorder(0)
        made.setCellSpacing(0)
        made.setBorderCollapse(True)
        made.setHeaderRowCount(1)
        made.setColumnWidthConstraints(
            [QTextLength(QTextLength.Type.FixedLength, width) for width in widths]
        )
        return made

    def _widths(self, rows: tuple[tuple[Token, ...], ...], available: int) -> list[int]:
        """Natural widths, the widest made narrower while that avoids scrolling."""
        px = self._theme.px
        font = Styles(self._theme, small=True).font
        font.setWeight(font.Weight.DemiBold)
        metrics = QFontMetrics(font)
        widths = []
        for column in range(len(self._block.alignments)):
            longest = 0
            for row in rows:
                if column < len(row):
                    text = row[column].content[:200]
                    longest = max(longest, metrics.horizontalAdvance(text))
            widths.append(min(px(_WIDEST), longest + px(_PAD_SIDE) * 2 + px(_SLACK)))
        floor = px(_NARROWEST)
        excess = sum(widths) - available
        while excess > 0:
            widest = max(range(len(widths)), key=widths.__getitem__)
            if widths[widest] <= floor:
                break
            cut = min(excess, max(1, widths[widest] - floor), px(16))
            widths[widest] -= cut
            excess -= cut
        return widths

    # --- geometry and paint -----------------------------------------------------------------
    def sizeHint(self) -> QSize:
        """As wide as it was last laid out for."""
        return QSize(self._available, self.height())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The table fills everything but the fold's row."""
        foot = self._theme.px(_FOOT) if self.is_folded else 0
        self.text_view.setGeometry(0, 0, self.width(), self.height() - foot)
        self._unfold.setGeometry(
            0, self.height() - foot + 2, self._unfold.sizeHint().width(), self._theme.px(28)
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Nothing but the tint of a surrounding selection."""
        if self._selected:
            painter = QPainter(self)
            painter.setPen(QPen(Qt.PenStyle.NoPen))
            painter.setBrush(self._theme.color("selection"))
            painter.drawRect(self.rect())


def _hairline_block() -> QTextBlockFormat:
    """For the empty blocks that Qt keeps around a table: one pixel high."""
    made = QTextBlockFormat()
    made.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    return made
