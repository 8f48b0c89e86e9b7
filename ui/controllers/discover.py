"""The Discover tab: what is recommended for this computer, and what a search of the Hub finds."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.library.catalog import CatalogEntry, Suggestion
from app.library.found_models import (
    FoundModel,
    architectures,
    known_models,
    outlook,
    put_together,
)
from app.library.hub_pages import RepositoryPage
from app.library.hub_service import HubAsk
from app.library.recommending import Recommended
from app.services import Services
from models.errors import KnownError
from models.hub_entities import FoundRepository, SearchPage, SearchQuery, SearchSort
from models.hub_reference import HubReference
from ui.controllers.discover_rows import passes, result_row, shelf_card
from ui.controllers.fetches import Fetches, FetchState
from ui.controllers.places import Places
from ui.models.page import ModelsPage
from ui.models.view import (
    DiscoverView,
    Filters,
    ResultRow,
    ResultsState,
    ShelfCard,
    ShelfKind,
    Sort,
)
from ui.sentences import say, say_error

_TYPING_MS = 300
"""Whoever types on is not asked for yet."""
_SHOW_MS = 250
_ENOUGH, _PAGES_AT_ONCE = 8, 4
"""Rows that fill the window; so many pages are asked for where the filters hide most."""
_SORTS: dict[Sort, SearchSort] = {
    "trending": SearchSort.TRENDING,
    "downloads": SearchSort.DOWNLOADS,
    "likes": SearchSort.LIKES,
    "updated": SearchSort.UPDATED,
}


class DiscoverController(QObject):
    """Asks the Hub when somebody searches; the newest search wins.

    Signals:
        trouble: a sentence to show.
        page_requested(object, object): a HubReference to open, and the repositories (a tuple of
            names) that offer the same model.
        chat_requested(str): key of a model that is here.
        begun(object): a download was begun for this catalog entry.
    """

    trouble = Signal(str)
    page_requested = Signal(object, object)
    chat_requested = Signal(str)
    begun = Signal(object)

    def __init__(
        self, services: Services, page: ModelsPage, places: Places, fetches: Fetches,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services = services
        self._page = page
        self._places = places
        self._fetches = fetches
        self._filters = Filters()
        self._words = ""
        self._found: list[FoundRepository] = []
        self._next: str | None = None
        self._pages = 0
        self._state: ResultsState = "shown"
        self._trouble = ""
        self._is_loading_more = False
        self._was_searched = False
        self._ask: HubAsk | None = None
        self._looking_up: HubAsk | None = None
        self._recommended: Recommended | None = None
        self._models: dict[str, FoundModel] = {}
        self._typing = _single_shot(self, _TYPING_MS, lambda: self.search(page.search_text))
        self._soon = _single_shot(self, _SHOW_MS, self._show)
        self._connect()

    def show(self) -> None:
        """The tab was opened: what is popular is asked for once."""
        self._look()
        if not self._was_searched:
            self.search(self._page.search_text)
        self._show()

    def search_later(self) -> None:
        """Somebody types."""
        self._typing.start()

    def search(self, words: str) -> None:
        """Search for ``words`` now; what was asked before is given up."""
        self._typing.stop()
        if words.strip() == self._words and self._was_searched and self._state != "trouble":
            return
        self._words = words.strip()
        self._begin()

    def close(self) -> None:
        """Give up what is being asked."""
        for ask in (self._ask, self._looking_up):
            if ask is not None:
                ask.cancel()
        for timer in (self._typing, self._soon):
            timer.stop()

    # --- asking ----------------------------------------------------------------------------

    def _connect(self) -> None:
        tab = self._page.discover
        tab.model_chosen.connect(self._open)
        tab.fetch_requested.connect(self._fetch)
        tab.chat_requested.connect(self._chat)
        tab.filters_changed.connect(self._filtered)
        tab.more_requested.connect(self._more)
        tab.try_again_requested.connect(self._begin)
        self._places.changed.connect(self._look_if_shown)
        self._fetches.changed.connect(self._show_if_shown)
        self._fetches.progressed.connect(self._show_soon)
        self._services.settings.subscribe(lambda _settings: self._show_if_shown())

    def _begin(self) -> None:
        if self._ask is not None:
            self._ask.cancel()
        self._was_searched = True
        self._next, self._pages, self._is_loading_more = None, 0, False
        if self._services.models.is_offline:
            self._found, self._state = [], "shown"
            self._show()
            return
        self._state = "searching"
        self._request(None)
        self._show()

    def _request(self, cursor: str | None) -> None:
        filters = self._filters
        query = SearchQuery(
            text=self._words, sort=_SORTS[filters.sort], licence=filters.licence, page_size=50
        )
        self._pages += 1
        self._ask = self._services.models.hub.search(
            query, cursor, lambda page: self._arrived(page, is_first=cursor is None), self._failed
        )

    def _arrived(self, page: SearchPage, *, is_first: bool) -> None:
        self._found = [*([] if is_first else self._found), *page.models]
        self._next, self._state, self._is_loading_more = page.next, "shown", False
        if page.next and self._pages < _PAGES_AT_ONCE and len(self._rows()[0]) < _ENOUGH:
            self._request(page.next)
            self._is_loading_more = True
        self._show()

    def _failed(self, error: KnownError) -> None:
        self._is_loading_more = False
        if error.code == "network.offline":
            self._found, self._state = [], "shown"
        elif self._found and self._pages > 1:
            self.trouble.emit(say_error(error))
        else:
            self._state, self._trouble = "trouble", say_error(error)
        self._show()

    def _more(self) -> None:
        if self._next is not None and not self._is_loading_more:
            self._pages = _PAGES_AT_ONCE - 1
            self._is_loading_more = True
            self._request(self._next)
            self._show()

    def _filtered(self, filters: object) -> None:
        assert isinstance(filters, Filters)
        before, self._filters = self._filters, filters
        if (before.licence, before.sort) != (filters.licence, filters.sort):
            self._begin()
            return
        self._show()
        if self._next is not None and len(self._rows()[0]) < _ENOUGH:
            self._more()

    # --- what suits this computer ----------------------------------------------------------

    def _look_if_shown(self) -> None:
        if self._page.isVisible():
            self._look()

    def _look(self) -> None:
        surveyed = self._places.surveyed
        if surveyed is not None:
            self._services.models.recommendations.look(surveyed.machine, self._recommend)

    def _recommend(self, recommended: Recommended) -> None:
        self._recommended = recommended
        self._show_if_shown()

    # --- what is shown ---------------------------------------------------------------------

    def _show_soon(self) -> None:
        if not self._soon.isActive() and self._page.isVisible():
            self._soon.start()

    def _show_if_shown(self) -> None:
        if self._page.isVisible() and self._page.tab == "discover":
            self._show()

    def _show(self) -> None:
        rows, hidden, known = self._rows()
        is_offline = self._services.models.is_offline
        self._page.discover.show_discover(
            DiscoverView(
                shelf=self._shelf(),
                results=tuple(rows),
                state=self._state,
                words=self._words,
                filtered_out=hidden,
                has_more=self._next is not None,
                is_loading_more=self._is_loading_more,
                is_offline=is_offline,
                trouble=self._trouble if self._state == "trouble" else "",
                architectures=tuple(architectures(known)),
            )
        )

    def _rows(self) -> tuple[list[ResultRow], int, list[FoundModel]]:
        """What is shown, how many the filters hide, and everything that was found."""
        try:
            catalog = self._services.models.catalog
        except (OSError, ValueError):
            self.trouble.emit(say("models.no_catalog"))
            return [], 0, []
        is_known = self._services.models.is_offline and not self._found
        found = (
            known_models(catalog, self._words) if is_known else put_together(self._found, catalog)
        )
        self._models = {each.base: each for each in found}
        rows = [(each, self._row(each)) for each in found]
        wanted = [row for each, row in rows if passes(self._filters, each, row)]
        return wanted, len(rows) - len(wanted), found

    def _row(self, found: FoundModel) -> ResultRow:
        suggestions = self._recommended.suggestions if self._recommended else {}
        surveyed = self._places.surveyed
        told = outlook(found, surveyed.machine if surveyed else None, suggestions)
        return result_row(found, told, self._fetches.of_repositories(_lower(found.places)))

    def _shelf(self) -> tuple[ShelfCard, ...]:
        if self._recommended is None:
            return ()
        shelf = self._recommended.shelf
        kinds: tuple[tuple[ShelfKind, Suggestion | None], ...] = (
            ("best", shelf.best), ("fastest", shelf.fastest), ("smallest", shelf.smallest),
        )  # fmt: skip
        return tuple(
            shelf_card(kind, each, self._state_of(each.entry))
            for kind, each in kinds
            if each is not None
        )

    def _state_of(self, entry: CatalogEntry) -> FetchState:
        return self._fetches.of_repositories(_lower(tuple(entry.repositories)))

    # --- what a person does ----------------------------------------------------------------

    def _entry(self, key: str) -> CatalogEntry | None:
        entries = self._recommended.catalog.entries if self._recommended else ()
        return next((each for each in entries if each.base_repository == key), None)

    def _places_of(self, key: str) -> tuple[str, ...]:
        entry, found = self._entry(key), self._models.get(key)
        if found is not None:
            return found.places
        return tuple(entry.repositories) if entry is not None else (key,)

    def _open(self, key: str) -> None:
        names = self._places_of(key)
        self.page_requested.emit(HubReference(names[0]), names)

    def _chat(self, key: str) -> None:
        state = self._fetches.of_repositories(_lower(self._places_of(key)))
        if state.fetch == "here":
            self.chat_requested.emit(state.key)

    def _fetch(self, key: str) -> None:
        entry = self._entry(key)
        if entry is not None:
            self.fetch_entry(entry)

    def fetch_entry(self, entry: CatalogEntry) -> None:
        """Download the usual quantization; where there is none, open the page to choose."""
        names = tuple(entry.repositories)

        def found(page: RepositoryPage) -> None:
            try:
                chosen = page.usual(entry.typical_label)
                if chosen is None:
                    self.trouble.emit(say("models.choose_one", {"name": entry.typical_label}))
                    self.page_requested.emit(HubReference(page.info.id), names)
                    return
                self._fetches.begin(page, *chosen)
            except KnownError as error:
                self.trouble.emit(say_error(error))
                return
            self.begun.emit(entry)

        if self._looking_up is not None:
            self._looking_up.cancel()
        self._looking_up = self._services.models.hub.look_up(
            names[0], None, found, lambda error: self.trouble.emit(say_error(error))
        )


def _lower(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def _single_shot(parent: QObject, milliseconds: int, call: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(call)
    return timer
