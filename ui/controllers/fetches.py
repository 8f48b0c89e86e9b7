"""What is on its way or here already, for every place in the window that offers a download."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.library.download_entities import Download, DownloadChanged, DownloadEvent
from app.library.download_states import DownloadState, Status
from app.library.entities import InstalledModel
from app.library.hub_pages import RepositoryPage
from app.services import Services
from models.errors import KnownError
from models.repository import Quantization, RepositoryModel
from ui.models.view import Fetch


@dataclass(frozen=True, slots=True)
class FetchState:
    """Whether something is in the library, comes, or neither."""

    fetch: Fetch = "absent"
    progress: float = 0.0
    """0 to 1, while it comes."""
    key: str = ""
    """Of the model, or the id of the download."""


_ABSENT = FetchState()


class Fetches(QObject):
    """Keeps both lists in memory; nothing is read from the disk while figures change.

    Signals:
        changed: something began, ended, came or went.
        progressed: only figures are others.
        arrived(object): a Download that is ready now.
    """

    changed = Signal()
    progressed = Signal()
    arrived = Signal(object)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._downloads: dict[str, Download] = {}
        self._installed: list[InstalledModel] | None = None
        # First, so that what is ready is in the library when others hear of it.
        self.arrivals = services.models.arrivals
        self.downloads = services.models.downloads
        self._downloads = {each.id: each for each in self.downloads.entries()}
        self.downloads.subscribe(self._heard)

    def entries(self) -> list[Download]:
        """All downloads in the queue's order."""
        return sorted(self._downloads.values(), key=lambda each: (each.position, each.id))

    def forget(self) -> None:
        """The library changed."""
        self._installed = None
        self.changed.emit()

    def installed(self) -> list[InstalledModel]:
        """The library's models as they were when they last changed. Raises KnownError."""
        if self._installed is None:
            self._installed = self._services.library.entries()
        return self._installed

    # --- asking ----------------------------------------------------------------------------

    def of_files(self, hashes: frozenset[str]) -> FetchState:
        """Of a set of files, known by their SHA-256; a projector may have come with them."""
        if not hashes:
            return _ABSENT
        for model in self._usable():
            if hashes <= frozenset(model.origin.hashes):
                return FetchState("here", 1.0, model.key)
        for download in self._downloads.values():
            if hashes <= frozenset(file.wanted.sha256 for file in download.files):
                return _state_of(download)
        return _ABSENT

    def of_repositories(self, names: frozenset[str]) -> FetchState:
        """Of any quantization in one of these repositories, in lower case."""
        for download in self._downloads.values():
            state = _state_of(download)
            if download.request.repository.casefold() in names and state.fetch == "coming":
                return state
        for model in self._usable():
            if model.origin.repository.casefold() in names:
                return FetchState("here", 1.0, model.key)
        return _ABSENT

    def begin(self, page: RepositoryPage, model: RepositoryModel, choice: Quantization) -> str:
        """Start a download, or let it go on; returns its id. Raises KnownError.

        What lets the model see pictures comes with it, where the repository has that.
        """
        sees = choice.projector is not None
        return self.downloads.add(page.request(model, choice, with_projector=sees))

    def _usable(self) -> list[InstalledModel]:
        try:
            return [each for each in self.installed() if each.state in ("ready", "changed")]
        except KnownError:
            return []  # the Library tab says why

    # --- what the downloads tell -----------------------------------------------------------

    def _heard(self, event: DownloadEvent) -> None:
        if not isinstance(event, DownloadChanged):
            self._downloads.pop(event.id, None)
            self.changed.emit()
            return
        download = event.download
        before = self._downloads.get(download.id)
        self._downloads[download.id] = download
        if before is not None and _looks(before) == _looks(download):
            self.progressed.emit()
            return
        is_ready = download.status.state is DownloadState.READY
        if is_ready:
            self._installed = None
        self.changed.emit()
        if is_ready and before is not None:
            self.arrived.emit(download)


def _looks(download: Download) -> tuple[Status, int, bool]:
    """What is more than a figure."""
    return download.status, download.position, download.elsewhere


def _state_of(download: Download) -> FetchState:
    state = download.status.state
    if state in (DownloadState.READY, DownloadState.CANCELLED, DownloadState.CANCELLING):
        return _ABSENT  # ready ones are found in the library, unless they were removed from it
    share = download.done / download.total if download.total else 0.0
    return FetchState("coming", share, download.id)
