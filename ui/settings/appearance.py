"""Appearance: light or dark, size of everything, size of the chat's text."""

from PySide6.QtCore import Signal

from app.settings.schema import Settings
from ui.settings.rows import SettingsGroup
from ui.theme.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.number_field import NumberField
from ui.widgets.segmented import Segmented

_ZOOMS = (0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)


class AppearanceGroup(SettingsGroup):
    """``changed(field, value)`` as everywhere on the settings page."""

    changed = Signal(str, object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.set_title(self.tr("Appearance"))
        self._mode = Segmented(
            theme,
            self.tr("Colours"),
            [
                ("system", self.tr("System")),
                ("light", self.tr("Light")),
                ("dark", self.tr("Dark")),
            ],
        )
        self._zoom = Choice(
            theme, self.tr("Size of everything"), [(zoom, self._percent(zoom)) for zoom in _ZOOMS]
        )
        self._text = NumberField(
            theme,
            self.tr("Size of the chat's text"),
            low=12,
            high=24,
            step=1,
            suffix=self.tr(" px"),
        )
        self.add_row(
            self.tr("Colours"), self.tr("System follows your desktop's setting."), self._mode
        )
        self.add_row(
            self.tr("Size of everything"),
            self.tr("Also with Ctrl and plus, minus or zero."),
            self._zoom,
        )
        self.add_row(
            self.tr("Size of the chat's text"),
            self.tr("Of questions and answers only."),
            self._text,
        )
        self._mode.chosen.connect(lambda mode: self.changed.emit("theme", mode))
        self._zoom.chosen.connect(lambda zoom: self.changed.emit("zoom", zoom))
        self._text.edited.connect(lambda size: self.changed.emit("chat_text_px", round(size)))

    def show_settings(self, settings: Settings) -> None:
        """Show these values, without a signal."""
        self._mode.set_value(settings.theme)
        self._zoom.set_value(settings.zoom, self._percent(settings.zoom))
        self._text.set_value(settings.chat_text_px)

    def _percent(self, zoom: float) -> str:
        return self.tr("{percent} %").format(percent=round(zoom * 100))
