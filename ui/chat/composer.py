"""Where a message is written: grows with its text; the Send button becomes Stop in place."""

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QIcon,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QPushButton, QWidget

from ui.chat.document_view import wrap_mode_for
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_CHAT
from ui.widgets.styling import set_style

LEAST_HEIGHT, MOST_HEIGHT = 56, 240
_BUTTON, _BUTTON_MARGIN = 36, 10
_PAD_LEFT, _PAD_TOP, _LINE = 16, 16, 24
_RADIUS = 16
_KEEP = QTextCursor.MoveMode.KeepAnchor
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class MessageField(QPlainTextEdit):
    """Plain text only. Enter asks to send, Shift+Enter breaks the line.

    Signals:
        send_pressed(): Enter, while no input method is composing.
        stop_pressed(): Esc.
        focus_changed(): it got or lost the keyboard.
    """

    send_pressed = Signal()
    stop_pressed = Signal()
    focus_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._composing = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter sends unless an input method is choosing a word with it."""
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in _ENTER_KEYS and not self._composing:
            if modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier):
                self.send_pressed.emit()
                return
            if modifiers == Qt.KeyboardModifier.ShiftModifier:
                self.insertPlainText("\n")
                self.ensureCursorVisible()
                return
        if event.key() == Qt.Key.Key_Escape:
            self.stop_pressed.emit()
            event.ignore()
            return
        super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Remember whether a word is still being composed."""
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def fit_wrapping(self, added: str) -> None:
        """Choose how to wrap before ``added`` arrives."""
        mode = wrap_mode_for(added)
        if mode is QTextOption.WrapMode.WrapAnywhere or self.document().isEmpty():
            self.setWordWrapMode(mode)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste words, never formats or files."""
        if source.hasText():
            self.fit_wrapping(source.text())
            self.textCursor().insertText(source.text())
            self.ensureCursorVisible()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Only text can be pasted or dropped here; a dropped file belongs to the window."""
        return source.hasText() and not source.hasUrls()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame shows it."""
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The frame shows it. A word that was being composed is given up by the system."""
        self._composing = False
        super().focusOutEvent(event)
        self.focus_changed.emit()


