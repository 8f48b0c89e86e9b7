"""The list of all shortcuts, over the window. It is read from the window each time it opens."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.shortcuts.named import NamedShortcut, Place, shortcuts_of
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_HEADING, TEXT_SMALL
from ui.widgets.buttons import IconButton
from ui.widgets.labels import Label
from ui.widgets.sheet import Sheet
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

_SIZE = QSize(560, 720)
_ROW = 28


class ShortcutsSheet(Sheet):
    """Opens over ``window``'s central widget; arrows and Page keys scroll, Esc closes."""

    def __init__(self, theme: Theme, window: QWidget, parent: QWidget) -> None:
        super().__init__(theme, "", _SIZE, parent)
        self.setAccessibleName(self.tr("Keyboard shortcuts"))
        self._window = window
        self._title = Label(
            theme, self.tr("Keyboard shortcuts"), size=TEXT_HEADING, weight=QFont.Weight.DemiBold
        )
        self._close = IconButton(theme, "x", self.tr("Close"), shortcut="Esc")
        self._close.clicked.connect(self.close_sheet)
        self._head = QHBoxLayout()
        self._head.addWidget(self._title, 1)
        self._head.addWidget(self._close)
        self._area = QScrollArea()
        set_style(self._area, look="clear")
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(self._head)
        self._layout.addWidget(self._area, 1)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What stands in the list: words, and the keys beside them."""
        body = self._area.widget()
        labels = [] if body is None else body.findChildren(_Line)
        return [(each.words, each.keys) for each in labels]

    def open_sheet(self) -> None:
        """Read the window, and appear."""
        self._fill(shortcuts_of(self._window))
        super().open_sheet()
        self._close.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll; Esc closes."""
        bar = self._area.verticalScrollBar()
        steps = {
            Qt.Key.Key_Down: self._theme.px(_ROW), Qt.Key.Key_Up: -self._theme.px(_ROW),
            Qt.Key.Key_PageDown: self._area.height(), Qt.Key.Key_PageUp: -self._area.height(),
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            bar.setValue(bar.value() + step)

    def _fill(self, shortcuts: Sequence[NamedShortcut]) -> None:
        px, theme = self._theme.px, self._theme
        body = Surface("clear")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, px(12), 0)
        column.setSpacing(0)
        titles = {
            Place.GENERAL: self.tr("Everywhere"),
            Place.CHAT: self.tr("In a chat"),
            Place.VIEW: self.tr("The window"),
        }
        for place, title in titles.items():
            rows = [each for each in shortcuts if each.place is place]
            if not rows:
                continue
            heading = Label(theme, title, size=TEXT_SMALL, ink="muted")
            heading.setFixedHeight(px(32))
            heading.setAlignment(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft)
            column.addWidget(heading)
            for each in rows:
                column.addWidget(_Line(theme, each.words, self._keys(each), body))
        column.addStretch(1)
        self._area.setWidget(body)

    def _keys(self, shortcut: NamedShortcut) -> str:
        return self.tr(" or ").join(shortcut.keys)

    def _restyle(self) -> None:
        px = self._theme.px
        # Within the card's border.
        self._layout.setContentsMargins(px(24) - 1, px(16) - 1, px(12) - 1, px(16) - 1)
        self._layout.setSpacing(px(4))
        self._head.setContentsMargins(0, 0, px(4), 0)
        if self.isVisible():
            self._fill(shortcuts_of(self._window))


class _Line(QWidget):
    """What it does, and the keys at the right."""

    def __init__(self, theme: Theme, words: str, keys: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.words, self.keys = words, keys
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(Label(theme, words), 0, 0)
        strong = Label(theme, keys, weight=QFont.Weight.Medium, tabular=True)
        strong.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(strong, 0, 1)
        grid.setColumnStretch(0, 1)
        self.setFixedHeight(theme.px(_ROW))
        self.setAccessibleName(": ".join((words, keys)))
