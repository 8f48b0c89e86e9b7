"""Presets of a conversation: apply one, keep what is set as one, delete, import, export."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import msgspec
from PySide6.QtCore import QObject, Signal

from app.engine.entities import SamplingParameters
from app.history.presets import Preset
from app.ids import new_id
from app.services import Services
from models.errors import KnownError
from models.naming import shorten
from ui.chat.chat_page import ChatPage
from ui.composer.fields_sheet import FieldsSheet
from ui.controllers.chat import ChatController
from ui.controllers.preset_files import Item, PresetFiles
from ui.main_window import MainWindow
from ui.sentences import say, say_error
from ui.theme.theme import Theme


@dataclass(frozen=True, slots=True)
class _Set:
    """What a conversation has set."""

    system_prompt: str
    sampling: SamplingParameters | None
    model_key: str


class PresetsController(QObject):
    """Signals: trouble(str): a sentence to show."""

    trouble = Signal(str)

    def __init__(
        self, services: Services, theme: Theme, window: MainWindow, page: ChatPage,
        chat: ChatController, files: PresetFiles, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services, self._theme, self._window = services, theme, window
        self._page, self._chat, self._files = page, chat, files
        self._panel = page.panel
        self._name_label = self.tr("Name of the preset")
        row = self._panel.presets
        row.chosen.connect(self.apply)
        row.save_requested.connect(self._ask_for_name)
        row.update_requested.connect(self.update)
        row.remove_requested.connect(self.remove)
        row.import_requested.connect(files.choose_import)
        row.export_requested.connect(lambda: files.choose_export(self._items, self.tr("Presets")))
        files.imported.connect(self.refresh)
        chat.opened.connect(lambda _id: self.refresh())
        chat.changed.connect(self.refresh)
        self._panel.instructions_changed.connect(lambda _text: self.refresh())
        self._panel.sampling_changed.connect(lambda _sampling: self.refresh())
        self.refresh()

    @cached_property
    def name_sheet(self) -> FieldsSheet:
        """What asks for the name of a new preset."""
        made = FieldsSheet(self._theme, self.tr("Save"), self._page)
        made.filled.connect(lambda values: self.save_as(values[self._name_label]))
        return made

    def _ask_for_name(self) -> None:
        self.name_sheet.ask(self.tr("Save as preset"), [self._name_label], needed=True)

    # --- commands ---------------------------------------------------------------------------

    def apply(self, identity: str) -> None:
        """Set what a preset holds in the conversation that is shown; that can be undone."""
        preset = self._preset(identity)
        if preset is None:
            return
        before = self._now()
        wanted = _Set(preset.system_prompt, preset.sampling, preset.model_key)
        if preset.model_key and self._services.library.by_key(preset.model_key) is None:
            facts = {"name": shorten(preset.name)}
            self.trouble.emit(say("composer.preset_model_missing", facts))
            wanted = _Set(preset.system_prompt, preset.sampling, "")
        self._put(wanted)
        words = self.tr("“{name}” is set for this chat").format(name=shorten(preset.name))
        self._window.toast.offer(words, lambda: self._put(before))

    def save_as(self, name: str) -> None:
        """Keep what this conversation has set as a new preset."""
        now = self._now()
        name = " ".join(name.split())
        preset = Preset(
            id=new_id(), name=name, system_prompt=now.system_prompt, model_key=now.model_key,
            sampling=now.sampling,
        )  # fmt: skip
        words = self.tr("“{name}” was saved").format(name=shorten(name))
        self._keep(preset, words, lambda: self._forget(preset.id))

    def update(self, identity: str) -> None:
        """Keep what this conversation has set in the place of what a preset held."""
        preset = self._preset(identity)
        if preset is None:
            return
        now = self._now()
        changed = msgspec.structs.replace(
            preset, system_prompt=now.system_prompt, model_key=now.model_key, sampling=now.sampling
        )
        words = self.tr("“{name}” was saved").format(name=shorten(preset.name))
        self._keep(changed, words, lambda: self._keep(preset, "", None))

    def remove(self, identity: str) -> None:
        """Delete a preset; that can be undone. Conversations keep what they have set."""
        preset = self._preset(identity)
        if preset is None:
            return

        def done(_result: object) -> None:
            self.refresh()
            words = self.tr("“{name}” was deleted").format(name=shorten(preset.name))
            self._window.toast.offer(words, lambda: self._keep(preset, "", None))

        self._services.presets.remove(identity, done=done, failed=self._failed)

    def refresh(self) -> None:
        """Offer the presets there are, and show which one holds here."""
        now = self._now()
        presets = self._read()
        held = next((each.id for each in presets if _holds(each, now)), "")
        self._panel.presets.show_presets(presets, held)

    # --- inside -----------------------------------------------------------------------------

    def _now(self) -> _Set:
        conversation = self._chat.conversation
        model = self._chat.model
        key = model.key if model is not None else conversation.model_key
        return _Set(conversation.system_prompt, conversation.sampling, key)

    def _put(self, wanted: _Set) -> None:
        self._panel.apply(wanted.system_prompt, wanted.sampling)
        if wanted.model_key and self._services.library.by_key(wanted.model_key) is not None:
            self._chat.choose_model(wanted.model_key)
        self.refresh()

    def _keep(self, preset: Preset, words: str, undo: Callable[[], None] | None) -> None:
        def done(_result: object) -> None:
            self.refresh()
            if words:
                self._window.toast.offer(words, undo)

        self._services.presets.keep(preset, done=done, failed=self._failed)

    def _forget(self, identity: str) -> None:
        self._services.presets.remove(
            identity, done=lambda _result: self.refresh(), failed=self._failed
        )

    def _preset(self, identity: str) -> Preset | None:
        return next((each for each in self._read() if each.id == identity), None)

    def _read(self) -> list[Preset]:
        try:
            return self._services.presets.presets()
        except KnownError as error:
            self.trouble.emit(say_error(error))
            return []

    def _items(self) -> list[Item]:
        return [*self._read()]

    def _failed(self, error: KnownError) -> None:
        self.trouble.emit(say_error(error))


def _holds(preset: Preset, now: _Set) -> bool:
    """Whether a conversation has set what ``preset`` holds."""
    same = (preset.system_prompt, preset.sampling) == (now.system_prompt, now.sampling)
    return same and preset.model_key in ("", now.model_key)
