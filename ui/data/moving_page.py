"""The little window that is there while the data are being moved."""

import logging
import threading
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QFont
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from app.data_move import MoveStopped, move_data
from app.notices import Notice
from app.paths import DataPaths
from models.errors import KnownError
from models.naming import shorten
from ui.data.words import size_words
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_CHAT, TEXT_HEADING
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

log = logging.getLogger("moestro.application")


class MovingPage(Surface):
    """Signals:
    stop_requested: by the button, or by closing it; it stays until the end is known.
    told(int, int): from the thread that copies; bytes done, and in all.
    ended: from there too.
    """

    stop_requested = Signal()
    told = Signal(object, object)
    ended = Signal()

    def __init__(self, theme: Theme, target: Path, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self.setWindowTitle(self.tr("Moestro"))
        heading = Label(
            theme, self.tr("Your data are being moved"), size=TEXT_HEADING,
            weight=QFont.Weight.Medium,
        )  # fmt: skip
        self.place = Label(
            theme, self.tr("To {folder}").format(folder=shorten(str(target))), wrap=True
        )
        self.progress = Label(theme, self.tr("Being measured…"), size=TEXT_CHAT, tabular=True)
        self.stop = TextButton(theme, self.tr("Stop"))
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.stop)
        layout = QVBoxLayout(self)
        margin = theme.px(24)
        layout.setContentsMargins(margin, margin, margin, margin)
        layout.setSpacing(theme.px(12))
        for each in (heading, self.place, self.progress):
            layout.addWidget(each)
        layout.addStretch(1)
        layout.addLayout(foot)
        self.resize(theme.px(560), theme.px(240))
        self._is_over = False
        self.stop.clicked.connect(self.stop_requested)
        self.told.connect(self._show)
        self.ended.connect(self._end)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing stops the move, and the page goes with its end."""
        if self._is_over:
            event.accept()
            return
        event.ignore()
        self.stop_requested.emit()

    def _show(self, done: int, total: int) -> None:
        words = self.tr("{done} of {total} copied and checked")
        self.progress.setText(words.format(done=size_words(done), total=size_words(total)))

    def _end(self) -> None:
        self._is_over = True
        self.close()


def move_all(application: QApplication, theme: Theme, paths: DataPaths, target: Path) -> Notice:
    """Move while a page shows how far it is; what the next window is to say.

    The caller has the instance lock, and all is closed.
    """
    page = MovingPage(theme, target)
    stop = threading.Event()
    page.stop_requested.connect(stop.set)
    application.aboutToQuit.connect(stop.set)
    notices: list[Notice] = []

    def work() -> None:
        try:
            move_data(paths, target, page.told.emit, stop.is_set)
            notices.append(Notice("data.moved", {"path": shorten(str(target))}))
        except MoveStopped:
            notices.append(Notice("data.move_stopped", {}))
        except KnownError as error:
            notices.append(Notice(error.code, error.facts))
        except Exception:  # the thread's boundary
            log.exception("the data could not be moved")
            notices.append(Notice("general.unexpected", {}))
        finally:
            page.ended.emit()

    thread = threading.Thread(target=work, name="move-data")
    page.show()
    thread.start()
    application.exec()
    # Asked to quit, the page may be gone before the thread has tidied up.
    thread.join()
    application.aboutToQuit.disconnect(stop.set)
    page.deleteLater()
    return notices[0]
