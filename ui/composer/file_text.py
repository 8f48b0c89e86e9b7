"""The text of a file as it is, with places in it to go to: plain, and never all of a huge one."""

from collections.abc import Sequence

from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE
from ui.widgets.styling import set_style

MOST_SHOWN = 300_000
"""Characters laid out at once; a place further on brings its own surroundings."""


class FileText(QPlainTextEdit):
    """Read only; ``show_text`` tells which part is shown."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        self._begin = 0
        self._places: tuple[tuple[int, int], ...] = ()
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setAccessibleName(self.tr("Text of the file"))
        set_style(self, look="field")
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def is_cut(self) -> bool:
        """Whether only a part of the text is laid out."""
        return len(self._text) > MOST_SHOWN

    @property
    def marked(self) -> list[str]:
        """The marked places that are laid out, as they stand there."""
        return [each.cursor.selectedText() for each in self.extraSelections()]

    def show_text(self, text: str, places: Sequence[tuple[int, int]] = ()) -> None:
        """Show ``text`` from its begin, its ``places`` (begin and end) marked."""
        self._text, self._places = text, tuple(places)
        self._lay_out(0)

    def go_to(self, number: int) -> None:
        """Bring a place to the top."""
        start, _end = self._places[number]
        if not self._begin <= start < self._begin + MOST_SHOWN:
            self._lay_out(max(0, start - MOST_SHOWN // 3))
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        self.setTextCursor(cursor)  # so that the place comes in from below, and stands on top
        cursor.setPosition(self._position(start))
        self.setTextCursor(cursor)
        bar = self.verticalScrollBar()
        bar.setValue(cursor.block().firstLineNumber())

    def _lay_out(self, begin: int) -> None:
        self._begin = begin
        self.setPlainText(self._text[begin : begin + MOST_SHOWN])
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self._mark()

    def _mark(self) -> None:
        marks: list[QTextEdit.ExtraSelection] = []
        form = QTextCharFormat()
        form.setBackground(self._theme.color("selection"))
        end = self._begin + MOST_SHOWN
        for start, stop in self._places:
            if start < self._begin or start >= end:
                continue
            mark = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            cursor.setPosition(self._position(start))
            cursor.setPosition(self._position(min(stop, end)), QTextCursor.MoveMode.KeepAnchor)
            mark.cursor = cursor
            mark.format = form
            marks.append(mark)
        self.setExtraSelections(marks)

    def _position(self, place: int) -> int:
        """Of a place in the text, in the document, which counts in UTF-16."""
        before = self._text[self._begin : place]
        position = len(before.encode("utf-16-le", "surrogatepass")) // 2
        return min(position, self.document().characterCount() - 1)

    def _restyle(self) -> None:
        self.setFont(self._theme.font(TEXT_INTERFACE))
        self._mark()
