"""Tells the desktop that something ended while nobody looked at the window."""

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

_SHOWN_MS = 10_000


class Notifier(QObject):
    """Shows a desktop notification where there is a tray to show it, and marks the window."""

    def __init__(self, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window = window
        self._tray: QSystemTrayIcon | None = None
        self._hide = QTimer(self)
        self._hide.setSingleShot(True)
        self._hide.setInterval(_SHOWN_MS)
        self._hide.timeout.connect(self._away)

    def tell(self, title: str, text: str) -> bool:
        """Say it, unless the window has the focus; returns whether it was said."""
        if self._window.isActiveWindow():
            return False
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

    def _away(self) -> None:
        if self._tray is not None:
            self._tray.hide()
