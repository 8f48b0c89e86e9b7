"""How exactly the KV cache remembers a conversation."""

from typing import get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from app.amounts import memory_size
from models.facts import KvType
from ui.placement.card import ChoiceCard
from ui.placement.option_row import OptionRow, keep_one_stop
from ui.placement.view import PlacementView
from ui.theme.theme import Theme

_TYPES: tuple[KvType, ...] = get_args(KvType)


class CacheChoice(ChoiceCard):
    """Signals:
    chosen: "f16", "q8_0" or "q4_0".
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, self.tr("Cache precision"), parent)
        self._group = QButtonGroup(self)
        titles = {
            "f16": self.tr("Full (f16)"),
            "q8_0": self.tr("Half (q8_0)"),
            "q4_0": self.tr("Quarter (q4_0)"),
        }
        for number, kv_type in enumerate(_TYPES):
            row = OptionRow(theme, titles[kv_type], beside=False)
            self._group.addButton(row, number)
            self.body.addWidget(row)
        self.body.addStretch(1)
        self._group.idClicked.connect(lambda number: self.chosen.emit(_TYPES[number]))

    @property
    def rows(self) -> tuple[OptionRow, ...]:
        """Their rows, the exact one first."""
        return tuple(self.row(kv_type) for kv_type in _TYPES)

    def row(self, kv_type: KvType) -> OptionRow:
        """The row of a type."""
        row = self._group.button(_TYPES.index(kv_type))
        assert isinstance(row, OptionRow)
        return row

    def show_view(self, view: PlacementView) -> None:
        """Show a plan's type, and what each would take, without a signal."""
        plan = view.placement.plan
        words = {
            "f16": self.tr("{size}, as it was computed"),
            "q8_0": self.tr("{size}, hardly any difference"),
            "q4_0": self.tr("{size}, long chats may lose details"),
        }
        for kv_type in _TYPES:
            row = self.row(kv_type)
            allowed = kv_type in view.kv_types
            row.setEnabled(allowed)
            row.setChecked(kv_type == plan.kv_type)
            size = view.facts.kv_bytes(
                kv_type, plan.context_tokens, plan.ubatch_tokens, full=plan.full_window_cache
            )
            note = words[kv_type].format(size=memory_size(size))
            row.set_note(note if allowed else self.tr("does not suit this model's heads"))
        keep_one_stop(self.rows)
