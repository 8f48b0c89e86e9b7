"""The theme in force: colours, scaled sizes, fonts and icons; tells views when it changes."""

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon

from ui.theme.fonts import code_font, interface_font, load_fonts
from ui.theme.icons import draw_icon
from ui.theme.tokens import DARK, LIGHT, TEXT_CHAT, TEXT_INTERFACE, Palette

ThemeMode = Literal["system", "light", "dark"]


class Theme(QObject):
    """Handed to every widget. Widgets draw with it and restyle themselves on ``changed``.

    Signals:
        changed: palette, zoom or chat text size are others now.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        load_fonts()
        self._mode: ThemeMode = "light"
        self._palette = LIGHT
        self._zoom = 1.0
        self._chat_text_px = TEXT_CHAT
        self._icons: dict[tuple[str, str, int], QIcon] = {}
        self._hints = QGuiApplication.styleHints()
        self._hints.colorSchemeChanged.connect(self._follow_system)

    @property
    def colors(self) -> Palette:
        """The palette in force."""
        return self._palette

    @property
    def mode(self) -> ThemeMode:
        """What the user chose."""
        return self._mode

    @property
    def zoom(self) -> float:
        """Factor on every length, 1.0 = 100 %."""
        return self._zoom

    def set_mode(self, mode: ThemeMode) -> None:
        """Choose light, dark, or whatever the system shows (light where it does not say)."""
        self._mode = mode
        self._choose_palette()

    def set_dark(self, dark: bool) -> None:
        """Choose the palette, whatever the system shows."""
        self.set_mode("dark" if dark else "light")

    def set_zoom(self, zoom: float) -> None:
        """Scale everything."""
        if zoom != self._zoom:
            self._zoom = zoom
            self._tell()

    def set_chat_text(self, pixels: int) -> None:
        """Size of the transcript's text at 100 %."""
        if pixels != self._chat_text_px:
            self._chat_text_px = pixels
            self._tell()

    def px(self, length: float) -> int:
        """A length at 100 % in pixels at this zoom."""
        return round(length * self._zoom)

    def font(
        self,
        size: int = TEXT_INTERFACE,
        *,
        weight: QFont.Weight = QFont.Weight.Normal,
        tabular: bool = False,
    ) -> QFont:
        """The interface font; ``size`` is one of the five of ``tokens``.

        ``tabular`` gives every figure the same width, for numbers that change in place.
        """
        return interface_font(self.px(size), weight, tabular=tabular)

    def chat_font(self) -> QFont:
        """The transcript's font at the size that the user chose."""
        return interface_font(self.px(self._chat_text_px), QFont.Weight.Normal, tabular=False)

    def mono_font(self, size: int = TEXT_INTERFACE) -> QFont:
        """The font of code."""
        return code_font(self.px(size))

    def color(self, name: str) -> QColor:
        """A colour of the palette by its field's name."""
        return QColor(getattr(self._palette, name))

    def icon(self, name: str, color: str | None = None, *, gap: int = 0) -> QIcon:
        """A bundled icon, in the muted text colour unless told (as #rrggbb).

        ``gap`` pixels at 100 % stay empty at its right.

        Raises FileNotFoundError for a name that is not in ``ui/resources/icons``.
        """
        key = (name, color or self._palette.muted, gap)
        if key not in self._icons:
            self._icons[key] = draw_icon(name, key[1], self._zoom, gap)
        return self._icons[key]

    def _follow_system(self) -> None:
        if self._mode == "system":
            self._choose_palette()

    def _choose_palette(self) -> None:
        dark = self._mode == "dark" or (
            self._mode == "system" and self._hints.colorScheme() == Qt.ColorScheme.Dark
        )
        palette = DARK if dark else LIGHT
        if palette is not self._palette:
            self._palette = palette
            self._tell()

    def _tell(self) -> None:
        self._icons.clear()
        self.changed.emit()
