"""Where a message is written: grows with its text; the Send button becomes Stop in place."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QIcon,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QPushButton, QWidget

from ui.composer.file_tray import FileTray
from ui.composer.file_view import FileView
from ui.composer.message_field import MessageField, is_model_file, local_paths
from ui.theme.theme import Theme
from ui.theme.tokens import FOCUS_WIDTH, GRID, TEXT_CHAT
from ui.widgets.buttons import IconButton
from ui.widgets.styling import set_style

LEAST_HEIGHT, MOST_HEIGHT = 56, 240
"""Of the text's part; the window gives it a third of its own height instead of the second."""

_BUTTON, _BUTTON_MARGIN = 36, 10
_PAD_LEFT, _PAD_TOP = 16, 16
_RADIUS = 16
_KEEP = QTextCursor.MoveMode.KeepAnchor


class Composer(QWidget):
    """What was typed stays until ``accepted`` says that it is stored. Files stand above it.

    Signals:
        sent(str): the text to send; never empty, and no file goes with it.
        sent_with_files(str): the same, with the files that are shown.
        queued(str): the text to send when the answer that is being written has ended.
        stop_requested(): stop the answer that is being written.
        attach_requested(): files are to be chosen.
        height_changed(): it needs another height now.
        answering_changed(bool): the button became Stop, or Send again.
        text_changed(): what is written is another text.
    """

    sent = Signal(str)
    sent_with_files = Signal(str)
    queued = Signal(str)
    stop_requested = Signal()
    attach_requested = Signal()
    height_changed = Signal()
    answering_changed = Signal(bool)
    text_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._answering = self._is_target = False
        self._reason = ""
        self._wanted = 0
        self._room: int | None = None
        self._text_room: int | None = None
        self.tray = FileTray(theme, self)
        self.attach = IconButton(
            theme, "paperclip", self.tr("Attach files"), side=_BUTTON, parent=self
        )
        self.field = MessageField(self)
        self.field.setAccessibleName(self.tr("Message"))
        self.field.setPlaceholderText(self.tr("Write a message"))
        self.button = QPushButton(self)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setAutoDefault(False)
        self.setAcceptDrops(True)
        self._connect()
        self.setFocusProxy(self.field)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _connect(self) -> None:
        field = self.field
        field.send_pressed.connect(self._send)
        field.stop_pressed.connect(self._stop)
        field.focus_changed.connect(self.update)
        field.textChanged.connect(self._text_changed)
        self.button.clicked.connect(self._button_clicked)
        self.attach.clicked.connect(self.attach_requested)
        self.tray.changed.connect(self._files_changed)

    @property
    def text(self) -> str:
        """What is written now."""
        return self.field.toPlainText()

    def set_text(self, text: str) -> None:
        """Put ``text`` in place of what is written, the caret behind it."""
        self.field.replace_all(text)
        self.field.setFocus()

    def show_draft(self, text: str) -> None:
        """Show another conversation's text; the keyboard stays where it is."""
        if text != self.text:
            self.field.replace_all(text)

    def show_files(self, views: Sequence[FileView]) -> None:
        """Show these files above the text."""
        self.tray.show_files(views)

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
            self._show_placeholder()
            self._show_button()
            self.answering_changed.emit(answering)

    @property
    def is_answering(self) -> bool:
        """Whether the button is Stop now."""
        return self._answering

    def set_enabled_reason(self, reason: str) -> None:
        """Say why nothing can be sent now; "" when it can. Writing stays possible."""
        self._reason = reason
        self._show_placeholder()
        self._show_button()

    def _show_placeholder(self) -> None:
        words = self.tr("Write a message")
        if self._answering:
            words = self.tr("Write the next message; it waits for this answer")
        self.field.setPlaceholderText(self._reason or words)

    # --- height -----------------------------------------------------------------------------

    def set_room(self, pixels: int, text_pixels: int | None = None) -> None:
        """Grow to at most ``pixels`` in all, and ``text_pixels`` for the text (None: 240)."""
        if (pixels, text_pixels) != (self._room, self._text_room):
            self._room, self._text_room = pixels, text_pixels
            self._fit()

    def _most_text(self, files: int) -> int:
        px, step = self._theme.px, self._theme.px(GRID)
        most = px(MOST_HEIGHT) if self._text_room is None else self._text_room
        if self._room is not None:
            most = min(most, self._room - files)
        return max(px(LEAST_HEIGHT), most - most % step)

    def _text_height(self) -> int:
        lines = self.field.document().size().height()
        return int(lines * self.field.fontMetrics().lineSpacing()) + 2 * self._theme.px(_PAD_TOP)

    def _files_height(self) -> int:
        px = self._theme.px
        height = self.tray.arrange(max(px(120), self.width() - 2 * px(_PAD_LEFT)))
        return height + px(12) if height else 0

    def wanted_height(self) -> int:
        """Pixels for files and text as they are: 56 to a third of the window, and the files."""
        files = self._files_height()
        text = min(self._most_text(files), self._text_height())
        return files + max(self._theme.px(LEAST_HEIGHT), text)

    def sizeHint(self) -> QSize:
        """As high as the text wants."""
        return QSize(self._theme.px(720), self.wanted_height())

    def _fit(self) -> None:
        files = self._files_height()
        most = self._most_text(files)
        full = self._text_height() >= most > self._theme.px(LEAST_HEIGHT)
        policy = Qt.ScrollBarPolicy
        self.field.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if full else policy.ScrollBarAlwaysOff
        )
        wanted = self.wanted_height()
        if wanted != self._wanted:
            self._wanted = wanted
            self.updateGeometry()
            self.height_changed.emit()

    # --- sending ----------------------------------------------------------------------------

    def _button_clicked(self) -> None:
        if self._answering:
            self._stop()
        else:
            self._send()

    def _send(self) -> None:
        text = self.text
        if not text.strip() or self._reason:
            return
        if not self.tray.is_empty:
            self.sent_with_files.emit(text)
        elif self._answering:
            self.queued.emit(text)
        else:
            self.sent.emit(text)

    def _stop(self) -> None:
        if self._answering:
            self.stop_requested.emit()

    def _text_changed(self) -> None:
        self._show_button()
        self._fit()
        self.text_changed.emit()

    def _files_changed(self) -> None:
        self._fit()
        self._arrange()

    # --- dropping ---------------------------------------------------------------------------

    def set_drop_target(self, is_target: bool) -> None:
        """Show by the frame that what is dragged here would be attached."""
        if is_target != self._is_target:
            self._is_target = is_target
            self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files, not models: those belong to the window."""
        if can_be_attached(event.mimeData()):
            event.acceptProposedAction()
            self.set_drop_target(True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """They go elsewhere."""
        self.set_drop_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Attach them."""
        self.set_drop_target(False)
        if can_be_attached(event.mimeData()):
            event.acceptProposedAction()
            self.field.files_given.emit(local_paths(event.mimeData().urls()))

    # --- looks ------------------------------------------------------------------------------

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
        """Another width wraps the text elsewhere."""
        self._arrange()
        self._fit()

    def _arrange(self) -> None:
        """Files on top; the field between attach and Send, which keep to the lower edge."""
        px = self._theme.px
        side, margin, pad = px(_BUTTON), px(_BUTTON_MARGIN), px(_PAD_LEFT)
        files = self._files_height()
        if files:
            self.tray.setGeometry(pad, px(12), self.width() - 2 * pad, files - px(12))
        bottom = self.height() - side - margin
        self.attach.move(margin, bottom)
        self.button.setGeometry(self.width() - side - margin, bottom, side, side)
        top, left = files + px(_PAD_TOP), margin + side + px(6)
        width = self.width() - left - side - 2 * margin
        self.field.setGeometry(left, top, width, self.height() - top - px(_PAD_TOP) + px(4))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A raised card; the frame takes the accent while it is written in or dropped on."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self._is_target or self.field.hasFocus()
        line = theme.px(FOCUS_WIDTH) if self._is_target else 1.0
        painter.setPen(QPen(theme.color("accent" if lit else "border"), line))
        painter.setBrush(theme.color("raised"))
        radius = theme.px(_RADIUS)
        inset = line / 2
        frame = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(frame, radius, radius)

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
        self._arrange()
        self._fit()
        self.update()


def can_be_attached(dragged: QMimeData) -> bool:
    """Whether files are dragged and none of them is a model."""
    paths = local_paths(dragged.urls())
    return bool(paths) and not any(is_model_file(path) for path in paths)
