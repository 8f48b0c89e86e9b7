"""Delete everything: lists what goes, and does so only when a word was typed."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.backups.data_parts import DataPart, DataUse
from ui.data.words import part_title, size_words
from ui.models.column import Column
from ui.sentences import say
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_HEADING, TEXT_SMALL
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.fields import LineField
from ui.widgets.labels import Label
from ui.widgets.sheet import Sheet
from ui.widgets.surface import Surface
from ui.widgets.switch import Switch

_WIDTH, _HEIGHT, _PAD, _HEADER, _FOOT, _FIELD = 560, 504, 16, 56, 64, 240


class EraseSheet(Sheet):
    """``accepted(bool)``: it was meant; whether the models go too."""

    accepted = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", QSize(_WIDTH, _HEIGHT), parent)
        self.setAccessibleName(self.tr("Delete everything"))
        self._use: DataUse | None = None
        self.word = self.tr("DELETE")
        """What is to be typed."""
        self._title = Label(
            theme, self.tr("Delete everything"), size=TEXT_HEADING,
            weight=QFont.Weight.DemiBold, parent=self,
        )  # fmt: skip
        self.close_button = IconButton(theme, "x", self.tr("Close"), shortcut="Esc", parent=self)
        self.area = Column(theme, gap=8, parent=self)
        self._head = Label(theme, self.tr("These go for ever:"), weight=QFont.Weight.Medium)
        self.listed = Label(theme, tabular=True, wrap=True)
        self._choice = Surface("clear")
        self.models = Switch(theme, self.tr("The models in the data folder too"), self._choice)
        self._models_words = Label(theme, wrap=True, parent=self._choice)
        self._stays = Label(theme, say("data.erase_stays"), size=TEXT_SMALL, ink="muted", wrap=True)
        words = self.tr("Type {word} to say that you mean it:").format(word=self.word)
        self._ask = Label(theme, words, weight=QFont.Weight.Medium, wrap=True)
        self.field = LineField(theme, words, placeholder=self.word)
        self.cancel = TextButton(theme, self.tr("Cancel"), parent=self)
        self.erase = TextButton(
            theme, self.tr("Delete everything and close"), look="danger", parent=self
        )
        self._parts = (self._head, self.listed, self._choice, self._stays, self._ask, self.field)
        self.area.set_parts(self._parts)
        self._connect()

    def begin(self, use: DataUse) -> None:
        """Open with nothing typed and the models kept."""
        self._use = use
        self.models.setChecked(False)
        self.field.clear()
        self._show()
        self.open_sheet()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def is_meant(self) -> bool:
        """Whether the word stands in the field."""
        return self.field.text().strip().casefold() == self.word.casefold()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is listed scrolls between title and buttons."""
        super().resizeEvent(event)
        self._arrange()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """What the keyboard comes to is scrolled into sight."""
        moved = super().focusNextPrevChild(forward)
        for part in (self.models, self.field):
            if part.hasFocus():
                self.area.show_part(part)
        return moved

    def _connect(self) -> None:
        self.models.toggled.connect(lambda _on: self._show())
        self.field.textChanged.connect(lambda _text: self._show())
        self.field.returnPressed.connect(self._accept)
        for button in (self.close_button, self.cancel):
            button.clicked.connect(self.close_sheet)
        self.erase.clicked.connect(self._accept)
        self.area.column_changed.connect(self._set_column)

    def _accept(self) -> None:
        if self.is_meant:
            with_models = self.models.isChecked() and not self._choice.isHidden()
            self.close_sheet()
            self.accepted.emit(with_models)

    def _show(self) -> None:
        use = self._use
        if use is None:
            return
        inside = use.of(DataPart.MODELS).path.is_relative_to(use.root)
        models = use.of(DataPart.MODELS).size_bytes if inside else 0
        self._choice.setVisible(bool(models))
        words = self.tr("{part}, {size}")
        lines = [
            words.format(part=part_title(each.part), size=size_words(each.size_bytes))
            for each in use.parts
            if each.files and each.part not in (DataPart.MODELS, DataPart.OTHER)
        ]
        told = words.format(part=self.models.accessibleName(), size=size_words(models))
        self._models_words.setText(told)
        if models and self.models.isChecked():
            lines.append(words.format(part=part_title(DataPart.MODELS), size=size_words(models)))
        lines.append(self.tr("Your token for the Hub, in the system's keyring"))
        self.listed.setText("\n".join(lines))
        self.erase.setEnabled(self.is_meant)
        self._arrange()

    def _arrange(self) -> None:
        px = self._theme.px
        control, pad, width = px(CONTROL_HEIGHT), px(_PAD), self.width()
        side = (px(_HEADER) - control) // 2
        self._title.setGeometry(pad, 0, width - pad - px(56), px(_HEADER))
        self.close_button.move(width - px(12) - control, side)
        foot = self.height() - px(_FOOT)
        self.area.setGeometry(0, px(_HEADER), width, max(1, foot - px(_HEADER)))
        self.area.arrange()
        if self.field.hasFocus():
            self.area.show_part(self.field)
        x, y = width - pad, foot + (px(_FOOT) - control) // 2
        for button in (self.erase, self.cancel):
            wide = button.sizeHint().width()
            x -= wide
            button.setGeometry(x, y, wide, control)
            x -= px(8)

    def _set_column(self, width: int) -> None:
        px, step = self._theme.px, self._theme.px(GRID)
        self.models.move(0, 0)
        self._models_words.setGeometry(px(48), 0, width - px(48), px(28))
        self._choice.setFixedSize(width, px(28))
        for label in (self._head, self.listed, self._stays, self._ask):
            # Not a fixed size: that would count as the least height from then on.
            label.resize(width, -(-label.heightForWidth(width) // step) * step)
        self.field.setFixedWidth(min(width, px(_FIELD)))
