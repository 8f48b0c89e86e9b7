"""Buttons: with words, and the few with an icon alone. All are 32 high, hit areas at least 28."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_INTERFACE
from ui.widgets.styling import set_style
from ui.widgets.tooltips import plain_tooltip

_ICON_SIZE, _ICON_GAP = 16, 4


def pressed_by_enter(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Click ``button`` if ``event`` is Enter; Qt itself takes only Space outside dialogs."""
    is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    if is_enter and not event.isAutoRepeat():
        button.click()
    return is_enter


class Button(QPushButton):
    """Pressed by Space and by Enter."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what Space does."""
        if not pressed_by_enter(self, event):
            super().keyPressEvent(event)


class TextButton(Button):
    """A button with words. ``look``: plain, quiet, accent, danger, outline or row.

    It takes the focus from the keyboard only, so that a click leaves the caret where it is and
    the focus ring appears for those who need it.
    """

    def __init__(
        self,
        theme: Theme,
        text: str,
        *,
        look: str = "plain",
        icon: str = "",
        height: int = CONTROL_HEIGHT,
        size: int = TEXT_INTERFACE,
        weight: QFont.Weight = QFont.Weight.Medium,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme, self._icon, self._height = theme, icon, height
        self._size, self._weight = size, weight
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        set_style(self, look=look)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_icon_name(self, icon: str) -> None:
        """Show another icon; "" shows none."""
        self._icon = icon
        self._restyle()

    def set_height(self, height: int) -> None:
        """Be so many pixels high at 100 %."""
        if height != self._height:
            self._height = height
            self._restyle()

    def sizeHint(self) -> QSize:
        """As wide as its words, on the grid."""
        step = self._theme.px(GRID)
        return QSize(-(-super().sizeHint().width() // step) * step, self.height())

    def minimumSizeHint(self) -> QSize:
        """Words are never cut."""
        return self.sizeHint()

    def _restyle(self) -> None:
        theme = self._theme
        self.setFont(theme.font(self._size, weight=self._weight))
        self.setFixedHeight(theme.px(self._height))
        side, gap = theme.px(_ICON_SIZE), theme.px(_ICON_GAP)
        self.setIconSize(QSize(side + gap, side))
        inks = {"accent": theme.colors.on_accent, "danger": theme.colors.bad}
        if self._icon:
            ink = inks.get(str(self.property("look")), theme.colors.muted)
            self.setIcon(theme.icon(self._icon, ink, gap=_ICON_GAP))


class ElidedButton(TextButton):
    """A button whose words end in "…" when there is no room; the tooltip then has them all."""

    def __init__(self, theme: Theme, text: str, *, look: str, size: int, name: str) -> None:
        super().__init__(theme, text, look=look, size=size)
        self._full, self._name = text, name
        self.set_full_text(text)

    @property
    def is_elided(self) -> bool:
        """Whether part of the text is not shown."""
        return self.text() != self._full

    @property
    def full_text(self) -> str:
        """All of the text."""
        return self._full

    @property
    def wanted_width(self) -> int:
        """Pixels for the whole text."""
        # Whole pixels may be a part of one too few, and then the end would be elided.
        words = self.fontMetrics().horizontalAdvance(self._full) + 2
        return words + self._theme.px(24) + self._icon_width()

    def set_full_text(self, text: str) -> None:
        """Show ``text`` in one line."""
        self._full = " ".join(text.split())
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width shows more or less."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """May shrink to an ellipsis."""
        return QSize(self._theme.px(48), self._theme.px(self._height))

    def _icon_width(self) -> int:
        """With the gap that Qt leaves before the words."""
        return self.iconSize().width() + self._theme.px(4) if self._icon else 0

    def _fit(self) -> None:
        room = self.width() - self._theme.px(24) - self._icon_width()
        self.setText(self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, room))
        self.setToolTip(plain_tooltip(self._full if self.is_elided else self._name))
        self.setAccessibleName(self._name + ": " + self._full)


class IconButton(Button):
    """An icon whose name is its tooltip and its accessible name; 32×32 unless told."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        name: str,
        *,
        shortcut: str = "",
        side: int = CONTROL_HEIGHT,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._icon, self._side = theme, icon, side
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        set_style(self, look="icon")
        self.set_name(name, shortcut)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_name(self, name: str, shortcut: str = "") -> None:
        """What the button does; ``shortcut`` (as "Ctrl+B") is added to the tooltip only."""
        self.setAccessibleName(name)
        keys = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        self.setToolTip(name + "  " + keys if keys else name)

    def set_icon_name(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self._restyle()

    def _restyle(self) -> None:
        theme = self._theme
        self.setFixedSize(theme.px(self._side), theme.px(self._side))
        side = theme.px(_ICON_SIZE)
        self.setIconSize(QSize(side, side))
        self.setIcon(theme.icon(self._icon))
