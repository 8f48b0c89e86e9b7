"""The cards of all devices, as many beside each other as there is room for."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.computer.device_card import WIDTH, DeviceCard
from ui.computer.view import DeviceView
from ui.theme.theme import Theme
from ui.theme.tokens import GRID

_GAP = 16


class DeviceGrid(QWidget):
    """Cards are kept and filled again. Signals: those of DeviceCard."""

    get_engine_requested = Signal(str)
    stop_build_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._width = 0
        self.cards: list[DeviceCard] = []

    def show_devices(self, devices: tuple[DeviceView, ...], accent: int | None) -> None:
        """Show these; the button of the one at ``accent`` is the filled one of the page."""
        while len(self.cards) > len(devices):
            card = self.cards.pop()
            card.hide()
            card.deleteLater()
        while len(self.cards) < len(devices):
            card = DeviceCard(self._theme, self)
            card.get_engine_requested.connect(self.get_engine_requested)
            card.stop_build_requested.connect(self.stop_build_requested)
            card.show()
            self.cards.append(card)
        for number, (card, device) in enumerate(zip(self.cards, devices, strict=True)):
            card.show_device(device, accent=number == accent)
        self.set_column(self._width)

    def set_column(self, width: int) -> None:
        """Take ``width`` pixels. Cards in one line are equally high."""
        self._width = width
        px = self._theme.px
        if width <= 0 or not self.cards:
            return
        gap, step = px(_GAP), px(GRID)
        beside = max(1, min(3, (width + gap) // (px(WIDTH) + gap)))
        each = (width - (beside - 1) * gap) // beside // step * step
        # What the grid leaves over goes between the cards, so that the last one ends the column.
        across = gap if beside == 1 else (width - beside * each) // (beside - 1)
        top = 0
        for first in range(0, len(self.cards), beside):
            line = self.cards[first : first + beside]
            height = max(card.wanted_height(each) for card in line)
            for number, card in enumerate(line):
                card.setGeometry(number * (each + across), top, each, height)
            top += height + gap
        self.setFixedSize(width, top - gap)
