"""The placement page: the plan in a sentence, in a picture, and in what can be chosen."""

from dataclasses import replace
from typing import get_args

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.placement.entities import ContextPrice, Wishes
from models.facts import KvType
from ui.placement.body import PlacementBody
from ui.placement.header import PlacementHeader
from ui.placement.sentence_panel import SentencePanel
from ui.placement.view import PlacementView
from ui.sentences import say
from ui.theme.theme import Theme
from ui.theme.tokens import GRID, SCROLL_BAR, TEXT_CHAT
from ui.widgets.labels import Label
from ui.widgets.styling import set_style
from ui.widgets.surface import Surface

_SIDE, _SIDE_NARROW, _COLUMN, _NARROW_BELOW = 24, 16, 968, 600
_FIXED_FROM = 480
"""Lower pages scroll the sentence with the rest."""

_UNLIMITED = (1 << 24) - 1
"""Qt's own bound of a height."""


class PlacementPage(Surface):
    """Shows what its controller makes of a plan, and tells what a person wants.

    Signals:
        back_requested: by the button or Esc.
        automatic_requested: Moestro's own plan, all wishes dropped.
        wishes_changed(Wishes): at every step of a slider that moves; the controller throttles.
        apply_requested: load the model with the plan shown.
        copy_command_requested: the llama-server command line, to the clipboard.
        budget_changed(str, object): a device, and the bytes that plans may take there at most;
            None for its automatic limit.
        reset_requested: forget the plan that is remembered for this model.
        measure_requested: measure this computer again.
    """

    back_requested = Signal()
    automatic_requested = Signal()
    wishes_changed = Signal(object)
    apply_requested = Signal()
    copy_command_requested = Signal()
    budget_changed = Signal(str, object)
    reset_requested = Signal()
    measure_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self._view: PlacementView | None = None
        self.header = PlacementHeader(theme, self)
        self.panel = SentencePanel(theme, self)
        self._area = QScrollArea(self)
        self._content = Surface("clear")
        self._content_layout = QVBoxLayout(self._content)
        self.body = PlacementBody(theme)
        self._empty = Label(theme, size=TEXT_CHAT, ink="muted", wrap=True, parent=self)
        self._build()
        self._connect()
        theme.changed.connect(self._restyle)
        self._restyle()
        self.show_empty()

    # --- what is shown ---------------------------------------------------------------------

    @property
    def state_text(self) -> str:
        """What the empty page says, or the line below the sentence."""
        return self.panel.mark if self._view else self._empty.text()

    def show_placement(self, view: PlacementView) -> None:
        """Show a plan, without a signal."""
        self._view = view
        self.header.show_view(view)
        self.panel.show_view(view)
        self.body.show_view(view)
        self._show_parts()
        self._arrange()

    def show_working(self, text: str) -> None:
        """Say that a plan is being made; what is shown stays where it is."""
        self._show_state(text, "muted")

    def show_trouble(self, sentence: str) -> None:
        """Say why there is no new plan; nothing can be applied."""
        self._show_state(sentence, "bad")

    def show_empty(self) -> None:
        """No model to place."""
        self._clear()
        self._empty.setText(say("placement.no_model"))
        self._empty.set_ink("muted")
        self._arrange()

    def show_model(self, name: str, quantization: str, text: str) -> None:
        """Another model, of which no plan is known yet; ``text`` says what is going on."""
        self._clear(name, quantization)
        self.show_working(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back."""
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A column in the middle, its scroll bar beside it."""
        super().resizeEvent(event)
        self._arrange()

    # --- what a person wants ---------------------------------------------------------------

    def _experts_chosen(self, count: int) -> None:
        self._wish(replace(self._pinned(), expert_layers=count))

    def _context_chosen(self, stop: object) -> None:
        assert isinstance(stop, ContextPrice)
        wishes = self._pinned()
        layers = wishes.expert_layers
        if layers is not None:
            # As the price says: what does not fit beside a longer context moves.
            layers = min(layers, stop.expert_layers)
        self._wish(replace(wishes, context_tokens=stop.context_tokens, expert_layers=layers))

    def _longest_chosen(self, tokens: int) -> None:
        self._wish(replace(self._pinned(), context_tokens=tokens, expert_layers=None))

    def _cache_chosen(self, kv_type: str) -> None:
        for known in get_args(KvType):
            if known == kv_type:
                self._wish(replace(self._pinned(), kv_type=known))

    def _mine_chosen(self) -> None:
        if self._view:
            count = self._view.placement.expert_layers
            self._wish(replace(self._pinned(), expert_layers=count))

    def _pinned(self) -> Wishes:
        """The wishes so far, with context and cache as shown: one change changes one thing."""
        if self._view is None:
            return Wishes()
        plan, wishes = self._view.placement.plan, self._view.wishes
        return replace(wishes, context_tokens=plan.context_tokens, kv_type=plan.kv_type)

    def _wish(self, wishes: Wishes) -> None:
        if self._view:
            self._view = replace(self._view, wishes=wishes)
            self.wishes_changed.emit(wishes)

    # --- building and placing --------------------------------------------------------------

    def _build(self) -> None:
        area = self._area
        set_style(area, look="clear")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._content_layout.setSpacing(0)
        self._content_layout.addWidget(self.body)
        self._content_layout.addStretch(1)
        area.setWidget(self._content)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _connect(self) -> None:
        header, body = self.header, self.body
        header.back_requested.connect(self.back_requested)
        header.automatic_requested.connect(self.automatic_requested)
        header.mine_requested.connect(self._mine_chosen)
        header.apply_requested.connect(self.apply_requested)
        body.experts.chosen.connect(self._experts_chosen)
        body.context.chosen.connect(self._context_chosen)
        body.context.longest_chosen.connect(self._longest_chosen)
        body.cache.chosen.connect(self._cache_chosen)
        body.budget_changed.connect(self.budget_changed)
        body.copy_command_requested.connect(self.copy_command_requested)
        body.reset_requested.connect(self.reset_requested)
        body.measure_requested.connect(self.measure_requested)

    def _clear(self, name: str = "", quantization: str = "") -> None:
        self._view = None
        self.header.show_nothing(name, quantization)
        self._show_parts()

    def _show_state(self, text: str, ink: str) -> None:
        self.header.apply.setEnabled(False)
        if self._view:
            self.panel.show_state(text, ink)
        else:
            self._empty.setText(text)
            self._empty.set_ink(ink)
        self._arrange()

    def _show_parts(self) -> None:
        has_plan = self._view is not None
        self._area.setVisible(has_plan)
        self.panel.setVisible(has_plan)
        self._empty.setVisible(not has_plan)

    def _arrange(self) -> None:
        px = self._theme.px
        width, step = self.width(), px(GRID)
        top = self.header.height_for(width)
        self.header.setGeometry(0, 0, width, top)
        side = px(_SIDE if width >= px(_NARROW_BELOW) else _SIDE_NARROW)
        column = max(step, min(px(_COLUMN), width - 2 * side) // step * step)
        left = max(side, (width - column) // 2 // step * step)
        self._empty.setGeometry(left, top, column, self.height() - top)
        is_fixed = self.height() >= px(_FIXED_FROM)
        self._move_panel(is_fixed=is_fixed)
        tall = self.panel.height_for(column)
        if is_fixed:
            self.panel.setGeometry(0, top, width, tall)
            self.panel.arrange(left, column)
            top += tall
        else:
            self.panel.setFixedHeight(tall)
            self.panel.arrange(0, column)
        self.panel.setVisible(self._view is not None)
        self.body.set_column(column)
        beside = min(side, px(SCROLL_BAR + GRID))
        self._area.setGeometry(left, top, column + beside, self.height() - top)

    def _move_panel(self, *, is_fixed: bool) -> None:
        """Above the scrolled part, or in a low page into it."""
        if is_fixed == (self.panel.parent() is self):
            return
        if is_fixed:
            self._content_layout.removeWidget(self.panel)
            self.panel.setMinimumHeight(0)
            self.panel.setMaximumHeight(_UNLIMITED)
            self.panel.setParent(self)
        else:
            self._content_layout.insertWidget(0, self.panel)
        self.panel.restyle()

    def _restyle(self) -> None:
        self._content_layout.setContentsMargins(0, 0, 0, 0)
        if self._view:
            self.show_placement(self._view)
        self._arrange()
