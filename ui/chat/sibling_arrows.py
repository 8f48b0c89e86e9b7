"""‹ 2/3 ›: the other versions of a message, always in sight where there are any."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.history.entities import Siblings
from ui.chat.figures import grouped
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, TEXT_SMALL
from ui.widgets.buttons import IconButton
from ui.widgets.labels import Label

_SIDE = 28


class SiblingArrows(QWidget):
    """Two arrows around a count.

    Signals:
        chosen(str): id of the version to show.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._siblings = Siblings((), 0)
        self.before = IconButton(
            theme, "chevron-left", self.tr("Earlier version"), side=_SIDE, parent=self
        )
        self.count = Label(theme, size=TEXT_SMALL, ink="muted", tabular=True, parent=self)
        self.count.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.after = IconButton(
            theme, "chevron-right", self.tr("Later version"), side=_SIDE, parent=self
        )
        self.before.clicked.connect(lambda: self.step(-1))
        self.after.clicked.connect(lambda: self.step(1))

    def show_siblings(self, siblings: Siblings) -> None:
        """Say which version this is, and of how many."""
        self._siblings = siblings
        number, total = siblings.position + 1, len(siblings.ids)
        self.count.setText(
            self.tr("{number}/{total}").format(number=grouped(number), total=grouped(total))
        )
        told = self.tr("Version {number} of {total}").format(number=number, total=total)
        self.count.setAccessibleName(told)
        self.setAccessibleName(told)
        self.before.setEnabled(siblings.position > 0)
        self.after.setEnabled(number < total)

    def step(self, by: int) -> None:
        """To a version before (-1) or after (1); does nothing where there is none."""
        place = self._siblings.position + by
        if 0 <= place < len(self._siblings.ids):
            self.chosen.emit(self._siblings.ids[place])

    def focused_step(self) -> int:
        """-1 or 1 while that arrow has the keyboard, else 0."""
        return 1 if self.after.hasFocus() else -1 if self.before.hasFocus() else 0

    def take_focus(self, by: int) -> None:
        """Give the keyboard to an arrow, or to the other one where that leads nowhere."""
        first, second = (self.after, self.before) if by > 0 else (self.before, self.after)
        target = first if first.isEnabled() else second
        target.setFocus(Qt.FocusReason.TabFocusReason)

    def arrange(self) -> int:
        """Place the parts; return the width they take."""
        step, side = self._theme.px(GRID), self.before.width()
        wide = -(-self.count.sizeHint().width() // step) * step
        self.before.move(0, 0)
        self.count.setGeometry(side, 0, wide, side)
        self.after.move(side + wide, 0)
        return 2 * side + wide
