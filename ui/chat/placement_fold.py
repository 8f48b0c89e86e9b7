"""The panel's third part: where the model of this chat sits and how fast that is."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.placement.entities import Placement
from ui.placement.mini import PlacementStrip
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE
from ui.widgets.buttons import TextButton
from ui.widgets.labels import Label, Weight


class PlacementFold(QWidget):
    """The small form of a plan, and the way to the Placement page.

    Signals:
        opened: the Placement page is to be shown.
    """

    opened = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._heading = Label(
            theme, self.tr("Placement"), size=TEXT_INTERFACE, weight=Weight.DemiBold
        )
        self.nothing = Label(
            theme, self.tr("Known once a model is chosen."), ink="muted", wrap=True
        )
        self.strip = PlacementStrip(theme)
        self.open = TextButton(theme, self.tr("Open placement"), icon="sliders-horizontal")
        self._layout = QVBoxLayout(self)
        for part in (self._heading, self.nothing, self.strip, self.open):
            self._layout.addWidget(part)
        self.open.clicked.connect(self.opened)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.set_placement(None)

    def set_placement(self, placement: Placement | None) -> None:
        """Show it; None: there is no model, or its plan is not known yet."""
        self.nothing.setVisible(placement is None)
        self.open.setEnabled(placement is not None)
        self.strip.show_placement(placement)

    def _restyle(self) -> None:
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(self._theme.px(8))
