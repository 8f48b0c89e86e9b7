"""Where models would sit, for every place in the chat that says it: status line, popover, panel."""

from collections import deque

from PySide6.QtCore import QObject, QTimer, Signal

from app.engine.host import HostState
from app.library.entities import InstalledModel
from app.placement.entities import Placement
from app.placement.loaded import LoadedPlacement
from app.placement.survey import Surveyed
from app.services import Services
from app.settings.schema import Settings
from models.errors import KnownError
from ui.placement.words import place_words, speed_words, tokens_short

_STEP_MS = 50
"""Between two models that are guessed: reading a header takes up to a tenth of a second."""


class Places(QObject):
    """Looks at this computer once, and guesses each model's plan when there is time.

    Signals:
        changed: plans may be others now.
        guessed: one more model's plan is known for ``detail_of``.
        repaired: a load had to give something up; its last step.
    """

    changed = Signal()
    guessed = Signal()
    repaired = Signal(object)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._surveyed: Surveyed | None = None
        self._guesses: dict[str, Placement | None] = {}
        self._waiting: deque[InstalledModel] = deque()
        self._steps = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_STEP_MS)
        self._timer.timeout.connect(self._next)
        services.loader.subscribe(self._loading)
        self._bearing = _bearing(services.settings.current)
        services.settings.subscribe(self._settings_changed)

    @property
    def surveyed(self) -> Surveyed | None:
        """This computer as it was last looked at."""
        return self._surveyed

    def look(self) -> None:
        """Look at this computer again; ``changed`` follows when it answers."""
        self._services.survey.look(self.note, lambda _error: None)

    def note(self, surveyed: Surveyed) -> None:
        """This is what the computer offers now."""
        self._surveyed = surveyed
        self.forget()
        if self._waiting:
            self._timer.start()

    def forget(self) -> None:
        """Plans may be others now."""
        self._guesses.clear()
        self.changed.emit()

    # --- asking ----------------------------------------------------------------------------

    def placement_of(self, model: InstalledModel) -> Placement | None:
        """The loaded plan, or what would be made; None while this is not known."""
        loaded = self._loaded(model)
        if loaded is not None:
            return loaded
        if model.key not in self._guesses:
            self._guesses[model.key] = self._guess(model)
        return self._guesses[model.key]

    def context_of(self, model: InstalledModel) -> int:
        """Tokens of the context window that this model has or would have; 0 unknown."""
        placement = self.placement_of(model)
        return placement.plan.context_tokens if placement else 0

    def detail_of(self, model: InstalledModel) -> str:
        """Where it would run, how fast, and how long a context, for a row; "" while unknown."""
        placement = self._loaded(model) or self._guesses.get(model.key)
        if placement is None:
            return ""
        parts = (
            place_words(placement),
            speed_words(placement.predicted),
            tokens_short(placement.plan.context_tokens),
        )
        return ", ".join(parts)

    def prepare(self, models: list[InstalledModel]) -> None:
        """Guess the plans of these one after the other, without holding up the window."""
        self._waiting = deque(each for each in models if each.key not in self._guesses)
        if self._waiting:
            self._timer.start()

    def _next(self) -> None:
        if not self._waiting or self._surveyed is None:
            self._timer.stop()
            return
        model = self._waiting.popleft()
        if model.key not in self._guesses:
            self._guesses[model.key] = self._guess(model)
            self.guessed.emit()

    def _loaded(self, model: InstalledModel) -> Placement | None:
        """The plan that this model is, or is being, loaded with."""
        current = self._services.loader.current
        there = self._services.host.status.state in (HostState.READY, HostState.LOADING)
        if there and current is not None and current.model_key == model.key:
            return current.placement
        return None

    def _settings_changed(self, settings: Settings) -> None:
        bearing = _bearing(settings)
        if bearing != self._bearing:
            self._bearing = bearing
            self.forget()

    def _guess(self, model: InstalledModel) -> Placement | None:
        services, surveyed = self._services, self._surveyed
        if surveyed is None or model.absent:
            return None
        try:
            subject = services.placements.subject(model.handle)
        except KnownError:
            return None  # the sentence comes when somebody wants to use it
        wishes = services.loader.chosen(model.key, surveyed)
        return services.placements.guess(subject, surveyed.machine, wishes)

    def _loading(self, current: LoadedPlacement) -> None:
        if len(current.steps) > self._steps and current.facts is None:
            self.repaired.emit(current.steps[-1])
        self._steps = len(current.steps)
        self.changed.emit()


def _bearing(settings: Settings) -> tuple[object, ...]:
    """Those settings that plans hang on."""
    budgets = tuple(sorted(settings.device_budgets.items()))
    return settings.context_tokens, settings.engine_backend, budgets, settings.rpc_hosts
