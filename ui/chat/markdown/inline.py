"""Inline tokens into formatted text at a cursor."""

from collections.abc import Sequence

from markdown_it.token import Token
from PySide6.QtGui import QTextCharFormat, QTextCursor

from ui.chat.markdown.blocks import OBJECT_CHARACTER
from ui.chat.markdown.formulas import Formulas
from ui.chat.markdown.links import safe_address
from ui.chat.markdown.styles import COPIED, HAS_INLINE_CODE, SPOKEN, Ink, Styles

LINE_BREAK = "\u2028"
_DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Overrides that could show text in another order than it is copied."""
_BREAKS = (0x0B, 0x0C, 0x85, 0x2029, 0xFDD0, 0xFDD1)
"""Taken for the end of a block by Qt, though no Markdown means that."""
_CONTROLS = (*range(0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0), *_BREAKS)
_IN_TEXT: dict[int, str | None] = {
    **dict.fromkeys(_CONTROLS, "□"),
    **dict.fromkeys((*_DIRECTIONS, ord(OBJECT_CHARACTER)), None),
}
_IN_CODE: dict[int, str] = {
    **dict.fromkeys((*_CONTROLS, *_DIRECTIONS, 0x0D, 0x2028, ord(OBJECT_CHARACTER)), "\ufffd"),
    **{code: chr(0x2400 + code) for code in range(0x20) if code not in (0x09, 0x0A)},
    0x7F: "\u2421",
}


def printable(text: str) -> str:
    """``text`` without characters that reorder or imitate other content."""
    return text.translate(_IN_TEXT)


def visible(text: str) -> str:
    """Code in which every character that would hide or reorder something is seen.

    Each becomes one other character, so that places in the text stay what they are.
    """
    return text.translate(_IN_CODE)


def write_inline(
    cursor: QTextCursor,
    children: Sequence[Token],
    styles: Styles,
    base: Ink,
    formulas: Formulas,
) -> None:
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
        elif kind == "math_inline":
            _write_formula(cursor, token, styles, ink, formulas)
        elif kind == "footnote_ref":
            _write_reference(cursor, token, styles, ink)
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


def write_source(cursor: QTextCursor, source: str, styles: Styles, ink: Ink) -> None:
    """TeX that cannot be set, as it is."""
    text = printable(source).replace("\n", LINE_BREAK)
    cursor.insertText(text, styles.chars(ink.with_(source=True)))


def _write_formula(
    cursor: QTextCursor, token: Token, styles: Styles, ink: Ink, formulas: Formulas
) -> None:
    source: str = token.meta["source"]
    display = token.markup in ("$$", "\\[")
    formula = formulas.formula(token.content, display=display)
    if formula is None:
        write_source(cursor, source, styles, ink)
        return
    made = styles.formula_chars(ink, token.content, display=display)
    made.setProperty(COPIED, source)
    made.setProperty(SPOKEN, formula.spoken)
    cursor.insertText(OBJECT_CHARACTER, made)


def _write_reference(cursor: QTextCursor, token: Token, styles: Styles, ink: Ink) -> None:
    """The number of a footnote, as a link to where it stands."""
    number = token.meta["number"]
    made = QTextCharFormat(styles.chars(ink.with_(address=footnote_address(number))))
    made.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
    made.setFontUnderline(False)
    made.setProperty(COPIED, token.content)
    if token.meta["first"]:
        made.setAnchorNames([reference_address(number)[1:]])
    cursor.insertText(str(number), made)


def footnote_address(number: int) -> str:
    """The address inside a message of a footnote."""
    return f"#footnote-{number}"


def reference_address(number: int) -> str:
    """The address inside a message of the first reference to a footnote."""
    return f"#reference-{number}"


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
