"""Tells the desktop that something ended while nobody looked at the window."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

_SHOWN_MS = 10_000


class Notifier(QObject):
    """Shows a desktop notification where there is a tray to show it, and marks the window."""

    def __init__(self, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window = window
        self._tray: QSystemTrayIcon | None = None
        self._clicked: Callable[[], None] | None = None
        self._hide = QTimer(self)
        self._hide.setSingleShot(True)
        self._hide.setInterval(_SHOWN_MS)
        self._hide.timeout.connect(self._away)

    def tell(
        self,
        title: str,
        text: str,
        clicked: Callable[[], None] | None = None,
        *,
        even_active: bool = False,
    ) -> bool:
        """Say it, unless the window has the focus; returns whether it was said.

        A click raises the window and then calls ``clicked``. ``even_active`` says it to somebody
        who is at the window, too, and looks at another part of it.
        """
        if self._window.isActiveWindow() and not even_active:
            return False
        self._clicked = clicked
        QApplication.alert(self._window)
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return False
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.windowIcon(), self)
            self._tray.messageClicked.connect(self._raise)
            self._tray.activated.connect(lambda _reason: self._raise())
        self._tray.setToolTip(title)
        self._tray.show()
        icon = QSystemTrayIcon.MessageIcon.Information
        self._tray.showMessage(title, text, icon, _SHOWN_MS)
        self._hide.start()
        return True

    def _raise(self) -> None:
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        self._away()
        clicked, self._clicked = self._clicked, None
        if clicked is not None:
            clicked()

    def _away(self) -> None:
        if self._tray is not None:
            self._tray.hide()
