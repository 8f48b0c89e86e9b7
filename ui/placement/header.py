"""The top of the placement page: back, the model's name, whose plan it is, and Apply."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.chat.figures import duration
from ui.placement.view import PlacementView
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_CHAT
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.segmented import Segmented
from ui.widgets.surface import Line, Surface

_HEIGHT, _TALL, _ONE_LINE_FROM = 56, 104, 600


class PlacementHeader(Surface):
    """56 high; in narrow windows the choices stand in a second line.

    Signals:
        back_requested: by the button.
        automatic_requested: the user wants Moestro's plan.
        mine_requested: the user wants to change the plan.
        apply_requested: load the model again with this plan.
    """

    back_requested = Signal()
    automatic_requested = Signal()
    mine_requested = Signal()
    apply_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self.back = IconButton(
            theme, "arrow-left", self.tr("Back to the chat"), shortcut="Esc", parent=self
        )
        self._name = ElidedLabel(theme, size=TEXT_CHAT, weight=QFont.Weight.Medium, parent=self)
        self._quantization = Label(theme, ink="muted", parent=self)
        self.whose = Segmented(
            theme,
            self.tr("Plan"),
            (("automatic", self.tr("Automatic")), ("mine", self.tr("Mine"))),
            parent=self,
        )
        self.apply = TextButton(theme, "", look="accent", parent=self)
        self._line = Line(theme, self)
        self._is_automatic = True
        self._apply_text = ""
        self.back.clicked.connect(self.back_requested)
        self.whose.chosen.connect(self._whose_chosen)
        self.apply.clicked.connect(self.apply_requested)
        theme.changed.connect(self._arrange)
        self.show_nothing()

    def show_view(self, view: PlacementView) -> None:
        """Show whose plan of which model it is."""
        self._name.setText(view.name)
        self._quantization.setText(view.quantization)
        self._is_automatic = view.is_automatic
        self.whose.setEnabled(True)
        self.whose.set_value("automatic" if view.is_automatic else "mine")
        self._apply_text = self._apply_words(view)
        self.apply.setEnabled(view.changed)
        self._arrange()

    def show_nothing(self, name: str = "", quantization: str = "") -> None:
        """No plan, of this model or of none: nothing can be chosen."""
        self._name.setText(name or self.tr("Placement"))
        self._quantization.setText(quantization)
        self.whose.set_value("automatic")
        self.whose.setEnabled(False)
        self._apply_text = self.tr("Apply and reload")
        self.apply.setEnabled(False)
        self._arrange()

    def height_for(self, width: int) -> int:
        """Pixels that it takes in a page of ``width``."""
        wide = width >= self._theme.px(_ONE_LINE_FROM)
        return self._theme.px(_HEIGHT if wide else _TALL)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One line or two."""
        super().resizeEvent(event)
        self._arrange()

    def _apply_words(self, view: PlacementView) -> str:
        if view.reload_seconds is None:
            return self.tr("Apply and reload") if view.is_loaded else self.tr("Apply and load")
        text = (
            self.tr("Apply and reload ({time})")
            if view.is_loaded
            else self.tr("Apply and load ({time})")
        )
        return text.format(time=duration(max(1.0, view.reload_seconds)))

    def _whose_chosen(self, value: str) -> None:
        if (value == "automatic") == self._is_automatic:
            return
        if value == "automatic":
            self.automatic_requested.emit()
        else:
            self.mine_requested.emit()

    def _arrange(self) -> None:
        px = self._theme.px
        side, line, control = px(12), px(_HEIGHT), px(32)
        top = (line - control) // 2
        self.back.move(side, top)
        wide = self.width() >= px(_ONE_LINE_FROM)
        row = top if wide else line
        right = self.width() - side - (side if wide else 0)
        chosen = _on_grid(self.whose.sizeHint().width(), px(4))
        applied = self._fit_apply(right - side - chosen - px(8))
        self.apply.setGeometry(right - applied, row, applied, control)
        left = right - applied - px(16) - chosen if wide else side
        self.whose.setGeometry(left, row, chosen, control)
        begin = side + control + px(8)
        end = (left if wide else self.width()) - px(16)
        type_width = self._quantization.sizeHint().width()
        named = min(self._name.sizeHint().width(), max(px(24), end - begin - type_width - px(8)))
        self._name.setGeometry(begin, 0, named, line)
        self._quantization.setGeometry(begin + named + px(8), px(1), type_width, line)
        self._line.setGeometry(0, self.height() - 1, self.width(), 1)

    def _fit_apply(self, room: int) -> int:
        """The width of Apply with all of its words, or where they do not fit with one."""
        self.apply.setText(self._apply_text)
        self.apply.setAccessibleName(self._apply_text)
        if self.apply.sizeHint().width() > room:
            self.apply.setText(self.tr("Apply"))
        short = self.apply.text() != self._apply_text
        self.apply.setToolTip(self._apply_text if short else "")
        return self.apply.sizeHint().width()


def _on_grid(length: int, step: int) -> int:
    return -(-length // step) * step
