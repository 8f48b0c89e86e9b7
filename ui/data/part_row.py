"""One part of the data folder: what it is, what is in it, where, how large, and its verbs."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont

from app.backups.data_parts import PartUse
from ui.data.words import part_amount, part_hint, part_title
from ui.models.words import joined
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_SMALL
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.surface import Line, Surface

_SIZE, _GAP, _BESIDE_FROM = 88, 8, 560


class PartRow(Surface):
    """Signals:
    open_requested: its folder in the file manager.
    verb_requested: the one further verb that it may have.
    """

    open_requested = Signal()
    verb_requested = Signal()

    def __init__(self, theme: Theme, use: PartUse, verb: str = "") -> None:
        super().__init__("clear")
        self._theme = theme
        name = part_title(use.part)
        self._title = Label(theme, name, weight=QFont.Weight.Medium, parent=self)
        self._hint = Label(
            theme, part_hint(use.part), size=TEXT_SMALL, ink="muted", wrap=True, parent=self
        )
        self._hint.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.path = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", parent=self)
        self.amount = Label(theme, tabular=True, parent=self)
        self.amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.open = IconButton(
            theme, "folder-open", self.tr("Open the folder of: {part}").format(part=name),
            parent=self,
        )  # fmt: skip
        self.verb = TextButton(theme, verb, look="quiet", parent=self)
        self.verb.setAccessibleName(joined((name, verb)))
        self.verb.setVisible(bool(verb))
        self._line = Line(theme, self)
        self.open.clicked.connect(self.open_requested)
        self.verb.clicked.connect(self.verb_requested)
        self.show_use(use)

    def show_use(self, use: PartUse) -> None:
        """Show where it is and how large."""
        self.use = use
        self.path.setText(str(use.path))
        self.amount.setText(part_amount(use))
        self.open.setVisible(bool(use.files))
        self.setAccessibleName(joined((part_title(use.part), part_amount(use), str(use.path))))

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels."""
        px, step = self._theme.px, self._theme.px(GRID)
        control, gap, size = px(CONTROL_HEIGHT), px(_GAP), px(_SIZE)
        verb = self.verb.sizeHint().width() if not self.verb.isHidden() else 0
        beside = width >= px(_BESIDE_FROM)
        # The size stands at the same place in every row.
        taken = size + gap + control + (px(112) + gap if beside else 0)
        room = max(step, (width - taken - px(16)) // step * step)
        tall = -(-self._hint.heightForWidth(room) // step) * step
        self._title.setGeometry(0, px(12), room, px(20))
        self._hint.setGeometry(0, px(32), room, tall)
        self.path.setGeometry(0, px(32) + tall, room, px(16))
        bottom = px(32) + tall + px(16) + px(12)
        y = (bottom - control) // 2 // step * step
        right = width - control
        self.open.move(right, y if beside else px(12))
        left = right - gap - size
        if beside:
            self.verb.setGeometry(right - gap - max(verb, step), y, max(verb, step), control)
            left -= px(112) + gap
        else:
            self.verb.setGeometry(width - max(verb, step), px(48), max(verb, step), control)
        self.amount.setGeometry(left, y if beside else px(12), size, control)
        self._line.setGeometry(0, bottom, width, 1)
        self.setFixedSize(width, bottom + step)
