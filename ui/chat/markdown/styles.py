"""Character and block formats of a rendered message, made from the theme."""

from dataclasses import dataclass, replace
from math import ceil

from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextFormat,
    QTextList,
)

from ui.theme.theme import Theme
from ui.theme.tokens import TEXT_CHAT, TEXT_HEADING, TEXT_TITLE

OBJECT_TYPE = QTextFormat.ObjectTypes.UserObject + 1
OBJECT_INDEX = QTextFormat.Property.UserProperty + 1
"""Of an embedded block: its place in the document's list of them."""
QUOTE_BARS = QTextFormat.Property.UserProperty + 2
"""Of a text block: the list depths at which its quotes were opened, as "0,1"."""
INLINE_CODE = QTextFormat.Property.UserProperty + 3
LIST_START = QTextFormat.Property.UserProperty + 4
"""Of an ordered list: its first number. The view paints the marks of lists itself."""
FORMULA_TYPE = QTextFormat.ObjectTypes.UserObject + 2
TEX = QTextFormat.Property.UserProperty + 5
"""Of a formula in a line: its TeX without the delimiters."""
DISPLAY = QTextFormat.Property.UserProperty + 6
"""Of a formula in a line: whether it is set as large as a displayed one."""
COPIED = QTextFormat.Property.UserProperty + 7
"""Of characters that stand for something else: the markdown that copying writes for each run."""
SPOKEN = QTextFormat.Property.UserProperty + 8
"""Of a formula in a line: what a screen reader says."""
TASK = QTextFormat.Property.UserProperty + 9
"""Of a text block that begins an item of a task list: whether it is done."""
FOOTNOTE = QTextFormat.Property.UserProperty + 10
"""Of the list that holds a footnote: its name."""
EM_PER_PIXEL = 1.16
"""Formulas are set larger than text, because their small letters are lower."""
HAS_INLINE_CODE = 1
"""``userState`` of a text block that holds inline code."""

_HEADING_SIZES = (TEXT_TITLE, TEXT_HEADING, TEXT_CHAT, TEXT_CHAT, TEXT_CHAT, TEXT_CHAT)


