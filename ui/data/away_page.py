"""The window of a start whose data are not there: try again, or begin anew; nothing was changed."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from models.errors import KnownError
from ui.sentences import say_error
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_CHAT, TEXT_HEADING
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface

AGAIN, ANEW, LEAVE = "again", "anew", "leave"


class AwayPage(Surface):
    """One sentence and three ways on; ``chosen`` is one of them when it is closed."""

    def __init__(self, theme: Theme, error: KnownError, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self.chosen = LEAVE
        self.setWindowTitle(self.tr("Moestro"))
        heading = Label(
            theme, self.tr("Your data are not there"), size=TEXT_HEADING,
            weight=QFont.Weight.Medium,
        )  # fmt: skip
        self.sentence = Label(theme, say_error(error), size=TEXT_CHAT, wrap=True)
        self.promise = Label(
            theme, self.tr("Beginning anew changes nothing in that folder; no chat is deleted."),
            ink="muted", wrap=True,
        )  # fmt: skip
        self.anew = TextButton(theme, self.tr("Begin anew"))
        self.leave = TextButton(theme, self.tr("Close"))
        self.again = TextButton(theme, self.tr("Try again"), look="accent")
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        buttons.addWidget(self.anew)
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.again)
        layout = QVBoxLayout(self)
        margin = theme.px(24)
        layout.setContentsMargins(margin, margin, margin, margin)
        layout.setSpacing(theme.px(12))
        for each in (heading, self.sentence, self.promise):
            layout.addWidget(each)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.resize(theme.px(560), theme.px(264))
        self.again.clicked.connect(lambda: self._end(AGAIN))
        self.anew.clicked.connect(lambda: self._end(ANEW))
        self.leave.clicked.connect(lambda: self._end(LEAVE))
        self.again.setFocus()
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose)

    def _end(self, chosen: str) -> None:
        self.chosen = chosen
        self.close()
