"""The user's token for the Hub: given once, shown never, kept in the system's keyring."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from ui.sentences import say
from ui.settings.facts import NetworkFacts, TokenState
from ui.settings.rows import ButtonPair, SettingRow, SettingsGroup
from ui.theme.theme import Theme
from ui.widgets.buttons import TextButton
from ui.widgets.fields import LineField
from ui.widgets.focus import holds_focus
from ui.widgets.surface import Surface


class TokenRow:
    """Two rows of a group: what is kept, and below it the field while one is written."""

    def __init__(self, theme: Theme, group: SettingsGroup) -> None:
        self.control = _TokenControl(theme)
        self.editor = _TokenEditor(theme)
        self.row: SettingRow = group.add_row(group.tr("Token for the Hub"), "", self.control)
        self._field_row = group.add_row(
            group.tr("The token"),
            group.tr("From your account's page on the Hub. It is not shown again."),
            self.editor,
        )
        self._field_row.hide()
        self.control.add.clicked.connect(self._begin)
        self.editor.given.connect(lambda _token: self._end())
        self.editor.left.connect(self._end)

    def show_facts(self, facts: NetworkFacts, keyring: str) -> None:
        """Say where the token is."""
        self.row.hint.setText(_words(self.row, facts.token, keyring))
        self.row.set_remark(facts.token_trouble)
        self.control.show_state(facts.token)
        if facts.token is not TokenState.NONE:
            self._field_row.hide()

    def _begin(self) -> None:
        self._field_row.show()
        self.editor.begin()

    def _end(self) -> None:
        had_focus = holds_focus(self._field_row)
        self._field_row.hide()
        if had_focus:
            self.control.add.setFocus(Qt.FocusReason.OtherFocusReason)


class _TokenControl(ButtonPair):
    """Adds or forgets, whichever makes sense."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.add = TextButton(theme, self.tr("Add a token…"))
        self.forget = TextButton(theme, self.tr("Forget it"))
        self.forget.setAccessibleName(self.tr("Forget the token"))
        self.add_buttons(self.add, self.forget)
        self.show_state(TokenState.ASKING)

    def show_state(self, state: TokenState) -> None:
        """Show the button that fits."""
        self.add.setVisible(state is TokenState.NONE)
        self.forget.setVisible(state is TokenState.KEPT)


class _TokenEditor(Surface):
    """A field that shows dots. ``given(token)``: keep this; ``left``: rather not."""

    given = Signal(str)
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__("clear")
        self._theme = theme
        self.field = LineField(theme, self.tr("Token"), placeholder=self.tr("hf_…"))
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.keep = TextButton(theme, self.tr("Keep it"))
        self._leave = TextButton(theme, self.tr("Cancel"), look="quiet")
        self._row = QHBoxLayout(self)
        for part in (self.field, self.keep, self._leave):
            self._row.addWidget(part)
        self.keep.clicked.connect(self._give)
        self.field.returnPressed.connect(self._give)
        self._leave.clicked.connect(self._end)
        theme.changed.connect(self._restyle)
        self._restyle()

    def begin(self) -> None:
        """An empty field, with the keyboard in it."""
        self.field.clear()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the field, not the page."""
        if event.key() == Qt.Key.Key_Escape:
            self._end()
        else:
            super().keyPressEvent(event)

    def _give(self) -> None:
        token = self.field.text().strip()
        # What was typed is not to be found in a field that is only hidden.
        self.field.clear()
        if token:
            self.given.emit(token)
        else:
            self.left.emit()

    def _end(self) -> None:
        self.field.clear()
        self.left.emit()

    def _restyle(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(px(8))
        self.field.setFixedWidth(px(160))


def _words(row: SettingRow, state: TokenState, keyring: str) -> str:
    """Where the token is, in a sentence."""
    if state is TokenState.ASKING:
        return row.tr("Asking the system's keyring…")
    if state is TokenState.TOLD:
        return row.tr("The one in HF_TOKEN of this start is used.")
    if state is TokenState.NO_KEYRING:
        return say("settings.no_keyring")
    if state is TokenState.KEPT:
        return row.tr("A token is kept in {keyring}. It is sent to the Hub only.").format(
            keyring=keyring
        )
    return row.tr("Only for models that ask who you are. It is kept in {keyring}.").format(
        keyring=keyring
    )
