"""The window that says why the data could not be opened; nothing was changed by then."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.paths import DataPaths
from models.errors import KnownError
from ui.sentences import say_error
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_CHAT, TEXT_HEADING
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface


class StartupPage(Surface):
    """One sentence, the way to the files, and a way out."""

    def __init__(
        self, theme: Theme, paths: DataPaths, error: KnownError, parent: QWidget | None = None
    ) -> None:
        super().__init__("page", parent)
        self.setWindowTitle(self.tr("Moestro"))
        heading = Label(
            theme, self.tr("Your chats were not opened"), size=TEXT_HEADING,
            weight=QFont.Weight.Medium,
        )  # fmt: skip
        self.sentence = Label(theme, say_error(error), size=TEXT_CHAT, wrap=True)
        self.folder = TextButton(theme, self.tr("Open the data folder"), icon="folder-open")
        self.leave = TextButton(theme, self.tr("Close"), look="accent")
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        buttons.addWidget(self.folder)
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        layout = QVBoxLayout(self)
        margin = theme.px(24)
        layout.setContentsMargins(margin, margin, margin, margin)
        layout.setSpacing(theme.px(16))
        layout.addWidget(heading)
        layout.addWidget(self.sentence)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.resize(theme.px(560), theme.px(240))
        self.folder.clicked.connect(
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(paths.root)))
        )
        self.leave.clicked.connect(self.close)
        self.leave.setFocus()
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose)