@dataclass(frozen=True, slots=True)
class Ink:
    """The inline state of a run of text."""

    heading: int = 0
    """1 to 6, 0 in a paragraph."""
    muted: bool = False
    strong: bool = False
    emphasis: bool = False
    strike: bool = False
    code: bool = False
    source: bool = False
    """Monospaced without a pill: TeX that could not be set."""
    small: bool = False
    """Footnotes."""
    address: str = ""

    def with_(self, **changes: bool | str) -> "Ink":
        """A copy with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


class Styles:
    """Formats at the theme's present colours and sizes. Make a new one when it changes."""

    def __init__(self, theme: Theme, *, small: bool = False, muted: bool = False) -> None:
        self.theme = theme
        self._chat = theme.chat_font()
        if small:
            self._chat.setPixelSize(round(self._chat.pixelSize() * 13 / 15))
        self._muted = muted
        self._formats: dict[Ink, QTextCharFormat] = {}
        self.line_height = round(self._chat.pixelSize() * 24 / 15)
        """Pixels from one line of body text to the next."""
        self.indent = round(self._chat.pixelSize() * 26 / 15)
        """Pixels by which a list level moves its text."""
        self.quote_step = theme.px(16)

    @property
    def font(self) -> QFont:
        """The font of body text."""
        return QFont(self._chat)

    def room_for(self, number: int) -> int:
        """Pixels that the number of a list's item takes, with the gap to its text."""
        widest = QFontMetricsF(self._chat).horizontalAdvance("0") * len(str(number))
        return ceil(widest + QFontMetricsF(self._chat).horizontalAdvance(".")) + self.theme.px(8)

    def chars(self, ink: Ink) -> QTextCharFormat:
        """The character format of ``ink``."""
        found = self._formats.get(ink)
        if found is None:
            found = self._formats[ink] = self._make(ink)
        return found

    def code_margin(self) -> QTextCharFormat:
        """What is merged into the character before a gap beside inline code."""
        made = QTextCharFormat()
        made.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
        made.setFontLetterSpacing(self.theme.px(3))
        return made

    def block(
        self, *, top: int, quotes: tuple[int, ...] = (), depth: int = 0, heading: int = 0
    ) -> QTextBlockFormat:
        """A block format: ``top`` pixels at 100 % above it, inside ``quotes``, ``depth`` lists."""
        made = QTextBlockFormat()
        made.setTopMargin(self.theme.px(top))
        if heading:
            size = self._heading_size(heading)
            height = max(self.line_height, round(size * 1.3))
        else:
            height = self.line_height
        made.setLineHeight(height, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
        if depth:
            made.setIndent(depth)
        if quotes:
            made.setLeftMargin(self.quote_step * len(quotes))
            made.setProperty(QUOTE_BARS, ",".join(map(str, quotes)))
        if heading:
            made.setHeadingLevel(heading)
        return made

    def object_block(self, *, quotes: tuple[int, ...], depth: int, top: int) -> QTextBlockFormat:
        """The format of a block that holds one embedded block and nothing else."""
        made = self.block(top=top, quotes=quotes, depth=depth)
        made.setLineHeight(0, QTextBlockFormat.LineHeightTypes.SingleHeight.value)
        made.setNonBreakableLines(True)
        return made

    def object_chars(self, index: int) -> QTextCharFormat:
        """The format of the character that stands for embedded block ``index``."""
        made = QTextCharFormat()
        made.setFont(self._chat)
        made.setObjectType(OBJECT_TYPE)
        made.setProperty(OBJECT_INDEX, index)
        return made

    def note(self) -> QTextCharFormat:
        """The format of what the application says inside a message; copying leaves it out."""
        made = QTextCharFormat(self.chars(Ink(muted=True, small=True, emphasis=True)))
        made.setProperty(COPIED, "")
        return made

    def formula_chars(self, ink: Ink, tex: str, *, display: bool) -> QTextCharFormat:
        """The format of the character that stands for a formula in a line."""
        made = QTextCharFormat(self.chars(ink))
        made.setObjectType(FORMULA_TYPE)
        made.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
        made.setProperty(TEX, tex)
        made.setProperty(DISPLAY, display)
        return made

    def _heading_size(self, level: int) -> int:
        return round(_HEADING_SIZES[level - 1] * self._chat.pixelSize() / TEXT_CHAT)

    def _make(self, ink: Ink) -> QTextCharFormat:
        colors = self.theme.colors
        font = QFont(self._chat)
        if ink.heading:
            font.setPixelSize(self._heading_size(ink.heading))
            font.setWeight(QFont.Weight.DemiBold)
        if ink.small:
            font.setPixelSize(round(font.pixelSize() * 13 / 15))
        if ink.strong:
            font.setWeight(QFont.Weight.DemiBold)
        if ink.code or ink.source:
            size = font.pixelSize()
            font = self.theme.mono_font()
            font.setPixelSize(round(size * 13.5 / 15))
        font.setItalic(ink.emphasis)
        font.setStrikeOut(ink.strike)
        made = QTextCharFormat()
        made.setFont(font)
        made.setForeground(QColor(colors.muted if ink.muted or self._muted else colors.text))
        if ink.code:
            made.setProperty(INLINE_CODE, True)
        if ink.address:
            made.setAnchor(True)
            made.setAnchorHref(ink.address)
            made.setToolTip(ink.address)
            made.setForeground(QColor(colors.accent_text))
            made.setFontUnderline(True)
        return made


def list_mark(block: QTextBlock) -> str | None:
    """The mark of the list item that begins with ``block``: "3.", "•", "☐" or "☑"; or None."""
    items: QTextList | None = block.textList()
    if items is None:
        return None
    task = block.blockFormat().property(TASK)
    if task is not None:
        return "☑" if task else "☐"
    start = items.format().property(LIST_START)
    return "•" if start is None else f"{int(start) + items.itemNumber(block)}."
