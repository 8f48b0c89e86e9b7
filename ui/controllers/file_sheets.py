"""The sheet of a file: of one in the draft, where it is chosen from, or of one that was sent."""

from functools import cached_property

from PySide6.QtCore import QObject

from app.attachments.entities import Attachment
from app.history.entities import AttachedText, AttachedWay
from app.services import Services
from models.errors import KnownError
from ui.chat.chat_page import ChatPage
from ui.composer.file_sheet import FileSheet
from ui.composer.file_view import FileState
from ui.controllers.attachments import AttachmentsController
from ui.controllers.chat import ChatController
from ui.controllers.drafting_file import DraftingFile, sent_sheet
from ui.theme.theme import Theme

_GAP = "\n\n[…]\n\n"
"""Between the passages that a message carries, see ``app.attachments.given``."""

_Place = tuple[str, int, int]


class FileSheets(QObject):
    """Opens the one sheet over the chat; it is made when it is first wanted."""

    def __init__(
        self, services: Services, theme: Theme, page: ChatPage, chat: ChatController,
        files: AttachmentsController, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services, self._theme, self._page = services, theme, page
        self._chat, self._files = chat, files
        files.opened.connect(self._open_draft)
        files.shown.connect(self._refresh)
        page.transcript.file_opened.connect(self.open_sent)

    @cached_property
    def sheet(self) -> FileSheet:
        """Over the chat page."""
        made = FileSheet(self._theme, self._page)
        made.way_chosen.connect(self._files.choose_way)
        made.part_chosen.connect(self._files.choose_part)
        made.removed.connect(self._files.remove)
        return made

    def _open_draft(self, file: object) -> None:
        assert isinstance(file, DraftingFile)
        self.sheet.begin(file.sheet())

    def _refresh(self, file: object) -> None:
        assert isinstance(file, DraftingFile)
        is_open = "sheet" in self.__dict__ and self.sheet.file_id == file.id
        if is_open and file.state is FileState.READY:
            self.sheet.show_view(file.sheet())

    def open_sent(self, message_id: str, number: int) -> None:
        """Show what a message carried of one of its files."""
        message = next((each for each in self._chat.branch if each.id == message_id), None)
        if message is None or number >= len(message.attachments):
            return
        file = message.attachments[number]
        text, places = self._in_its_text(file)
        self.sheet.begin(sent_sheet(file, text, places))

    def _in_its_text(self, file: AttachedText) -> tuple[str, list[_Place]]:
        """The whole text and what of it was given; only what was given if no more is there."""
        if file.way is AttachedWay.WHOLE:
            return file.text, []
        try:
            whole = self._services.attachment_store.get(file.attachment_id)
        except KnownError:
            return file.text, []
        places = _places(file, whole)
        return (whole.text, places) if places else (file.text, [])


def _places(file: AttachedText, whole: Attachment) -> list[_Place]:
    """Where in the whole text stands what was given of it."""
    if file.way is AttachedWay.PART:
        start = whole.text.find(file.text)
        return [(file.part, start, start + len(file.text))] if start >= 0 and file.text else []
    found: list[_Place] = []
    behind = 0
    for piece in file.text.split(_GAP):
        place, text = "", piece.strip("\n")
        first, newline, rest = piece.partition("\n")
        if newline and first.startswith("[") and first.endswith("]"):
            place, text = first[1:-1], rest
        start = whole.text.find(text, behind) if text else -1
        if start >= 0:
            behind = start + len(text)
            found.append((place, start, behind))
    return found
