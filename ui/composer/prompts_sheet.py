"""The prompt library: a list, the prompt that is chosen in it, and what is done with them."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPlainTextEdit, QWidget

from app.history.presets import LibraryPrompt
from app.history.prompt_variables import variables_of
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, TEXT_HEADING, TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.buttons import IconButton, TextButton
from ui.widgets.fields import LineField
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.sheet import Sheet
from ui.widgets.styling import set_style

_WIDTH, _HEIGHT, _PAD, _HEADER, _FOOT, _LIST = 760, 576, 24, 56, 64, 224
_IDENTITY = Qt.ItemDataRole.UserRole


class PromptsSheet(Sheet):
    """What is changed is told when its field is left, another prompt is chosen, or at the end.

    Signals:
        added(): a new prompt is wanted.
        edited(object): a LibraryPrompt with other words.
        removed(str): id of a prompt that is to go.
        insert_requested(object): put this LibraryPrompt into the message.
        import_requested(), export_requested(): from or to a file.
    """

    added = Signal()
    edited = Signal(object)
    removed = Signal(str)
    insert_requested = Signal(object)
    import_requested = Signal()
    export_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, self.tr("Prompt library"), QSize(_WIDTH, _HEIGHT), parent)
        self._prompts: dict[str, LibraryPrompt] = {}
        self._shown = ""
        self._title = Label(
            theme, self.tr("Prompt library"), size=TEXT_HEADING, weight=QFont.Weight.DemiBold,
            parent=self,
        )  # fmt: skip
        self.close_button = IconButton(theme, "x", self.tr("Close"), shortcut="Esc", parent=self)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Prompts"))
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        set_style(self.list, look="clear")
        self.name = LineField(theme, self.tr("Name"), placeholder=self.tr("Name"), parent=self)
        self.text = QPlainTextEdit(self)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(self.tr("Text of the prompt"))
        self.text.setPlaceholderText(
            self.tr("What is to be asked. Write {{words}} where something is asked for first.")
        )
        set_style(self.text, look="field")
        self.asks = ElidedLabel(theme, size=TEXT_SMALL, ink="muted", parent=self)
        self.add = TextButton(theme, self.tr("Add"), icon="plus", look="quiet", parent=self)
        self.import_button = TextButton(theme, self.tr("Import…"), look="quiet", parent=self)
        self.export_button = TextButton(theme, self.tr("Export…"), look="quiet", parent=self)
        self.remove = TextButton(theme, self.tr("Delete"), look="quiet", parent=self)
        self.insert = TextButton(theme, self.tr("Insert"), look="accent", parent=self)
        self._connect(theme)

    def _connect(self, theme: Theme) -> None:
        self.close_button.clicked.connect(self.close_sheet)
        self.list.currentItemChanged.connect(lambda now, _before: self._choose(now))
        self.add.clicked.connect(self._add)
        self.import_button.clicked.connect(self.import_requested)
        self.export_button.clicked.connect(self.export_requested)
        self.remove.clicked.connect(lambda: self.removed.emit(self._shown))
        self.insert.clicked.connect(self._insert)
        self.name.editingFinished.connect(self.take_edits)
        self.text.textChanged.connect(self._show_variables)
        self.text.installEventFilter(self)
        self.closed.connect(self.take_edits)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_prompts(self, prompts: Sequence[LibraryPrompt], chosen: str = "") -> None:
        """Show these, and ``chosen`` or the one chosen before in the fields."""
        wanted = chosen or self._shown
        self._prompts = {each.id: each for each in prompts}
        self.list.blockSignals(True)
        self.list.clear()
        for each in prompts:
            item = QListWidgetItem(each.name or self.tr("Without a name"))
            item.setData(_IDENTITY, each.id)
            item.setToolTip(each.name if "<" not in each.name else "")
            self.list.addItem(item)
        place = next((n for n, each in enumerate(prompts) if each.id == wanted), 0)
        self.list.setCurrentRow(place if prompts else -1)
        self.list.blockSignals(False)
        self._fill(prompts[place].id if prompts else "")

    def edit_name(self) -> None:
        """To the name of what was added, which is there to be written over."""
        self.name.selectAll()
        self.name.setFocus(Qt.FocusReason.TabFocusReason)

    def take_edits(self) -> None:
        """Tell what was changed in the fields."""
        known = self._prompts.get(self._shown)
        if known is None:
            return
        name = " ".join(self.name.text().split()) or known.name
        changed = LibraryPrompt(id=known.id, name=name, text=self.text.toPlainText())
        if changed != known:
            self._prompts[known.id] = changed
            self.edited.emit(changed)

    # --- inside -----------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leaving the text tells what is in it."""
        if watched is self.text and event.type() == QEvent.Type.FocusOut:
            self.take_edits()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything has its place."""
        super().resizeEvent(event)
        self._arrange()

    def _add(self) -> None:
        self.take_edits()
        self.added.emit()

    def _insert(self) -> None:
        prompt = self._prompts.get(self._shown)
        self.close_sheet()
        prompt = self._prompts.get(self._shown, prompt)
        if prompt is not None:
            self.insert_requested.emit(prompt)

    def _choose(self, item: QListWidgetItem | None) -> None:
        self.take_edits()
        self._fill(str(item.data(_IDENTITY)) if item is not None else "")

    def _fill(self, identity: str) -> None:
        prompt = self._prompts.get(identity)
        same = identity == self._shown and prompt is not None
        self._shown = identity
        if not (same and self.name.hasFocus()):
            self.name.setText(prompt.name if prompt else "")
        if not (same and self.text.hasFocus()):
            self.text.setPlainText(prompt.text if prompt else "")
        for part in (self.name, self.text, self.remove, self.insert):
            part.setEnabled(prompt is not None)
        self.export_button.setEnabled(bool(self._prompts))
        self._show_variables()

    def _show_variables(self) -> None:
        names = variables_of(self.text.toPlainText()[:100_000])
        words = self.tr("Asks for: {names}").format(names=", ".join(names)) if names else ""
        self.asks.setText(words)

    def _arrange(self) -> None:
        px = self._theme.px
        pad, control, inset = px(_PAD), px(CONTROL_HEIGHT), px(12)
        width, foot = self.width(), self.height() - px(_FOOT)
        top, wide = px(_HEADER), min(px(_LIST), self.width() // 3 // px(4) * px(4))
        self._title.setGeometry(pad, 0, width - pad - px(56), top)
        self.close_button.move(width - inset - control, (top - control) // 2)
        self.list.setGeometry(inset, top, wide, max(0, foot - top))
        left = inset + wide + px(12)
        room = width - left - pad
        self.name.setGeometry(left, top, room, control)
        self.asks.setGeometry(left, foot - px(16), room, px(16))
        text = top + control + px(8)
        self.text.setGeometry(left, text, room, max(px(48), foot - px(24) - text))
        y = foot + (px(_FOOT) - control) // 2
        x = inset
        for button in (self.add, self.import_button, self.export_button):
            size = button.sizeHint().width()
            button.setGeometry(x, y, size, control)
            x += size + px(4)
        x = width - pad
        for button in (self.insert, self.remove):
            size = button.sizeHint().width()
            x -= size
            button.setGeometry(x, y, size, control)
            x -= px(8)

    def _restyle(self) -> None:
        font = self._theme.font(TEXT_INTERFACE)
        self.text.setFont(font)
        self.list.setFont(font)
        self.list.setSpacing(self._theme.px(1))
