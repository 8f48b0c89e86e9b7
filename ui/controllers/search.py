"""Search in everything: asks while a person types, shows what came, opens what is chosen."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from app.export.scope import SearchResult
from app.history.found import Found
from app.services import Services
from models.errors import KnownError
from ui.controllers.chat import ChatController
from ui.main_window import MainWindow
from ui.search import words
from ui.search.message_mark import MessageMark
from ui.search.page import SearchPage
from ui.search.view import Wishes
from ui.sentences import say, say_error
from ui.theme.theme import Theme

_AGAIN_MS = 1000
"""While texts are still being read, what is found grows."""
_SAY_AFTER_MS = 300
"""A search that takes longer says that it goes on."""


class SearchController(QObject):
    """``trouble``: a sentence to show; ``opened``: a conversation was opened at what was found."""

    trouble = Signal(str)
    opened = Signal(str)

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        page: SearchPage,
        chat: ChatController,
        show_message: Callable[[int], QWidget],
        theme: Theme,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._window, self._page, self._chat = services, window, page, chat
        self._show_message, self._theme = show_message, theme
        self._before = "chat"
        self._again = self._timer(_AGAIN_MS, self._ask)
        self._slow = self._timer(_SAY_AFTER_MS, self._say_searching)
        page.wishes_changed.connect(lambda _wishes: self._ask())
        page.opened.connect(self.open_found)
        page.back_requested.connect(self._go_back)

    def open(self) -> None:
        """Show the page, ready to be typed into; what was found is looked for again."""
        if self._window.current_page != "search":
            self._before = self._window.current_page
        self._offer_filters()
        self._window.show_page("search")
        self._page.begin()
        self._ask()

    def refresh(self) -> None:
        """The history is another one: while the page is shown, look again."""
        if self._window.current_page == "search":
            self._offer_filters()
            self._ask()

    def open_found(self, conversation_id: str, message_id: str) -> None:
        """Open a conversation, at this message or with "" as it was left."""
        if not message_id:
            self._show(conversation_id, "")
            return
        try:
            branch = self._services.history.branch(conversation_id)
        except KnownError as error:
            self._failed_to_open(error)
            return
        if any(message.id == message_id for message in branch):
            self._show(conversation_id, message_id)
        else:
            # It is in another version of the conversation.
            self._services.history.switch(
                message_id,
                done=lambda _row: self._show(conversation_id, message_id),
                failed=self._failed_to_open,
            )

    def shown_search(self) -> SearchResult | None:
        """What is shown as a search that an export can make again; None for nothing."""
        wishes = self._page.wishes
        if not wishes.text or self._page.list.isHidden():
            return None
        return SearchResult(wishes.text, words.filters_of(wishes, date.today()))

    # --- asking ------------------------------------------------------------------------------

    def _ask(self) -> None:
        wishes = self._page.wishes
        self._again.stop()
        if not wishes.text:
            self._slow.stop()
            self._services.finder.cancel()
            self._page.say(words.hint_words())
            return
        if not self._slow.isActive():
            self._slow.start()
        self._services.finder.search(
            wishes.text,
            lambda found: self._show_found(wishes, found),
            self._failed,
            filters=words.filters_of(wishes, date.today()),
        )

    def _show_found(self, wishes: Wishes, found: Found) -> None:
        self._slow.stop()
        page = self._page
        if found.waiting and self._window.current_page == "search":
            self._again.start()
        if not found.conversations:
            clear = (self.tr("Clear filters"), "plain", self._clear_filters)
            actions = [clear] if wishes.are_narrow else []
            text = words.nothing_words(wishes)
            if found.waiting:
                text += "\n" + words.summary_words(found).partition(" · ")[2]
            page.say(text, actions)
            return
        folders = {each.id: each.name for each in self._window.sidebar.chats.folders}
        page.show_rows(words.rows_of(found, folders, date.today()), words.summary_words(found))

    def _failed(self, error: KnownError) -> None:
        self._slow.stop()
        is_damaged = error.code == "storage.damaged"
        text = say("search.made_again") if is_damaged else say_error(error)
        self._page.say(text, [(self.tr("Search again"), "plain", self._ask)])

    def _say_searching(self) -> None:
        self._page.summary.setText(self.tr("Searching…"))

    def _clear_filters(self) -> None:
        self._page.filters.clear()
        self._page.begin()

    def _offer_filters(self) -> None:
        filters, chats = self._page.filters, self._window.sidebar.chats
        try:
            models = [
                (each.key, " ".join(filter(None, (each.name, each.quantization))))
                for each in self._services.library.entries()
            ]
        except KnownError as error:
            self.trouble.emit(say_error(error))
            models = []
        filters.set_models(models)
        filters.set_folders([(each.id, each.name) for each in chats.folders])

    # --- opening -----------------------------------------------------------------------------

    def _show(self, conversation_id: str, message_id: str) -> None:
        self._window.show_page("chat")
        self._chat.open(conversation_id)
        self.opened.emit(conversation_id)
        numbers = [number for number, each in enumerate(self._chat.branch) if each.id == message_id]
        if numbers and self._chat.conversation.id == conversation_id:
            number = numbers[0]
            # The page has its size, and the messages their heights, only after this.
            QTimer.singleShot(0, self, lambda: self._mark(conversation_id, number))

    def _mark(self, conversation_id: str, number: int) -> None:
        if self._chat.conversation.id == conversation_id and number < len(self._chat.branch):
            view = self._show_message(number)
            if isValid(view):
                MessageMark(self._theme, view)

    def _failed_to_open(self, error: KnownError) -> None:
        self.trouble.emit(say_error(error))
        self._ask()

    def _go_back(self) -> None:
        self._again.stop()
        self._window.show_page(self._before)

    def _timer(self, milliseconds: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(act)
        return timer
