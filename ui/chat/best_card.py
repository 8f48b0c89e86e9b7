"""The card of a new chat while there is only the demo model: the best model for this computer."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from ui.chat.figures import percent
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_CHAT, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.surface import Surface

WIDTH, HEIGHT, TALL = 720, 104, 184
_PAD, _VERBS, _FETCH, _STACKED_BELOW, _SIDE_VERBS = 16, 296, 144, 600, 28


@dataclass(frozen=True, slots=True, kw_only=True)
class BestModel:
    """What to recommend to somebody who has no model yet."""

    name: str
    facts: str
    """Size, speed and context, in words."""
    progress: float | None = None
    """0 to 1 while it is downloaded."""


class BestCard(Surface):
    """720×104, taller where it is narrow.

    Signals:
        fetch_requested: download it. progress_requested: it is on its way; show it.
        others_requested: show other models. own_requested: there are models here already.
    """

    fetch_requested = Signal()
    progress_requested = Signal()
    others_requested = Signal()
    own_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("card", parent)
        self._theme = theme
        self._model: BestModel | None = None
        self._kind = Label(theme, size=TEXT_SMALL, ink="muted", parent=self)
        self._kind.setText(self.tr("Best for this computer"))
        self._name = ElidedLabel(theme, size=TEXT_CHAT, weight=QFont.Weight.DemiBold, parent=self)
        self._facts = ElidedLabel(theme, ink="muted", tabular=True, parent=self)
        self.fetch = TextButton(theme, self.tr("Download"), icon="download", parent=self)
        self.others = TextButton(
            theme, self.tr("Others"), look="quiet", size=TEXT_SMALL, height=_SIDE_VERBS, parent=self
        )
        self.own = TextButton(
            theme, self.tr("I already have models"), look="quiet", size=TEXT_SMALL,
            height=_SIDE_VERBS, parent=self,
        )  # fmt: skip
        for label in (self._name, self._facts):
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.fetch.clicked.connect(self._fetch)
        self.others.clicked.connect(self.others_requested)
        self.own.clicked.connect(self.own_requested)

    def show_model(self, model: BestModel) -> None:
        """Show it."""
        self._model = model
        self._name.setText(model.name)
        self._facts.setText(model.facts)
        words = (
            self.tr("Download")
            if model.progress is None
            else self.tr("{share} is here").format(share=percent(model.progress))
        )
        self.fetch.setText(words)
        self.fetch.setAccessibleName(f"{words}, {model.name}")
        self.setAccessibleName(f"{self._kind.text()}: {model.name}, {model.facts}")

    def height_for(self, width: int) -> int:
        """Pixels that it needs in ``width``."""
        return self._theme.px(HEIGHT if self._is_wide(width) else TALL)

    def place(self, left: int, top: int, width: int) -> None:
        """Lie there."""
        px, step = self._theme.px, self._theme.px(GRID)
        self.setGeometry(left, top, width, self.height_for(width))
        pad, control, small = px(_PAD), px(CONTROL_HEIGHT), px(_SIDE_VERBS)
        is_wide = self._is_wide(width)
        room = width - 2 * pad - (px(_VERBS) if is_wide else 0)
        self._kind.setGeometry(pad, pad - px(4), room, px(20))
        self._name.setGeometry(pad, pad + px(20), room, px(28))
        self._facts.setGeometry(pad, pad + px(48), room, px(24))
        own = -(-self.own.sizeHint().width() // step) * step
        others = -(-self.others.sizeHint().width() // step) * step
        fetch = px(_FETCH)
        if is_wide:
            self.fetch.setGeometry(width - pad - fetch, pad, fetch, control)
            low, right = pad + px(44), width - pad + px(8)
            self.own.setGeometry(right - own, low, own, small)
            self.others.setGeometry(right - own - others, low, others, small)
            return
        self.fetch.setGeometry(pad, pad + px(80), fetch, control)
        low = pad + px(120)
        self.others.setGeometry(pad - px(8), low, others, small)
        self.own.setGeometry(pad - px(8) + others, low, min(own, width - others - pad), small)

    def _is_wide(self, width: int) -> bool:
        return width >= self._theme.px(_STACKED_BELOW)

    def _fetch(self) -> None:
        if self._model is not None and self._model.progress is not None:
            self.progress_requested.emit()
        else:
            self.fetch_requested.emit()
