"""The right-hand panel: instructions, how answers are chosen, and where the model sits."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from app.engine.entities import SamplingParameters
from app.library.model_hints import ModelHints
from app.placement.entities import Placement
from ui.chat.opening_form import OpeningForm
from ui.chat.placement_fold import PlacementFold
from ui.chat.sampling_form import SamplingForm
from ui.chat.schema_form import SchemaForm
from ui.chat.thinking_form import ThinkingForm
from ui.composer.preset_row import PresetRow
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE
from ui.widgets.labels import Label, Weight
from ui.widgets.styling import set_style
from ui.widgets.surface import Line, Surface

WIDTH = 320
_PAD = 16
_TEXT_HEIGHT = 160
_TELL_AFTER_MS = 500


class ChatPanel(Surface):
    """Signals:
    instructions_changed(str): the system prompt, half a second after the last key.
    sampling_changed(object): SamplingParameters, or None to follow the settings again.
    placement_requested: the Placement page is to be shown.
    """

    instructions_changed = Signal(str)
    sampling_changed = Signal(object)
    placement_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self._theme = theme
        self._told = ""
        self._edge = Line(theme, self, vertical=True)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_style(self._area, look="clear")
        self._content = Surface("clear")
        self._layout = QVBoxLayout(self._content)
        self.presets = PresetRow(theme)
        self.instructions = QPlainTextEdit()
        self.instructions.setTabChangesFocus(True)
        self.instructions.setAccessibleName(self.tr("Instructions"))
        self.instructions.setPlaceholderText(
            self.tr("What the model should keep in mind in this chat, for example: answer briefly")
        )
        set_style(self.instructions, look="field")
        self.form = SamplingForm(theme)
        self.form.changed.connect(self.sampling_changed)
        self.opening = OpeningForm(theme)
        self.thinking = ThinkingForm(theme, self.form.change)
        self.schema = SchemaForm(theme, self.form.change)
        self.placement = PlacementFold(theme)
        self.placement.opened.connect(self.placement_requested)
        self._build()
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_TELL_AFTER_MS)
        self._wait.timeout.connect(self._tell)
        self.instructions.textChanged.connect(self._wait.start)
        self.instructions.installEventFilter(self)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_instructions(self, text: str) -> None:
        """Show the system prompt of the open conversation, without a signal."""
        self._wait.stop()
        self._told = text
        if text != self.instructions.toPlainText():
            self.instructions.blockSignals(True)
            self.instructions.setPlainText(text)
            self.instructions.blockSignals(False)

    def apply(self, instructions: str, sampling: SamplingParameters | None) -> None:
        """Set both for the open conversation, as if a person had written and moved them."""
        self.set_instructions(instructions)
        self.instructions_changed.emit(instructions)
        if sampling is not None:
            self.set_sampling(sampling)
        self.sampling_changed.emit(sampling)

    def set_sampling(self, sampling: SamplingParameters) -> None:
        """Show how answers are chosen, without a signal."""
        self.form.set_sampling(sampling)
        self.thinking.set_sampling(sampling)
        self.schema.set_sampling(sampling)

    def set_hints(self, hints: ModelHints) -> None:
        """What is known about the model that answers next."""
        self.form.set_recommended(hints.sampling)
        self.thinking.set_support(hints.thinking)

    def set_placement(self, placement: Placement | None) -> None:
        """Show where the model of this chat sits; None when that is not known."""
        self.placement.set_placement(placement)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leaving the text tells at once, before anything else can be sent."""
        if watched is self.instructions and event.type() == QEvent.Type.FocusOut:
            self._tell()
        return False

    def event(self, event: QEvent) -> bool:
        """The content fills everything right of the edge."""
        if event.type() == QEvent.Type.Resize:
            self._edge.setGeometry(0, 0, 1, self.height())
            self._area.setGeometry(1, 0, self.width() - 1, self.height())
        return super().event(event)

    def _build(self) -> None:
        self._layout.addWidget(self.presets)
        self._layout.addSpacing(self._theme.px(16))
        heading = Label(
            self._theme, self.tr("Instructions"), size=TEXT_INTERFACE, weight=Weight.DemiBold
        )
        heading.setBuddy(self.instructions)
        self._layout.addWidget(heading)
        self._layout.addWidget(self.instructions)
        self._layout.addSpacing(self._theme.px(16))
        for part in (self.opening, self.form, self.thinking, self.schema):
            self._layout.addWidget(part)
            self._layout.addSpacing(self._theme.px(12))
        self._layout.addWidget(self.placement)
        self._layout.addStretch(1)
        self._area.setWidget(self._content)

    def _tell(self) -> None:
        self._wait.stop()
        text = self.instructions.toPlainText()
        if text != self._told:
            self._told = text
            self.instructions_changed.emit(text)

    def _restyle(self) -> None:
        theme = self._theme
        pad = theme.px(_PAD)
        self.setFixedWidth(theme.px(WIDTH))
        # The hairline takes one pixel of the left margin.
        self._layout.setContentsMargins(pad - 1, pad, pad, pad)
        self._layout.setSpacing(theme.px(8))
        self.instructions.setFont(theme.font(TEXT_INTERFACE))
        self.instructions.setFixedHeight(theme.px(_TEXT_HEIGHT))
