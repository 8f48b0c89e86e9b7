"""A model's thinking: its last lines while it happens, one row that unfolds all of it."""

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QWidget

from ui.chat.figures import duration, grouped
from ui.chat.fold_row import ROW_HEIGHT, FoldRow
from ui.chat.markdown.inline import printable
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown_view import MarkdownView
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE

LIVE_HEIGHT = 96
_LINE = 20
_LINES = 3
_INDENT = 16
_GAP = 4
_BAR = 3
_TAIL_CHARACTERS = 1200
"""Enough for three lines of any column."""


class ThinkingView(QWidget):
    """Shows reasoning above an answer, folded unless the reader unfolds it.

    Signals:
        height_changed(): it was folded or unfolded, or the unfolded text grew.
        fold_changed(bool): the reader unfolded it (True) or folded it.
        link_activated(str), copy_requested(str), save_requested(str, str): as of the text.
    """

    height_changed = Signal()
    fold_changed = Signal(bool)
    link_activated = Signal(str)
    copy_requested = Signal(str)
    save_requested = Signal(str, str)

    def __init__(
        self, theme: Theme, parser: MarkdownParser, parent: QWidget, *, unfolded: bool = False
    ) -> None:
        super().__init__(parent)
        self._theme, self._parser = theme, parser
        self._text = ""
        self._live = False
        self._row = FoldRow(theme, self)
        self._row.setFont(theme.font(TEXT_INTERFACE, tabular=True))
        self._row.setChecked(unfolded)
        self._row.toggled.connect(self._toggled)
        self._full: MarkdownView | None = None

    @property
    def is_live(self) -> bool:
        """Whether the model is thinking now."""
        return self._live

    @property
    def is_open(self) -> bool:
        """Whether all of the thinking is shown."""
        return self._row.isChecked()

    @property
    def words(self) -> str:
        """What the row says."""
        return self._row.text()

    def show_live(self, text: str, seconds: float) -> None:
        """The model is thinking: show the last lines of ``text``."""
        self._live = True
        self._say(self.tr("Thinking, {time}").format(time=duration(seconds)))
        self._take(text)
        self.update()

    def show_done(self, text: str, seconds: float, tokens: int) -> None:
        """The model has thought: one row, and ``text`` behind it."""
        if tokens:
            words = self.tr("Thought for {time}, {count} tokens").format(
                time=duration(seconds), count=grouped(tokens)
            )
        else:
            words = self.tr("Thought about it")
        was_live, self._live = self._live, False
        self._say(words)
        self._take(text)
        if was_live:
            if self._full is not None:
                self._full.finish(text)
            self.update()

    def arrange(self, width: int) -> int:
        """Lay out for ``width``; return the height that is needed."""
        px = self._theme.px
        self._row.setGeometry(0, 0, min(width, self._row.sizeHint().width()), px(ROW_HEIGHT))
        if not self.is_open:
            if self._full is not None:
                self._full.hide()
            return px(LIVE_HEIGHT if self._live else ROW_HEIGHT)
        view = self._full or self._build()
        height = view.set_width(width - px(_INDENT))
        view.move(px(_INDENT), px(ROW_HEIGHT + _GAP))
        view.show()
        return px(ROW_HEIGHT + _GAP) + height

    def _say(self, words: str) -> None:
        if words != self._row.text():
            self._row.setText(words)
            self._row.resize(self._row.sizeHint().width(), self._row.height())
            self.setAccessibleName(words)

    def _take(self, text: str) -> None:
        """Show ``text``; while it only grows, what is unfolded grows with it."""
        before, self._text = self._text, text
        if self._full is None or len(text) == len(before):
            return
        if text.startswith(before):
            self._full.grow(text[len(before) :])
        else:
            self._full.set_markdown(text)

    def _toggled(self, unfolded: bool) -> None:
        self.fold_changed.emit(unfolded)
        self.update()
        self.height_changed.emit()

    def _build(self) -> MarkdownView:
        view = self._full = MarkdownView(self._theme, self._parser, self, quiet=True)
        view.setAccessibleName(self.tr("Thinking"))
        view.set_markdown(self._text)
        view.height_changed.connect(self.height_changed)
        view.link_activated.connect(self.link_activated)
        view.copy_requested.connect(self.copy_requested)
        view.save_requested.connect(self.save_requested)
        view.copy_all_requested.connect(lambda: self.copy_requested.emit(self._text))
        return view

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The last three lines while live; a bar beside them or beside the unfolded text."""
        px = self._theme.px
        painter = QPainter(self)
        if self.is_open:
            self._paint_bar(painter, px(ROW_HEIGHT + _GAP), self.height())
        elif self._live:
            top = px(ROW_HEIGHT)
            self._paint_bar(painter, top + px(_GAP), px(LIVE_HEIGHT) - px(_GAP))
            self._paint_last_lines(painter, top + px(2))

    def _paint_bar(self, painter: QPainter, top: int, bottom: int) -> None:
        area = QRectF(0, top, self._theme.px(_BAR), bottom - top)
        painter.fillRect(area, self._theme.color("border"))

    def _paint_last_lines(self, painter: QPainter, top: int) -> None:
        px = self._theme.px
        painter.setPen(self._theme.color("muted"))
        layout, lines = self._last_lines(self.width() - px(_INDENT))
        skipped = max(0, lines - _LINES)
        for index in range(skipped, lines):
            shown = layout.lineAt(index)
            offset = top + px(_LINE) * (index - skipped) + (px(_LINE) - shown.height()) / 2
            shown.draw(painter, QPointF(px(_INDENT), offset - shown.y()))

    def _last_lines(self, width: int) -> tuple[QTextLayout, int]:
        tail = " ".join(printable(self._text[-_TAIL_CHARACTERS:]).split())
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
