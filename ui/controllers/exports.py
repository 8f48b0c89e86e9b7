"""Taking conversations out: the export sheet, the last choice again, copying and printing."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QStandardPaths, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from app.export.choice import ExportChoice
from app.export.job import Exported, ExportJob, ExportProgress
from app.export.names import safe_file_name
from app.export.printer import Printer
from app.export.scope import Scope
from app.export.targets import Packing, Target
from app.posting import Post
from app.services import Services
from models.errors import KnownError
from models.naming import shorten
from ui.controllers.export_copying import ExportCopying
from ui.controllers.export_naming import (
    code_ending,
    free_path,
    is_folder,
    safe_path,
    without_ending,
)
from ui.controllers.export_offers import ExportOffers
from ui.controllers.export_previews import ExportPreviews
from ui.controllers.export_printing import ExportPrinting
from ui.export.asked import Asked
from ui.export.parts import meant, remembered
from ui.export.sheet import ExportSheet
from ui.export.view import SINGLE, ExportView, Wanted, What
from ui.export.words import progress_words
from ui.main_window import MainWindow
from ui.sentences import say, say_error

_ANOTHER_PLACE = frozenset(
    {"export.no_folder", "export.not_allowed", "export.disk_full", "export.io"}
)


class ExportsController(QObject):
    """Asks where, writes whole or not at all, and says what was done.

    Signals:
        trouble: a sentence to show.
    """

    trouble = Signal(str)

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        sheet: ExportSheet,
        offers: ExportOffers,
        post: Post,
        printer: Printer,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._window = services, window
        self._sheet, self._offers = sheet, offers
        self._exports = services.exports
        self._folder = self._first_folder()
        self._job: ExportJob | None = None
        self._typed = ""
        """The file's name as a person typed it, without its ending; empty while it is ours."""
        self._said = ""
        """What the toast told last of the export under way."""
        self._openings = 0
        """How often the sheet was opened: an export that ends belongs to one of them."""
        self._last_what = What.CHAT
        self.previews = ExportPreviews(services.exports, printer, sheet, offers.scope, self)
        self.copying = ExportCopying(services.exports, post, self)
        self.printing = ExportPrinting(services.exports, post, window, parent=self)
        # Formats are imported at their first use, which would be felt in the middle of a choice.
        threading.Thread(target=self._prepare, name="formats", daemon=True).start()
        self._connect()

    def _connect(self) -> None:
        sheet = self._sheet
        sheet.wanted_changed.connect(self._changed)
        sheet.export_requested.connect(self.export)
        sheet.print_requested.connect(lambda: self.print(sheet.wanted))
        sheet.folder_requested.connect(self.choose_folder)
        sheet.cancel_requested.connect(self.cancel)
        sheet.name_edited.connect(self._name_edited)
        sheet.copy_requested.connect(self._copy)
        sheet.closed.connect(self._closed)
        self._offers.outdated.connect(sheet.close_sheet)
        self.copying.copied.connect(self._copied)
        for each in (self.copying, self.printing):
            each.trouble.connect(self._tell)

    def close(self) -> None:
        """Give up what runs beside the window: previews, copying and printing."""
        self.previews.stop()
        self.copying.stop()
        self.printing.stop()

    # --- the sheet --------------------------------------------------------------------------

    def open(self, asked: Asked = Asked(), format_name: str = "") -> None:  # noqa: B008 - frozen
        """Open the sheet for what was pointed at, or for what is open."""
        if self._sheet.isVisible():
            return
        self._offers.begin(asked)
        found = self._offers.offers()
        remark = self._offers.lack(found)
        if not found:
            self._window.toast.offer(remark or say("export.nothing_yet"), None)
            return
        last = self._last
        branches, leaf = self._offers.branches()
        self._typed = ""
        self._openings += 1
        view = ExportView(
            offers=found,
            what=self._offers.first(found),
            format=format_name or last.format,
            options=last.options,
            branches=branches,
            leaf_id=leaf,
            in_zip=last.packing == "zip",
            remark=remark,
        )
        self._sheet.begin(view)
        self._sheet.set_busy(self._job is not None)
        self._show_target()
        self.previews.refresh(at_once=True)

    def again(self) -> None:
        """Export what is open now as it was done last, without asking."""
        if self._job is not None or self._sheet.isVisible():
            return
        self._offers.begin(Asked())
        found = {each.what for each in self._offers.offers()}
        last = self._last
        what = What.CHAT if self._last_what in SINGLE else self._last_what
        if What.SELECTION in found and what is What.CHAT:
            what = What.SELECTION
        if not last.folder or what not in found:
            self.open()
            return
        self._typed = ""
        wanted = Wanted(what, last.format, last.options, in_zip=last.packing == "zip")
        self._start(wanted, overwrite=False)

    def export(self, *, overwrite: bool = False) -> None:
        """Write what is chosen."""
        if self._job is None:
            self._sheet.tell("")
            self._start(self._sheet.wanted, overwrite=overwrite)

    def cancel(self) -> None:
        """Give up the export under way; nothing of it stays."""
        if self._job is not None:
            self._job.cancel()

    def print(self, wanted: Wanted | None = None) -> None:
        """Print what is chosen, or the open conversation."""
        if wanted is None and self._sheet.isVisible():
            wanted = self._sheet.wanted
        if wanted is None:
            self._offers.begin(Asked(What.CHAT))
            if not self._offers.conversation_id:
                self._window.toast.offer(self._offers.lack(()), None)
                return
            wanted = Wanted(What.CHAT, "pdf", self._last.options)
        if wanted.what in SINGLE:
            self.printing.print(self._offers.scope(wanted), wanted.options)
        else:
            self._tell(say("export.print_one"))

    def choose_folder(self) -> None:
        """Ask for another folder with the system's dialog."""
        chosen = QFileDialog.getExistingDirectory(
            self._window, self.tr("Folder for exports"), str(self._folder)
        )
        if chosen:
            self._folder = Path(chosen)
            self._sheet.tell("")
            self._show_target()

    # --- a piece of a conversation ------------------------------------------------------------

    def save_code(self, code: str, language: str) -> None:
        """Save a code block. The dialog has asked before it names an existing file."""
        name = safe_file_name("code", code_ending(language))
        chosen, _kind = QFileDialog.getSaveFileName(
            self._window, self.tr("Save as"), str(self._folder / name)
        )
        if not chosen:
            return
        path = Path(chosen)
        self._folder = path.parent
        try:
            self._exports.write(path, code, overwrite=True)
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        self._window.toast.offer(say("export.saved", {"file": path.name}), None)

    def _prepare(self) -> None:
        for name in self._exports.formats.names:
            self._exports.formats.get(name)

    # --- inside -----------------------------------------------------------------------------

    @property
    def _last(self) -> ExportChoice:
        return self._services.settings.current.last_export

    def _changed(self, _wanted: Wanted) -> None:
        self._show_target()
        self.previews.refresh()

    def _closed(self) -> None:
        self.previews.stop()
        self.copying.stop()

    def _name_edited(self, name: str) -> None:
        # Its ending is that of the format which is shown now; the next choice has another one.
        self._typed = without_ending(name, self._ending(self._sheet.wanted))
        self._sheet.tell("")

    def _show_target(self) -> None:
        try:
            path = self._path(self._sheet.wanted)
        except KnownError as error:
            self._sheet.tell(say_error(error))
            return
        self._sheet.foot.set_target(path.name, shorten(self._folder.name or str(self._folder)))
        self._sheet.foot.folder.setToolTip(str(self._folder))

    def _packing(self, scope: Scope, wanted: Wanted) -> Packing:
        packing = self._exports.packing(scope, wanted.format)
        return "zip" if packing == "folder" and wanted.in_zip else packing

    def _path(self, wanted: Wanted) -> Path:
        """Raises HistoryError, StorageError."""
        scope = self._offers.scope(wanted)
        packing = self._packing(scope, wanted)
        if not self._typed:
            name = self._exports.suggested_name(scope, wanted.format, packing)
            return free_path(self._folder / name)
        return safe_path(self._folder, self._typed, self._ending(wanted), packing)

    def _ending(self, wanted: Wanted) -> str:
        """Without its dot; of a folder none."""
        packing = self._packing(self._offers.scope(wanted), wanted)
        if packing == "file":
            return self._exports.formats.get(wanted.format).ending
        return "zip" if packing == "zip" else ""

    def _start(self, wanted: Wanted, *, overwrite: bool, numbered: bool = False) -> None:
        wanted = replace(wanted, options=meant(wanted.what, wanted.format, wanted.options))
        try:
            path = self._path(wanted)
        except KnownError as error:
            self._tell(say_error(error))
            return
        scope = self._offers.scope(wanted)
        path = free_path(path) if numbered else path
        target = Target(path, self._packing(scope, wanted), overwrite)
        self._remember(wanted)
        self._said, opening = "", self._openings
        total = self._offers.count_of(wanted) if wanted.what in SINGLE else 0
        self._sheet.foot.show_progress(0, progress_words(0, 0, None))
        self._sheet.set_busy(True)
        self._job = self._exports.begin(
            scope, wanted.format, wanted.options, target,
            lambda exported: self._done(exported, opening),
            lambda error: self._failed(wanted, error, opening),
            lambda progress: self._progress(progress, total),
        )  # fmt: skip

    def _remember(self, wanted: Wanted) -> None:
        self._last_what = wanted.what
        self._services.settings.change(
            last_export=msgspec.structs.replace(
                self._last, format=wanted.format, packing="zip" if wanted.in_zip else "folder",
                folder=str(self._folder), options=remembered(wanted, self._last.options),
            )
        )  # fmt: skip

    def _progress(self, now: ExportProgress, messages: int) -> None:
        of = now.of or 0
        share = now.conversations / of if of > 1 else 0.0
        if of <= 1 and messages:
            share = now.messages / messages
        words = progress_words(now.conversations, of, now.seconds_left)
        self._sheet.foot.show_progress(share, words)
        # Once somebody put it away, or it tells of something else, it is left alone.
        if self._sheet.isHidden() and (not self._said or self._is_told):
            self._said = words
            self._window.toast.offer(words, self.cancel, seconds=3600, verb=self.tr("Cancel"))

    @property
    def _is_told(self) -> bool:
        toast = self._window.toast
        return toast.isVisible() and bool(self._said) and toast.accessibleName() == self._said

    def _done(self, exported: Exported, opening: int) -> None:
        self._job = None
        self._sheet.set_busy(False)
        if opening == self._openings:
            self._sheet.close_sheet()
        path = exported.path
        if is_folder(path):
            facts: dict[str, str | int | float] = {
                "count": exported.conversations, "folder": shorten(path.name)
            }  # fmt: skip
            words, shown = say("export.saved_many", facts), path
        else:
            words, shown = say("export.saved", {"file": shorten(path.name)}), path.parent
        self._window.toast.offer(
            words,
            lambda: _open(shown),
            verb=self.tr("Open folder"),
        )

    def _failed(self, wanted: Wanted, error: KnownError, opening: int) -> None:
        self._job = None
        self._sheet.set_busy(False)
        if self._is_told:
            self._window.toast.dismiss()
        if error.code == "export.cancelled":
            self._window.toast.offer(say("export.cancelled"), None)
            return
        if self._sheet.isHidden():
            self.trouble.emit(say_error(error))
            return
        verbs: list[tuple[str, Callable[[], None]]] = []
        if opening != self._openings:
            pass  # the sheet is about something else by now
        elif error.code == "export.exists":
            verbs = [  # the first one has the keyboard: Enter twice must not replace anything
                (self.tr("Keep both"), lambda: self._retry(wanted, overwrite=False)),
                (self.tr("Replace it"), lambda: self._retry(wanted, overwrite=True)),
            ]
        elif error.code in _ANOTHER_PLACE:
            verbs = [(self.tr("Another folder…"), self.choose_folder)]
        self._sheet.tell(say_error(error), verbs)

    def _retry(self, wanted: Wanted, *, overwrite: bool) -> None:
        self._sheet.tell("")
        self._start(wanted, overwrite=overwrite, numbered=not overwrite)

    def _copy(self, kind: str) -> None:
        wanted = self._sheet.wanted
        self.copying.copy(kind, self._offers.scope(wanted), wanted.options)

    def _copied(self) -> None:
        self._sheet.foot.show_copied()

    def _tell(self, sentence: str) -> None:
        if self._sheet.isVisible():
            self._sheet.tell(sentence)
        else:
            self.trouble.emit(sentence)

    def _first_folder(self) -> Path:
        last = self._last.folder
        if last and is_folder(Path(last)):
            return Path(last)
        documents = Path(QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.DocumentsLocation
        ))  # fmt: skip
        return documents if is_folder(documents) else Path.home()


def _open(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
