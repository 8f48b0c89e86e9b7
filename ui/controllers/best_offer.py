"""Recommends the best model for this computer to somebody who has only the demo model."""

from PySide6.QtCore import QObject, Signal

from app.amounts import file_size
from app.library.catalog import Suggestion
from app.library.recommending import Recommended
from app.services import Services
from ui.chat.best_card import BestModel
from ui.chat.chat_page import ChatPage
from ui.controllers.fetches import FetchState
from ui.controllers.places import Places
from ui.models.words import joined
from ui.placement.words import speed_words, tokens_short


class BestOfferController(QObject):
    """Looks only while it is needed: planning the catalog takes most of a second of a thread.

    Signals:
        fetch_requested(object): the CatalogEntry to download.
        progress_requested, others_requested, own_requested: as the card says.
    """

    fetch_requested = Signal(object)
    progress_requested = Signal()
    others_requested = Signal()
    own_requested = Signal()

    def __init__(
        self, services: Services, page: ChatPage, places: Places, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._page = page
        self._places = places
        self._is_wanted = False
        self._best: Suggestion | None = None
        self._state = FetchState()
        card = page.empty.best
        card.fetch_requested.connect(self._fetch)
        card.progress_requested.connect(self.progress_requested)
        card.others_requested.connect(self.others_requested)
        card.own_requested.connect(self.own_requested)
        places.changed.connect(self._look)

    def set_wanted(self, wanted: bool) -> None:
        """Whether the demo model is the only one here."""
        if wanted != self._is_wanted:
            self._is_wanted = wanted
            self._look()

    def set_fetch(self, state: FetchState) -> None:
        """How far its download is."""
        if state != self._state:
            self._state = state
            self._show()

    @property
    def repositories(self) -> frozenset[str]:
        """Where it comes from, in lower case; empty while nothing is recommended."""
        if self._best is None:
            return frozenset()
        return frozenset(name.casefold() for name in self._best.entry.repositories)

    def _look(self) -> None:
        surveyed = self._places.surveyed
        if self._is_wanted and surveyed is not None:
            self._services.models.recommendations.look(surveyed.machine, self._recommend)

    def _recommend(self, recommended: Recommended) -> None:
        self._best = recommended.shelf.best
        self._show()

    def _show(self) -> None:
        best = self._best
        if best is None:
            self._page.empty.set_best(None)
            return
        placement = best.placement
        facts = (
            file_size(best.entry.typical_bytes),
            speed_words(placement.predicted),
            self.tr("{tokens} context").format(tokens=tokens_short(placement.plan.context_tokens)),
        )
        progress = self._state.progress if self._state.fetch == "coming" else None
        self._page.empty.set_best(
            BestModel(name=best.entry.name, facts=joined(facts), progress=progress)
        )

    def _fetch(self) -> None:
        if self._best is not None:
            self.fetch_requested.emit(self._best.entry)
