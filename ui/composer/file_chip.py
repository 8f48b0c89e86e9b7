"""A file that goes with the draft: name, what is known of it, progress, and the way out."""

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.composer.file_view import FileState, FileView
from ui.theme.theme import Theme
from ui.theme.tokens import RADIUS, TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.bar import Bar
from ui.widgets.buttons import Button, IconButton, TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface
from ui.widgets.tooltips import plain_tooltip

WIDTH, HEIGHT = 224, 48
_PAD, _CLOSE = 12, 28


class FileName(Button):
    """Two lines that end in "…" when there is no room; pressed, they show the file's text."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = self._detail = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def is_elided(self) -> bool:
        """Whether something is not shown whole."""
        room = self.width() - self._theme.px(_PAD)
        lines = ((self._name, TEXT_INTERFACE), (self._detail, TEXT_SMALL))
        return any(
            QFontMetrics(self._theme.font(size)).horizontalAdvance(text) > room
            for text, size in lines
        )

    def show_words(self, name: str, detail: str, tip: str) -> None:
        """Show ``name`` over ``detail``; ``tip`` has all of it."""
        self._name, self._detail = name, detail
        self.setAccessibleName(name)
        self.setAccessibleDescription(detail)
        self.setToolTip(plain_tooltip(tip))
        self.setFont(self._theme.font(TEXT_INTERFACE))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The name, under it the rest."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.hasFocus()
        if focused or self.underMouse():
            width = px(2)
            area = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
            ring = Qt.PenStyle.NoPen if not focused else QPen(theme.color("accent"), width)
            painter.setPen(ring)
            painter.setBrush(theme.color("control" if focused else "hover"))
            painter.drawRoundedRect(area, px(RADIUS), px(RADIUS))
        room = self.width() - px(_PAD)
        elide = Qt.TextElideMode.ElideMiddle
        for text, size, ink, top in (
            (self._name, TEXT_INTERFACE, "text", 6),
            (self._detail, TEXT_SMALL, "muted", 25),
        ):
            font = theme.font(size)
            metrics = QFontMetrics(font)
            painter.setFont(font)
            painter.setPen(theme.color(ink))
            shown = metrics.elidedText(text, elide, room)
            painter.drawText(QPoint(px(_PAD), px(top) + metrics.ascent()), shown)


class FileChip(Surface):
    """224 × 48; one that could not be read takes a line of its own and says why.

    Signals:
        opened(str): its text is to be looked at (the file's id).
        removed(str): it is not to go along; what is still read is cancelled.
    """

    opened = Signal(str)
    removed = Signal(str)

    def __init__(self, theme: Theme, view: FileView, parent: QWidget) -> None:
        super().__init__("group", parent)
        self._theme = theme
        self._view = view
        self.name = FileName(theme, self)
        self.reason = Label(theme, size=TEXT_SMALL, ink="bad", wrap=True, parent=self)
        self.close_button = IconButton(theme, "x", "", side=_CLOSE, parent=self)
        self.remove_button = TextButton(theme, self.tr("Remove"), look="quiet", parent=self)
        self._bar = Bar(theme, height=4, parent=self)
        self.name.clicked.connect(lambda: self.opened.emit(self._view.id))
        for button in (self.close_button, self.remove_button):
            button.clicked.connect(lambda: self.removed.emit(self._view.id))
        self.show_file(view)

    @property
    def view(self) -> FileView:
        """What is shown."""
        return self._view

    @property
    def is_wide(self) -> bool:
        """Whether it needs a line of its own."""
        return self._view.state is FileState.FAILED

    def show_file(self, view: FileView) -> None:
        """Show what is known now."""
        self._view = view
        failed = view.state is FileState.FAILED
        self.name.setVisible(not failed)
        self.name.setEnabled(view.state is FileState.READY)
        self.name.show_words(view.name, view.detail, view.tip)
        self.close_button.setVisible(not failed)
        reading = view.state is FileState.READING
        words = self.tr("Stop reading {name}") if reading else self.tr("Remove {name}")
        self.close_button.set_name(words.format(name=view.name))
        self.reason.setVisible(failed)
        self.reason.setText(view.detail if failed else "")
        self.remove_button.setVisible(failed)
        self.remove_button.setAccessibleName(self.tr("Remove {name}").format(name=view.name))
        self._bar.setVisible(reading and view.fraction is not None)
        self._bar.set_value(view.fraction or 0.0)
        self.setAccessibleName(view.name)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything has its place."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        px = self._theme.px
        width, height, side = self.width(), self.height(), px(_CLOSE)
        self.name.setGeometry(0, 0, width - side - px(8), height)
        self.close_button.move(width - side - px(4), (height - side) // 2)
        self._bar.setGeometry(px(_PAD), height - px(6), width - side - px(8 + 2 * _PAD), px(4))
        wide = self.remove_button.sizeHint().width()
        tall = self.remove_button.height()
        self.remove_button.setGeometry(width - wide - px(8), (height - tall) // 2, wide, tall)
        self.reason.setGeometry(px(_PAD), 0, width - wide - px(8 + 2 * _PAD), height)
