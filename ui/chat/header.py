"""The chat's header, 48 high: title, model button, find, export and panel."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.chat.model_button import HEIGHT as MODEL_HEIGHT
from ui.chat.model_button import WIDTH as MODEL_WIDTH
from ui.chat.model_button import ModelButton, ModelState
from ui.theme.theme import Theme
from ui.theme.tokens import CONTROL_HEIGHT, GRID, TEXT_CHAT
from ui.widgets.buttons import ElidedButton, IconButton, TextButton
from ui.widgets.fields import LineField
from ui.widgets.focus import hide_and_pass_focus
from ui.widgets.surface import Surface

HEIGHT = 48
_TITLE_WIDTH, _TITLE_LEAST = 300, 64


class _TitleField(LineField):
    """Esc gives up."""

    given_up = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


class ChatHeader(Surface):
    """Everything stands where it stands, whatever the model does.

    Signals:
        sidebar_toggled: show or hide the sidebar.
        title_edited: the new title of the chat.
        model_pressed: open the model popover (at ``model_button``).
        find_requested: look for something in the chat.
        export_requested: take the chat out.
        panel_toggled: whether the panel is wanted.
    """

    sidebar_toggled = Signal()
    title_edited = Signal(str)
    model_pressed = Signal()
    find_requested = Signal()
    export_requested = Signal()
    panel_toggled = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self._has_chat = False
        self._sidebar = IconButton(
            theme, "panel-left", self.tr("Sidebar"), shortcut="Ctrl+B", parent=self
        )
        self._title = ElidedButton(
            theme, "", look="quiet", size=TEXT_CHAT, name=self.tr("Rename this chat")
        )
        self._title.setParent(self)
        self._field = _TitleField(theme, self.tr("Title of this chat"), parent=self)
        self._field.hide()
        self.model_button = ModelButton(theme, self)
        self._find = IconButton(theme, "search", self.tr("Find"), shortcut="Ctrl+F", parent=self)
        self._export = TextButton(theme, self.tr("Export"), look="quiet", icon="share", parent=self)
        self._export.setToolTip(self.tr("Export this chat  {keys}").format(keys=self._keys()))
        self._panel = IconButton(
            theme, "panel-right", self.tr("Panel"), shortcut="Ctrl+.", parent=self
        )
        self._panel.setCheckable(True)
        self._sidebar.clicked.connect(self.sidebar_toggled)
        self._title.clicked.connect(self.edit_title)
        self._field.editingFinished.connect(self._finish_title)
        self._field.given_up.connect(self._close_field)
        self.model_button.clicked.connect(self.model_pressed)
        self._find.clicked.connect(self.find_requested)
        self._export.clicked.connect(self.export_requested)
        self._panel.clicked.connect(self.panel_toggled)
        self.setTabOrder(self._title, self.model_button)
        theme.changed.connect(self._restyle)
        self.set_title("", has_chat=False)
        self._restyle()

    def set_title(self, title: str, *, has_chat: bool) -> None:
        """The chat's title; without a chat there is nothing to rename, find or export."""
        self._has_chat = has_chat
        self._title.set_full_text(title or self.tr("New chat"))
        self._title.setEnabled(has_chat)
        self._export.setEnabled(has_chat)
        self._find.setEnabled(has_chat)
        self._close_field()
        self._arrange()

    def set_model_state(self, state: ModelState) -> None:
        """What the model button shows."""
        self.model_button.set_state(state)

    def set_panel_shown(self, shown: bool) -> None:
        """Whether the panel is open."""
        self._panel.setChecked(shown)

    def edit_title(self) -> None:
        """Put a field in the title's place."""
        if self._has_chat:
            self._field.setText(self._title.full_text)
            self._title.hide()
            self._field.show()
            self._field.selectAll()
            self._field.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The model button stays in the centre, the title takes what is left of it."""
        super().resizeEvent(event)
        self._arrange()

    @staticmethod
    def _keys() -> str:
        return QKeySequence("Ctrl+E").toString(QKeySequence.SequenceFormat.NativeText)

    def _finish_title(self) -> None:
        if not self._field.isVisible():
            return
        title = " ".join(self._field.text().split())
        changed = bool(title) and title != self._title.full_text
        self._close_field()
        if changed:
            self.title_edited.emit(title)

    def _close_field(self) -> None:
        # Losing the focus would finish the edit once more, or finish one that was given up.
        self._field.blockSignals(True)
        hide_and_pass_focus(self._field, self.parentWidget())
        self._field.blockSignals(False)
        self._arrange()

    def _arrange(self) -> None:
        px = self._theme.px
        top, edge, gap, height = px((HEIGHT - CONTROL_HEIGHT) // 2), px(12), px(4), px(32)
        self._sidebar.move(edge, top)
        left = edge + height + gap
        panel = self.width() - edge - height
        self._panel.move(panel, top)
        export_width = self._on_grid(self._export.sizeHint().width())
        right = panel - gap - export_width
        self._export.setGeometry(right, top, export_width, height)
        right -= gap + height
        self._find.move(right, top)
        # Centred while the title has room; in a narrow window it takes what the others leave.
        model_width = px(MODEL_WIDTH)
        model_left = (self.width() - model_width) // 2 // gap * gap
        if min(model_left - left, right - model_left - model_width) < px(_TITLE_LEAST):
            model_width = min(model_width, right - left - 2 * gap)
            model_left = right - gap - model_width
        self.model_button.setFixedWidth(max(px(120), model_width))
        self.model_button.move(model_left, px((HEIGHT - MODEL_HEIGHT) // 2))
        room = min(px(_TITLE_WIDTH), model_left - left - 2 * gap)
        wanted = self._on_grid(self._title.wanted_width)
        self._title.setGeometry(left, top, max(0, min(room, wanted)), height)
        self._field.setGeometry(left, top, max(0, room), height)
        self._title.setVisible(room >= px(_TITLE_LEAST) and self._field.isHidden())

    def _on_grid(self, length: int) -> int:
        step = self._theme.px(GRID)
        return -(-length // step) * step

    def _restyle(self) -> None:
        self.setFixedHeight(self._theme.px(HEIGHT))
        self._arrange()
