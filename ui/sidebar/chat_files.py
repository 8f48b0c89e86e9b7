"""Files with chats of other programs that are dragged over the sidebar."""

from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import RADIUS
from ui.widgets.labels import Label, Weight
from ui.widgets.surface import Surface

_ENDINGS = (".json", ".jsonl", ".zip", ".chat")


def chat_files(data: QMimeData) -> list[str]:
    """Paths of the files that may hold chats; none when something else is dragged."""
    paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    return [str(Path(path)) for path in paths if path.casefold().endswith(_ENDINGS)]


class DropHint(Surface):
    """Says over the list of chats what a drop would do."""

    def __init__(self, theme: Theme, words: str, parent: QWidget) -> None:
        super().__init__("card", parent)
        self._theme = theme
        self.setProperty("floats", True)
        self._label = Label(theme, words, weight=Weight.Medium, ink="accent", parent=self)
        self.hide()

    def show_over(self, part: QWidget) -> None:
        """Lie over ``part``, which has the same parent."""
        margin = self._theme.px(RADIUS)
        area = part.geometry().adjusted(0, margin, -margin, -margin)
        self.setGeometry(area)
        size = self._label.sizeHint()
        wide = min(size.width(), area.width())
        x, y = (area.width() - wide) // 2, (area.height() - size.height()) // 2
        self._label.setGeometry(x, y, wide, size.height())
        self.show()
        self.raise_()
