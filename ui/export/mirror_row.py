"""One Markdown copy: of what, where, how it is, and the verbs."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.export.mirror_view import MirrorRow
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import ElidedLabel
from ui.widgets.surface import Line, Surface

HEIGHT = 76


class MirrorRowView(Surface):
    """Signals:
    open_requested(str), stop_requested(str): key of the copy.
    """

    open_requested = Signal(str)
    stop_requested = Signal(str)

    def __init__(self, theme: Theme, row: MirrorRow, parent: QWidget) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self.key = row.key
        self._name = ElidedLabel(theme, weight=QFont.Weight.Medium, parent=self)
        self._path = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", parent=self)
        self._state = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", parent=self)
        self.open = TextButton(theme, self.tr("Open folder"), look="quiet", parent=self)
        self.stop = TextButton(theme, self.tr("Stop"), look="quiet", parent=self)
        self.stop.setToolTip(self.tr("The files stay where they are"))
        self._line = Line(theme, self)
        self.open.clicked.connect(lambda: self.open_requested.emit(self.key))
        self.stop.clicked.connect(lambda: self.stop_requested.emit(self.key))
        self.show_row(row)

    def show_row(self, row: MirrorRow) -> None:
        """How this copy is now; the keyboard stays where it is."""
        self._name.setText(row.name)
        self._path.setText(row.path)
        self._state.set_ink("warning" if row.is_bad else "muted")
        self._state.setText(row.state)
        self.open.setAccessibleName(self.tr("Open the folder of {name}").format(name=row.name))
        self.stop.setAccessibleName(self.tr("Stop copying {name}").format(name=row.name))
        self.setAccessibleName(", ".join((row.name, row.path, row.state)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words at the left, verbs at the right."""
        super().resizeEvent(event)
        px = self._theme.px
        x = self.width()
        for button in (self.stop, self.open):
            wide = button.sizeHint().width()
            x -= wide
            button.setGeometry(x, px(20), wide, button.height())
            x -= px(4)
        room = max(0, x - px(8))
        self._name.setGeometry(0, px(8), room, px(20))
        self._path.setGeometry(0, px(28), room, px(18))
        self._state.setGeometry(0, px(48), room, px(18))
        self._line.setGeometry(0, self.height() - 1, self.width(), 1)
