"""What can be done with several chats at once."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface


class SelectionBar(Surface):
    """Absent while fewer than two are selected.

    Signals:
        delete_requested, export_requested: list of ids.
    """

    delete_requested = Signal(list)
    export_requested = Signal(list)

    def __init__(self, theme: Theme) -> None:
        super().__init__("card")
        self._theme = theme
        self._chats: list[str] = []
        self._label = Label(theme, size=TEXT_SMALL, tabular=True)
        export = TextButton(theme, self.tr("Export"), look="quiet", size=TEXT_SMALL, height=28)
        delete = TextButton(theme, self.tr("Delete"), look="danger", size=TEXT_SMALL, height=28)
        export.clicked.connect(lambda: self.export_requested.emit(self._chats))
        delete.clicked.connect(lambda: self.delete_requested.emit(self._chats))
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._label, 1)
        self._layout.addWidget(export)
        self._layout.addWidget(delete)
        self.hide()
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_chats(self, chats: Sequence[str]) -> None:
        """The ids selected; none hides the bar."""
        self._chats = list(chats)
        self._label.setText(self.tr("{count} selected").format(count=len(chats)))
        self.setVisible(bool(chats))

    def _restyle(self) -> None:
        px = self._theme.px
        self.setFixedHeight(px(40))
        self._layout.setContentsMargins(px(12), 0, px(4), 0)
        self._layout.setSpacing(0)
