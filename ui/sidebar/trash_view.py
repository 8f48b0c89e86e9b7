"""The trash: chats that were deleted and can be brought back."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.history.entities import Conversation
from ui.item_models.conversation_list_model import ConversationListModel
from ui.sidebar.chat_list import TrashList
from ui.theme.theme import Theme
from ui.theme.tokens import SCROLL_BAR, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label
from ui.widgets.surface import Surface


class TrashView(Surface):
    """Takes the place of the chat list.

    Signals:
        restore_requested: id.
        closed: back to the chats.
    """

    restore_requested = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._model = ConversationListModel(self, grouped=False)
        self._back = TextButton(theme, self.tr("Trash"), look="row", icon="arrow-left", height=36)
        self._back.setAccessibleName(self.tr("Back to the chats"))
        self._back.setToolTip(self.tr("Back to the chats"))
        self.list = TrashList(theme, self._model)
        self._words = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._layout = QVBoxLayout(self)
        self._top = QVBoxLayout()
        self._top.addWidget(self._back)
        self._layout.addLayout(self._top)
        self._layout.addWidget(self._words)
        self._layout.addWidget(self.list, 1)
        self._back.clicked.connect(self.closed)
        self.list.restore_requested.connect(self.restore_requested)
        theme.changed.connect(self._restyle)
        self.set_conversations(())
        self._restyle()

    def set_conversations(self, conversations: Sequence[Conversation]) -> None:
        """What can be restored."""
        self._model.set_conversations(conversations, date.today())
        self._words.setText(
            self.tr("The arrow brings a chat back. After 30 days it is erased.")
            if conversations
            else self.tr("Nothing is in the trash.")
        )

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._top.setContentsMargins(0, 0, px(SCROLL_BAR), 0)
        self._layout.setSpacing(px(4))
        self._words.setContentsMargins(px(12), 0, px(8), px(4))
