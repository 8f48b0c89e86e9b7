"""Plans the whole catalog on a machine, on a thread, and keeps the result until it changes."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.library.catalog import Catalog, RecommendedShelf, Suggestion, shelf, suggestion
from app.placement.entities import Machine
from app.posting import Post

log = logging.getLogger("moestro.library")

_PAUSE_SECONDS = 0.003
"""After each entry: whoever draws or types meanwhile is let in."""


@dataclass(frozen=True, slots=True)
class Recommended:
    """What suits a machine."""

    catalog: Catalog
    suggestions: dict[str, Suggestion]
    """Of every entry, by its id."""
    shelf: RecommendedShelf


class Recommendations:
    """Used on the state thread."""

    def __init__(self, catalog: Callable[[], Catalog], post: Post) -> None:
        self._catalog = catalog
        self._post = post
        self._machine: Machine | None = None
        self._known: Recommended | None = None
        self._listeners: list[Callable[[Recommended], None]] = []
        self._stopped = threading.Event()

    @property
    def known(self) -> Recommended | None:
        """For the machine that was last asked about."""
        return self._known

    def look(self, machine: Machine, done: Callable[[Recommended], None]) -> None:
        """Tell ``done`` what suits ``machine``: at once when that is known, else later."""
        if machine == self._machine and self._known is not None:
            done(self._known)
            return
        self._listeners.append(done)
        if machine == self._machine:
            return  # it is being found out
        self._machine, self._known = machine, None
        self._stopped.set()
        self._stopped = threading.Event()
        threading.Thread(
            target=self._work, args=(machine, self._stopped), name="recommending", daemon=True
        ).start()

    def close(self) -> None:
        """Give up what is being found out; nobody hears of it any more."""
        self._stopped.set()
        self._listeners.clear()

    def _work(self, machine: Machine, stopped: threading.Event) -> None:
        try:
            catalog = self._catalog()
            judge = suggestion(machine)
            found = {}
            for entry in catalog.entries:
                if stopped.is_set():
                    return
                found[entry.id] = judge(entry)
                time.sleep(_PAUSE_SECONDS)
            known = Recommended(catalog, found, shelf(catalog, found))
        except Exception:
            log.exception("the catalog could not be planned")
            return
        self._post(lambda: self._found(machine, known))

    def _found(self, machine: Machine, known: Recommended) -> None:
        if machine != self._machine or self._stopped.is_set():
            return
        self._known = known
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener(known)
