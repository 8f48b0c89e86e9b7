"""The right side of the export sheet: the file as it will be, or why it cannot be shown."""

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.export.page_preview import PagePreview
from ui.export.text_preview import TextPreview
from ui.models.state_panel import StatePanel
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.labels import ElidedLabel
from ui.widgets.surface import Surface

_LINE = 20


class ExportPreview(Surface):
    """What was shown last stays until the next is there, so that nothing flickers."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self.note = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", parent=self)
        self.text = TextPreview(theme, self)
        self.pages = PagePreview(theme, self)
        self.state = StatePanel(theme, self)
        self.say(self.tr("The preview is being made"))

    def say(self, sentence: str) -> None:
        """Show a sentence in place of a preview."""
        self.state.tell(sentence)
        self._show(self.state, "")

    def show_text(self, text: str, *, is_cut: bool, is_first: bool = False) -> None:
        """The file, or its beginning; ``is_first`` of many files."""
        self.text.show_text(text)
        if is_first:
            note = self.tr("The first of the files")
        else:
            note = self.tr("The beginning of the file") if is_cut else self.tr("The whole file")
        self._show(self.text, note)

    def show_pages(
        self, pictures: Sequence[bytes], *, is_cut: bool, is_first: bool = False
    ) -> None:
        """The first pages; ``is_first`` of many files."""
        self.pages.show_pages(pictures)
        if is_first:
            note = self.tr("The first of the files")
        else:
            note = self.tr("The first pages") if is_cut else self.tr("All pages")
        self._show(self.pages, note)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All of it, with a line above that says what is shown."""
        super().resizeEvent(event)
        self._arrange()

    def _show(self, part: QWidget, note: str) -> None:
        for each in (self.text, self.pages, self.state):
            each.setVisible(each is part)
        self.note.setText(note)
        self._arrange()

    def _arrange(self) -> None:
        line = self._theme.px(_LINE)
        width, height = self.width(), self.height()
        self.note.setGeometry(0, 0, width, line)
        for part in (self.text, self.pages):
            part.setGeometry(0, line, width, max(0, height - line))
        self.state.setGeometry(0, line, width, max(0, height - line))
        self.state.arrange(width, max(0, height - line))
