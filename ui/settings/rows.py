"""One setting: its effect in words, a small line that explains, and the control at the right."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_HEADING, TEXT_SMALL
from ui.widgets.labels import Label
from ui.widgets.surface import Line, Surface

_STACKED_BELOW = 440


class SettingRow(Surface):
    """At least 64 high, with a hairline below."""

    def __init__(self, theme: Theme, title: str, hint: str, control: QWidget | None = None) -> None:
        super().__init__("clear")
        self._theme, self._control = theme, control
        self._title = Label(theme, title, weight=QFont.Weight.Medium, wrap=True)
        self.hint = Label(theme, hint, size=TEXT_SMALL, ink="muted", wrap=True)
        self._words = QVBoxLayout()
        self._words.addStretch(1)
        self._words.addWidget(self._title)
        self._words.addWidget(self.hint)
        self._remark = Label(theme, size=TEXT_SMALL, ink="bad", wrap=True)
        self._remark.hide()
        self._words.addWidget(self._remark)
        self._words.addStretch(1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.addLayout(self._words, 1)
        if control is not None:
            self._row.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._row, 1)
        self._column.addWidget(Line(theme))
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def remark(self) -> str:
        """The sentence below the explanation, or ""."""
        return self._remark.text()

    def set_remark(self, sentence: str, ink: str = "bad") -> None:
        """Say what is wrong with this setting, below its explanation; "" takes it back."""
        self._remark.setText(sentence)
        self._remark.set_ink(ink)
        self._remark.setVisible(bool(sentence))

    def set_stacked(self, stacked: bool) -> None:
        """Put the control under the words, for narrow windows."""
        down = QBoxLayout.Direction.TopToBottom
        self._row.setDirection(down if stacked else QBoxLayout.Direction.LeftToRight)
        if self._control is not None:
            side = Qt.AlignmentFlag.AlignLeft if stacked else Qt.AlignmentFlag.AlignVCenter
            self._row.setAlignment(self._control, side)
        self._restyle()

    def _restyle(self) -> None:
        px = self._theme.px
        self.setMinimumHeight(px(64))
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._row.setContentsMargins(0, px(8), 0, px(8))
        down = self._row.direction() == QBoxLayout.Direction.TopToBottom
        self._row.setSpacing(px(8 if down else 24))
        self._words.setSpacing(px(2))


class ButtonPair(Surface):
    """Buttons beside each other, as the control of one setting."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("clear")
        self._theme = theme
        self._buttons = QHBoxLayout(self)
        self._buttons.setContentsMargins(0, 0, 0, 0)
        theme.changed.connect(self._space)
        self._space()

    def add_buttons(self, *buttons: QWidget) -> None:
        """Append these; hidden ones take no room."""
        for button in buttons:
            self._buttons.addWidget(button)

    def _space(self) -> None:
        self._buttons.setSpacing(self._theme.px(8))


class SettingsGroup(Surface):
    """A heading and rows under each other; the pages of the settings are these."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("clear")
        self._theme = theme
        self._rows: list[SettingRow] = []
        self._heading = Label(theme, size=TEXT_HEADING, weight=QFont.Weight.DemiBold)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self._heading)
        self._layout.addStretch(1)
        theme.changed.connect(self._space)
        self._space()

    @property
    def title(self) -> str:
        """The heading."""
        return self._heading.text()

    def set_title(self, title: str) -> None:
        """The heading; also the group's name in the list."""
        self._heading.setText(title)

    def add_row(self, title: str, hint: str, control: QWidget | None = None) -> SettingRow:
        """Append a setting."""
        row = SettingRow(self._theme, title, hint, control)
        self._layout.insertWidget(self._layout.count() - 1, row)
        self._rows.append(row)
        return row

    def add_part(self, part: QWidget) -> None:
        """Append something that is no setting with a title of its own."""
        self._layout.insertWidget(self._layout.count() - 1, part)

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels; when that is little, controls go under their words."""
        self.setFixedWidth(width)
        for row in self._rows:
            row.set_stacked(width < self._theme.px(_STACKED_BELOW))

    def _space(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(0, px(24), 0, px(24))
        self._layout.setSpacing(0)
        self._heading.setContentsMargins(0, 0, 0, px(8))
