"""A card over a page for something that needs more than a line: not modal, Esc closes it."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from ui.theme.theme import Theme
from ui.theme.tokens import GRID
from ui.widgets.drawer import Scrim
from ui.widgets.surface import Surface

_MARGIN = 24


class Sheet(Surface):
    """Lies in the middle of its parent over a scrim; the Tab key stays inside it.

    Signals:
        closed: by Esc, a click beside it, or ``close_sheet``.
    """

    closed = Signal()

    def __init__(self, theme: Theme, name: str, wanted: QSize, parent: QWidget) -> None:
        super().__init__("card", parent)
        self._theme, self._wanted = theme, wanted
        self._before: QWidget | None = None
        self.setProperty("floats", True)
        self.setAccessibleName(name)
        self._scrim = Scrim(theme, parent)
        self._scrim.pressed.connect(self.close_sheet)
        self.hide()
        parent.installEventFilter(self)
        theme.changed.connect(self._place)

    def set_wanted(self, wanted: QSize) -> None:
        """Be so large at 100 %, as far as the page has room."""
        self._wanted = wanted
        self._place()

    def open_sheet(self) -> None:
        """Appear over the page."""
        if not self.isVisible():
            self._before = QApplication.focusWidget()
        self._place()
        self._scrim.show()
        self._scrim.raise_()
        self.show()
        self.raise_()

    def close_sheet(self) -> None:
        """Disappear; harmless when closed. The keyboard goes back to where it was."""
        if self.isHidden():
            return
        before, parent = self._before, self.parentWidget()
        self._scrim.hide()
        is_there = before is not None and isValid(before) and before.isVisible()
        heir = before if is_there else parent
        if heir is not None:
            heir.setFocus(Qt.FocusReason.PopupFocusReason)
        self.hide()
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The page became larger or smaller."""
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget():
            self._place()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes; nothing else reaches the page behind."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """From the last control on to the first one: what lies behind cannot be seen to be at."""
        stops = self._stops()
        if not stops:
            return True
        now = QApplication.focusWidget()
        place = stops.index(now) if now in stops else (-1 if forward else 0)
        target = stops[(place + (1 if forward else -1)) % len(stops)]
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        target.setFocus(reason)
        return True

    def _stops(self) -> list[QWidget]:
        found: list[QWidget] = []
        part = self.nextInFocusChain()
        while part is not None and part is not self:
            takes = bool(part.focusPolicy() & Qt.FocusPolicy.TabFocus)
            if takes and self.isAncestorOf(part) and part.isVisible() and part.isEnabled():
                found.append(part)
            part = part.nextInFocusChain()
        return found

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        px = self._theme.px
        step, margin = px(GRID), px(_MARGIN)
        width = min(px(self._wanted.width()), parent.width() - 2 * margin)
        height = min(px(self._wanted.height()), parent.height() - 2 * margin)
        left, top = (parent.width() - width) // 2, (parent.height() - height) // 2
        self._scrim.setGeometry(parent.rect())
        self.setGeometry(
            left - left % step, top - top % step, width - width % step, height - height % step
        )
