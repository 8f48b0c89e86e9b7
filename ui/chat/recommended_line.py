"""What a model's makers recommend for sampling, said as such, with a button to take it over."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.engine.entities import SamplingParameters
from app.library.model_hints import RecommendedSampling
from ui.chat.sampling_rows import rows
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE, TEXT_SMALL
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label


class RecommendedLine(QWidget):
    """Hidden where nothing is recommended, and quiet where it is what holds already."""

    def __init__(self, theme: Theme, take: Callable[[RecommendedSampling], None]) -> None:
        super().__init__()
        self._take = take
        self._recommended: RecommendedSampling | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.words = Label(theme, size=TEXT_SMALL, ink="muted", wrap=True)
        self.use = TextButton(
            theme, self.tr("Use these values"), look="flush", size=TEXT_INTERFACE, height=28
        )
        self.use.clicked.connect(self._taken)
        layout.addWidget(self.words)
        layout.addWidget(self.use, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_recommended(
        self, recommended: RecommendedSampling | None, sampling: SamplingParameters
    ) -> None:
        """Say what is recommended for the model that answers; None says nothing."""
        self._recommended = recommended
        self.setVisible(recommended is not None)
        if recommended is None:
            return
        source = (
            self.tr("The model's file recommends: {values}.")
            if recommended.source == "file"
            else self.tr("The model's card recommends: {values}.")
        )
        self.words.setText(source.format(values=self._values(recommended)))
        self.use.setVisible(recommended.applied_to(sampling) != sampling)

    def _values(self, recommended: RecommendedSampling) -> str:
        names = {"temperature": self.tr("Temperature")}
        names |= {row.field: row.name for row in rows()}
        each = (
            self.tr("{name} {value}").format(name=names[name].lower(), value=format(value, "g"))
            for name, value in recommended.values.items()
        )
        return ", ".join(each)

    def _taken(self) -> None:
        if self._recommended is not None:
            self._take(self._recommended)
