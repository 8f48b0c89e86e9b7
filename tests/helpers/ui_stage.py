"""A window on the stage: the application dressed by a theme, and time for layouts to settle."""

import gc

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from ui.theme.install import install_theme
from ui.theme.theme import Theme

APPEARANCES = [
    (dark, size, zoom)
    for dark in (False, True)
    for size in ((1280, 800), (900, 600))
    for zoom in (1.0, 2.0)
]
"""Light and dark, large and small window, 100 and 200 %."""


def dress(application: QApplication, *, dark: bool = False, zoom: float = 1.0) -> Theme:
    """A theme that the application wears; make one per test, before any widget."""
    theme = Theme()
    theme.set_dark(dark)
    theme.set_zoom(zoom)
    install_theme(application, theme)
    return theme


def show(widget: QWidget, size: tuple[int, int]) -> None:
    """Show ``widget`` at ``size`` and let its layouts settle."""
    widget.resize(*size)
    widget.show()
    settle()


def settle() -> None:
    """Deliver what is posted: layouts, polishing, deferred deletions."""
    for _ in range(3):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def scroll_to_end(page: QWidget) -> None:
    """Show the end of the page's scrolled part."""
    settle()
    bar = _area(page).verticalScrollBar()
    bar.setValue(bar.maximum())


def scroll_to_begin(page: QWidget) -> None:
    """Show its begin."""
    _area(page).verticalScrollBar().setValue(0)


def _area(page: QWidget) -> QScrollArea:
    area = page if isinstance(page, QScrollArea) else page.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    return area


def strike(widget: QWidget) -> None:
    """Take a window off the stage for good, so that no later test meets it."""
    widget.close()
    widget.deleteLater()
    settle()
    gc.collect()


def clear() -> None:
    """Take everything off the stage that nobody holds any more.

    What a test made may stand in circles; each later theme would style it once more.
    """
    settle()
    gc.collect()
    settle()
