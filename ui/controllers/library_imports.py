"""Adding models that are on this computer already: choosing, the sheet, and what became of it."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.amounts import file_size
from app.library.import_entities import Imported, ImportProgress, ImportWay
from app.library.import_looking import ImportLook, SeenModel
from app.library.importing import ImportRun
from app.services import Services
from models.errors import KnownError
from models.naming import shorten, shown_name
from models.peers import Findings, FoundModel
from ui.main_window import MainWindow
from ui.models.import_sheet import ImportSheet
from ui.models.import_view import ImportRow, ImportView
from ui.sentences import say, say_error
from ui.widgets.menu import Menu

_PREFIX = "adding-"
_ENDINGS = "*.gguf"


@dataclass(slots=True)
class Adding:
    """An import under way."""

    key: str
    """Of its row in the library."""
    run: ImportRun
    progress: ImportProgress

    @property
    def share(self) -> float:
        """0 to 1, of all its models."""
        told = self.progress
        inner = told.done_bytes / told.total_bytes if told.total_bytes else 0.0
        return (max(0, told.number - 1) + inner) / told.count if told.count else 0.0


class LibraryImports(QObject):
    """Shows the sheet and runs imports; several may be under way.

    Signals:
        trouble(str): a sentence to show.
        changed: one more or less is under way, or is further.
        added: the library has other models than before.
    """

    trouble = Signal(str)
    changed = Signal()
    added = Signal()

    def __init__(
        self, services: Services, window: MainWindow, sheet: ImportSheet, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._services, self._window, self.sheet = services, window, sheet
        self._numbers = itertools.count(1)
        self._under_way: dict[str, Adding] = {}
        self._look: ImportLook | None = None
        self._asked = 0
        """Which look is the newest: what an older one finds is of no interest."""
        self._is_programs = False
        sheet.accepted.connect(self._accepted)
        sheet.closed.connect(self._stop_looking)

    @property
    def under_way(self) -> list[Adding]:
        """In the order in which they began."""
        return list(self._under_way.values())

    # --- choosing --------------------------------------------------------------------------

    def open_menu(self, menu: Menu) -> None:
        """Fill the menu of the button."""
        menu.entry(self.tr("Files…")).triggered.connect(self.choose_files)
        menu.entry(self.tr("A folder…")).triggered.connect(self.choose_folder)
        menu.entry(self.tr("From other programs")).triggered.connect(self.look_in_programs)

    def choose_files(self) -> None:
        """Ask for GGUF files with the system's dialog."""
        paths, _kind = QFileDialog.getOpenFileNames(
            self._window,
            self.tr("Add GGUF files"),
            str(Path.home()),
            self.tr("GGUF models ({endings});;All files (*)").format(endings=_ENDINGS),
        )
        self.look_at([Path(path) for path in paths])

    def choose_folder(self) -> None:
        """Ask for a folder with the system's dialog."""
        path = QFileDialog.getExistingDirectory(
            self._window, self.tr("Add the models in a folder"), str(Path.home())
        )
        self.look_at([Path(path)] if path else [])

    def look_at(self, paths: Sequence[Path]) -> None:
        """Show in the sheet what could be added there."""
        if not paths:
            return
        self._stop_looking()
        self._is_programs = False
        try:
            look = self._services.models.imports.look(paths)
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        self._look = look
        self.sheet.begin(self._found_view((), is_looking=True))
        look.begin(
            lambda seen: self.sheet.show_found(self._found_view(seen, is_looking=True)),
            lambda seen: self.sheet.show_found(self._found_view(seen, is_looking=False)),
        )

    def look_in_programs(self) -> None:
        """Show in the sheet what other programs have."""
        self._stop_looking()
        self._is_programs = True
        self._asked += 1
        number = self._asked
        self.sheet.begin(self._programs_view(None, set()))

        def found(findings: Findings) -> None:
            if number != self._asked:
                return
            try:
                known = {each.handle.path for each in self._services.library.entries()}
            except KnownError as error:
                self.trouble.emit(say_error(error))
                return
            self.sheet.show_found(self._programs_view(findings, known))

        self._services.models.imports.discover(found)

    def stop(self, key: str) -> None:
        """Stop an import; what it added stays."""
        if adding := self._under_way.get(key):
            adding.run.cancel()

    # --- the sheet -------------------------------------------------------------------------

    def _stop_looking(self) -> None:
        self._asked += 1
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def _found_view(self, seen: Sequence[SeenModel], *, is_looking: bool) -> ImportView:
        return ImportView(
            title=self.tr("Add to your library"),
            rows=tuple(_seen_row(each) for each in seen),
            is_looking=is_looking,
            folder=shorten(str(self._services.models.folder)),
        )

    def _programs_view(self, findings: Findings | None, known: set[Path]) -> ImportView:
        rows: tuple[ImportRow, ...] = ()
        if findings is not None:
            usable = [each for each in findings.models if not each.may_not_load]
            rows = tuple(_program_row(each, each.path in known) for each in usable)
        return ImportView(
            title=self.tr("Models of other programs"),
            rows=rows,
            is_looking=findings is None,
            nothing=say("models.no_programs"),
            note=say("models.use_in_place"),
        )

    def _accepted(self, keys: list[str], way: ImportWay) -> None:
        imports, key = self._services.models.imports, _PREFIX + str(next(self._numbers))
        paths = [Path(each) for each in keys]

        def told(progress: ImportProgress) -> None:
            if key in self._under_way:
                self._under_way[key].progress = progress
                self.changed.emit()

        def done(results: tuple[Imported, ...]) -> None:
            self._under_way.pop(key, None)
            self._tell(results)
            self.added.emit()

        begin: Callable[[], ImportRun] = (
            (lambda: imports.begin_from_programs(told, done, frozenset(paths)))
            if self._is_programs
            else (lambda: imports.begin(paths, way, told, done))
        )
        try:
            run = begin()
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        first = ImportProgress(shown_name(paths[0]), 1, len(paths), 0, 0)
        self._under_way[key] = Adding(key, run, first)
        self.changed.emit()

    # --- afterwards ------------------------------------------------------------------------

    def _tell(self, results: tuple[Imported, ...]) -> None:
        """Each file that cannot be used gets its sentence; the rest is one more."""
        troubles = [(each, each.trouble) for each in results if each.trouble is not None]
        good = _good_words(results)
        if len(troubles) > 1:
            title = self.tr("{count} of {total} could not be added")
            rows = tuple(
                ImportRow(key=str(number), name=shown_name(each.path), trouble=say_error(trouble))
                for number, (each, trouble) in enumerate(troubles)
            )
            self.sheet.begin(
                ImportView(
                    title=title.format(count=len(rows), total=len(results)),
                    rows=rows,
                    note=good,
                    is_result=True,
                )
            )
            return
        for _each, trouble in troubles:
            self.trouble.emit(say_error(trouble))
        if good:
            self._window.toast.offer(good, None)
        elif results and not troubles:
            self._window.toast.offer(say("models.all_known"), None)


def _good_words(results: Sequence[Imported]) -> str:
    """What is in the library now and was not before; "" for nothing."""
    models = [each.model for each in results if each.model and not each.is_duplicate]
    if not models:
        return ""
    facts: dict[str, str | int | float] = {
        "name": shorten(models[0].name),
        "count": len(models),
        "size": file_size(sum(each.size_bytes for each in models)),
    }
    return say("models.added" if len(models) == 1 else "models.added_some", facts)


def _seen_row(seen: SeenModel) -> ImportRow:
    return ImportRow(
        key=str(seen.path),
        name=seen.name,
        quantization=seen.quantization,
        detail=str(seen.path.parent),
        size_bytes=seen.size_bytes,
        is_known=seen.is_known,
        trouble=say_error(seen.trouble) if seen.trouble is not None else "",
    )


def _program_row(found: FoundModel, is_known: bool) -> ImportRow:
    return ImportRow(
        key=str(found.path),
        name=found.name,
        quantization=found.quantization or "",
        detail=str(found.path.parent),
        size_bytes=found.size_bytes,
        group=found.program.value,
        is_known=is_known,
    )
