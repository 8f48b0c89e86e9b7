"""Which model answers: the header's button, the popover, opening files, loading, unloading."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from app.amounts import memory_size
from app.chat.choosing import offer_for
from app.engine.host import HostState, HostStatus
from app.library.entities import InstalledModel
from app.placement.loader import TOO_LARGE
from app.placement.words import place_words, speed_sentence
from app.services import Services
from models.errors import KnownError
from ui.chat.chat_page import ChatPage
from ui.chat.model_button import ModelState
from ui.chat.model_popover import ModelPopover
from ui.controllers.chat import ChatController
from ui.controllers.places import Places
from ui.item_models.model_list_model import ModelRow
from ui.main_window import MainWindow
from ui.sentences import say, say_error

_TICK_MS = 500


class ModelsController(QObject):
    """Shows the host's state and does what is asked about models.

    Signals:
        trouble: a sentence to show.
        demo_only(bool): whether the demo model is the only one here, each time it is looked at.
    """

    trouble = Signal(str)
    demo_only = Signal(bool)

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        page: ChatPage,
        popover: ModelPopover,
        chat: ChatController,
        places: Places,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._places = places
        self._window = window
        self._page = page
        self._popover = popover
        self._chat = chat
        self._window_tokens = 0
        self._listed: list[InstalledModel] = []
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._show_state)
        page.header.model_pressed.connect(self.open_popover)
        window.models_requested.connect(self.open_popover)
        window.model_file_dropped.connect(lambda path: self.open_file(Path(path)))
        popover.load_requested.connect(self.load)
        popover.open_file_requested.connect(self.choose_file)
        popover.unload_requested.connect(self.unload)
        page.offer_chosen.connect(self._offer_chosen)
        chat.model_needed.connect(self.choose_file)
        chat.changed.connect(self._show_state)
        chat.grew.connect(self._show_context)
        places.changed.connect(self._show_state)
        places.guessed.connect(self._show_details)
        services.host.subscribe(self._host_changed)
        self._show_state()

    # --- commands --------------------------------------------------------------------------

    def open_popover(self) -> None:
        """The list of installed models under the model button."""
        if self._window.current_page != "chat":
            self._window.show_page("chat")
        has_worker = self._services.host.status.state in (HostState.READY, HostState.LOADING)
        try:
            present = [each for each in self._services.library.entries() if not each.absent]
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        self._places.prepare(present)
        self._popover.set_models(self._rows(present))
        self._popover.set_unload(self._services.host.resident_bytes() if has_worker else None)
        self._popover.open_below(self._page.header.model_button)

    def choose_file(self) -> None:
        """Ask for a GGUF file with the system's dialog."""
        path, _kind = QFileDialog.getOpenFileName(
            self._window,
            self.tr("Open a GGUF file"),
            str(Path.home()),
            self.tr("GGUF models (*.gguf);;All files (*)"),
        )
        if path:
            self.open_file(Path(path))

    def open_file(self, path: Path) -> None:
        """Check a file, add it to the library and load it."""
        try:
            model = self._services.library.add_file(path)
        except KnownError as error:
            self._window.banner.show_message(
                "bad", say_error(error), [(self.tr("Open another…"), self.choose_file)]
            )
            return
        self.load(model.key)

    def load(self, key: str) -> None:
        """Load a model now and answer the shown conversation with it."""
        services = self._services
        if services.turns.active is not None:
            self.trouble.emit(say("chat.busy_loading"))
            return
        try:
            model = services.library.by_key(key)
            handle = services.library.handle_for(key)
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        if model is None:
            return
        self._chat.choose_model(key)
        services.library.used(key)
        services.loader.ensure(handle, None, lambda: None, self._load_failed, insist=True)

    def load_at_start(self) -> None:
        """Load the model last used, if the user wants that and it did not crash there before."""
        services = self._services
        if not services.settings.current.load_last_model_at_start:
            return
        model = services.library.default()
        if model is None:
            return
        if services.start_guard.crashed_with() == model.key:
            self.trouble.emit(say("engine.not_at_start", {"name": model.name}))
            return
        try:
            handle = services.library.handle_for(model.key)
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return
        services.loader.ensure(handle, None, lambda: None, self._load_failed, at_start=True)

    def refresh(self) -> None:
        """The library changed."""
        self._show_state()

    def unload(self) -> None:
        """End the worker and say how much memory that gave back."""
        if self._services.turns.active is not None:
            self._services.turns.stop()
        freed = self._services.loader.unload()
        self._window.toast.offer(say("engine.unloaded", {"free": memory_size(freed)}), None)

    def _load_failed(self, error: KnownError) -> None:
        if error.code not in ("engine.load_given_up", TOO_LARGE):
            self._window.banner.show_message(
                "bad", say_error(error), [(self.tr("Choose another"), self.open_popover)]
            )

    def _offer_smaller(self, key: str, error: KnownError) -> None:
        """A model does not fit: what else runs here, or this one from the disk, knowingly."""
        actions: list[tuple[str, Callable[[], None]]] = []
        other = self._closest(key)
        if other is not None:
            name = f"{other.name} {other.quantization}".strip()
            actions.append(
                (self.tr("Load {model}").format(model=name), lambda: self.load(other.key))
            )
        actions.append((self.tr("Run from disk"), lambda: self._load_from_disk(key)))
        actions.append((self.tr("Choose another"), self.open_popover))
        self._window.banner.show_message("bad", say_error(error), actions)

    def _closest(self, key: str) -> InstalledModel | None:
        """The largest installed model that fits, the demo only if there is no other."""
        try:
            entries = self._services.library.entries()
        except KnownError:
            return None
        fitting = [
            each
            for each in entries
            if each.key != key and not each.absent and not each.is_demo
            if (plan := self._places.placement_of(each)) and plan.verdict != "too_large"
        ]
        return max(fitting, key=lambda each: each.size_bytes, default=None)

    def _load_from_disk(self, key: str) -> None:
        services, surveyed = self._services, self._places.surveyed
        if surveyed is None:
            return
        wishes = replace(services.loader.chosen(key, surveyed), from_disk=True)
        services.records.keep_wishes(key, surveyed.fingerprint, wishes)
        self._places.forget()
        self.load(key)

    def _offer_chosen(self, key: str) -> None:
        """ "Go on with A" and "Load B": both choose; the one that is not loaded is loaded."""
        if self._services.host.is_ready(key):
            self._chat.choose_model(key)
        else:
            self.load(key)

    # --- what is shown ---------------------------------------------------------------------

    def _host_changed(self, status: HostStatus) -> None:
        failure = status.failure
        if failure is not None and failure.code == TOO_LARGE:
            self._offer_smaller(status.model_key, failure)
        if status.state is HostState.LOADING:
            self._tick.start()
        else:
            self._tick.stop()
        self._show_state()

    def _show_state(self) -> None:
        model = self._chat.model
        status = self._services.host.status
        self._page.header.set_model_state(self._state(model, status))
        conversation = self._chat.conversation
        title = self.tr("Temporary chat") if conversation.temporary else conversation.title
        self._page.header.set_title(title, has_chat=self._chat.is_stored)
        self._page.set_temporary(conversation.temporary)
        only_demo = model is not None and model.is_demo and len(self._real_models()) == 0
        self._page.set_demo_only(only_demo)
        self.demo_only.emit(only_demo)
        self._show_offer(status)
        self._window_tokens = self._find_window(model, status)
        self._show_context()
        self._show_place()

    def _state(self, model: InstalledModel | None, status: HostStatus) -> ModelState:
        if model is None:
            return ModelState()
        if status.model_key != model.key:
            return ModelState("unloaded", model.name, model.quantization)
        match status.state:
            case HostState.LOADING:
                left = self._seconds_left(model, status)
                return ModelState("loading", model.name, model.quantization, status.fraction, left)
            case HostState.READY:
                return ModelState("ready", model.name, model.quantization, 1.0)
            case HostState.FAILED:
                reason = say_error(status.failure) if status.failure else ""
                return ModelState("failed", model.name, model.quantization, reason=reason)
        return ModelState("unloaded", model.name, model.quantization)

    def _seconds_left(self, model: InstalledModel, status: HostStatus) -> int | None:
        passed = time.monotonic() - status.loading_since
        if status.fraction > 0.05:
            return max(0, round(passed / status.fraction - passed))
        return round(self._services.host.expected_load_seconds(model.size_bytes))

    def _show_offer(self, status: HostStatus) -> None:
        if not self._chat.is_stored or self._services.turns.active is not None:
            self._page.set_offer(None)
            return
        offer = offer_for(self._chat.conversation, self._services.library, status)
        if offer is None:
            self._page.set_offer(None)
            return
        seconds = round(self._services.host.expected_load_seconds(offer.made_with.size_bytes))
        self._page.set_offer(
            self.tr("This chat was made with {model}.").format(model=offer.made_with.name),
            [
                (
                    offer.loaded.key,
                    self.tr("Go on with {model} (loaded)").format(model=offer.loaded.name),
                ),
                (
                    offer.made_with.key,
                    self.tr("Load {model}, about {seconds} s").format(
                        model=offer.made_with.name, seconds=max(1, seconds)
                    ),
                ),
            ],
        )

    def _find_window(self, model: InstalledModel | None, status: HostStatus) -> int:
        """Tokens of the context window: the loaded one's, or what would be made."""
        if model is None:
            return 0
        if status.facts is not None and status.model_key == model.key:
            return status.facts.context_tokens
        return self._places.context_of(model)

    def _show_context(self) -> None:
        """Called fifty times a second while an answer grows: looks nothing up."""
        self._page.status.set_context(self._context_used(), self._window_tokens)

    def _show_place(self) -> None:
        model = self._chat.model
        placement = self._places.placement_of(model) if model else None
        self._page.panel.set_placement(placement)
        if placement is None:
            self._page.status.set_place("")
            return
        why = speed_sentence(placement.predicted, say)
        self._page.status.set_place(place_words(placement, say), why)

    def _context_used(self) -> int:
        turn = self._services.turns.active
        if turn is not None and turn.conversation.id == self._chat.conversation.id:
            return turn.prompt_tokens + turn.tokens
        for message in reversed(self._chat.branch):
            if message.details is not None and message.details.timings is not None:
                timings = message.details.timings
                return timings.prompt_tokens + timings.generated_tokens
        return 0

    def _real_models(self) -> list[InstalledModel]:
        try:
            return [each for each in self._services.library.entries() if not each.is_demo]
        except KnownError:
            return []

    def _show_details(self) -> None:
        """One more row of an open list can say where its model would run."""
        if self._popover.isVisible():
            self._popover.update_models(self._rows(self._listed))

    def _rows(self, models: list[InstalledModel]) -> list[ModelRow]:
        self._listed = models
        status = self._services.host.status
        loaded = status.model_key if status.state is HostState.READY else ""
        return [self._row(each, loaded) for each in models]

    def _row(self, model: InstalledModel, loaded: str) -> ModelRow:
        return ModelRow(
            model.key,
            model.name,
            model.quantization,
            model.size_bytes,
            detail=self._places.detail_of(model),
            is_demo=model.is_demo,
            is_loaded=model.key == loaded,
        )
