"""A sheet that asks for a few words: the variables of a prompt, or the name of a preset."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, TEXT_HEADING
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.fields import LineField
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.sheet import Sheet
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

_WIDTH, _PAD, _HEADER, _FOOT = 480, 24, 56, 64
_FIELD, _MOST_FIELDS = 68, 5
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FieldsSheet(Sheet):
    """Signals: filled(dict): name to what was typed, when the verb was pressed."""

    filled = Signal(dict)

    def __init__(self, theme: Theme, verb: str, parent: QWidget) -> None:
        super().__init__(theme, "", QSize(_WIDTH, 240), parent)
        self._fields: dict[str, LineField] = {}
        self._needs_all = False
        self._title = ElidedLabel(
            theme, size=TEXT_HEADING, weight=QFont.Weight.DemiBold, parent=self
        )
        self.close_button = IconButton(theme, "x", self.tr("Close"), shortcut="Esc", parent=self)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_style(self._area, look="clear")
        self.cancel = TextButton(theme, self.tr("Cancel"), parent=self)
        self.verb = TextButton(theme, verb, look="accent", parent=self)
        for button in (self.close_button, self.cancel):
            button.clicked.connect(self.close_sheet)
        self.verb.clicked.connect(self._take)

    @property
    def fields(self) -> dict[str, LineField]:
        """The fields by their names."""
        return dict(self._fields)

    def ask(self, title: str, names: Sequence[str], *, needed: bool = False) -> None:
        """Open with a field for each name; ``needed``: none of them may stay empty."""
        self.setAccessibleName(title)
        self._title.setText(title)
        self._fields = {}
        px = self._theme.px
        room = Surface("clear")
        layout = QVBoxLayout(room)
        layout.setContentsMargins(px(2), 0, px(12), 0)
        layout.setSpacing(px(4))
        for name in names:
            field = LineField(self._theme, name)
            if needed:
                field.textChanged.connect(self._look)
            label = Label(self._theme, name, wrap=True)
            label.setBuddy(field)
            layout.addWidget(label)
            layout.addWidget(field)
            layout.addSpacing(px(8))
            self._fields[name] = field
        layout.addStretch(1)
        self._area.setWidget(room)
        self._needs_all = needed
        shown = min(len(names), _MOST_FIELDS)
        self.set_wanted(QSize(_WIDTH, _HEADER + shown * _FIELD + 8 + _FOOT))
        self._look()
        self.open_sheet()
        self._arrange()
        first = next(iter(self._fields.values()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field goes to the next, in the last one it takes them."""
        if event.key() in _ENTER:
            fields = list(self._fields.values())
            focused = [n for n, field in enumerate(fields) if field.hasFocus()]
            if focused and focused[0] + 1 < len(fields):
                fields[focused[0] + 1].setFocus(Qt.FocusReason.TabFocusReason)
            elif focused:
                self._take()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything has its place."""
        super().resizeEvent(event)
        self._arrange()

    def _values(self) -> dict[str, str]:
        return {name: field.text() for name, field in self._fields.items()}

    def _look(self) -> None:
        values = self._values().values()
        self.verb.setEnabled(not self._needs_all or all(each.strip() for each in values))

    def _take(self) -> None:
        if self.verb.isEnabled():
            values = self._values()
            self.close_sheet()
            self.filled.emit(values)

    def _arrange(self) -> None:
        px = self._theme.px
        pad, control = px(_PAD), px(CONTROL_HEIGHT)
        width, foot = self.width(), self.height() - px(_FOOT)
        self._title.setGeometry(pad, 0, width - pad - px(56), px(_HEADER))
        self.close_button.move(width - px(12) - control, (px(_HEADER) - control) // 2)
        self._area.setGeometry(pad - px(2), px(_HEADER), width - 2 * pad + px(4) + px(10),
                               max(0, foot - px(_HEADER)))  # fmt: skip
        y, x = foot + (px(_FOOT) - control) // 2, width - pad
        for button in (self.verb, self.cancel):
            wide = button.sizeHint().width()
            x -= wide
            button.setGeometry(x, y, wide, control)
            x -= px(8)
