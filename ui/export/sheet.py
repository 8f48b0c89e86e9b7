"""The export sheet: choices at the left, the file as it will be at the right, verbs below."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.export.choices import ExportChoices
from ui.export.foot import ExportFoot
from ui.export.preview import ExportPreview
from ui.export.view import SINGLE, ExportView, Wanted
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_HEADING
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import Label
from ui.widgets.menu import Menu
from ui.widgets.sheet import Sheet
from ui.widgets.surface import Surface

_WIDTH, _HEIGHT, _PAD, _HEADER = 880, 600, 24, 56
_CHOICES, _CHOICES_NARROW, _ROOMY = 288, 240, 720
_REMARK = 48


class ExportSheet(Sheet):
    """Lies over the whole window. Enter exports as it stands.

    Signals:
        wanted_changed(Wanted): something else is to be exported, or otherwise.
        export_requested, print_requested, folder_requested, cancel_requested: as they say.
        name_edited(str): the name of the file as it was typed.
        copy_requested(str): copy as "md", "txt" or "rich".
    """

    wanted_changed = Signal(object)
    export_requested = Signal()
    print_requested = Signal()
    folder_requested = Signal()
    cancel_requested = Signal()
    name_edited = Signal(str)
    copy_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", QSize(_WIDTH, _HEIGHT), parent)
        self.setAccessibleName(self.tr("Export"))
        self._title = Label(
            theme, self.tr("Export"), size=TEXT_HEADING, weight=QFont.Weight.DemiBold, parent=self
        )
        self.close_button = IconButton(theme, "x", self.tr("Close"), shortcut="Esc", parent=self)
        self.choices = ExportChoices(theme, self)
        self.preview = ExportPreview(theme, self)
        self.remark = Surface("bad", self)
        self._remark_words = Label(theme, wrap=True, parent=self.remark)
        self._remark_verbs: list[TextButton] = []
        self._is_busy = False
        self.foot = ExportFoot(theme, self)
        self._connect()
        self.tell("")

    @property
    def wanted(self) -> Wanted:
        """What is chosen now."""
        return self.choices.wanted

    @property
    def said(self) -> str:
        """The sentence above the foot, "" while there is none."""
        return "" if self.remark.isHidden() else self._remark_words.text()

    @property
    def remark_verbs(self) -> Sequence[TextButton]:
        """What can be done about it."""
        return self._remark_verbs

    def begin(self, view: ExportView) -> None:
        """Open with the last choice; Enter exports, unless something else was meant."""
        self.choices.begin(view)
        self.tell(view.remark)
        self.preview.say(self.tr("The preview is being made"))
        self.open_sheet()
        self._set_verbs()
        target = self.choices.what if view.remark else self.foot.export
        target.setFocus(Qt.FocusReason.PopupFocusReason)
        self._arrange()

    def tell(self, sentence: str, verbs: Sequence[tuple[str, Callable[[], None]]] = ()) -> None:
        """Say above the foot what went wrong, with what can be done; "" takes it back."""
        for button in self._remark_verbs:
            button.hide()
            button.deleteLater()
        self._remark_verbs = []
        for words, act in verbs:
            button = TextButton(self._theme, words, look="quiet", parent=self.remark)
            button.clicked.connect(lambda _=False, act=act: act())
            button.show()
            self._remark_verbs.append(button)
        self._remark_words.setText(sentence)
        self.remark.setAccessibleName(sentence)
        self.remark.setVisible(bool(sentence))
        self._arrange()
        if self._remark_verbs and self.isVisible():
            self._remark_verbs[0].setFocus()

    def set_busy(self, busy: bool) -> None:
        """Whether an export runs; nothing can be chosen then."""
        was_busy, self._is_busy = self._is_busy, busy
        self.choices.setEnabled(not busy)
        self.foot.set_busy(busy)
        if was_busy and not busy and self.isVisible():
            self.foot.export.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The preview takes what is left."""
        super().resizeEvent(event)
        self._arrange()

    # --- inside -----------------------------------------------------------------------------

    def _connect(self) -> None:
        foot = self.foot
        self.close_button.clicked.connect(self.close_sheet)
        self.choices.changed.connect(self._changed)
        foot.export_requested.connect(self.export_requested)
        foot.print_requested.connect(self.print_requested)
        foot.folder_requested.connect(self.folder_requested)
        foot.cancel_requested.connect(self.cancel_requested)
        foot.name_edited.connect(self.name_edited)
        foot.copy_pressed.connect(self._open_copy_menu)

    def _changed(self) -> None:
        self.tell("")
        self._set_verbs()
        self.wanted_changed.emit(self.wanted)

    def _set_verbs(self) -> None:
        is_single = self.wanted.what in SINGLE
        self.foot.set_verbs(can_copy=is_single, can_print=is_single)

    def _open_copy_menu(self) -> None:
        menu = Menu(self)
        first = None
        for kind, words in (
            ("md", self.tr("As Markdown")),
            ("txt", self.tr("As plain text")),
            ("rich", self.tr("As rich text, for a word processor")),
        ):
            entry = menu.entry(words)
            entry.triggered.connect(lambda _=False, kind=kind: self.copy_requested.emit(kind))
            first = first or entry
        menu.open_below(self.foot.copy, right=True)
        if first is not None:
            menu.setActiveAction(first)

    def _arrange(self) -> None:
        px = self._theme.px
        width, height, pad = self.width(), self.height(), px(_PAD)
        self._title.setGeometry(pad, 0, width - pad - px(56), px(_HEADER))
        self.close_button.move(width - px(12) - self.close_button.width(), px(12))
        foot = self.foot.wanted_height(width)
        self.foot.setGeometry(0, height - foot, width, foot)
        bottom = height - foot
        if not self.remark.isHidden():
            tall = self._place_remark(width - 2 * pad)
            bottom -= tall + px(8)
            self.remark.setGeometry(pad, bottom + px(4), width - 2 * pad, tall)
        wide = px(_CHOICES if width >= px(_ROOMY) else _CHOICES_NARROW)
        top = px(_HEADER)
        self.choices.setGeometry(px(12), top, wide, max(0, bottom - top))
        left = px(12) + wide + px(12)
        self.preview.setGeometry(left, top, max(0, width - left - pad), max(0, bottom - top))

    def _place_remark(self, width: int) -> int:
        """Its words at the left, the verbs at the right; how high it has to be."""
        px = self._theme.px
        x = width - px(8)
        for button in reversed(self._remark_verbs):
            wide = button.sizeHint().width()
            x -= wide
            button.setGeometry(x, px(8), wide, button.height())
            x -= px(4)
        room = max(px(80), x - px(12))
        step = px(4)
        words = max(px(16), self._remark_words.heightForWidth(room))
        tall = max(px(_REMARK), -(-(words + px(16)) // step) * step)
        self._remark_words.setGeometry(px(12), 0, room, tall)
        return tall
