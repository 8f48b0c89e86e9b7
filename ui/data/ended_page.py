"""The little window that stays after everything was deleted, and says what was."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_CHAT, TEXT_HEADING, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface


class EndedPage(Surface):
    """A heading, sentences, and what is left where it was."""

    def __init__(
        self,
        theme: Theme,
        heading: str,
        sentences: Sequence[str],
        left: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("page", parent)
        self.setWindowTitle(self.tr("Moestro"))
        layout = QVBoxLayout(self)
        margin = theme.px(24)
        layout.setContentsMargins(margin, margin, margin, margin)
        layout.setSpacing(theme.px(12))
        layout.addWidget(
            Label(theme, heading, size=TEXT_HEADING, weight=QFont.Weight.Medium, wrap=True)
        )
        self.sentences = [Label(theme, each, size=TEXT_CHAT, wrap=True) for each in sentences]
        for label in self.sentences:
            layout.addWidget(label)
        if left:
            layout.addWidget(Label(theme, self.tr("What is left there:"), size=TEXT_SMALL))
            layout.addWidget(Label(theme, "\n".join(left), size=TEXT_SMALL, ink="muted", wrap=True))
        layout.addStretch(1)
        self.leave = TextButton(theme, self.tr("Close"), look="accent")
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.leave)
        layout.addLayout(foot)
        self.resize(theme.px(560), theme.px(280))
        self.leave.clicked.connect(self.close)
        self.leave.setFocus()
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose)
