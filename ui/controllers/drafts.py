"""What is written and attached in each conversation is there again, also after a restart."""

import logging

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.events import TurnEvent, TurnStarted
from app.history.drafts import NEW_CHAT, TEMPORARY, Draft
from app.history.entities import Role
from app.services import Services
from app.text import clean
from models.errors import KnownError
from ui.chat.composer import Composer
from ui.controllers.attachments import AttachmentsController
from ui.controllers.chat import ChatController
from ui.sentences import say_error

log = logging.getLogger("moestro.drafts")

_SAVE_AFTER_MS = 400
_REMEMBERED = 100
"""Messages that the arrow keys go back through in a chat that has none yet."""


class DraftsController(QObject):
    """Puts into the composer what belongs to the conversation that is shown.

    Signals:
        trouble(str): a sentence to show.
    """

    trouble = Signal(str)

    def __init__(
        self, services: Services, composer: Composer, chat: ChatController,
        files: AttachmentsController, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services = services
        self._composer = composer
        self._chat = chat
        self._files = files
        self._key = NEW_CHAT
        self._saved: dict[str, Draft] = {}
        """What is on disk, as far as it was asked for."""
        self._sent: list[str] = []
        self._is_told = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_SAVE_AFTER_MS)
        self._pause.timeout.connect(self.save)
        composer.field.textChanged.connect(self._pause.start)
        files.changed.connect(self._files_changed)
        chat.opened.connect(lambda _id: self._opened())
        services.turns.subscribe(self._heard)
        self._key = self._key_now()
        self._show()

    def save(self) -> None:
        """Keep what the composer holds now; nothing happens when that is on disk."""
        self._pause.stop()
        self._keep(self._key, Draft(clean(self._composer.text), self._files.kept(self._key)))

    def _keep(self, key: str, draft: Draft) -> None:
        if self._saved.get(key, Draft()) != draft:
            self._saved[key] = draft
            if key.startswith(TEMPORARY):
                return  # in memory alone
            self._services.drafts.keep(key, draft, self._not_kept)

    def _not_kept(self, error: KnownError) -> None:
        log.warning("a draft could not be kept: %s", error)
        if not self._is_told:  # once: it is tried again with every pause in typing
            self._is_told = True
            self.trouble.emit(say_error(error))

    def _key_now(self) -> str:
        conversation = self._chat.conversation
        if conversation.temporary:
            return TEMPORARY + conversation.id
        return conversation.id if self._chat.is_stored else NEW_CHAT

    def _opened(self) -> None:
        key = self._key_now()
        if key != self._key:
            self.save()
            self._key = key
            self._show()
        else:
            self._offer_sent()

    def _show(self) -> None:
        draft = self._stored(self._key)
        self._composer.show_draft(draft.text)
        self._files.show_draft(self._key, draft.files)
        self._pause.stop()
        self._offer_sent()

    def _stored(self, key: str) -> Draft:
        if key not in self._saved:
            if key.startswith(TEMPORARY):
                return Draft()
            try:
                self._saved[key] = self._services.drafts.get(key)
            except KnownError as error:
                self.trouble.emit(say_error(error))
                return Draft()
        return self._saved[key]

    def _files_changed(self, key: str) -> None:
        if key == self._key:
            self.save()
        else:
            self._keep(key, Draft(self._stored(key).text, self._files.kept(key)))

    def _offer_sent(self) -> None:
        """For the arrow keys: what was asked here, or in a new chat what was sent last."""
        asked = [each.text for each in self._chat.branch if each.role is Role.USER]
        self._composer.field.set_sent(asked or self._sent)

    def _heard(self, event: TurnEvent) -> None:
        """A message is on disk: it is no draft any more."""
        if not isinstance(event, TurnStarted) or event.user is None:
            return
        text = event.user.text
        identity = event.conversation.id
        if event.conversation.temporary:
            self.save()
            self._offer_sent()
            return
        self._sent = [*self._sent, text][-_REMEMBERED:]
        if self._chat.conversation.id == identity:
            self._became(identity)
        else:  # another chat was opened while the message was being stored
            for key in (identity, NEW_CHAT):
                draft = self._saved.get(key)
                if draft is not None and draft.text == text:
                    self._keep(key, Draft("", self._files.kept(key)))
                    break
        self._offer_sent()

    def _became(self, identity: str) -> None:
        """The new chat has its first message, and with it an id."""
        if self._key != identity:
            self._files.move_draft(identity)
            before, self._key = self._key, identity
            self._keep(before, Draft())
        self.save()
