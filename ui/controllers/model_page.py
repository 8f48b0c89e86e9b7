"""A repository's page: looks it up, judges every quantization on this computer, and downloads."""

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from app.library.download_states import ENDED
from app.library.errors import LibraryError
from app.library.hub_pages import RepositoryPage
from app.library.hub_service import HubAsk, Judging
from app.library.judged import Judgement
from app.library.volumes import free_bytes
from app.placement.entities import Wishes
from app.services import Services
from models.errors import KnownError
from models.hub_entities import SearchPage, SearchQuery, SearchSort
from models.hub_reference import HubReference
from models.repository import Quantization, RepositoryModel
from ui.controllers.fetches import Fetches
from ui.controllers.model_rows import chosen_by, model_view
from ui.controllers.places import Places
from ui.models.page import ModelsPage
from ui.models.view import ModelView, Publisher
from ui.sentences import say_error

_SHOW_MS = 60
"""Headers of a repository arrive together; the page is drawn once for all of them."""


class ModelPageController(QObject):
    """Behind ``ModelsPage.model``. One repository at a time; leaving it gives up its questions.

    Signals:
        trouble: a sentence to show.
        chat_requested(str): key of a model that is here.
        begun: a download was begun.
    """

    trouble = Signal(str)
    chat_requested = Signal(str)
    begun = Signal()

    def __init__(
        self, services: Services, page: ModelsPage, places: Places, fetches: Fetches,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services = services
        self._page = page
        self._places = places
        self._fetches = fetches
        self._reference: HubReference | None = None
        self._publishers: tuple[Publisher, ...] = ()
        self._found: RepositoryPage | None = None
        self._card: str | None = None
        self._trouble = ""
        self._asks: list[HubAsk] = []
        self._judging: Judging | None = None
        self._judgements: dict[int, Judgement] = {}
        """By the number of the model in the repository; nearly all have one."""
        self._free: int | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SHOW_MS)
        self._soon.timeout.connect(self._show)
        self._connect()

    def open(self, reference: HubReference, names: tuple[str, ...] = ()) -> None:
        """Show a repository; ``names`` are those that offer the same model, itself included."""
        self.close()
        self._reference = reference
        self._publishers = tuple(Publisher(name, name.partition("/")[0]) for name in names)
        self._found, self._card, self._trouble = None, None, ""
        self._judgements = {}
        self._page.show_model(self._view())
        self._page.model.setFocus()
        self._look_up()

    def close(self) -> None:
        """Give up everything that is asked for the page."""
        for ask in self._asks:
            ask.cancel()
        self._asks = []
        if self._judging is not None:
            self._judging.close()
            self._judging = None
        self._soon.stop()

    # --- asking ----------------------------------------------------------------------------

    def _connect(self) -> None:
        tab = self._page.model
        tab.publisher_chosen.connect(self._other_publisher)
        tab.fetch_requested.connect(self._fetch)
        tab.chat_requested.connect(self._chat)
        tab.page_requested.connect(self._open_browser)
        tab.link_requested.connect(lambda url: QDesktopServices.openUrl(QUrl(url)))
        tab.try_again_requested.connect(self._try_again)
        self._page.model_left.connect(self.close)
        self._places.changed.connect(self._computer_changed)
        self._fetches.changed.connect(self._show_later)
        self._fetches.progressed.connect(self._show_later)

    def _look_up(self) -> None:
        reference = self._reference
        assert reference is not None
        hub = self._services.models.hub
        self._asks.append(
            hub.look_up(reference.repo, reference.revision, self._looked_up, self._failed)
        )

    def _looked_up(self, page: RepositoryPage) -> None:
        self._found = page
        self._free = free_bytes(self._services.models.folder)
        try:
            page.check()
        except LibraryError as error:
            self._trouble = say_error(error)
            self._show()
            return
        hub = self._services.models.hub
        self._asks.append(hub.card(page, self._card_arrived, lambda _error: self._card_arrived("")))
        self._find_publishers(page)
        self._judge(0)
        self._show()

    def _failed(self, error: KnownError) -> None:
        self._trouble = say_error(error)
        self._show()

    def _card_arrived(self, text: str) -> None:
        self._card = text
        self._show_later()

    def _find_publishers(self, page: RepositoryPage) -> None:
        """Who else offers it; who came from a link does not know that yet."""
        if len(self._publishers) > 1 or not page.info.base_models:
            return
        query = SearchQuery(
            tags=(f"base_model:quantized:{page.info.base_models[0]}",),
            sort=SearchSort.DOWNLOADS,
            page_size=20,
        )
        hub = self._services.models.hub
        self._asks.append(hub.search(query, None, self._publishers_found, lambda _error: None))

    def _publishers_found(self, found: SearchPage) -> None:
        assert self._found is not None
        own = self._found.info.id
        names = [(own, self._found.info.downloads)]
        names += [(each.id, each.downloads) for each in found.models if each.id != own]
        self._publishers = tuple(
            Publisher(name, name.partition("/")[0], downloads) for name, downloads in names
        )
        self._show_later()

    def _judge(self, number: int) -> None:
        """Judge one of the repository's models; the next one when this is done."""
        surveyed, page = self._places.surveyed, self._found
        if surveyed is None or page is None or number >= len(page.contents.models):
            return
        if self._judging is not None:
            self._judging.close()
        wishes = Wishes(context_tokens=self._services.settings.current.context_tokens or None)

        def changed(judgement: Judgement) -> None:
            if self._found is not page:
                return
            self._judgements[number] = judgement
            self._show_later()
            if judgement.is_done:
                QTimer.singleShot(0, self, lambda: self._next(page, number + 1))

        model = page.contents.models[number]
        hub = self._services.models.hub
        self._judging = hub.judge(page, model, surveyed.machine, wishes, changed)
        self._judging.begin()

    def _next(self, page: RepositoryPage, number: int) -> None:
        if self._found is page and number not in self._judgements:
            self._judge(number)

    def _computer_changed(self) -> None:
        """What was judged, was judged on what the computer offered then."""
        if self._page.is_model_shown and self._found is not None and self._judging is None:
            self._judge(0)

    # --- what is shown ---------------------------------------------------------------------

    def _show_later(self) -> None:
        if self._page.is_model_shown and not self._soon.isActive():
            self._soon.start()

    def _show(self) -> None:
        if self._reference is not None and self._page.is_model_shown:
            self._page.show_model(self._view())

    def _view(self) -> ModelView:
        reference, found = self._reference, self._found
        assert reference is not None
        is_offline = self._services.models.is_offline
        if found is None:
            return ModelView(
                repository=reference.repo,
                name=reference.repo.rpartition("/")[2],
                publishers=self._publishers,
                is_loading=not self._trouble,
                is_offline=is_offline and bool(self._trouble),
                trouble="" if is_offline else self._trouble,
                card=None,
            )
        return model_view(
            found,
            self._judgements,
            self._publishers,
            self._fetches,
            asked_for=reference,
            free=None if self._free is None else self._free - self._promised(),
            card=self._card,
            trouble=self._trouble,
        )

    def _promised(self) -> int:
        """Bytes that downloads under way still bring to the same folder."""
        folder = self._services.models.folder
        return sum(
            each.total - each.done
            for each in self._fetches.entries()
            if each.library == folder and each.status.state not in ENDED
        )

    # --- what a person does ----------------------------------------------------------------

    def _other_publisher(self, repository: str) -> None:
        self.open(HubReference(repository), tuple(each.repository for each in self._publishers))

    def _try_again(self) -> None:
        if self._reference is not None:
            self.open(self._reference, tuple(each.repository for each in self._publishers))

    def _open_browser(self, repository: str) -> None:
        address = f"{self._services.models.endpoint}/{repository}"
        QDesktopServices.openUrl(QUrl(address))

    def _choice(self, key: str) -> tuple[RepositoryModel, Quantization] | None:
        return chosen_by(key, self._found) if self._found is not None else None

    def _fetch(self, key: str) -> None:
        chosen, page = self._choice(key), self._found
        if chosen is None or page is None:
            return
        try:
            self._fetches.begin(page, *chosen)
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        self.begun.emit()

    def _chat(self, key: str) -> None:
        chosen = self._choice(key)
        if chosen is None:
            return
        hashes = frozenset(file.sha256 or "" for file in chosen[1].files)
        state = self._fetches.of_files(hashes)
        if state.fetch == "here":
            self.chat_requested.emit(state.key)
