"""One model of the library: what it is, where it lies, and what can be done with it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QScrollArea, QWidget

from ui.models.library_facts import facts
from ui.models.library_words import delete_words, forget_words, trouble
from ui.models.view import LibraryRow
from ui.models.words import speed_words
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_CHAT, TEXT_SMALL
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.styling import set_style
from ui.widgets.surface import Line, Surface

WIDTH = 400
_PAD, _HEADER, _TITLE, _NOTES = 24, 56, 80, 64


class LibraryDrawer(Surface):
    """400 wide.

    Signals:
        closed: by its button or Esc.
        asked(str, str): a verb and the model's key. Verbs: chat, placement, verify, stop_verify,
            stop_adding, open_folder, source, updates, delete, forget, download, progress (of
            a download).
        notes_changed(str, str): the model's key, and what somebody wrote about it.
    """

    closed = Signal()
    asked = Signal(str, str)
    notes_changed = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("raised", parent)
        self._theme = theme
        self._row: LibraryRow | None = None
        self._name = ElidedLabel(theme, size=TEXT_CHAT, weight=QFont.Weight.DemiBold, parent=self)
        self.close_button = IconButton(theme, "x", self.tr("Close"), shortcut="Esc", parent=self)
        self._edge = Line(theme, self, vertical=True)
        self._area = QScrollArea(self)
        self._content = Surface("clear")
        self._speed = Label(theme, ink="muted", tabular=True, parent=self._content)
        self.trouble = Label(theme, ink="warning", wrap=True, parent=self._content)
        self._lines: list[tuple[Label, Label]] = []
        self._notes_title = Label(
            theme, self.tr("Notes"), size=TEXT_SMALL, ink="muted", parent=self._content
        )
        self.notes = _Notes(self._content)
        self.notes.setAccessibleName(self.tr("Notes"))
        self.notes.setPlaceholderText(self.tr("What you want to remember of it"))
        self._buttons: dict[str, TextButton] = {}
        self._build()
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def key(self) -> str:
        """Of the model shown, or ""."""
        return self._row.key if self._row else ""

    def button(self, verb: str) -> TextButton:
        """The button of a verb."""
        return self._buttons[verb]

    def show_model(self, row: LibraryRow) -> None:
        """Show it. What somebody is writing about it stays."""
        is_other = row.key != self.key
        if is_other:
            self._save_notes()
        self._row = row
        self.setAccessibleName(row.name)
        self._name.setText(row.name)
        self._speed.setText(speed_words(row.place) if row.is_usable and row.place else "")
        self.trouble.setText(trouble(row))
        self.trouble.set_ink("bad" if row.state == "damaged" else "warning")
        if is_other or not self.notes.hasFocus():
            self.notes.setPlainText(row.notes)
        self._show_lines(row)
        self._show_buttons(row)
        self._arrange()
        if is_other:
            self._area.verticalScrollBar().setValue(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def place(self, left: int, top: int, width: int, height: int) -> None:
        """Lie there."""
        self.setGeometry(left, top, width, height)
        self._arrange()

    def _build(self) -> None:
        words = {
            "chat": (self.tr("Chat"), "accent", "message-square"),
            "placement": (self.tr("Placement"), "plain", ""),
            "download": ("", "plain", "download"),
            "progress": (self.tr("Show the download"), "plain", ""),
            "verify": (self.tr("Verify"), "plain", ""),
            "stop_verify": (self.tr("Stop verifying"), "plain", ""),
            "stop_adding": (self.tr("Stop adding"), "plain", ""),
            "open_folder": (self.tr("Open folder"), "plain", ""),
            "source": (self.tr("Its page"), "quiet", ""),
            "updates": (self.tr("Check for updates"), "quiet", ""),
            "forget": ("", "danger", ""),
            "delete": ("", "danger", "trash-2"),
        }
        for verb, (text, look, icon) in words.items():
            button = TextButton(self._theme, text, look=look, icon=icon, parent=self._content)
            button.clicked.connect(lambda _=False, verb=verb: self.asked.emit(verb, self.key))
            self._buttons[verb] = button
        area = self._area
        set_style(area, look="clear")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self._content)
        self.close_button.clicked.connect(self.closed)
        self.notes.left.connect(self._save_notes)

    def _show_lines(self, row: LibraryRow) -> None:
        lines = facts(row)
        while len(self._lines) < len(lines):
            title = Label(self._theme, size=TEXT_SMALL, ink="muted", parent=self._content)
            words = Label(self._theme, size=TEXT_SMALL, wrap=True, parent=self._content)
            for label in (title, words):
                label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            self._lines.append((title, words))
        for number, (title, words) in enumerate(self._lines):
            is_used = number < len(lines)
            for label, text in zip(
                (title, words), lines[number] if is_used else ("", ""), strict=True
            ):
                label.setText(_breakable(text))
                label.setVisible(is_used)

    def _show_buttons(self, row: LibraryRow) -> None:
        shown = {
            "chat": row.is_usable,
            "placement": row.is_usable,
            "download": row.state in ("incomplete", "damaged") and bool(row.repository),
            "progress": row.state == "coming",
            "verify": row.state in ("ready", "damaged"),
            "stop_verify": row.state == "verifying",
            "stop_adding": row.state == "adding",
            "open_folder": row.state != "absent" and bool(row.folder),
            "source": bool(row.repository),
            "updates": bool(row.commit) and row.state in ("ready", "damaged") and not row.program,
            "forget": row.can_forget,
            "delete": row.can_delete and row.state != "verifying",
        }
        for verb, button in self._buttons.items():
            button.setVisible(shown[verb])
        self._buttons["download"].setText(
            self.tr("Download again")
            if row.state == "damaged"
            else self.tr("Download what is missing")
        )
        self._buttons["delete"].setText(delete_words(row))
        self._buttons["forget"].setText(forget_words(row))

    def _save_notes(self) -> None:
        text = self.notes.toPlainText()
        if self._row is not None and text != self._row.notes:
            self.notes_changed.emit(self._row.key, text)

    # --- placing ---------------------------------------------------------------------------

    def _arrange(self) -> None:
        px = self._theme.px
        width, pad, head, control = self.width(), px(_PAD), px(_HEADER), px(CONTROL_HEIGHT)
        self._edge.setGeometry(0, 0, 1, self.height())
        side = (head - control) // 2
        self._name.setGeometry(pad, 0, width - pad - px(56), head)
        self.close_button.move(width - px(16) - control, side)
        self._area.setGeometry(0, head, width, self.height() - head)
        y = self._arrange_facts(width - 2 * pad)
        self._notes_title.setGeometry(pad, y, width - 2 * pad, px(16))
        self.notes.setGeometry(pad, y + px(20), width - 2 * pad, px(_NOTES))
        y = self._arrange_buttons(
            y + px(20 + _NOTES + 16), ("verify", "stop_verify", "stop_adding", "open_folder")
        )
        y = self._arrange_buttons(y, ("source", "updates"))
        y = self._arrange_buttons(y + px(8), ("forget", "delete"))
        self._content.setFixedSize(width, y + px(16))

    def _arrange_facts(self, room: int) -> int:
        px = self._theme.px
        pad, y = px(_PAD), 0
        self._speed.setVisible(bool(self._speed.text()))
        if self._speed.text():
            self._speed.setGeometry(pad, y, room, px(20))
            y += px(28)
        self.trouble.setVisible(bool(self.trouble.text()))
        if self.trouble.text():
            tall = self.trouble.heightForWidth(room)
            self.trouble.setGeometry(pad, y, room, tall)
            y = self._on_grid(y + tall + px(12))
        y = self._arrange_buttons(y, ("chat", "placement", "download", "progress"))
        begin = px(_TITLE)
        for title, words in self._lines:
            if words.isHidden():
                continue
            tall = words.heightForWidth(room - begin)
            title.setGeometry(pad, y, begin, title.sizeHint().height())
            words.setGeometry(pad + begin, y, room - begin, tall)
            y += tall + px(8)
        return self._on_grid(y + px(4))

    def _arrange_buttons(self, y: int, verbs: tuple[str, ...]) -> int:
        """Side by side in as many lines as they need; return where the next part begins."""
        px = self._theme.px
        left, right = px(_PAD), self.width() - px(_PAD)
        shown = [self._buttons[verb] for verb in verbs if not self._buttons[verb].isHidden()]
        x = left
        for button in shown:
            wide = button.sizeHint().width()
            if x > left and x + wide > right:
                x, y = left, y + px(CONTROL_HEIGHT + 8)
            button.setGeometry(x, y, wide, px(CONTROL_HEIGHT))
            x += wide + px(8)
        return y + px(CONTROL_HEIGHT + 12) if shown else y

    def _on_grid(self, length: int) -> int:
        step = self._theme.px(GRID)
        return -(-length // step) * step

    def _restyle(self) -> None:
        self.notes.setFont(self._theme.font())
        self._arrange()


class _Notes(QPlainTextEdit):
    """``left``: the keyboard went elsewhere. Tab leaves it."""

    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        set_style(self, look="field")
        self.setTabChangesFocus(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was written counts now."""
        super().focusOutEvent(event)
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc is the drawer's."""
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)


def _breakable(text: str) -> str:
    """Paths may be broken behind their separators: they have no spaces to break at."""
    return text.replace("/", "/\u200b").replace("\\", "\\\u200b") if " " not in text else text
