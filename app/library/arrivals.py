"""Makes finished downloads installed models, also those that finished just before a kill."""

import logging
from collections.abc import Callable

from app.library.download_entities import Download, DownloadChanged, DownloadEvent
from app.library.download_states import DownloadState
from app.library.downloads import Downloads
from app.library.entities import InstalledModel, Origin
from app.library.library import Library
from models.entities import ModelFile
from models.errors import KnownError, ModelFileAbsent
from models.gguf import open_model
from models.naming import shorten

log = logging.getLogger("moestro.library")


class Arrivals:
    """Listens to the downloads. Used on the state thread.

    ``arrived`` hears of each model that came into the library.
    """

    def __init__(
        self,
        downloads: Downloads,
        library: Library,
        arrived: Callable[[InstalledModel], None] = lambda _model: None,
    ) -> None:
        self._downloads = downloads
        self._library = library
        self._arrived = arrived
        self._troubles: dict[str, KnownError] = {}
        self._seen: set[str] = set()
        self.catch_up()
        downloads.subscribe(self._heard)

    def trouble(self, identifier: str) -> KnownError | None:
        """Why a finished download is no model of the library."""
        return self._troubles.get(identifier)

    def model_of(self, identifier: str) -> InstalledModel | None:
        """The model that a finished download became."""
        download = self._downloads.get(identifier)
        paths = set(download.paths) if download is not None else set()
        return next((each for each in self._library.entries() if each.handle.path in paths), None)

    def catch_up(self) -> None:
        """Add what finished while nobody listened."""
        placed = {
            file.path
            for model in self._library.entries()
            for file in (*model.handle.files, *model.origin.companions)
        }
        for download in self._downloads.entries():
            is_ready = download.status.state is DownloadState.READY
            if is_ready and not placed.issuperset(download.paths):
                self._add(download)

    def forget(self, model: InstalledModel) -> None:
        """Take the finished downloads of a removed model off the list."""
        paths = set(model.handle.paths)
        for download in self._downloads.entries():
            if paths.intersection(download.paths):
                self._downloads.forget(download.id)

    def _heard(self, event: DownloadEvent) -> None:
        if not isinstance(event, DownloadChanged):
            return
        download = event.download
        if download.status.state is DownloadState.READY and download.id not in self._seen:
            self._add(download)

    def _add(self, download: Download) -> None:
        """The set's first file is the model's; every file was hashed while it came."""
        self._seen.add(download.id)
        request = download.request
        published = {
            path: file.wanted.sha256
            for path, file in zip(download.paths, download.files, strict=True)
        }
        try:
            checked = open_model(download.paths[0])
            hashes = tuple(published.get(file.path, "") for file in checked.handle.files)
            is_known = all(hashes)
            beside = [path for path in published if path not in checked.handle.paths]
            origin = Origin(
                repository=request.repository, commit=request.commit, license=request.license,
                is_owned=True, hashes=hashes if is_known else (), hashes_published=is_known,
                verified="sha256" if is_known else "structural",
                companions=tuple(ModelFile.of(path) for path in beside),
                companion_hashes=tuple(published[path] for path in beside),
            )  # fmt: skip
            self._arrived(self._library.add(checked, origin))
        except KnownError as error:
            log.warning("a download is no model for this engine: %s", error)
            self._troubles[download.id] = error
        except OSError as error:
            # A companion went away since; whatever it was, the model may still be sound.
            log.warning("a file of a download is gone: %s", error)
            name = shorten(request.name)
            self._troubles[download.id] = ModelFileAbsent("gguf.missing", name=name)