class Composer(QWidget):
    """56 to 240 high. What was typed stays until ``accepted`` says that it is stored.

    Signals:
        sent(str): the text to send; never empty.
        stop_requested(): stop the answer that is being written.
        height_changed(): it needs another height now.
        answering_changed(bool): the button became Stop, or Send again.
    """

    sent = Signal(str)
    stop_requested = Signal()
    height_changed = Signal()
    answering_changed = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._answering = False
        self._reason = ""
        self._wanted = 0
        self._room: int | None = None
        self.field = MessageField(theme, self)
        self.field.setAccessibleName(self.tr("Message"))
        self.field.setPlaceholderText(self.tr("Write a message"))
        self.button = QPushButton(self)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setAutoDefault(False)
        self.field.send_pressed.connect(self._send)
        self.field.stop_pressed.connect(self._stop)
        self.field.focus_changed.connect(self.update)
        self.field.textChanged.connect(self._text_changed)
        self.button.clicked.connect(self._button_clicked)
        self.setFocusProxy(self.field)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def text(self) -> str:
        """What is written now."""
        return self.field.toPlainText()

    def set_text(self, text: str) -> None:
        """Put ``text`` in place of what is written, the caret behind it."""
        self.field.clear()
        self.field.fit_wrapping(text)
        self.field.setPlainText(text)
        self.field.moveCursor(self.field.textCursor().MoveOperation.End)
        self.field.setFocus()

    def accepted(self, text: str) -> None:
        """``text`` is on disk: take it out; what was typed behind it meanwhile stays."""
        if self.text == text:
            self.field.clear()
            self.field.fit_wrapping("")
        elif self.text.startswith(text):
            cursor = self.field.textCursor()
            cursor.setPosition(0)
            cursor.setPosition(len(text.encode("utf-16-le", "surrogatepass")) // 2, _KEEP)
            cursor.removeSelectedText()

    def set_answering(self, answering: bool) -> None:
        """Show Stop in place of Send while an answer is being written."""
        if answering != self._answering:
            self._answering = answering
            self._show_button()
            self.answering_changed.emit(answering)

    @property
    def is_answering(self) -> bool:
        """Whether the button is Stop now."""
        return self._answering

    def set_enabled_reason(self, reason: str) -> None:
        """Say why nothing can be sent now; "" when it can. Writing stays possible."""
        self._reason = reason
        self.field.setPlaceholderText(reason or self.tr("Write a message"))
        self._show_button()

    def set_room(self, pixels: int) -> None:
        """Grow to at most this height, where the window has no room for 240."""
        if pixels != self._room:
            self._room = pixels
            self._fit()

    def _most_height(self) -> int:
        px = self._theme.px
        most = px(MOST_HEIGHT)
        return most if self._room is None else max(px(LEAST_HEIGHT), min(most, self._room))

    def wanted_height(self) -> int:
        """Pixels for the text as it is: 56 to 240 at 100 %, less in a low window."""
        px = self._theme.px
        lines = self.field.document().size().height()
        text = int(lines * self.field.fontMetrics().lineSpacing()) + 2 * px(_PAD_TOP)
        return max(px(LEAST_HEIGHT), min(self._most_height(), text))

    def sizeHint(self) -> QSize:
        """As high as the text wants."""
        return QSize(self._theme.px(720), self.wanted_height())

    def _button_clicked(self) -> None:
        if self._answering:
            self._stop()
        else:
            self._send()

    def _send(self) -> None:
        text = self.text
        if text.strip() and not self._answering and not self._reason:
            self.sent.emit(text)

    def _stop(self) -> None:
        if self._answering:
            self.stop_requested.emit()

    def _text_changed(self) -> None:
        self._show_button()
        self._fit()

    def _fit(self) -> None:
        wanted = self.wanted_height()
        full = wanted >= self._most_height() > self._theme.px(LEAST_HEIGHT)
        policy = Qt.ScrollBarPolicy
        self.field.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if full else policy.ScrollBarAlwaysOff
        )
        if wanted != self._wanted:
            self._wanted = wanted
            self.updateGeometry()
            self.height_changed.emit()

    def _show_button(self) -> None:
        colors = self._theme.colors
        if self._answering:
            name, usable = self.tr("Stop"), True
            tip = self.tr("Stop  Esc")
        else:
            name = self.tr("Send")
            usable = not self._reason and not self.field.document().isEmpty()
            tip = self._reason or self.tr("Send  Enter")
        self.button.setEnabled(usable)
        self.button.setAccessibleName(name)
        self.button.setToolTip(tip)
        set_style(self.button, look="accent")
        ink = colors.on_accent if usable else colors.muted
        icon = self._stop_icon() if self._answering else self._theme.icon("arrow-up", ink)
        self.button.setIcon(icon)

    def _stop_icon(self) -> QIcon:
        """A filled square, drawn at twice the size so that it is crisp on fine screens."""
        side = self._theme.px(20)
        picture = QPixmap(side * 2, side * 2)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("on_accent"))
        painter.drawRoundedRect(QRectF(side * 0.4, side * 0.4, side * 1.2, side * 1.2), 5, 5)
        painter.end()
        picture.setDevicePixelRatio(2)
        return QIcon(picture)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press anywhere in the frame goes to the field."""
        self.field.setFocus(Qt.FocusReason.MouseFocusReason)
        super().mousePressEvent(event)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The field left, the button in the lower right corner."""
        px = self._theme.px
        side, margin = px(_BUTTON), px(_BUTTON_MARGIN)
        self.button.setGeometry(
            self.width() - side - margin, self.height() - side - margin, side, side
        )
        top = px(_PAD_TOP)
        width = self.width() - px(_PAD_LEFT) - side - 2 * margin
        self.field.setGeometry(px(_PAD_LEFT), top, width, self.height() - 2 * top + px(4))
        self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A raised card; the frame takes the accent while it is written in."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.field.hasFocus()
        painter.setPen(QPen(theme.color("accent" if focused else "border"), 1.0))
        painter.setBrush(theme.color("raised"))
        radius = theme.px(_RADIUS)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def _restyle(self) -> None:
        theme = self._theme
        self.field.setFont(theme.font(TEXT_CHAT))
        # Qt keeps the words as they were laid out with the font before.
        words = self.field.placeholderText()
        self.field.setPlaceholderText("")
        self.field.setPlaceholderText(words)
        palette = self.field.palette()
        palette.setColor(QPalette.ColorRole.Text, theme.color("text"))
        palette.setColor(QPalette.ColorRole.PlaceholderText, theme.color("muted"))
        self.field.setPalette(palette)
        side = theme.px(20)
        self.button.setIconSize(QSize(side, side))
        self._show_button()
        self._fit()
        self.update()
