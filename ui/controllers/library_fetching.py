"""What the Library tab asks the Hub, on a click only: a newer version, or the same one again."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.amounts import file_size
from app.library.download_entities import DownloadRequest
from app.library.entities import InstalledModel
from app.library.errors import LibraryError
from app.library.hub_pages import RepositoryPage
from app.library.hub_service import HubAsk
from app.library.removing import Removed
from app.library.updates import UpdateCheck
from app.services import Services
from models.errors import KnownError
from models.naming import shorten
from ui.main_window import MainWindow
from ui.sentences import say, say_error


class LibraryFetching(QObject):
    """One question per model at a time.

    Signals:
        trouble(str): a sentence to show.
        begun: a download is in the queue.
        changed: the library may have other models than before.
    """

    trouble = Signal(str)
    begun = Signal()
    changed = Signal()

    def __init__(self, services: Services, window: MainWindow, parent: QObject) -> None:
        super().__init__(parent)
        self._services, self._window = services, window
        self._asks: dict[str, HubAsk | None] = {}

    def check_for_updates(self, model: InstalledModel) -> None:
        """Ask whether its repository has another version; the answer is one sentence."""
        if not self._begin_asking(model):
            return

        def done(found: UpdateCheck) -> None:
            self._asks.pop(model.key, None)
            self._tell(found)

        self._keep(model, self._services.models.updates.check(model, done, self._no(model)))

    def fetch_again(self, model: InstalledModel) -> None:
        """Download what is missing, or all of what is damaged, from the commit it came from."""
        origin = model.origin
        if not origin.repository or not self._begin_asking(model):
            return

        def done(page: RepositoryPage) -> None:
            self._asks.pop(model.key, None)
            try:
                self._fetch(model, _same_files(page, model))
            except KnownError as error:
                self.trouble.emit(say_error(error))

        hub = self._services.models.hub
        revision = origin.commit or None
        self._keep(model, hub.look_up(origin.repository, revision, done, self._no(model)))

    # --- inside ----------------------------------------------------------------------------

    def _begin_asking(self, model: InstalledModel) -> bool:
        if model.key in self._asks:
            return False
        self._asks[model.key] = None
        facts = {"name": shorten(model.name)}
        self._window.toast.offer(say("models.asking", facts), None)
        return True

    def _keep(self, model: InstalledModel, ask: HubAsk | None) -> None:
        if model.key in self._asks:
            self._asks[model.key] = ask

    def _no(self, model: InstalledModel) -> Callable[[KnownError], None]:
        def failed(error: KnownError) -> None:
            self._asks.pop(model.key, None)
            self._window.toast.dismiss()
            self.trouble.emit(say_error(error))

        return failed

    def _tell(self, found: UpdateCheck) -> None:
        self._window.toast.dismiss()
        words = say(found.sentence_code, found.facts)
        request = found.request
        if found.state != "changed" or request is None:
            is_good = found.state == "same"
            self._window.banner.show_message("good" if is_good else "warning", words)
            return
        label = self.tr("Download it, {size}").format(size=file_size(found.fetch_bytes))
        self._window.banner.show_message("good", words, [(label, lambda: self._add(request))])

    def _fetch(self, model: InstalledModel, request: DownloadRequest) -> None:
        """A damaged one makes room first: what is in its place would be kept beside the new."""
        self._window.toast.dismiss()
        if not (model.is_damaged and model.origin.is_owned):
            self._add(request)
            return

        def gone(_removed: Removed) -> None:
            self._add(request)
            self.changed.emit()

        def stays(error: KnownError) -> None:
            self.trouble.emit(say_error(error))

        self._services.models.remover.remove(model, gone, stays)

    def _add(self, request: DownloadRequest) -> None:
        try:
            self._services.models.downloads.add(request)
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        self.begun.emit()


def _same_files(page: RepositoryPage, model: InstalledModel) -> DownloadRequest:
    """What has this model's files: by their hashes, else by their names. Raises KnownError."""
    hashes = set(model.origin.hashes)
    names = {file.path.name for file in model.handle.files}
    choices = list(page.choices())
    same = [each for each in choices if {file.sha256 for file in each[1].files} == hashes]
    named = [
        each
        for each in choices
        if {file.path.rpartition("/")[2] for file in each[1].files} == names
    ]
    for kept, quantization in (*same, *named):
        had_projector = bool(model.origin.companions) and quantization.projector is not None
        return page.request(kept, quantization, with_projector=had_projector)
    raise LibraryError("models.not_there", name=shorten(model.name), path=shorten(page.info.id))
