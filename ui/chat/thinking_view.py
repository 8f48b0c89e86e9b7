"""A model's thinking: its last lines while it happens, one row that unfolds afterwards."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui.chat.figures import duration, grouped
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown_view import MarkdownView
from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, TEXT_INTERFACE
from ui.widgets.buttons import pressed_by_enter

LIVE_HEIGHT = 96
ROW_HEIGHT = 32
_LINE = 24
_LINES = 3
_INDENT = 16
_TAIL_CHARACTERS = 1200
"""Enough for three lines of any column."""


class FoldRow(QAbstractButton):
    """One quiet line with a chevron behind it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """The words and the chevron."""
        px = self._theme.px
        wide = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(wide + px(28), px(ROW_HEIGHT))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what Space does."""
        if not pressed_by_enter(self, event):
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be clicked."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Words, chevron, focus ring."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = "text" if self.underMouse() or self.isChecked() else "muted"
        painter.setPen(theme.color(ink))
        painter.setFont(self.font())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), self.text())
        side = theme.px(16)
        wide = self.fontMetrics().horizontalAdvance(self.text())
        name = "chevron-down" if self.isChecked() else "chevron-right"
        picture = theme.icon(name, getattr(theme.colors, ink)).pixmap(side, side)
        painter.drawPixmap(wide + theme.px(4), (self.height() - side) // 2, picture)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), FOCUS_WIDTH))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)


class ThinkingView(QWidget):
    """Shows reasoning above an answer.

    Signals:
        height_changed(): it was folded or unfolded.
    """

    height_changed = Signal()

    def __init__(self, theme: Theme, parser: MarkdownParser, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._parser = theme, parser
        self._text = self._header = ""
        self._live = False
        self._row = FoldRow(theme, self)
        self._row.toggled.connect(lambda _checked: self.height_changed.emit())
        self._full: MarkdownView | None = None

    @property
    def is_live(self) -> bool:
        """Whether the last lines are shown as they arrive."""
        return self._live

    @property
    def is_open(self) -> bool:
        """Whether all of the thinking is shown."""
        return not self._live and self._row.isChecked()

    def show_live(self, text: str, seconds: float) -> None:
        """The model is thinking: show the last lines of ``text``."""
        self._text, self._live = text, True
        self._row.hide()
        self._header = self.tr("Thinking, {time}").format(time=duration(seconds))
        self.setAccessibleName(self._header)
        self.update()

    def show_done(self, text: str, seconds: float, tokens: int) -> None:
        """The model has thought: one row, and ``text`` behind it."""
        self._text, self._live = text, False
        if tokens:
            words = self.tr("Thought for {time}, {count} tokens").format(
                time=duration(seconds), count=grouped(tokens)
            )
        else:
            words = self.tr("Thought about it")
        self._row.setText(words)
        self._row.setFont(self._theme.font(TEXT_INTERFACE))
        self._row.show()
        if self._full is not None and self._full.markdown != text:
            self._full.set_markdown(text)
        self.update()

    def arrange(self, width: int) -> int:
        """Lay out for ``width``; return the height that is needed."""
        px = self._theme.px
        if self._live:
            return px(LIVE_HEIGHT)
        self._row.setGeometry(0, 0, min(width, self._row.sizeHint().width()), px(ROW_HEIGHT))
        if not self._row.isChecked():
            if self._full is not None:
                self._full.hide()
            return px(ROW_HEIGHT)
        view = self._full or self._build()
        height = view.set_width(width - px(_INDENT))
        view.move(px(_INDENT), px(ROW_HEIGHT) + px(4))
        view.show()
        return px(ROW_HEIGHT) + px(4) + height

    def _build(self) -> MarkdownView:
        view = self._full = MarkdownView(self._theme, self._parser, self, quiet=True)
        view.setAccessibleName(self.tr("Thinking"))
        view.set_markdown(self._text)
        view.height_changed.connect(self.height_changed)
        return view

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Header and the last three lines while live; a bar beside the unfolded text."""
        theme = self._theme
        painter = QPainter(self)
        if not self._live:
            if self._row.isChecked():
                top = theme.px(ROW_HEIGHT) + theme.px(4)
                painter.fillRect(
                    QRectF(0, top, theme.px(3), self.height() - top), theme.color("border")
                )
            return
        font = theme.font(TEXT_INTERFACE, weight=theme.font().Weight.Medium, tabular=True)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        line = theme.px(_LINE)
        painter.drawText(
            QRectF(0, 0, self.width(), line), int(Qt.AlignmentFlag.AlignVCenter), self._header
        )
        painter.setPen(theme.color("muted"))
        painter.fillRect(
            QRectF(0, line + theme.px(4), theme.px(3), line * _LINES - theme.px(8)),
            theme.color("border"),
        )
        layout, lines = self._last_lines(self.width() - theme.px(_INDENT))
        skipped = max(0, lines - _LINES)
        for index in range(skipped, lines):
            shown = layout.lineAt(index)
            offset = line * (1 + index - skipped) + (line - shown.height()) / 2
            shown.draw(painter, QPointF(theme.px(_INDENT), offset - shown.y()))

    def _last_lines(self, width: int) -> tuple[QTextLayout, int]:
        tail = " ".join(self._text[-_TAIL_CHARACTERS:].split())
        layout = QTextLayout(tail, self._theme.font(TEXT_INTERFACE))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        while True:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(max(40, width))
        layout.endLayout()
        return layout, layout.lineCount()
