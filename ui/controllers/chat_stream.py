"""Text of an answer on its way to the transcript: gathered for a moment, then drawn."""

import time

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.events import TurnText
from ui.chat.chat_page import ChatPage

_GATHER_MS = 50
"""How long text of an answer is gathered before it is drawn; the first is drawn at once."""


class ChatStream(QObject):
    """Fifty updates a second would cost twice what twenty do.

    Signals:
        drawn(): the answer that is shown has more tokens.
    """

    drawn = Signal()

    def __init__(self, page: ChatPage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._first_token = 0.0
        self._text = self._reasoning = ""
        self._newest: TurnText | None = None
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(_GATHER_MS)
        self._gather.timeout.connect(self.draw)

    def begin(self) -> None:
        """Another answer is about to be written."""
        self._first_token = 0.0
        self.forget()

    def arrived(self, event: TurnText, *, is_shown: bool) -> None:
        """Take in what arrived; of an answer that is not shown only the first moment counts."""
        first = not self._first_token
        if first:
            self._first_token = time.monotonic()
        if not is_shown:
            return
        self._text += event.text
        self._reasoning += event.reasoning
        self._newest = event
        if first:
            self.draw()
        elif not self._gather.isActive():
            self._gather.start()

    def draw(self) -> None:
        """Show what was gathered."""
        event = self._newest
        if event is None:
            return
        seconds = time.monotonic() - self._first_token
        self._page.transcript.update_streaming(
            event.answer_id, self._text, self._reasoning, event.tokens, seconds
        )
        self.forget()
        if seconds > 0.5:
            self._page.status.set_speed((event.tokens - 1) / seconds)
        self.drawn.emit()

    def forget(self) -> None:
        """What was gathered is shown already, or belongs to what is no longer shown."""
        self._gather.stop()
        self._text = self._reasoning = ""
        self._newest = None
