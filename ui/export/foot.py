"""The foot of the export sheet: name and folder of the file, Print, Copy and Export."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.bar import Bar
from ui.widgets.buttons import ElidedButton, TextButton
from ui.widgets.fields import LineField
from ui.widgets.focus import hide_and_pass_focus
from ui.widgets.labels import ElidedLabel
from ui.widgets.surface import Surface

_PAD, _GAP, _FOLDER, _NAME, _COPY = 24, 8, 176, 320, 100
HEIGHT, HEIGHT_STACKED = 64, 104
_STACKED_BELOW = 720
_CALM_MS = 2000


class ExportFoot(Surface):
    """While an export runs, its progress takes the place of name and folder.

    Signals:
        export_requested, print_requested, folder_requested, cancel_requested: as they say.
        copy_pressed: open the ways to copy at ``copy``.
        name_edited(str): the name of the file as it was typed.
    """

    export_requested = Signal()
    print_requested = Signal()
    folder_requested = Signal()
    cancel_requested = Signal()
    copy_pressed = Signal()
    name_edited = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self._is_busy = False
        self.name = LineField(theme, self.tr("Name of the file"), parent=self)
        self.folder = ElidedButton(
            theme, "", look="quiet", size=TEXT_INTERFACE, name=self.tr("Another folder")
        )
        self.folder.setParent(self)
        self.words = ElidedLabel(theme, size=TEXT_SMALL, tabular=True, parent=self)
        self.bar = Bar(theme, parent=self)
        self.printing = TextButton(theme, self.tr("Print"), parent=self)
        self.printing.setToolTip(self.tr("Print what is chosen  Ctrl+P"))
        self.copy = TextButton(theme, self.tr("Copy"), icon="copy", parent=self)
        self.copy.setToolTip(self.tr("Copy as Markdown, plain or rich text"))
        self.cancel = TextButton(theme, self.tr("Cancel"), parent=self)
        self.export = TextButton(theme, self.tr("Export"), look="accent", parent=self)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(lambda: self._tell_copied(False))
        self.name.textEdited.connect(self.name_edited)
        self.name.returnPressed.connect(self.export.click)
        self.folder.clicked.connect(self.folder_requested)
        self.printing.clicked.connect(self.print_requested)
        self.copy.clicked.connect(self.copy_pressed)
        self.cancel.clicked.connect(self.cancel_requested)
        self.export.clicked.connect(self.export_requested)
        theme.changed.connect(self._arrange)
        self.set_busy(False)

    def set_target(self, name: str, folder: str) -> None:
        """The name that the file will have, and the folder that it goes to."""
        if self.name.text() != name:
            self.name.setText(name)
            self.name.home(False)  # its beginning tells more than its end
        self.folder.set_full_text(self.tr("in {folder}").format(folder=folder))
        self._arrange()

    def set_verbs(self, *, can_copy: bool, can_print: bool) -> None:
        """Only one conversation, or a part of one, is copied or printed."""
        self.copy.setEnabled(can_copy)
        self.printing.setEnabled(can_print)

    def set_busy(self, busy: bool) -> None:
        """Whether an export runs."""
        self._is_busy = busy
        had_focus = self.export.hasFocus() or self.name.hasFocus()
        for part in (self.words, self.bar, self.cancel):
            part.setVisible(busy)
        if busy and had_focus:
            self.cancel.setFocus()
        for verb in (self.name, self.folder, self.printing, self.copy, self.export):
            if busy:
                hide_and_pass_focus(verb, self.cancel)
            else:
                verb.show()
        self._arrange()

    def show_progress(self, share: float, words: str) -> None:
        """How far it is, 0 to 1, and in words."""
        self.bar.set_value(share)
        self.words.setText(words)

    def show_copied(self) -> None:
        """The button itself says it: a toast would lie behind the sheet."""
        self._tell_copied(True)
        self._calm.start()

    def wanted_height(self, width: int) -> int:
        """Two lines where one has no room."""
        px = self._theme.px
        return px(HEIGHT_STACKED if self._is_stacked(width) else HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Verbs at the right, the target takes what is left."""
        super().resizeEvent(event)
        self._arrange()

    def _tell_copied(self, is_copied: bool) -> None:
        self.copy.setText(self.tr("Copied") if is_copied else self.tr("Copy"))
        self.copy.set_icon_name("check" if is_copied else "copy")

    def _is_stacked(self, width: int) -> bool:
        return width < self._theme.px(_STACKED_BELOW)

    def _arrange(self) -> None:
        px = self._theme.px
        pad, gap, control, step = px(_PAD), px(_GAP), px(CONTROL_HEIGHT), px(GRID)
        y = self.height() - px(16) - control
        x = self.width() - pad
        verbs = (self.cancel,) if self._is_busy else (self.export, self.copy, self.printing)
        for button in verbs:
            # "Copied" has the room of "Copy", so that nothing beside it moves.
            wide = max(button.sizeHint().width(), px(_COPY) if button is self.copy else 0)
            x -= wide
            button.setGeometry(x, y, wide, control)
            x -= gap
        top, room = y, x - pad
        if self._is_stacked(self.width()):
            top, room = y - control - gap, self.width() - 2 * pad
        wanted = -(-self.folder.wanted_width // step) * step
        folder = min(px(_FOLDER), wanted, room // 2 // step * step)
        name = min(px(_NAME), room - folder - gap) // step * step
        self.name.setGeometry(pad, top, max(0, name), control)
        self.folder.setGeometry(pad + name + gap, top, max(0, folder), control)
        self.words.setGeometry(pad, top, max(0, room), px(16))
        self.bar.setGeometry(pad, top + px(22), max(0, room // step * step), self.bar.height())
