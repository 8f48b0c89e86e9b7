"""Files of the draft: reads them, counts them, lets a person choose, and sends them along."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from app.attachments.entities import Attachment, Progress
from app.attachments.errors import AttachmentError
from app.attachments.extraction import shown_file_name
from app.attachments.helper_protocol import MOST_CHARACTERS
from app.attachments.passages import Passage
from app.chat.events import TurnEvent, TurnStarted
from app.engine.host import HostStatus
from app.history.drafts import TEMPORARY, DraftFile
from app.history.entities import AttachedText, AttachedWay
from app.ids import new_id
from app.services import Services
from app.text import clean
from models.naming import shorten
from ui.chat.composer import Composer
from ui.chat.figures import duration
from ui.composer.file_view import FileState
from ui.controllers.chat import ChatController
from ui.controllers.drafting_file import DraftingFile
from ui.controllers.file_costs import FileCosts, together
from ui.controllers.file_gathering import gather
from ui.controllers.file_restoring import restored, taken_back
from ui.controllers.pasted import pasted_picture, pasted_text
from ui.main_window import MainWindow
from ui.sentences import say, say_error

MOST_FILES = 20
_FITS = 0.5
"""Of the context window: a file that takes more is given by its passages, unless told otherwise."""
_PAUSE_MS = 400
_WORTH_SAYING_S = 3.0


class AttachmentsController(QObject):
    """Keeps the files of every draft that was open; the composer shows those of one.

    Signals:
        changed(str): what goes with this draft is another (its key).
        shown(object): a DraftingFile changed that its sheet may show.
        opened(object): the sheet of a DraftingFile is wanted.
        trouble(str): a sentence to show.
    """

    changed = Signal(str)
    shown = Signal(object)
    opened = Signal(object)
    trouble = Signal(str)

    def __init__(
        self, services: Services, window: MainWindow, composer: Composer, chat: ChatController,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services = services
        self._window = window
        self._composer = composer
        self._chat = chat
        self._key = ""
        self._files: dict[str, list[DraftingFile]] = {}
        self.queue: Callable[[str, Sequence[AttachedText], Callable[[], None]], None] | None = None
        """Lets a message with its files wait while an answer is written; then calls back."""
        self._folder = Path.home()
        self._model_key = self._warning = ""
        self._costs = FileCosts(services, self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._connect()

    def _connect(self) -> None:
        composer = self._composer
        composer.attach_requested.connect(self.choose)
        composer.field.files_given.connect(self.attach)
        composer.field.long_pasted.connect(self.attach_text)
        composer.field.picture_pasted.connect(self._picture)
        composer.sent_with_files.connect(self.send)
        composer.tray.removed.connect(self.remove)
        composer.tray.opened.connect(self._open)
        composer.field.textChanged.connect(self._text_changed)
        self._pause.timeout.connect(self._find_passages)
        self._costs.counted.connect(self._counted)
        self._services.turns.subscribe(self._heard)
        self._services.host.subscribe(self._model_changed)

    # --- whose files ------------------------------------------------------------------------

    @property
    def files(self) -> list[DraftingFile]:
        """Those of the draft that is shown, in their order."""
        return self._files.setdefault(self._key, [])

    def kept(self, key: str) -> tuple[DraftFile, ...]:
        """Those of a draft that are kept with it: what was read."""
        kept = (file.kept for file in self._files.get(key, []))
        return tuple(each for each in kept if each is not None)

    def show_draft(self, key: str, kept: Sequence[DraftFile]) -> None:
        """Show another draft; what was read before and is not known yet is fetched."""
        self._key, self._warning = key, ""
        if key not in self._files:
            self._files[key] = restored(self._services.attachment_store, kept)
        self._show()
        self._look_at_all()

    def move_draft(self, key: str) -> None:
        """The new chat became a conversation: what is still attached goes along."""
        if key != self._key:
            self._files[key] = self._files.pop(self._key, [])
            self._key = key

    def take_back(self, given: Sequence[AttachedText]) -> None:
        """Files of a message that waited are part of the draft again."""
        if given:
            self.files.extend(taken_back(self._services.attachment_store, given))
            self._look_at_all()
            self.changed.emit(self._key)

    # --- what comes in ----------------------------------------------------------------------

    def choose(self) -> None:
        """Ask for files with the system's dialog."""
        chosen, _kind = QFileDialog.getOpenFileNames(
            self._window, self.tr("Attach files"), str(self._folder)
        )
        if chosen:
            self._folder = Path(chosen[0]).parent
            self.attach(chosen)

    def attach(self, paths: Sequence[str]) -> None:
        """Read files; returns at once."""
        for path in paths:
            if not self._has_room():
                return
            self._read(Path(path))
        self._composer.setFocus()

    def _has_room(self) -> bool:
        if len(self.files) < MOST_FILES:
            return True
        self.trouble.emit(say("composer.too_many_files", {"count": MOST_FILES}))
        return False

    def _read(self, path: Path) -> None:
        files = self.files
        file = DraftingFile(new_id(), shown_file_name(path.name))
        files.append(file)

        def done(attachment: Attachment) -> None:
            file.extraction, file.attachment = None, attachment
            if file in files:
                self._arrived(self._key_of(files), file)

        def failed(error: AttachmentError) -> None:
            file.extraction, file.failure = None, error
            self._show()

        def progress(progress: Progress) -> None:
            file.progress = progress
            self._show()

        file.extraction = self._services.attachments.read(path, done, failed, progress)
        self._show()

    def attach_text(self, text: str) -> None:
        """A text that is too long for the field goes along as a file; that can be undone."""
        if not self._has_room():
            return
        name = self.tr("Pasted text")
        whole = clean(text.replace("\r\n", "\n").replace("\x00", ""))
        if len(whole) > MOST_CHARACTERS:
            self.trouble.emit(say("attachments.too_long", {"name": name}))
            return
        file = DraftingFile(new_id(), name, pasted_text(name, whole))
        self.files.append(file)
        self._arrived(self._key, file)

        def undo() -> None:
            self.remove(file.id)
            self._composer.field.fit_wrapping(text)
            self._composer.field.textCursor().insertText(text)

        self._window.toast.offer(self.tr("The long text was attached as a file"), undo)

    def _picture(self) -> None:
        name = self.tr("Pasted image")
        made = pasted_picture(name, self.trouble.emit)
        if made is not None and self._has_room():
            self.files.append(DraftingFile(new_id(), name, made))
            self._arrived(self._key, self.files[-1])

    def _key_of(self, files: list[DraftingFile]) -> str:
        """Of the draft that has them now: a new chat may have become a conversation."""
        return next((key for key, each in self._files.items() if each is files), self._key)

    def _arrived(self, key: str, file: DraftingFile) -> None:
        assert file.attachment is not None
        if not key.startswith(TEMPORARY):
            store = self._services.attachment_store
            store.keep(file.attachment, failed=lambda error: self.trouble.emit(say_error(error)))
        self._look_at(file)
        self._show()
        self.changed.emit(key)

    def remove(self, file_id: str) -> None:
        """Take a file out of the draft; what is still being read is ended at once."""
        file = self.file(file_id)
        if file is None:
            return
        self.files.remove(file)
        if file.extraction is not None:
            file.extraction.cancel()
        if file.attachment is not None:
            self._services.attachment_store.forget(file.attachment.id)
        self._warning = ""
        self._show()
        self.changed.emit(self._key)

    # --- how much of it ---------------------------------------------------------------------

    def file(self, file_id: str) -> DraftingFile | None:
        """One of those that are shown."""
        return next((each for each in self.files if each.id == file_id), None)

    def choose_way(self, file_id: str, way: str) -> None:
        """Give all of a file, relevant passages, or a part."""
        file = self.file(file_id)
        if file is not None:
            file.way, file.way_is_chosen = AttachedWay(way), True
            self._chosen(file)

    def choose_part(self, file_id: str, part: str) -> None:
        """Give this part of a file, as a person names it."""
        file = self.file(file_id)
        if file is not None:
            file.way, file.way_is_chosen, file.part = AttachedWay.PART, True, part
            self._chosen(file)

    def _chosen(self, file: DraftingFile) -> None:
        self._warning = ""
        self._look_at(file)
        self._find_passages()
        self._show()
        self.shown.emit(file)
        self.changed.emit(self._key)

    def _open(self, file_id: str) -> None:
        file = self.file(file_id)
        if file is not None and file.state is FileState.READY:
            self.opened.emit(file)

    def _text_changed(self) -> None:
        if self._warning:
            self._warn("")
        if any(file.way is AttachedWay.PASSAGES for file in self.files):
            self._pause.start()

    def _find_passages(self) -> None:
        """See which passages suit what is written now, before it is sent."""
        question = self._composer.text.strip()
        for file in self.files:
            if file.way is AttachedWay.PASSAGES and file.attachment is not None:
                self._find(file, question)

    def _find(self, file: DraftingFile, question: str) -> None:
        def found(passages: list[Passage]) -> None:
            if tuple(passages) != file.passages:
                file.passages = tuple(passages)
                self._look_at(file)
                self._show()
                self.shown.emit(file)

        assert file.attachment is not None
        if question:
            self._services.attachments.finder.find(
                file.attachment, question, found, lambda error: self._warn(say_error(error))
            )
        else:
            found([])

    # --- costs ------------------------------------------------------------------------------

    def _look_at(self, file: DraftingFile) -> None:
        self._costs.look_at(file)
        self._fit_way(file)

    def _look_at_all(self) -> None:
        for file in self.files:
            self._look_at(file)
        self._find_passages()
        self._show()

    def _fit_way(self, file: DraftingFile) -> None:
        """What is far too long goes by its passages, until somebody chooses otherwise."""
        context, cost = self._costs.context_tokens, file.costs.get(AttachedWay.WHOLE)
        if file.is_settled or context is None or cost is None:
            return
        is_long = cost.tokens > _FITS * context
        way = AttachedWay.PASSAGES if is_long else AttachedWay.WHOLE
        if way is not file.way:
            file.way = way
            if is_long:
                self._pause.start()
            self.changed.emit(self._key)

    def _counted(self, file_id: str) -> None:
        file = self.file(file_id)
        if file is not None:
            self._fit_way(file)
            self._show()
            self.shown.emit(file)

    def _model_changed(self, status: HostStatus) -> None:
        key = status.model_key if status.facts is not None else ""
        if key != self._model_key:
            self._model_key = key
            self._look_at_all()

    # --- sending ----------------------------------------------------------------------------

    def send(self, text: str) -> None:
        """Send ``text`` with the files as they are chosen; says why when that cannot be."""
        key, model = self._key, self._chat.model

        def ready(given: list[AttachedText]) -> None:
            if key != self._key:
                return
            if self._services.turns.active is not None and self.queue is not None:
                self.queue(text, given, lambda: self._gone(given))
            else:
                self._chat.send(text, attachments=given)

        gather(self.files, text, self._services.attachments.finder, ready, self._warn, model)

    def _warn(self, text: str) -> None:
        self._warning = text
        self._show()

    def _heard(self, event: TurnEvent) -> None:
        """A message is on disk: its files are out of the draft."""
        if not isinstance(event, TurnStarted) or event.user is None:
            return
        self._gone(event.user.attachments)

    def _gone(self, given: Sequence[AttachedText]) -> None:
        """These belong to a message now."""
        sent = {each.attachment_id for each in given}
        if not sent:
            return
        for key, files in self._files.items():
            left = [f for f in files if f.attachment is None or f.attachment.id not in sent]
            if len(left) != len(files):
                files[:] = left
                self.changed.emit(key)
        self._warning = ""
        self._show()

    # --- what is shown ----------------------------------------------------------------------

    def _show(self) -> None:
        tray, files = self._composer.tray, self.files
        self._composer.show_files([file.view() for file in files])
        tray.set_note(
            self._warning or self._summary(files), "warning" if self._warning else "muted"
        )

    def _summary(self, files: Sequence[DraftingFile]) -> str:
        """About all of them: what was decided for a person, and how long reading takes."""
        for file in files:
            if file.way is AttachedWay.PASSAGES and not file.way_is_chosen:
                return say("composer.too_long_for_all", {"name": shorten(file.name)})
        cost = together(files)
        if cost is None:
            return ""
        if cost.seconds is not None and cost.seconds >= _WORTH_SAYING_S:
            words = self.tr("About {time} to read").format(time=duration(cost.seconds))
            return self._with_passages(files, words)
        several = sum(file.state is FileState.READY for file in files) > 1
        return self.tr("Together {cost}").format(cost=cost.words) if several else ""

    def _with_passages(self, files: Sequence[DraftingFile], words: str) -> str:
        """``words``, and what one long file would take by its passages."""
        if len(files) == 1 and files[0].way is AttachedWay.WHOLE:
            passages = files[0].costs.get(AttachedWay.PASSAGES)
            all_of_it = files[0].costs[AttachedWay.WHOLE]
            if passages and passages.seconds and passages.tokens * 2 < all_of_it.tokens:
                return self.tr("{words}; its relevant passages take about {time}").format(
                    words=words, time=duration(passages.seconds)
                )
        return words
