"""How paper looks: the light palette and the fonts of the screen at the size of print."""

from PySide6.QtGui import QFont, QFontMetricsF

from ui.chat.markdown.formulas import Formulas
from ui.chat.markdown.parser import MarkdownParser
from ui.chat.markdown.styles import Styles
from ui.printing.sheet import DOTS
from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_INTERFACE, TEXT_SMALL

_SCREEN = 96
"""Pixels to the inch, as the sizes of the theme are meant."""
_TEXT, _CODE, _HEADER = 14, 12, 11
"""Pixels at 96 to the inch: 10.5, 9 and 8.25 points."""


class PaperTheme(Theme):
    """The theme whose letters can be read back from a PDF.

    Where a font shows other shapes in some contexts, Qt embeds them without telling which letters
    they are: "2026-01" could be seen, and neither searched for nor copied.
    """

    def font(
        self,
        size: int = TEXT_INTERFACE,
        *,
        weight: QFont.Weight = QFont.Weight.Normal,
        tabular: bool = False,
    ) -> QFont:
        """The interface font."""
        return _plain(super().font(size, weight=weight, tabular=tabular), "calt")

    def chat_font(self) -> QFont:
        """The font of text."""
        return _plain(super().chat_font(), "calt")

    def mono_font(self, size: int = TEXT_INTERFACE) -> QFont:
        """The font of code, where also a letter before a grave accent has another shape."""
        return _plain(super().mono_font(size), "calt", "ccmp")


def _plain(font: QFont, *features: str) -> QFont:
    for feature in features:
        font.setFeature(QFont.Tag(feature), 0)
    return font


class Look:
    """Everything that strips are drawn with; make one for each document."""

    def __init__(self) -> None:
        self.theme = PaperTheme()
        self.theme.set_mode("light")
        self.theme.set_zoom(DOTS / _SCREEN)
        self.theme.set_chat_text(_TEXT)
        self.counts_only = False
        """Whether pages are only counted; colours are left out then, for they change no line."""
        self.formulas = Formulas()
        self.parser = MarkdownParser(self.formulas)
        self.body = Styles(self.theme)
        self.cells = Styles(self.theme, small=True)
        self.quiet = Styles(self.theme, small=True, muted=True)
        self.code_font = self.theme.mono_font(_CODE)
        self.label_font = self.theme.font(TEXT_SMALL)
        self.header_font = self.theme.font(_HEADER)

    def px(self, length: float) -> int:
        """A length of the screen, in dots."""
        return self.theme.px(length)

    def name_font(self) -> QFont:
        """Of who wrote a message."""
        font = self.body.font
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def code_column(self) -> float:
        """Dots of one letter of code."""
        return QFontMetricsF(self.code_font).horizontalAdvance("0")
