"""Other programs' chats into the history: where from, what would come, take over, what came."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.imports.imports import Importing, Imports
from app.imports.report import Preview, ReadingSoFar, Taken, TakingSoFar
from models.errors import KnownError
from models.naming import shorten
from ui.controllers.import_places import ImportPlaces
from ui.imports import words
from ui.imports.sheet import ImportChatsSheet
from ui.imports.view import ImportView, SourceRow, Step
from ui.main_window import MainWindow
from ui.sentences import say_error


class ImportsController(QObject):
    """One import at a time; closing the sheet gives up what was not taken over yet.

    Signals:
        trouble(str): a sentence to show.
        taken(list): ids of the conversations that came or grew.
        show_requested(list): show these.
        undo_requested(str): file name of the backup of before.
    """

    trouble = Signal(str)
    taken = Signal(list)
    show_requested = Signal(list)
    undo_requested = Signal(str)

    def __init__(
        self,
        imports: Imports,
        places: ImportPlaces,
        window: MainWindow,
        sheet: ImportChatsSheet,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._imports, self._places = imports, places
        self._window, self._sheet = window, sheet
        self._importing: Importing | None = None
        self._found: Preview | None = None
        self._result: Taken | None = None
        self._choosing = ImportView(step=Step.CHOOSING, title="")
        self._chosen: list[str] = []
        self._folder = Path.home()
        sheet.source_chosen.connect(self._read_source)
        sheet.file_requested.connect(self.choose_files)
        sheet.folder_requested.connect(self.choose_folder)
        sheet.accepted.connect(self._take)
        sheet.cancel_requested.connect(self._cancel)
        sheet.again_requested.connect(self._back)
        sheet.show_requested.connect(self._show)
        sheet.undo_requested.connect(self._undo)
        sheet.closed.connect(self._closed)
        places.changed.connect(self._show_sources)

    @property
    def is_taking(self) -> bool:
        """Whether chats are being written into the history."""
        return self._sheet.view.step is Step.TAKING

    def open(self) -> None:
        """Open the sheet; an import under way is shown as it stands."""
        if self._importing is None:
            self._begin()
        self._sheet.open_sheet()
        self._sheet.take_focus()

    def read(self, paths: Sequence[Path], source: str = "auto") -> None:
        """Read files and folders, and show what is in them."""
        if self.is_taking or not paths:
            return
        self._give_up()
        names = ", ".join(shorten(path.name, 40) for path in paths[:3])
        title = self.tr("Reading {names}").format(names=names)
        if len(paths) > 3:
            title = self.tr("Reading {count} files").format(count=len(paths))
        self._sheet.show_view(ImportView(step=Step.READING, title=title))
        self._sheet.open_sheet()
        self._sheet.take_focus()
        self._importing = self._imports.begin(
            paths, self._preview, self._not_read, self._reading, source
        )

    def choose_files(self) -> None:
        """Ask for files with the system's dialog."""
        chosen, _kind = QFileDialog.getOpenFileNames(
            self._window, self.tr("Chats to import"), str(self._folder),
            self.tr("Chats (*.json *.jsonl *.zip *.chat);;All files (*)"),
        )  # fmt: skip
        if chosen:
            self._folder = Path(chosen[0]).parent
            self.read([Path(each) for each in chosen])

    def choose_folder(self) -> None:
        """Ask for a folder with the system's dialog."""
        chosen = QFileDialog.getExistingDirectory(
            self._window, self.tr("Folder with chats"), str(self._folder)
        )
        if chosen:
            self._folder = Path(chosen).parent
            self.read([Path(chosen)])

    # --- from where -------------------------------------------------------------------------

    def _begin(self, note: str = "") -> None:
        self._places.look()
        self._sheet.show_view(
            ImportView(
                step=Step.SOURCES,
                title=self.tr("Import chats"),
                note=note,
                sources=self._sources(),
                is_looking=self._places.is_looking,
            )
        )

    def _sources(self) -> tuple[SourceRow, ...]:
        today = date.today()
        return tuple(
            SourceRow(
                key=str(number),
                name=words.source_name(each.source),
                detail=words.place_words(each.count, each.newest_ms, today),
                path=str(each.path),
            )
            for number, each in enumerate(self._places.found)
        )

    def _show_sources(self) -> None:
        view = self._sheet.view
        if view.step is Step.SOURCES:
            had_focus = self._sheet.sources.file.hasFocus()
            looking = self._places.is_looking
            self._sheet.show_view(replace(view, sources=self._sources(), is_looking=looking))
            if had_focus and self._sheet.isVisible():
                self._sheet.take_focus()

    def _read_source(self, key: str) -> None:
        place = self._places.found[int(key)]
        self.read([place.path], place.source)

    # --- what would come ----------------------------------------------------------------------

    def _reading(self, now: ReadingSoFar) -> None:
        view = self._sheet.view
        if view.step is Step.READING:
            share = now.files_done / now.files if now.files > 1 else None
            self._sheet.show_view(replace(view, share=share, progress=words.reading_words(now)))

    def _preview(self, found: Preview) -> None:
        self._found = found
        rows = words.preview_rows(found, date.today())
        title = self.tr("Found {chats}").format(chats=words.chats_words(len(found.rows)))
        note = words.preview_note(found)
        self._choosing = ImportView(step=Step.CHOOSING, title=title, note=note, rows=rows)
        self._sheet.show_view(self._choosing)

    def _not_read(self, error: KnownError) -> None:
        self._give_up()
        self._begin("" if error.code == "import.cancelled" else say_error(error))

    def _back(self) -> None:
        self._give_up()
        self._begin()

    # --- taking over --------------------------------------------------------------------------

    def _take(self, ids: list[str]) -> None:
        if self._importing is None or self.is_taking:
            return
        self._chosen = list(ids)
        title = self.tr("Importing {chats}").format(chats=words.chats_words(len(ids)))
        self._sheet.show_view(ImportView(step=Step.TAKING, title=title))
        self._importing.take(ids, self._taken, self._not_taken, self._taking)

    def _taking(self, now: TakingSoFar) -> None:
        view = self._sheet.view
        if view.step is Step.TAKING:
            share = None if now.backup else now.done / max(1, now.total)
            self._sheet.show_view(replace(view, share=share, progress=words.taking_words(now)))

    def _taken(self, result: Taken) -> None:
        found, self._result = self._found, result
        rows = words.trouble_rows(found) if found is not None else ()
        unread = found.unread_count if found is not None else 0
        self._sheet.show_view(
            ImportView(
                step=Step.RESULT,
                title=words.taken_title(result),
                note=words.taken_note(result, unread),
                rows=rows,
                has_new=bool(result.added + result.grown),
            )
        )
        self._give_up()
        self.taken.emit(self._chosen)
        if self._sheet.isHidden():
            self._window.toast.offer(
                words.taken_title(result), self._show, verb=self.tr("Show them")
            )

    def _not_taken(self, error: KnownError) -> None:
        if self._sheet.isHidden():
            if error.code != "import.cancelled":
                self.trouble.emit(say_error(error))
            self._give_up()
        elif self._found is not None:
            note = "\n".join((say_error(error), self._choosing.note))
            self._sheet.show_view(replace(self._choosing, note=note))

    # --- afterwards ---------------------------------------------------------------------------

    def _show(self) -> None:
        self._sheet.close_sheet()
        self.show_requested.emit(self._chosen)

    def _undo(self) -> None:
        if self._result is not None:
            self._sheet.close_sheet()
            self.undo_requested.emit(self._result.backup)

    def _cancel(self) -> None:
        if self._importing is not None:
            self._importing.cancel()

    def _closed(self) -> None:
        if not self.is_taking:
            self._give_up()

    def _give_up(self) -> None:
        if self._importing is not None:
            self._importing.close()
            self._importing = None
