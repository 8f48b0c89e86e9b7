"""A code block: header with its buttons, coloured text with its own sideways scroll, folding."""

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QWidget

from ui.chat.document_view import DocumentView
from ui.chat.markdown.blocks import CodeBlock
from ui.chat.markdown.highlight import Highlighter
from ui.chat.markdown.inline import visible
from ui.theme.theme import Theme
from ui.theme.tokens import RADIUS, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label

HEADER_HEIGHT = 32
FOLD_LINES = 24
_LINE_HEIGHT = 20
_TOP, _BOTTOM, _SIDE = 4, 12, 16
_SLICE_SECONDS = 0.006
"""Of highlighting in one go."""
_BUTTON_HEIGHT = 28


class CodeView(QWidget):
    """Covers the rectangle that the document reserves for a code block.

    Signals:
        copy_requested(str): the code.
        save_requested(str, str): the code and its language word.
        size_changed(): it was unfolded, or wraps now.
    """

    copy_requested = Signal(str)
    save_requested = Signal(str, str)
    size_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget, *, folded: bool = True) -> None:
        super().__init__(parent)
        self._theme = theme
        self._block = CodeBlock("", "", "")
        self._shown = ""
        self._lines = 1
        self._folded = folded
        self._selected = False
        self._highlighter: Highlighter | None = None
        self._language = Label(theme, size=TEXT_SMALL, ink="muted", parent=self)
        self._wrap = self._button(self.tr("Wrap"))
        self._save = self._button(self.tr("Save"))
        self._copy = self._button(self.tr("Copy"))
        self.text_view = DocumentView(theme, self)
        self._unfold = self._button("")
        self._copy_below = self._button(self.tr("Copy"))
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self._highlight_more)
        self._prepare()

    def _prepare(self) -> None:
        view = self.text_view
        view.setLineWrapMode(DocumentView.LineWrapMode.NoWrap)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        option = QTextOption()
        option.setTextDirection(Qt.LayoutDirection.LeftToRight)
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        view.document().setDefaultTextOption(option)
        view.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        view.copy_all_requested.connect(lambda: self.copy_requested.emit(self._block.markdown))
        self._wrap.setCheckable(True)
        self._wrap.toggled.connect(self._set_wrapped)
        self._save.clicked.connect(self.save)
        for button in (self._copy, self._copy_below):
            button.clicked.connect(self.copy)
        self._unfold.clicked.connect(self.unfold)

    # --- content ----------------------------------------------------------------------------
    @property
    def is_folded(self) -> bool:
        """Whether only the first lines are shown."""
        return self._folded and self._lines > FOLD_LINES

    @property
    def text(self) -> str:
        """All of the code, folded or not."""
        return self._block.text

    def set_block(self, block: CodeBlock) -> bool:
        """Show ``block``; text that was only extended is appended. Whether it is another."""
        if block == self._block:
            return False
        self._block = block
        self._lines = block.text.count("\n") + 1
        self._language.setText(visible(block.language) or self.tr("text"))
        self._language.adjustSize()
        self.setAccessibleName(
            self.tr("Code, {language}, {count} lines").format(
                language=self._language.text(), count=self._lines
            )
        )
        self._unfold.setText(self.tr("Show all {count} lines").format(count=self._lines))
        self._show_text()
        return True

    def restyle(self) -> None:
        """Take over changed colours and sizes."""
        self._shown = ""
        self.text_view.clear()
        self._show_text()

    def unfold(self) -> None:
        """Show every line."""
        self._folded = False
        self._show_text()
        self.size_changed.emit()

    def copy(self) -> None:
        """Put the code on the clipboard."""
        self.copy_requested.emit(self._block.text)

    def save(self) -> None:
        """Ask where to save the code."""
        self.save_requested.emit(self._block.text, self._block.language)

    def set_selected(self, selected: bool) -> None:
        """Draw as part of the surrounding selection."""
        if selected != self._selected:
            self._selected = selected
            self.update()

    def height_for(self, width: int) -> int:
        """Pixels it needs at ``width``."""
        px = self._theme.px
        if self._wrap.isChecked():
            if self.width() != width:
                self.resize(width, self.height())
            text = self.text_view.content_height()
        else:
            text = min(self._lines, FOLD_LINES if self.is_folded else self._lines) * px(
                _LINE_HEIGHT
            )
        below = px(HEADER_HEIGHT) if self._lines > FOLD_LINES else 0
        return px(HEADER_HEIGHT) + px(_TOP) + text + px(_BOTTOM) + below

    def _show_text(self) -> None:
        text = self._block.text
        if self.is_folded:
            text = "\n".join(text.split("\n", FOLD_LINES)[:FOLD_LINES])
        text = visible(text)
        cursor = QTextCursor(self.text_view.document())
        chars, lines = self._formats()
        cursor.beginEditBlock()
        if self._shown and text.startswith(self._shown):
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(text[len(self._shown) :], chars)
        else:
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.removeSelectedText()
            cursor.setBlockFormat(lines)
            cursor.insertText(text, chars)
        cursor.endEditBlock()
        self._shown = text
        self.text_view.rest_cursor()
        self._unfold.setVisible(self.is_folded)
        self._copy_below.setVisible(self._lines > FOLD_LINES)
        self._highlighter = Highlighter(self._theme.colors, self._block.language, text)
        self._idle.start(0 if len(text) < 4000 else 150)
        if len(text) < 2000:
            self._highlight_more()

    def _formats(self) -> tuple[QTextCharFormat, QTextBlockFormat]:
        chars = QTextCharFormat()
        chars.setFont(self._theme.mono_font())
        chars.setForeground(self._theme.color("text"))
        lines = QTextBlockFormat()
        lines.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        lines.setLineHeight(
            self._theme.px(_LINE_HEIGHT), QTextBlockFormat.LineHeightTypes.FixedHeight.value
        )
        return chars, lines

    def _highlight_more(self) -> None:
        worker = self._highlighter
        if worker is None:
            return
        document = self.text_view.document()
        for line, ranges in worker.advance(_SLICE_SECONDS):
            block = document.findBlockByNumber(line)
            if block.isValid():
                block.layout().setFormats(ranges)
                document.markContentsDirty(block.position(), block.length())
        if worker.finished:
            self._highlighter = None
            self._idle.stop()
        else:
            self._idle.start(0)

    def _set_wrapped(self, wrapped: bool) -> None:
        mode = QTextOption.WrapMode.WrapAnywhere if wrapped else QTextOption.WrapMode.NoWrap
        self.text_view.setWordWrapMode(mode)
        self.text_view.setLineWrapMode(
            DocumentView.LineWrapMode.WidgetWidth if wrapped else DocumentView.LineWrapMode.NoWrap
        )
        self.size_changed.emit()

    # --- geometry and paint -----------------------------------------------------------------
    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Header on top, text below it, the fold's row at the foot."""
        px, width = self._theme.px, self.width()
        header, tall = px(HEADER_HEIGHT), px(_BUTTON_HEIGHT)
        self._language.move(px(_SIDE), (header - self._language.height()) // 2)
        right = width - px(4)
        for button in (self._copy, self._save, self._wrap):
            wide = button.sizeHint().width()
            right -= wide
            button.setGeometry(right, (header - tall) // 2, wide, tall)
        below = header if self._lines > FOLD_LINES else 0
        view = self.text_view
        view.setViewportMargins(px(_SIDE), 0, px(_SIDE), 0)
        view.setGeometry(1, header + px(_TOP), width - 2, self.height() - header - px(_TOP) - below)
        if below:
            top = self.height() - below + (below - tall) // 2
            wide = self._unfold.sizeHint().width()
            self._unfold.setGeometry(px(4), top, wide, tall)
            wide = self._copy_below.sizeHint().width()
            self._copy_below.setGeometry(width - px(4) - wide, top, wide, tall)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A raised card with a hairline under the header."""
        colors = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colors.color("accent" if self._selected else "border"), 1))
        painter.setBrush(colors.color("selection" if self._selected else "raised"))
        radius = colors.px(RADIUS)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setPen(colors.color("border"))
        header = colors.px(HEADER_HEIGHT)
        painter.drawLine(1, header - 1, self.width() - 2, header - 1)

    def _button(self, text: str) -> TextButton:
        return TextButton(
            self._theme, text, look="quiet", size=TEXT_SMALL, height=_BUTTON_HEIGHT, parent=self
        )
