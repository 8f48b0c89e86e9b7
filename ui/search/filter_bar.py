"""What a search leaves out: model, time, folder, and who wrote it."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.history.entities import Role
from ui.models.flow import Flow
from ui.search.view import Period, Wishes
from ui.search.words import period_choices
from ui.theme.theme import Theme
from ui.widgets.buttons import TextButton
from ui.widgets.choice import Choice

_EVERYWHERE, _NO_FOLDER = "everywhere", ""
_WIDEST = 224


class FoundFilterBar(Flow):
    """``changed()``: ``wishes`` are other ones."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._wishes = Wishes()
        self.model = Choice(theme, self.tr("Model"), [("", self.tr("Any model"))])
        self.period = Choice(theme, self.tr("Time"), list(period_choices()))
        self.folder = Choice(theme, self.tr("Folder"), [(_EVERYWHERE, self.tr("All chats"))])
        self.role = Choice(
            theme,
            self.tr("Written by"),
            [
                ("", self.tr("By anyone")),
                (Role.USER.value, self.tr("By you")),
                (Role.ASSISTANT.value, self.tr("By the model")),
            ],
        )
        self.clear_button = TextButton(theme, self.tr("Clear filters"), look="quiet")
        self.clear_button.hide()
        self.export_button = TextButton(theme, self.tr("Export…"), look="quiet", icon="share")
        self.export_button.setAccessibleName(self.tr("Export the chats that were found"))
        self.export_button.hide()
        for part in (self.model, self.period, self.folder, self.role, self.clear_button):
            self.add(part)
        self.add_gap()
        self.add(self.export_button)
        self.model.chosen.connect(lambda value: self._change(model=str(value)))
        self.period.chosen.connect(lambda value: self._change(period=Period(value)))
        self.folder.chosen.connect(
            lambda value: self._change(folder=None if value == _EVERYWHERE else str(value))
        )
        self.role.chosen.connect(lambda value: self._change(role=Role(value) if value else None))
        self.clear_button.clicked.connect(self.clear)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def wishes(self) -> Wishes:
        """What is chosen; its text is empty."""
        return self._wishes

    def set_models(self, models: Sequence[tuple[str, str]]) -> None:
        """Offer these (key, name)."""
        self.model.set_options([("", self.tr("Any model")), *models])
        self._read()

    def set_folders(self, folders: Sequence[tuple[str, str]]) -> None:
        """Offer these (id, name)."""
        choices = [(_EVERYWHERE, self.tr("All chats")), *folders]
        if folders:
            choices.append((_NO_FOLDER, self.tr("In no folder")))
        self.folder.set_options(choices)
        self._read()

    def clear(self) -> None:
        """Leave nothing out."""
        for choice in (self.model, self.period, self.folder, self.role):
            choice.setCurrentIndex(0)
        if self.clear_button.hasFocus():
            self.model.setFocus()
        self._read()
        self.changed.emit()

    def _read(self) -> None:
        """What was chosen may not be offered any more."""
        folder = self.folder.currentData()
        role = self.role.currentData()
        self._wishes = Wishes(
            model=str(self.model.currentData()),
            period=Period(self.period.currentData()),
            folder=None if folder == _EVERYWHERE else str(folder),
            role=Role(role) if role else None,
        )
        self.clear_button.setVisible(self._wishes.are_narrow)

    def _change(self, **what: object) -> None:
        self._wishes = replace(self._wishes, **what)  # type: ignore[arg-type]
        self.clear_button.setVisible(self._wishes.are_narrow)
        self.changed.emit()

    def _restyle(self) -> None:
        for choice in (self.model, self.period, self.folder, self.role):
            choice.setMinimumWidth(self._theme.px(128))
            choice.setMaximumWidth(self._theme.px(_WIDEST))
