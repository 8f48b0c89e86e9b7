"""The beginning of a text file as it will be: plain, in the code's font, never all of it."""

from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.styling import set_style


class TextPreview(QPlainTextEdit):
    """Read only; arrows and Page keys scroll."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setAccessibleName(self.tr("Preview: the beginning of the file"))
        set_style(self, look="field")
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_text(self, text: str) -> None:
        """Show the beginning of a file; where somebody had scrolled to stays."""
        if text == self.toPlainText():
            return
        bar = self.verticalScrollBar()
        before = bar.value()
        self.setPlainText(text)
        bar.setValue(before)

    def _restyle(self) -> None:
        self.setFont(self._theme.mono_font(TEXT_SMALL))
