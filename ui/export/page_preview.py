"""The first pages of a file as pictures, one below the other."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import GRID
from ui.widgets.styling import set_style

_GAP, _WIDEST = 12, 640


class PagePreview(QScrollArea):
    """Arrows and Page keys scroll."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._waiting: list[bytes] = []
        self._pages = _Pages(theme)
        set_style(self, look="clear")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: else it would take its room when the first page arrives.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setWidget(self._pages)
        # One picture at a time: each takes a few milliseconds of the window's thread.
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.setInterval(0)
        self._next.timeout.connect(self._take_next)
        theme.changed.connect(self._arrange)

    @property
    def count(self) -> int:
        """Pages that are shown by now."""
        return len(self._pages.images)

    def show_pages(self, pictures: Sequence[bytes]) -> None:
        """Show these PNG or JPEG pictures."""
        self._pages.images = []
        self._arrange()  # images and places belong together
        self._waiting = list(pictures)
        self.verticalScrollBar().setValue(0)
        self.setAccessibleName(
            self.tr("Preview: the first {count} pages").format(count=len(pictures))
        )
        self._next.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pages are as wide as there is room."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc is the sheet's."""
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _take_next(self) -> None:
        if not self._waiting:
            return
        image = QImage.fromData(self._waiting.pop(0))
        if not image.isNull():
            self._pages.images.append(image)
            self._arrange()
        if self._waiting:
            self._next.start()

    def _arrange(self) -> None:
        self._pages.arrange(self.viewport().width())


class _Pages(QWidget):
    """Paints them; a page that is not in sight costs nothing."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.images: list[QImage] = []
        self._places: list[QRect] = []

    def arrange(self, width: int) -> None:
        """Be so wide, and as high as the pages."""
        px = self._theme.px
        step, gap = px(GRID), px(_GAP)
        wide = max(step, min(width - px(8), px(_WIDEST))) // step * step
        left = (width - wide) // 2
        self._places, y = [], 0
        for image in self.images:
            tall = round(wide * image.height() / max(1, image.width()))
            self._places.append(QRect(left, y, wide, tall))
            y += tall + gap
        self.setFixedSize(QSize(width, max(step, y - gap)))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Those in sight, with a hairline around each."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(self._theme.color("border"))
        for image, place in zip(self.images, self._places, strict=True):
            if place.intersects(event.rect()):
                painter.drawImage(place, image)
                painter.drawRect(place.adjusted(0, 0, -1, -1))
