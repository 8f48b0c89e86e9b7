"""The files that go with a draft, side by side above its text, and one line about them all."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QScrollArea, QWidget

from ui.composer.file_chip import HEIGHT, WIDTH, FileChip
from ui.composer.file_view import FileView
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, TEXT_SMALL
from ui.widgets.focus import hide_and_pass_focus
from ui.widgets.labels import Label
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

_GAP, _NOTE = 8, 20
_MOST_LINES = 2
"""Of chips; more are scrolled to."""


class FileTray(Surface):
    """Signals:
    opened(str), removed(str): of one chip, the id of its file.
    changed(): it wants another height now.
    """

    opened = Signal(str)
    removed = Signal(str)
    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._chips: list[FileChip] = []
        self._area = QScrollArea(self)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        set_style(self._area, look="clear")
        self._room = Surface("clear")
        self._area.setWidget(self._room)
        self.note = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True, parent=self)
        self.note.hide()
        self.setAccessibleName(self.tr("Attached files"))
        self.hide()

    @property
    def chips(self) -> list[FileChip]:
        """In their order."""
        return list(self._chips)

    @property
    def is_empty(self) -> bool:
        """Whether no file goes along."""
        return not self._chips

    def show_files(self, views: Sequence[FileView]) -> None:
        """Show these; a chip that is there already keeps its place and the keyboard."""
        known = {chip.view.id: chip for chip in self._chips}
        chips: list[FileChip] = []
        for view in views:
            chip = known.pop(view.id, None)
            if chip is None:
                chip = FileChip(self._theme, view, self._room)
                chip.opened.connect(self.opened)
                chip.removed.connect(self.removed)
                chip.show()
            elif chip.view != view:
                chip.show_file(view)
            chips.append(chip)
        for gone in known.values():
            self._let_go(gone)
        self._chips = chips
        self.setVisible(bool(chips) or bool(self.note.text()))
        self._area.setVisible(bool(chips))
        self.changed.emit()

    def set_note(self, text: str, ink: str = "muted") -> None:
        """Say one line about all of them, "" for none."""
        if text == self.note.text() and str(self.note.property("ink")) == ink:
            return
        self.note.setText(text)
        self.note.set_ink(ink)
        self.note.setVisible(bool(text))
        self.setVisible(bool(self._chips) or bool(text))
        self.changed.emit()

    def arrange(self, width: int) -> int:
        """Lay out for ``width`` pixels; return the height that is needed, 0 when empty."""
        if self.isHidden():
            return 0
        px = self._theme.px
        gap, tall = px(_GAP), px(HEIGHT)
        height = 0
        if self._chips:
            lines = self._place(width)
            shown = min(lines, _MOST_LINES)
            self._room.resize(width, lines * (tall + gap) - gap)
            height = shown * (tall + gap) - gap
            self._area.setGeometry(0, 0, width, height)
        if self.note.text():
            step = px(GRID)
            wanted = max(px(_NOTE), self.note.heightForWidth(width - px(8)))
            note = -(-wanted // step) * step
            top = height + (px(4) if height else 0)
            self.note.setGeometry(px(4), top, width - px(8), note)
            height = top + note
        return height

    def _place(self, width: int) -> int:
        """Put every chip in its place; returns how many lines they need."""
        px = self._theme.px
        gap, tall = px(_GAP), px(HEIGHT)
        wide = min(px(WIDTH), width)
        x = line = 0
        for chip in self._chips:
            wanted = width if chip.is_wide else wide
            if x and x + wanted > width:
                x, line = 0, line + 1
            chip.setGeometry(x, line * (tall + gap), wanted, tall)
            x += wanted + gap
        return line + 1

    def _let_go(self, chip: FileChip) -> None:
        # The composer has the keyboard then: whoever removed a file goes on writing.
        hide_and_pass_focus(chip, self.parentWidget())
        chip.deleteLater()
