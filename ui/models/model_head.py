"""The top of a model's page: back, its name, who offers it, licence and other facts."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from ui.models.view import ModelView, Publisher
from ui.models.words import count_words, joined, parameters_words
from ui.placement.words import tokens_short
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_SMALL, TEXT_TITLE
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.choice import Choice
from ui.widgets.labels import ElidedLabel
from ui.widgets.surface import Surface

_LINE, _FACTS, _PICKER, _ONE_LINE_FROM = 40, 20, 248, 640


class ModelHead(Surface):
    """Signals:
    back_requested: by the button.
    publisher_chosen(str): another repository of the same model.
    page_requested: its page on the Hub, in the browser.
    """

    back_requested = Signal()
    publisher_chosen = Signal(str)
    page_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._publishers: tuple[Publisher, ...] = ()
        self.back = IconButton(theme, "arrow-left", self.tr("Back"), shortcut="Esc", parent=self)
        self.name = ElidedLabel(theme, size=TEXT_TITLE, weight=QFont.Weight.DemiBold, parent=self)
        self.name.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.facts = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", tabular=True, parent=self)
        self.picker = Choice(theme, self.tr("Publisher"), (), self)
        self.page = TextButton(theme, self.tr("Its page"), look="quiet", parent=self)
        self.back.clicked.connect(self.back_requested)
        self.picker.chosen.connect(lambda value: self.publisher_chosen.emit(value))
        self.page.clicked.connect(self.page_requested)

    def show_model(self, view: ModelView) -> None:
        """Show its facts; the picker has all who offer it."""
        self.name.setText(view.name)
        context = (
            self.tr("{size} context").format(size=tokens_short(view.context_tokens))
            if view.context_tokens
            else ""
        )
        downloads = (
            self.tr("{count} downloads").format(count=count_words(view.downloads))
            if view.downloads
            else ""
        )
        known = not view.is_loading and not view.trouble
        licence = view.licence or (self.tr("licence not stated") if known else "")
        base = self.tr("of {model}").format(model=view.base_model) if view.base_model else ""
        size = parameters_words(view.total_parameters, view.active_parameters)
        gate = self.tr("Gated") if view.is_gated else ""
        self.facts.setText(
            joined((licence, gate, size, view.architecture, context, downloads, base))
        )
        if view.publishers != self._publishers:
            self._publishers = view.publishers
            self.picker.clear()
            for each in view.publishers:
                self.picker.addItem(self._publisher_words(each), each.repository)
        self.picker.setVisible(len(view.publishers) > 1)
        if view.publishers:
            self.picker.set_value(view.repository, view.repository)

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels; the picker stands in a line of its own where it is narrow."""
        px = self._theme.px
        step, control, line = px(GRID), px(CONTROL_HEIGHT), px(_LINE)
        top = (line - control) // 2
        self.back.move(0, top)
        begin, right = control + px(8), width
        page = self.page.sizeHint().width()
        right -= page
        self.page.setGeometry(right, top, page, control)
        picker = min(px(_PICKER), width) // step * step
        beside = width >= px(_ONE_LINE_FROM)
        has_picker = not self.picker.isHidden()
        if not beside:
            picker = min(picker, (width - begin) // step * step)
        # Fixed, since the box would else follow its words.
        self.picker.setFixedWidth(picker)
        if has_picker and beside:
            right -= picker + px(8)
            self.picker.move(right, top)
        self.name.setGeometry(begin, 0, max(step, right - px(16) - begin), line)
        self.facts.setGeometry(begin, line, max(step, width - begin), px(_FACTS))
        y = line + px(_FACTS + 4)
        if has_picker and not beside:
            self.picker.move(begin, y)
            y += control + px(8)
        self.setFixedSize(width, y)

    def _publisher_words(self, publisher: Publisher) -> str:
        if not publisher.downloads:
            return publisher.name
        return self.tr("{name}, {count} downloads").format(
            name=publisher.name, count=count_words(publisher.downloads)
        )
