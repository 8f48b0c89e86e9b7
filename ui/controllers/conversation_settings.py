"""What a conversation sets besides its words: hints for its model, an opening, its title."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.history.entities import Conversation, Message, Overflow, Role
from app.ids import new_id
from app.library.entities import InstalledModel
from app.library.model_hints import ModelHints, read_hints
from app.services import Services
from app.settings.schema import Settings
from app.text import clean
from models.errors import KnownError
from ui.chat.chat_page import ChatPage
from ui.controllers.chat import ChatController
from ui.sentences import say_error


class ConversationSettings(QObject):
    """Keeps the panel true for the conversation and the model that are shown.

    Signals:
        titled(str): the model gave this conversation a title.
        stored(str): a conversation was written to the history.
        trouble(str): a sentence to show.
    """

    titled = Signal(str)
    stored = Signal(str)
    trouble = Signal(str)

    def __init__(
        self,
        services: Services,
        page: ChatPage,
        chat: ChatController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._page, self._chat = services, page, chat
        self._hints: dict[str, ModelHints] = {}
        panel = page.panel
        panel.opening.wanted.connect(self.begin_with)
        chat.opened.connect(lambda _id: self._opened())
        chat.changed.connect(self._refresh)
        services.titler.subscribe(self.titled.emit)
        services.settings.subscribe(self._settings_changed)
        self._settings_changed(services.settings.current)
        self._opened()

    def begin_with(self, words: str) -> None:
        """Let the new chat begin with ``words`` as if the model had said them."""
        chat, history = self._chat, self._services.history
        conversation = chat.conversation
        opening = Message(new_id(), conversation.id, None, Role.ASSISTANT, clean(words))
        if conversation.temporary:
            chat.show_unkept(conversation, opening)
            return
        model = chat.model
        kept = replace(conversation, model_key=model.key if model else "")

        def shown(_row: Conversation) -> None:
            if conversation.overflow is not Overflow.STOP:
                history.set_overflow(conversation.id, conversation.overflow)
            if chat.conversation.id == conversation.id:
                chat.open(conversation.id)
            self.stored.emit(conversation.id)

        history.create(kept, failed=self._failed)
        history.add(opening, shown, self._failed)

    def _settings_changed(self, settings: Settings) -> None:
        self._page.panel.form.set_defaults(settings.sampling)
        if self._chat.conversation.sampling is None:
            self._page.panel.set_sampling(settings.sampling)
        self._refresh()

    def _opened(self) -> None:
        panel = self._page.panel
        panel.opening.clear()
        panel.schema.begin(self._chat.sampling)
        self._refresh()

    def _refresh(self) -> None:
        """The model's header is read when somebody looks at the panel, and once."""
        panel = self._page.panel
        panel.opening.setVisible(not self._chat.branch)
        model = self._chat.model
        if model is None:
            panel.set_hints(ModelHints())
        elif self._services.settings.current.panel_shown:
            panel.set_hints(self._hints_for(model))

    def _hints_for(self, model: InstalledModel) -> ModelHints:
        if model.key not in self._hints:
            self._hints[model.key] = read_hints(model)
        hints, status = self._hints[model.key], self._services.host.status
        if status.facts is not None and status.model_key == model.key:
            # The loaded model knows its tokens too, which a file's template does not tell.
            hints = replace(hints, thinking=status.facts.thinking)
        return hints

    def _failed(self, error: KnownError) -> None:
        self.trouble.emit(say_error(error))
