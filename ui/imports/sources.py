"""The first page of the import sheet: programs on this computer with chats, and a file."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.imports.view import SourceRow
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.surface import Surface
from ui.widgets.tooltips import plain_tooltip

_ROW, _HEADING, _GAP, _NAME = 52, 28, 8, 120


class SourceButton(TextButton):
    """A place to read: the program, how many chats, and where."""

    def __init__(self, theme: Theme, row: SourceRow, parent: QWidget) -> None:
        super().__init__(theme, "", look="outline", height=_ROW, parent=parent)
        self.key = row.key
        self._name = ElidedLabel(theme, row.name, weight=QFont.Weight.Medium, parent=self)
        self._detail = ElidedLabel(theme, row.detail, tabular=True, ink="muted", parent=self)
        self._path = ElidedLabel(theme, row.path, size=TEXT_SMALL, ink="muted", parent=self)
        self._detail.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for label in (self._name, self._detail, self._path):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(": ".join((row.name, row.detail)))
        self.setToolTip(plain_tooltip(row.path))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two lines."""
        super().resizeEvent(event)
        px = self._theme.px
        room = max(0, self.width() - px(32))
        self._name.setGeometry(px(16), px(6), px(_NAME), px(20))
        self._detail.setGeometry(px(16 + _NAME), px(6), max(0, room - px(_NAME)), px(20))
        self._path.setGeometry(px(16), px(28), room, px(16))


class ImportSources(Surface):
    """Signals:
    source_chosen(str): key of a place.
    file_requested, folder_requested: choose one with the system's dialog.
    """

    source_chosen = Signal(str)
    file_requested = Signal()
    folder_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("clear", parent)
        self._theme = theme
        self.buttons: list[SourceButton] = []
        self._rows: tuple[SourceRow, ...] = ()
        weight = QFont.Weight.DemiBold
        self._found = Label(theme, size=TEXT_SMALL, ink="muted", weight=weight, parent=self)
        self._other = Label(
            theme, self.tr("From a file"), size=TEXT_SMALL, ink="muted", weight=weight, parent=self
        )
        self.file = TextButton(
            theme, self.tr("Choose a file…"), look="accent", icon="file", parent=self
        )
        self.folder = TextButton(
            theme, self.tr("Choose a folder…"), icon="folder-open", parent=self
        )
        self._hint = Label(
            theme,
            self.tr(
                "An export of ChatGPT (.zip or conversations.json), Open WebUI or Moestro, "
                "LM Studio and Jan folders, GPT4All .chat files, JSONL and ShareGPT. "
                "Files can also be dropped on the sidebar. Nothing is sent, "
                "and nothing of the other program is changed."
            ),
            size=TEXT_SMALL,
            ink="muted",
            wrap=True,
            parent=self,
        )
        self.file.clicked.connect(self.file_requested)
        self.folder.clicked.connect(self.folder_requested)
        theme.changed.connect(self._arrange)
        self.show_sources((), is_looking=True)

    def show_sources(self, rows: Sequence[SourceRow], *, is_looking: bool) -> None:
        """What was found by now."""
        if is_looking:
            self._found.setText(self.tr("Looking for chats on this computer"))
        elif rows:
            self._found.setText(self.tr("Found on this computer"))
        else:
            self._found.setText(self.tr("No chats of another program were found here"))
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self._make_buttons()
        self._arrange()

    def take_focus(self) -> None:
        """To the first place, or to choosing a file."""
        (self.buttons[0] if self.buttons else self.file).setFocus()

    def wanted_height(self, width: int) -> int:
        """For everything."""
        return self._place(width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything below each other."""
        super().resizeEvent(event)
        self._arrange()

    def _make_buttons(self) -> None:
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = []
        before: QWidget | None = None
        for row in self._rows:
            button = SourceButton(self._theme, row, self)
            button.clicked.connect(lambda _=False, key=row.key: self.source_chosen.emit(key))
            button.show()
            if before is not None:
                QWidget.setTabOrder(before, button)
            before = button
            self.buttons.append(button)
        if before is not None:
            QWidget.setTabOrder(before, self.file)
        QWidget.setTabOrder(self.file, self.folder)

    def _arrange(self) -> None:
        self._place(self.width())

    def _place(self, width: int) -> int:
        px = self._theme.px
        gap, heading = px(_GAP), px(_HEADING)
        self._found.setGeometry(0, 0, width, heading)
        y = heading
        for button in self.buttons:
            button.setGeometry(0, y, width, px(_ROW))
            y += px(_ROW) + gap
        y += px(8) if self.buttons else 0
        self._other.setGeometry(0, y, width, heading)
        y += heading
        x = 0
        for verb in (self.file, self.folder):
            wide = verb.sizeHint().width()
            verb.setGeometry(x, y, wide, verb.height())
            x += wide + gap
        y += self.file.height() + px(12)
        tall = self._hint.heightForWidth(max(px(80), width))
        self._hint.setGeometry(0, y, width, tall)
        return y + tall
