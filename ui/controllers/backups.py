"""The restore page: what there is, what each holds, and back to it at the next start."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from app.backups.comparing import Difference
from app.backups.describing import BackupContents
from app.backups.desk import BackupDesk, Listed
from app.backups.one_file import OneFile
from app.backups.whole_file import WholeFile, take_settings
from app.notices import Notice
from app.services import Services
from app.storage.backup_files import BackupFile
from models.errors import KnownError
from models.naming import shorten
from ui.data.backups_page import BackupsPage
from ui.data.view import CardView, DetailView
from ui.data.words import keeping_words, moment_words, reason_words, size_words
from ui.main_window import MainWindow
from ui.models.words import joined
from ui.sentences import say, say_error

RESTART, STAY, FOLDER = "restart", "stay", "folder"
"""Verbs of the card."""

_ENDING = ".zip"
_LOOK_MS = 5_000


class BackupsController(QObject):
    """Everything slow is done by the desk, on threads; this asks and shows.

    Signals:
        trouble(str): a sentence to show.
        restart_requested: end, and open again with what was restored.
    """

    trouble = Signal(str)
    restart_requested = Signal()

    def __init__(
        self,
        services: Services,
        desk: BackupDesk,
        window: MainWindow,
        page: BackupsPage,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._desk, self._window, self._page = services, desk, window, page
        self._from = "chat"
        self._listed: tuple[Listed, ...] = ()
        self._shown: Listed | None = None
        self._whole: WholeFile | None = None
        self._damage: Notice | None = None
        self._wished = ""
        """File name of the backup that is to be shown when it is listed."""
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._look_again)
        page.back_requested.connect(self._leave)
        page.chosen.connect(self._choose)
        page.restore_requested.connect(self._restore)
        page.keep_requested.connect(self.keep)
        page.save_requested.connect(self.save_everything)
        page.open_requested.connect(self._open_file)
        page.folder_requested.connect(self._open_folder)
        page.card_asked.connect(self._card_asked)

    def open(self, name: str = "") -> None:
        """Show the page, with the backup of this file name if there is one.

        Back leads to where it was asked for.
        """
        self._wished = name
        before = self._window.current_page
        if before != "backups":
            self._from = before if before in ("settings", "data") else "chat"
        self._window.show_page("backups")
        self._show_card()
        self._refresh()
        self._look.start()
        self._page.setFocus()

    def note_damage(self, notice: Notice) -> None:
        """This start found a damaged history: the page says so until the next start."""
        self._damage = notice
        self._show_card()

    def keep(self) -> None:
        """Make a backup now."""
        self._page.set_busy(True)
        self._desk.keep(self._kept, self._failed)

    def save_everything(self) -> None:
        """Ask where, and write history and settings into one file."""
        name = self.tr("Moestro backup") + _ENDING
        chosen, _kind = QFileDialog.getSaveFileName(
            self._window, self.tr("Save everything"), str(Path.home() / name),
            self.tr("Moestro backups (*.zip)"),
        )  # fmt: skip
        if chosen:
            path = Path(chosen)
            path = path if path.suffix else path.with_suffix(_ENDING)
            self._page.set_busy(True)
            self._desk.save_everything(path, self._saved, self._failed)

    # --- the list --------------------------------------------------------------------------

    def _refresh(self) -> None:
        self._desk.look(self._show_list, self._failed)

    def _look_again(self) -> None:
        """Backups are made while somebody looks at them; what was checked stays checked."""
        if self._window.current_page == "backups":
            self._refresh()
        else:
            self._look.stop()
            self._desk.stop_looking()

    def _show_list(self, listed: tuple[Listed, ...]) -> None:
        if self._wished and any(each.file.name == self._wished for each in listed):
            wished, self._wished = self._wished, ""
            self._listed = listed
            self._page.show_backups(listed)
            self._page.choose(wished)
        if listed == self._listed:
            return
        is_first = not self._listed
        self._listed = listed
        self._page.show_backups(listed)
        if self._whole is None and self._shown is not None:
            found = [each for each in listed if each.file == self._shown.file]
            if found and found[0] != self._shown:
                self._shown = found[0]
                self._show_detail(self._page.detail.view)
        if is_first and self._whole is None and listed:
            self._page.choose(self._first_good(listed).file.name)

    @staticmethod
    def _first_good(listed: tuple[Listed, ...]) -> Listed:
        """The newest one that is not known to be damaged."""
        return next((each for each in listed if each.is_sound is not False), listed[0])

    def _choose(self, name: str) -> None:
        found = next((each for each in self._listed if each.file.name == name), None)
        if found is None:
            return
        self._shown, self._whole = found, None
        self._show_detail(None)
        if found.contents is not None:
            self._desk.compare(found.file, self._compared(found), self._ignored)

    def _compared(self, listed: Listed) -> Callable[[Difference], None]:
        def done(difference: Difference) -> None:
            shown = self._shown
            if shown is not None and shown.file == listed.file and self._whole is None:
                self._show_detail(self._detail(shown, difference))

        return done

    def _show_detail(self, before: DetailView | None) -> None:
        if self._shown is not None:
            difference = before.difference if before is not None else None
            self._page.show_detail(self._detail(self._shown, difference))

    @staticmethod
    def _detail(listed: Listed, difference: Difference | None) -> DetailView:
        file = listed.file
        trouble = ""
        if listed.is_sound is False:
            trouble = say("backup.damaged", {"name": shorten(file.name)})
        return DetailView(
            title=moment_words(file.made),
            about=joined((reason_words(file.reason), keeping_words(file.reason))),
            contents=listed.contents,
            difference=difference,
            trouble=trouble,
        )

    # --- what is done ----------------------------------------------------------------------

    def _kept(self, file: BackupFile) -> None:
        self._page.set_busy(False)
        self._window.toast.offer(say("data.kept", {"size": size_words(file.size_bytes)}), None)
        self._refresh()

    def _saved(self, found: OneFile) -> None:
        self._page.set_busy(False)
        facts = {"name": shorten(found.path.name), "size": size_words(found.size_bytes)}
        self._window.banner.show_message("good", say("backup.one_file", facts))

    def _open_file(self) -> None:
        chosen, _kind = QFileDialog.getOpenFileName(
            self._window, self.tr("Restore from a file"), str(Path.home()),
            self.tr("Moestro backups (*.zip)"),
        )  # fmt: skip
        if chosen:
            self.look_into(Path(chosen))

    def look_into(self, source: Path) -> None:
        """Show what a file of everything holds, before anybody takes it."""
        self._page.set_busy(True)
        self._desk.look_into(source, self._looked_into, self._failed)

    def _looked_into(self, whole: WholeFile) -> None:
        self._page.set_busy(False)
        self._whole = whole
        self._page.choose("")
        self._page.show_detail(
            DetailView(
                title=shorten(whole.found.path.name),
                about=self.tr("A file with chats and settings, saved on {when}").format(
                    when=moment_words(whole.contents.file.made)
                ),
                contents=whole.contents,
                difference=whole.difference,
                has_settings=whole.has_settings,
            )
        )
        self._page.detail.restore.setFocus()

    def _restore(self) -> None:
        self._page.set_busy(True)
        if self._whole is not None:
            source = self._whole.found.path
            self._desk.take(source, lambda content: self._taken(source, content), self._failed)
        elif self._shown is not None:
            self._desk.restore(self._shown.file, self._restored, self._failed)

    def _restored(self, contents: BackupContents) -> None:
        self._say_that_it_waits(say("data.restored", {"when": moment_words(contents.file.made)}))

    def _taken(self, source: Path, content: bytes) -> None:
        take_settings(self._services.settings, content)
        code = "data.restored_file" if content else "data.waits"
        self._say_that_it_waits(say(code, {"name": shorten(source.name)}))

    def _say_that_it_waits(self, words: str) -> None:
        self._page.set_busy(False)
        self._show_card(words)
        # What is to be done next is right there for the keyboard.
        for button in self._page.card.buttons[:1]:
            button.setFocus()

    def _card_asked(self, verb: str) -> None:
        if verb == RESTART:
            self.restart_requested.emit()
        elif verb == STAY:
            self._desk.drop_waiting(self._dropped, self._failed)
        else:
            folder = self._services.paths.root
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _dropped(self, _was_there: bool) -> None:
        self._show_card()
        self._page.setFocus()
        self._window.toast.offer(say("data.stays"), None)

    def _show_card(self, words: str = "") -> None:
        verbs: tuple[tuple[str, str], ...]
        if self._desk.is_waiting:
            verbs = ((RESTART, self.tr("Start again now")), (STAY, self.tr("Take it back")))
            self._page.show_card(CardView("good", words or say("data.waits"), verbs))
        elif self._damage is not None:
            notice = self._damage
            verbs = ((FOLDER, self.tr("Open the data folder")),)
            self._page.show_card(CardView("warning", say(notice.code, notice.facts), verbs))
        else:
            self._page.show_card(None)

    def _open_folder(self) -> None:
        folder = self._desk.folder
        shown = folder if folder.is_dir() else self._services.paths.root
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(shown)))

    def _leave(self) -> None:
        self._look.stop()
        self._desk.stop_looking()
        self._window.show_page(self._from)

    def _failed(self, error: KnownError) -> None:
        self._page.set_busy(False)
        self.trouble.emit(say_error(error))

    def _ignored(self, _error: KnownError) -> None:
        """The list says in a moment that this one is damaged."""
