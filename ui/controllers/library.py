"""The Library tab: what is on this computer, and everything that can be done with it there."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from app.engine.host import HostState
from app.library.download_entities import Download, DownloadChanged, DownloadEvent
from app.library.download_list import now_ms
from app.library.download_states import ACTIVE, DownloadState
from app.library.drives import drive_name
from app.library.entities import InstalledModel
from app.library.folder_scan import FolderFindings
from app.library.volumes import Room, room_of
from app.placement.entities import Placement
from app.services import Services
from models.errors import KnownError
from models.naming import shorten
from ui.controllers.library_checks import LibraryChecks
from ui.controllers.library_fetching import LibraryFetching
from ui.controllers.library_imports import LibraryImports
from ui.controllers.library_removals import LibraryRemovals
from ui.controllers.library_rows import Known, LibraryRows, busy, passing
from ui.controllers.places import Places
from ui.main_window import MainWindow
from ui.models.page import ModelsPage
from ui.models.view import LibraryRow, LibraryView
from ui.sentences import say, say_error
from ui.widgets.menu import Menu

_SOON_MS = 150
"""Between two looks at figures that change many times a second."""
_WATCH_AFTER_MS = 50
"""The rows are painted by then: the queue of downloads takes a moment to open."""
_COMING = ACTIVE | {DownloadState.QUEUED, DownloadState.VERIFIED}
_DOWNLOAD = "download-"


class LibraryController(QObject):
    """Rows are made again at most a few times a second, and only while they can be seen.

    Signals:
        trouble(str): a sentence to show.
        chat_requested(str): the key of a model that is to answer.
        placement_requested(str): the key of a model whose placement is to be shown.
        repository_requested(str): ``owner/name``, to be shown in Discover.
        downloads_requested: the Downloads tab is to be shown.
        library_changed: there are other models than before.
    """

    trouble = Signal(str)
    chat_requested = Signal(str)
    placement_requested = Signal(str)
    repository_requested = Signal(str)
    downloads_requested = Signal()
    library_changed = Signal()

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        page: ModelsPage,
        places: Places,
        parent: QObject | None = None,
        *,
        open_url: Callable[[QUrl], bool] = QDesktopServices.openUrl,
        clock_ms: Callable[[], int] = now_ms,
    ) -> None:
        super().__init__(parent)
        self._services, self._window, self._page = services, window, page
        self._places, self._open_url, self._clock_ms = places, open_url, clock_ms
        self._rows = LibraryRows(services.models.remover.freed_bytes)
        self._models: list[InstalledModel] = []
        self._active: dict[str, int] = {}
        self._notes: dict[str, str] = {}
        self._room: Room | None = None
        self._is_watching = self._is_scanning = False
        self.imports = LibraryImports(services, window, page.library.sheet, self)
        self.fetching = LibraryFetching(services, window, self)
        self.checks = LibraryChecks(services, window, self.fetching.fetch_again, self)
        self.removals = LibraryRemovals(services, window, self)
        self._soon, self._watch = QTimer(self), QTimer(self)
        for timer, delay, call in (
            (self._soon, _SOON_MS, self._show_seen),
            (self._watch, _WATCH_AFTER_MS, self._begin_watching),
        ):
            timer.setSingleShot(True)
            timer.setInterval(delay)
            timer.timeout.connect(call)
        self._connect()

    def show(self) -> None:
        """The Library tab was opened: everything is looked at again."""
        self.refresh()
        self._places.prepare(self._present())
        self._watch.start()

    def refresh(self) -> None:
        """Read the library again and show it."""
        services = self._services
        try:
            self._models = services.library.entries()
            self._notes = services.models.notes.all()
        except KnownError as error:
            self.trouble.emit(say_error(error))
        self._room = _room_of(services.models.folder)
        self._show()

    def choose_files(self) -> None:
        """Ask for GGUF files to add."""
        self._be_seen()
        self.imports.choose_files()

    def import_paths(self, paths: list[Path]) -> None:
        """Files and folders were dropped: show what of them could be added."""
        self._be_seen()
        self.imports.look_at(paths)

    # --- connections -----------------------------------------------------------------------

    def _connect(self) -> None:
        tab, services = self._page.library, self._services
        tab.set_cards(services.settings.current.library_cards)
        tab.cards_chosen.connect(self._keep_view)
        tab.asked.connect(self._do)
        tab.notes_changed.connect(self._keep_notes)
        tab.import_menu_requested.connect(self._open_menu)
        tab.import_requested.connect(self.imports.choose_files)
        tab.look_requested.connect(self.imports.look_in_programs)
        tab.dropped.connect(lambda paths: self.import_paths([Path(path) for path in paths]))
        for part in (self.imports, self.fetching, self.removals):
            part.trouble.connect(self.trouble)
        for changed in (self.imports.changed, self.checks.changed, self.fetching.begun):
            changed.connect(self._show_soon)
        for others in (
            self.imports.added, self.checks.checked, self.removals.removed, self.fetching.changed,
        ):  # fmt: skip
            others.connect(self._changed)
        self._places.guessed.connect(self._show_soon)
        self._places.changed.connect(self._plans_changed)
        services.host.subscribe(lambda _status: self._show_soon())

    def _begin_watching(self) -> None:
        """The first time: downloads; each time: the other folders of the library."""
        if not self._is_watching:
            self._is_watching = True
            # Asked for first, so that what is ready is in the library when this hears of it.
            _ = self._services.models.arrivals
            self._services.models.downloads.subscribe(self._download_told)
            self._show_soon()
        folders = self._services.models.folders
        if folders.folders and not self._is_scanning:
            self._is_scanning = True
            folders.begin(self._scanned)

    def _scanned(self, found: FolderFindings) -> None:
        self._is_scanning = False
        if found.added:
            self._changed()

    def _download_told(self, event: DownloadEvent) -> None:
        is_ready = (
            isinstance(event, DownloadChanged)
            and event.download.status.state is DownloadState.READY
        )
        if is_ready and self._page.library.isVisible():
            self._changed()
        else:
            self._show_soon()

    def _plans_changed(self) -> None:
        if self._page.library.isVisible():
            self._places.prepare(self._present())
            self._show_soon()

    def _changed(self) -> None:
        self.refresh()
        self._places.prepare(self._present())
        self.library_changed.emit()

    def _present(self) -> list[InstalledModel]:
        return [each for each in self._models if each.state in ("ready", "changed")]

    def _be_seen(self) -> None:
        """What comes next is shown in this tab."""
        if not self._page.isVisible():
            self._window.show_page("models")
        if self._page.tab != "library":
            self._page.show_tab("library")
            self.show()

    # --- what is shown ---------------------------------------------------------------------

    def _show_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _show_seen(self) -> None:
        if self._page.library.isVisible():
            self._show()

    def _show(self) -> None:
        folder, room = self._services.models.folder, self._room
        downloads = self._downloads()
        rows = [self._row(model, downloads) for model in self._models]
        rows = [*self._passing(downloads), *rows]
        self._page.library.show_library(
            LibraryView(
                rows=tuple(rows),
                now_ms=self._clock_ms(),
                volume=drive_name(folder),
                free_bytes=room.free if room else 0,
                capacity_bytes=room.total if room else 0,
            )
        )

    def _row(self, model: InstalledModel, downloads: dict[str, Download]) -> LibraryRow:
        placement = self._placement_of(model)
        status = self._services.host.status
        row = self._rows.row(
            Known(
                model,
                placement,
                self._active_parameters(model, known=placement is not None),
                self._notes.get(model.key, ""),
                is_loaded=status.model_key == model.key and status.state is HostState.READY,
            )
        )
        if model.key in self.checks.shares:
            return busy(row, "verifying", self.checks.shares[model.key])
        if row.state in ("incomplete", "damaged", "absent"):
            for identifier, download in downloads.items():
                if _is_of(download, model):
                    del downloads[identifier]
                    return busy(row, "coming", download.done / max(download.total, 1))
        return row

    def _passing(self, downloads: dict[str, Download]) -> list[LibraryRow]:
        """Rows of what is on its way into the library."""
        adding = [
            passing(each.key, each.progress.name, each.progress.total_bytes, "adding", each.share)
            for each in self.imports.under_way
        ]
        coming = [
            passing(
                _DOWNLOAD + identifier,
                each.request.name,
                each.total,
                "coming",
                each.done / max(each.total, 1),
                quantization=each.request.quantization,
                repository=each.request.repository,
            )
            for identifier, each in downloads.items()
        ]
        return [*adding, *coming]

    def _downloads(self) -> dict[str, Download]:
        if not self._is_watching:
            return {}
        entries = self._services.models.downloads.entries()
        return {each.id: each for each in entries if each.status.state in _COMING}

    def _placement_of(self, model: InstalledModel) -> Placement | None:
        # What is not known yet is guessed step by step: here it would hold up the window.
        return self._places.placement_of(model) if self._places.detail_of(model) else None

    def _active_parameters(self, model: InstalledModel, *, known: bool) -> int:
        """0 until its plan was made: its header was read for that."""
        if model.expert_count and known and model.key not in self._active:
            try:
                facts = self._services.placements.subject(model.handle).facts
            except KnownError:
                return 0
            self._active[model.key] = facts.active_parameters
        return self._active.get(model.key, 0)

    # --- what a person does ----------------------------------------------------------------

    def _do(self, verb: str, key: str) -> None:
        if verb == "progress":
            self.downloads_requested.emit()
            return
        if verb == "stop_adding":
            self.imports.stop(key)
            return
        row = next((each for each in self._page.library.view.rows if each.key == key), None)
        if verb == "source":
            self.repository_requested.emit(row.repository if row else "")
            return
        model = next((each for each in self._models if each.key == key), None)
        if model is None:
            return
        calls: dict[str, Callable[[], None]] = {
            "chat": lambda: self.chat_requested.emit(key),
            "placement": lambda: self.placement_requested.emit(key),
            "verify": lambda: self.checks.begin(model),
            "stop_verify": lambda: self.checks.stop(key),
            "open_folder": lambda: self._open_folder(model.handle.path.parent),
            "updates": lambda: self.fetching.check_for_updates(model),
            "download": lambda: self.fetching.fetch_again(model),
            "forget": lambda: self.removals.forget(model),
            "delete": lambda: self.removals.delete(model),
        }
        calls[verb]()

    def _open_folder(self, folder: Path) -> None:
        if not self._open_url(QUrl.fromLocalFile(str(folder))):
            self.trouble.emit(say("models.no_file_manager", {"folder": shorten(str(folder))}))

    def _open_menu(self) -> None:
        menu = Menu(self._page)
        self.imports.open_menu(menu)
        menu.open_below(self._page.library.toolbar.add_files, right=True)

    def _keep_view(self, is_cards: bool) -> None:
        try:
            self._services.settings.change(library_cards=is_cards)
        except KnownError as error:
            self.trouble.emit(say_error(error))

    def _keep_notes(self, key: str, text: str) -> None:
        self._notes[key] = text

        def failed(error: KnownError) -> None:
            self.trouble.emit(say_error(error))

        self._services.models.notes.set(key, text, None, failed)
        self._show_soon()


def _is_of(download: Download, model: InstalledModel) -> bool:
    """Whether this download brings this model's files."""
    names = {file.path.rpartition("/")[2] for file in download.request.files}
    return (
        download.request.repository == model.origin.repository
        and {file.path.name for file in model.handle.files} <= names
    )


def _room_of(folder: Path) -> Room | None:
    """Of the volume where the folder is or will be."""
    for place in (folder, *folder.parents):
        try:
            return room_of(place)
        except OSError:
            continue
    return None
