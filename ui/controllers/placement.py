"""The placement page of one model: plans as somebody moves a slider, applies, remembers, resets."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.events import TurnEvent, TurnStarted
from app.engine.host import HostState
from app.library.entities import InstalledModel
from app.placement.command_line import command_line
from app.placement.entities import Placement, Wishes
from app.placement.measuring import Measurement, types_to_measure
from app.placement.simulation import Outcome, Subject
from app.placement.survey import Surveyed
from app.services import Services
from models.errors import KnownError
from ui.chat.clipboard import put_text
from ui.controllers.chat import ChatController
from ui.controllers.places import Places
from ui.main_window import MainWindow
from ui.placement.page import PlacementPage
from ui.placement.view import PlacementView
from ui.sentences import say, say_error, say_stored

_EXACT_AFTER_MS = 350
"""After the last movement of a slider the engine itself is asked."""


class PlacementController(QObject):
    """Shows and changes where a model sits.

    Signals:
        trouble: a sentence to show.
        measuring: fraction while this computer is measured, and None afterwards.
    """

    trouble = Signal(str)
    measuring = Signal(object)

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        page: PlacementPage,
        chat: ChatController,
        places: Places,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._window = window
        self._page = page
        self._chat = chat
        self._places = places
        self._model: InstalledModel | None = None
        self._subject: Subject | None = None
        self._wishes = Wishes()
        self._placement: Placement | None = None
        self._note = ""
        self._asked = 0
        self._is_asking = False
        self._measurement: Measurement | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_EXACT_AFTER_MS)
        self._settle.timeout.connect(self._place)
        self._connect()

    def _connect(self) -> None:
        page = self._page
        page.back_requested.connect(lambda: self._window.show_page("chat"))
        page.automatic_requested.connect(self._choose_automatic)
        page.wishes_changed.connect(self._wish)
        page.apply_requested.connect(self._apply)
        page.copy_command_requested.connect(self._copy_command)
        page.budget_changed.connect(self._set_budget)
        page.reset_requested.connect(self._reset)
        page.measure_requested.connect(self.measure)
        self._services.loader.subscribe(lambda _current: self._show_again())
        self._services.turns.subscribe(self._heard)

    # --- showing ---------------------------------------------------------------------------

    def open(self, model: InstalledModel | None) -> None:
        """Show the page for a model; without one it says what to do."""
        self._window.show_page("placement")
        known, self._model = self._model, model
        self._placement = self._subject = None
        if model is None:
            self._page.show_empty()
            return
        if known is not None and known.key == model.key:
            self._page.show_working(say("placement.asking"))
        else:
            self._page.show_model(model.name, model.quantization, say("placement.asking"))
        try:
            self._subject = self._services.placements.subject(model.handle)
        except KnownError as error:
            self._page.show_trouble(say_error(error))
            return
        self._look(self._begin)

    def _look(self, then: Callable[[Surveyed], None]) -> None:
        def looked(surveyed: Surveyed) -> None:
            self._places.note(surveyed)
            then(surveyed)

        self._services.survey.look(looked, lambda error: self._page.show_trouble(say_error(error)))

    def _begin(self, surveyed: Surveyed) -> None:
        if self._model is None:
            return
        self._wishes = self._services.loader.chosen(self._model.key, surveyed)
        self._guess()
        self._place()
        if surveyed.wants_measuring and self._is_quiet:
            self.measure()

    @property
    def _is_quiet(self) -> bool:
        """Whether nothing computes, so that a measurement is true and disturbs nobody."""
        return self._services.turns.active is None and (
            self._services.host.status.state is not HostState.LOADING
        )

    def _guess(self) -> None:
        """What is known at once."""
        surveyed, subject = self._places.surveyed, self._subject
        if surveyed is None or subject is None:
            return
        self._is_asking = True
        self._show(self._services.placements.guess(subject, surveyed.machine, self._wishes))

    def _place(self) -> None:
        """What the engine itself says, a moment later."""
        surveyed, subject = self._places.surveyed, self._subject
        if surveyed is None or subject is None:
            return
        self._asked += 1
        asked = self._asked

        def placed(outcome: Outcome) -> None:
            if asked == self._asked and subject is self._subject:
                self._note = say_error(outcome.trouble) if outcome.trouble else ""
                self._is_asking = False
                self._show(outcome.placement)

        self._services.placements.place(subject, surveyed.machine, self._wishes, placed)

    def _show(self, placement: Placement) -> None:
        model, subject, surveyed = self._model, self._subject, self._places.surveyed
        if model is None or subject is None or surveyed is None:
            return
        self._placement = placement
        services = self._services
        current = services.loader.current
        is_loaded = services.host.status.state is HostState.READY and (
            current is not None and current.model_key == model.key
        )
        as_loaded = is_loaded and current is not None and current.wishes == self._wishes
        if as_loaded and current is not None and current.steps:
            # What was asked for did not load: what did is what there is to see.
            placement = self._placement = current.placement
        steps = current.steps if as_loaded and current is not None else ()
        automatic = self._automatic()
        remembered = services.records.working_plan(
            model.key, surveyed.fingerprint, self._wishes.context_tokens
        )
        speed = remembered.tokens_per_second if remembered and as_loaded else 0.0
        self._page.show_placement(
            PlacementView(
                name=model.name,
                quantization=model.quantization,
                placement=placement,
                facts=subject.facts,
                wishes=self._wishes,
                is_automatic=replace(self._wishes, from_disk=False) == automatic,
                changed=not as_loaded and not self._is_loading,
                is_loaded=is_loaded,
                reload_seconds=services.host.expected_load_seconds(model.size_bytes),
                kv_types=subject.facts.kv_types,
                unified_memory=surveyed.machine.unified_memory,
                other_bytes={
                    each.name: max(0, each.memory_bytes - each.free_bytes)
                    for each in surveyed.machine.everything
                },
                limits=services.settings.current.device_budgets,
                measured_bytes=(
                    current.measured_bytes if as_loaded and current is not None else {}
                ),
                measured_speed=speed or None,
                repairs=tuple(say_stored(step.code, step.facts) for step in steps),
                notes=(self._note,) if self._note else (),
                doing=self._doing(model),
            )
        )

    def _doing(self, model: InstalledModel) -> str:
        """What is going on, as a sentence; "" when the figures are final."""
        if self._is_loading:
            return say("placement.loading", {"name": model.name})
        if self._measurement is not None:
            return say("placement.measuring")
        return say("placement.asking") if self._is_asking else ""

    @property
    def _is_loading(self) -> bool:
        status = self._services.host.status
        return status.state is HostState.LOADING and (
            self._model is not None and status.model_key == self._model.key
        )

    def _automatic(self) -> Wishes:
        return Wishes(context_tokens=self._services.settings.current.context_tokens or None)

    def _show_again(self) -> None:
        if self._window.current_page == "placement" and self._placement is not None:
            self._show(self._placement)

    # --- changing --------------------------------------------------------------------------

    def _wish(self, wishes: object) -> None:
        assert isinstance(wishes, Wishes)
        self._wishes = wishes
        self._note = ""
        self._guess()
        self._settle.start()

    def _choose_automatic(self) -> None:
        self._wish(self._automatic())

    def _apply(self) -> None:
        services, model, surveyed = self._services, self._model, self._places.surveyed
        if model is None or surveyed is None:
            return
        if services.turns.active is not None:
            self.trouble.emit(say("chat.busy_loading"))
            return
        try:
            handle = services.library.handle_for(model.key)
        except KnownError as error:
            self._page.show_trouble(say_error(error))
            return
        if self._placement is not None and self._placement.verdict == "too_large":
            # The page says that it runs from the disk, slowly; whoever applies that knows it.
            self._wishes = replace(self._wishes, from_disk=True)
        services.records.keep_wishes(model.key, surveyed.fingerprint, self._wishes)
        self._places.forget()
        self._chat.choose_model(model.key)
        services.library.used(model.key)
        self._page.show_working(say("placement.loading", {"name": model.name}))
        services.loader.reload(handle, lambda: None, self._not_applied)

    def _not_applied(self, error: KnownError) -> None:
        if error.code != "engine.load_given_up":
            self._page.show_trouble(say_error(error))

    def _reset(self) -> None:
        model = self._model
        if model is None:
            return
        try:
            self._services.records.forget_plans(model.key)
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        self._places.forget()
        self._choose_automatic()
        self._window.toast.offer(say("placement.forgotten", {"name": model.name}), None)

    def _set_budget(self, device: str, amount: object) -> None:
        settings = self._services.settings
        budgets = {
            name: size for name, size in settings.current.device_budgets.items() if name != device
        }
        if isinstance(amount, int):
            budgets[device] = amount
        settings.change(device_budgets=budgets)
        self._look(lambda _surveyed: self._wish(self._wishes))

    def _copy_command(self) -> None:
        placement, subject = self._placement, self._subject
        if placement is None or subject is None:
            return
        windows = any(layer.window_tokens for layer in subject.facts.layers)
        text = command_line(subject.paths, placement.plan, has_windows=windows)
        put_text(text)
        self._window.toast.offer(say("placement.copied"), None)

    # --- measuring -------------------------------------------------------------------------

    def measure(self) -> None:
        """Measure this computer, with the types of the shown model if there is one."""
        if self._measurement is not None:
            return
        if not self._is_quiet:
            self.trouble.emit(say("placement.measure_later"))
            return
        self.measuring.emit(0.0)
        self._measurement = self._services.survey.measure(
            types_to_measure(self._subject.facts if self._subject else None),
            self.measuring.emit,
            self._measured,
            self._not_measured,
        )
        self._show_again()

    def stop_measuring(self) -> None:
        """Give the measurement up; what was known stays."""
        measurement, self._measurement = self._measurement, None
        if measurement is not None:
            measurement.cancel()
            self.measuring.emit(None)
            self._show_again()

    def _heard(self, event: TurnEvent) -> None:
        """An answer and a measurement spoil each other: the answer goes first."""
        if isinstance(event, TurnStarted):
            self.stop_measuring()

    def _measured(self, surveyed: Surveyed) -> None:
        self._measurement = None
        self._places.note(surveyed)
        self.measuring.emit(None)
        if self._window.current_page == "placement" and self._model is not None:
            self._guess()
            self._settle.start()

    def _not_measured(self, error: KnownError) -> None:
        self._measurement = None
        self.measuring.emit(None)
        self._show_again()
        self.trouble.emit(say_error(error))
