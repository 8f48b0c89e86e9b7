"""Inline tokens into formatted text at a cursor."""

from collections.abc import Sequence

from markdown_it.token import Token
from PySide6.QtGui import QTextCharFormat, QTextCursor

from ui.chat.markdown.links import safe_address
from ui.chat.markdown.styles import HAS_INLINE_CODE, Ink, Styles

LINE_BREAK = "\u2028"
_DIRECTION_CHARACTERS = dict.fromkeys(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFFFC], None
)
"""Overrides that could show text in another order than it is copied; and the object mark."""


def printable(text: str) -> str:
    """``text`` without characters that reorder or imitate other content."""
    return text.translate(_DIRECTION_CHARACTERS)


def write_inline(cursor: QTextCursor, children: Sequence[Token], styles: Styles, base: Ink) -> None:
    """Insert the inline tokens at the cursor. A line break of the source stays one.

    Images become links with their description; an address that must not be a link is
    written out behind its text.
    """
    ink = base
    refused: list[str] = []
    for token in children:
        kind = token.type
        if kind == "text":
            cursor.insertText(printable(token.content), styles.chars(ink))
        elif kind in ("softbreak", "hardbreak"):
            cursor.insertText(LINE_BREAK, styles.chars(ink))
        elif kind == "code_inline":
            _write_code(cursor, token, styles, ink)
        elif kind == "link_open":
            target = str(token.attrs.get("href", ""))
            address = safe_address(target)
            refused.append("" if address else target)
            ink = ink.with_(address=address or "")
        elif kind == "link_close":
            target = refused.pop()
            ink = ink.with_(address="")
            if target:
                cursor.insertText(f" ({printable(target)})", styles.chars(ink))
        elif kind == "image":
            _write_image(cursor, token, styles, ink)
        else:
            ink = _toggled(ink, kind, base)


def _toggled(ink: Ink, kind: str, base: Ink) -> Ink:
    name, _, end = kind.rpartition("_")
    opens = end == "open"
    if name == "strong":
        return ink.with_(strong=opens or base.strong)
    if name == "em":
        return ink.with_(emphasis=opens or base.emphasis)
    if name == "s":
        return ink.with_(strike=opens)
    return ink


def _write_image(cursor: QTextCursor, token: Token, styles: Styles, ink: Ink) -> None:
    target = str(token.attrs.get("src", ""))
    words = printable(token.content) or target
    address = ink.address or safe_address(target)
    if address:
        cursor.insertText(words, styles.chars(ink.with_(address=address)))
    else:
        cursor.insertText(f"{words} ({printable(target)})", styles.chars(ink))


def _write_code(cursor: QTextCursor, token: Token, styles: Styles, ink: Ink) -> None:
    """Inline code, with a little room on both sides for the pill that is painted behind."""
    margin = styles.code_margin()
    if not cursor.atBlockStart():
        _widen_last(cursor, margin)
    cursor.insertText(printable(token.content), styles.chars(ink.with_(code=True)))
    _widen_last(cursor, margin)
    cursor.block().setUserState(HAS_INLINE_CODE)


def _widen_last(cursor: QTextCursor, margin: QTextCharFormat) -> None:
    last = QTextCursor(cursor)
    last.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor)
    last.mergeCharFormat(margin)
