"""The sheet of one file: its text, how much of it the model is given, and what that costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.attachments.entities import Unit
from app.history.entities import AttachedWay
from ui.composer.file_text import FileText
from ui.models.flow import Flow
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_HEADING, TEXT_SMALL
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.choice import Choice
from ui.widgets.fields import LineField
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.segmented import Segmented
from ui.widgets.sheet import Sheet

_WIDTH, _HEIGHT, _PAD, _HEADER, _FOOT = 720, 640, 24, 56, 64
_MOST_PLACES = 8


@dataclass(frozen=True, slots=True)
class FileSheetView:
    """What the sheet shows."""

    id: str
    name: str
    facts: str
    """Kind, size and length, in words."""
    way: AttachedWay
    text: str
    """Of the whole file, or of what the message carried where the rest is not kept."""
    places: tuple[tuple[str, int, int], ...] = ()
    """What of ``text`` is given where it is not all of it: name, begin and end."""
    may_change: bool = True
    """False for a file of a message that was sent."""
    part: str = ""
    unit: Unit = Unit.LINES
    headings: tuple[str, ...] = ()
    costs: Mapping[AttachedWay, str] = field(default_factory=dict)
    """What each way takes, in words."""
    remark: str = ""
    """What is to be known about the way that is chosen."""
    is_bad: bool = False
    """The remark tells of something that cannot be done."""


class FileSheet(Sheet):
    """Signals:
    way_chosen(str, str): id of the file, and "whole", "passages" or "part".
    part_chosen(str, str): id of the file, and the part as it was typed.
    removed(str): the file is not to go along.
    """

    way_chosen = Signal(str, str)
    part_chosen = Signal(str, str)
    removed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", QSize(_WIDTH, _HEIGHT), parent)
        self._view = FileSheetView("", "", "", AttachedWay.WHOLE, "")
        weight = QFont.Weight.DemiBold
        self._title = ElidedLabel(theme, size=TEXT_HEADING, weight=weight, parent=self)
        self.close_button = IconButton(theme, "x", self.tr("Close"), shortcut="Esc", parent=self)
        self.facts = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", parent=self)
        self.ways = Segmented(
            theme,
            self.tr("What the model is given"),
            (
                (AttachedWay.WHOLE.value, self.tr("All of it")),
                (AttachedWay.PASSAGES.value, self.tr("Relevant passages")),
                (AttachedWay.PART.value, self.tr("A part")),
            ),
            self,
        )
        self.cost = Label(theme, size=TEXT_SMALL, ink="muted", parent=self)
        self.part = LineField(theme, self.tr("Which part"), parent=self)
        self.headings = Choice(theme, self.tr("Under which heading"), (), self)
        self.remark = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True, parent=self)
        self.places = Flow(theme, self)
        self._place_buttons: list[TextButton] = []
        self.text = FileText(theme, self)
        self.remove = TextButton(theme, self.tr("Remove"), look="quiet", parent=self)
        self.done = TextButton(theme, self.tr("Done"), look="accent", parent=self)
        self._connect()

    def _connect(self) -> None:
        self.ways.chosen.connect(lambda way: self.way_chosen.emit(self._view.id, way))
        self.part.editingFinished.connect(self._part_edited)
        self.headings.chosen.connect(self._heading_chosen)
        for button in (self.close_button, self.done):
            button.clicked.connect(self.close_sheet)
        self.remove.clicked.connect(self._remove)
        self.closed.connect(lambda: self.text.show_text(""))

    @property
    def file_id(self) -> str:
        """The file that is shown, "" while the sheet is closed."""
        return "" if self.isHidden() else self._view.id

    def begin(self, view: FileSheetView) -> None:
        """Open for a file."""
        self._view = FileSheetView("", "", "", AttachedWay.WHOLE, "")
        self.text.show_text("")
        self.part.clear()
        self.show_view(view)
        self.open_sheet()
        self._arrange()
        self.done.setFocus(Qt.FocusReason.PopupFocusReason)

    def show_view(self, view: FileSheetView) -> None:
        """Show what is known now; what is being typed stays."""
        before, self._view = self._view, view
        self.setAccessibleName(view.name)
        self._title.setText(view.name)
        self.facts.setText(view.facts)
        self.ways.setVisible(view.may_change)
        self.ways.set_value(view.way.value)
        is_part = view.may_change and view.way is AttachedWay.PART
        self.cost.setText(view.costs.get(view.way, ""))
        self.part.setVisible(is_part)
        self.part.setPlaceholderText(self._part_words(view.unit))
        if view.part != before.part and not self.part.hasFocus():
            self.part.setText(view.part)
        self.headings.setVisible(is_part and bool(view.headings))
        self._offer_headings(view)
        self.remark.setText(view.remark)
        self.remark.set_ink("bad" if view.is_bad else "muted")
        self.remark.setVisible(bool(view.remark))
        self.remove.setVisible(view.may_change)
        if (view.text, view.places) != (before.text, before.places):
            self.text.show_text(view.text, [(start, end) for _name, start, end in view.places])
            self._show_places(view.places)
            if view.places and view.way is not AttachedWay.WHOLE:
                self.text.go_to(0)
        self._arrange()

    def go_to(self, number: int) -> None:
        """Show the place that its button names."""
        self.text.go_to(number)

    # --- inside -----------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The text takes what is left."""
        super().resizeEvent(event)
        self._arrange()

    def _part_words(self, unit: Unit) -> str:
        return {
            Unit.PAGES: self.tr("Pages, such as 3-5"),
            Unit.HEADINGS: self.tr("A heading, or lines such as 1-40"),
            Unit.LINES: self.tr("Lines, such as 1-40"),
        }[unit]

    def _offer_headings(self, view: FileSheetView) -> None:
        options = [("", self.tr("Choose a heading")), *((each, each) for each in view.headings)]
        self.headings.set_options(options)
        self.headings.set_value(view.part if view.part in view.headings else "")

    def _heading_chosen(self, title: str) -> None:
        if title:
            self.part.setText(title)
            self.part_chosen.emit(self._view.id, title)

    def _part_edited(self) -> None:
        text = self.part.text().strip()
        if self._view.may_change and text != self._view.part:
            self.part_chosen.emit(self._view.id, text)

    def _remove(self) -> None:
        identity = self._view.id
        self.close_sheet()
        self.removed.emit(identity)

    def _show_places(self, places: Sequence[tuple[str, int, int]]) -> None:
        for button in self._place_buttons:
            self.places.take(button)
        self._place_buttons = []
        for number, (name, _start, _end) in enumerate(places[:_MOST_PLACES]):
            words = name or self.tr("Passage {number}").format(number=number + 1)
            button = TextButton(self._theme, words, look="outline")
            button.clicked.connect(lambda _=False, number=number: self.go_to(number))
            self.places.add(button)
            button.show()
            self._place_buttons.append(button)

    def _arrange(self) -> None:
        px = self._theme.px
        pad, control, step = px(_PAD), px(CONTROL_HEIGHT), px(GRID)
        width, room = self.width(), self.width() - 2 * px(_PAD)
        side = (px(_HEADER) - control) // 2
        self._title.setGeometry(pad, 0, width - pad - px(56), px(_HEADER))
        self.close_button.move(width - px(12) - control, side)
        top = px(_HEADER)
        self.facts.setGeometry(pad, top - px(8), room, px(16))
        top += px(16)
        if not self.ways.isHidden():
            wide = min(room, self.ways.sizeHint().width())
            self.ways.setGeometry(pad, top, wide - wide % step, control)
            top += control + px(8)
        if self.cost.text():
            self.cost.setGeometry(pad, top, room, px(16))
            top += px(24)
        if not self.part.isHidden():
            half = (room - px(8)) // 2 // step * step
            self.part.setGeometry(pad, top, half, control)
            self.headings.setGeometry(pad + half + px(8), top, half, control)
            top += control + px(8)
        if not self.remark.isHidden():
            tall = -(-max(px(16), self.remark.heightForWidth(room)) // step) * step
            self.remark.setGeometry(pad, top, room, tall)
            top += tall + px(8)
        if self._place_buttons:
            self.places.set_column(room)
            self.places.move(pad, top)
            top += self.places.height() + px(8)
        self.places.setVisible(bool(self._place_buttons))
        foot = self.height() - px(_FOOT)
        self.text.setGeometry(pad, top, room, max(px(48), foot - top))
        y = foot + (px(_FOOT) - control) // 2
        wide = self.done.sizeHint().width()
        self.done.setGeometry(width - pad - wide, y, wide, control)
        wide = self.remove.sizeHint().width()
        self.remove.setGeometry(pad, y, wide, control)
