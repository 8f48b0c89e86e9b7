"""A JSON Schema that every answer of a conversation is made to fit; its faults are said here."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.engine.entities import SamplingParameters
from app.engine.errors import SchemaError
from app.engine.schema_grammar import grammar_of
from ui.sentences import say_error
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label, Weight
from ui.widgets.styling import set_style

_HEIGHT = 96
_LOOK_AFTER_MS = 500


class SchemaForm(QWidget):
    """A schema that cannot be enforced is not taken over: the last one that could holds."""

    def __init__(self, theme: Theme, change: Callable[..., None]) -> None:
        super().__init__()
        self._theme, self._change = theme, change
        self._taken = ""
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        heading = Label(
            theme, self.tr("Answers as JSON"), size=TEXT_INTERFACE, weight=Weight.DemiBold
        )
        self.remove = TextButton(
            theme, self.tr("Remove"), look="flush", size=TEXT_INTERFACE, height=28
        )
        top = QHBoxLayout()
        top.addWidget(heading)
        top.addStretch(1)
        top.addWidget(self.remove)
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(self.tr("JSON Schema of the answers"))
        self.text.setPlaceholderText(self.tr("A JSON Schema; empty for answers in words"))
        set_style(self.text, look="field")
        heading.setBuddy(self.text)
        self.state = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True)
        layout.addLayout(top)
        layout.addWidget(self.text)
        layout.addWidget(self.state)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_LOOK_AFTER_MS)
        self._pause.timeout.connect(self._look)
        self.text.textChanged.connect(self._pause.start)
        self.text.installEventFilter(self)
        self.remove.clicked.connect(self.text.clear)
        self.remove.clicked.connect(self._look)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._say("")

    def set_sampling(self, sampling: SamplingParameters) -> None:
        """Show the schema that holds, without a signal; what is being typed stays."""
        if sampling.json_schema != self._taken:
            self._show(sampling.json_schema)

    def begin(self, sampling: SamplingParameters) -> None:
        """Another conversation is shown: what was typed and not taken over is gone."""
        self._show(sampling.json_schema)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Leaving the text looks at it at once, before anything can be sent."""
        if event.type() == QEvent.Type.FocusOut and self._pause.isActive():
            self._look()
        return False

    def _show(self, schema: str) -> None:
        self._pause.stop()
        self._taken = schema
        if schema != self.text.toPlainText():
            self.text.blockSignals(True)
            self.text.setPlainText(schema)
            self.text.blockSignals(False)
        self._say(schema)

    def _look(self) -> None:
        self._pause.stop()
        schema = self.text.toPlainText().strip()
        try:
            if schema:
                grammar_of(schema)
        except SchemaError as error:
            self.state.set_ink("bad")
            self.state.setText(say_error(error))
            self.state.show()
            self.remove.show()
            return
        self._say(schema)
        if schema != self._taken:
            self._taken = schema
            self._change(json_schema=schema)

    def _say(self, schema: str) -> None:
        self.remove.setVisible(bool(schema))
        self.state.set_ink("muted")
        self.state.setText(self.tr("Every answer is made to fit this schema.") if schema else "")
        self.state.setVisible(bool(schema))

    def _restyle(self) -> None:
        self._layout.setSpacing(self._theme.px(8))
        self.text.setFont(self._theme.font(TEXT_SMALL))
        self.text.setFixedHeight(self._theme.px(_HEIGHT))
