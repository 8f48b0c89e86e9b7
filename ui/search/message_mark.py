"""A ring around a message, for a moment: here it is."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, RADIUS

SHOWN_MS = 2500
_TINT = 28
"""Of 255: the text below stays as readable as it was."""


class MessageMark(QWidget):
    """Lies over ``message``, lets everything through, and goes by itself."""

    def __init__(self, theme: Theme, message: QWidget) -> None:
        super().__init__(message)
        self._theme = theme
        self.setProperty("floats", True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        message.installEventFilter(self)
        self.setGeometry(message.rect())
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(self.deleteLater)
        timer.start(SHOWN_MS)
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As large as the message, whatever happens to it."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        """An outline and a breath of colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self._theme.px(FOCUS_WIDTH)
        tint = self._theme.color("accent")
        painter.setPen(QPen(tint, width))
        tint.setAlpha(_TINT)
        painter.setBrush(tint)
        radius = self._theme.px(RADIUS)
        half = width / 2
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius
        )
