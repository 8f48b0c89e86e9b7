"""Top-level blocks into a text document by cursor calls; embeds code, tables and rules."""

from collections.abc import Callable
from dataclasses import dataclass, field

from markdown_it.token import Token
from PySide6.QtGui import (
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextList,
    QTextListFormat,
)

from ui.chat.markdown.blocks import (
    OBJECT_CHARACTER,
    EmbeddedBlock,
    RuleBlock,
    code_block,
    table_block,
)
from ui.chat.markdown.inline import LINE_BREAK, printable, write_inline
from ui.chat.markdown.parser import Block
from ui.chat.markdown.styles import LIST_START, Ink, Styles

_PARAGRAPH_GAP, _ITEM_GAP, _LOOSE_ITEM_GAP, _OBJECT_GAP = 12, 4, 8, 12
_HEADING_GAPS = (24, 24, 20, 16, 16, 16)
_DEEPEST_BAR = 6
"""Quotes inside one another that move the text; deeper ones look like this one."""


@dataclass(slots=True)
class _Level:
    """One open list."""

    format: QTextListFormat
    tight: bool
    list: QTextList | None = None
    needs_item: bool = False
    """The next block begins an item."""
    items: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """An embedded block and the position of its character."""

    block: EmbeddedBlock
    position: int


@dataclass(slots=True)
class _State:
    lists: list[_Level] = field(default_factory=list)
    quotes: list[int] = field(default_factory=list)
    heading: int = 0


class DocumentBuilder:
    """Writes at the end of ``document``; ``placed`` lists what it embedded, in order."""

    def __init__(self, document: QTextDocument, styles: Styles) -> None:
        self.placed: list[Placed] = []
        self._document = document
        self._styles = styles
        self._cursor = QTextCursor(document)
        self._first = self._waiting = True
        self._state = _State()
        document.setIndentWidth(styles.indent)
        self._handlers: dict[str, Callable[[Token], None]] = {
            "paragraph_open": self._open_paragraph,
            "heading_open": self._open_heading,
            "inline": self._write_inline,
            "fence": lambda token: self._embed(code_block(token)),
            "code_block": lambda token: self._embed(code_block(token)),
            "hr": lambda _token: self._embed(RuleBlock()),
            "bullet_list_open": self._open_list,
            "ordered_list_open": self._open_list,
            "bullet_list_close": self._close_list,
            "ordered_list_close": self._close_list,
            "list_item_open": self._open_item,
            "list_item_close": self._close_item,
            "blockquote_open": lambda _token: self._state.quotes.append(self._depth()),
            "blockquote_close": lambda _token: self._close_quote(),
        }

    def end(self) -> int:
        """Position behind everything written so far."""
        return self._document.characterCount() - 1

    def cut(self, position: int, embedded: int, *, empty: bool) -> None:
        """Remove everything behind ``position``, keeping the first ``embedded`` blocks.

        ``empty`` tells that nothing is kept: at position 0 an empty list item may remain.
        The line break behind ``position`` stays for what is written next, because without it
        Qt would give an empty last block the format of the block that is removed.
        """
        last = self._document.characterCount() - 1
        self._cursor.setPosition(0 if empty else min(position + 1, last))
        self._cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        self._cursor.removeSelectedText()
        del self.placed[embedded:]
        self._first = empty
        self._waiting = empty or last > position

    def close(self) -> None:
        """Nothing more is written: take away the line break that ``cut`` left."""
        if self._waiting and not self._first:
            self._cursor.movePosition(QTextCursor.MoveOperation.End)
            self._cursor.deletePreviousChar()
        self._waiting = self._first

    def add(self, block: Block) -> None:
        """Write one top-level block at the end."""
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        self._state = _State()
        if block.plain is not None:
            self._start_block(_PARAGRAPH_GAP)
            self.write_plain(block.plain)
            return
        tokens = block.tokens
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.type == "table_open":
                close = next(
                    at for at in range(index, len(tokens)) if tokens[at].type == "table_close"
                )
                self._embed(table_block(tokens[index : close + 1]))
                index = close
            else:
                handler = self._handlers.get(token.type)
                if handler is not None:
                    handler(token)
            index += 1

    def write_plain(self, text: str) -> None:
        """Insert text as it is into the present block."""
        text = printable(text).replace("\n", LINE_BREAK)
        self._cursor.insertText(text, self._styles.chars(self._ink()))

    # --- blocks -----------------------------------------------------------------------------
    def _start_block(self, gap: int, *, heading: int = 0) -> None:
        """Begin a text block, as the first of a list item where one is open for it."""
        level = self._pending_level()
        depth = self._depth()
        form = self._styles.block(
            top=0 if self._first else self._gap_for(level, gap),
            quotes=tuple(self._state.quotes[:_DEEPEST_BAR]),
            depth=0 if level else depth,
            heading=heading,
        )
        self._next_block(form, self._styles.chars(self._ink()))
        if level is not None:
            if level.list is None:
                level.list = self._cursor.createList(level.format)
            else:
                level.list.add(self._cursor.block())
            level.needs_item = False
            level.items += 1

    def _next_block(self, form: QTextBlockFormat, chars: QTextCharFormat) -> None:
        if self._waiting:
            self._cursor.setBlockFormat(form)
            self._cursor.setBlockCharFormat(chars)
            self._cursor.block().setUserState(-1)
        else:
            self._cursor.insertBlock(form, chars)
        self._first = self._waiting = False

    def _gap_for(self, level: _Level | None, gap: int) -> int:
        if level is None:
            if not self._state.lists:
                return gap
            return _ITEM_GAP if self._state.lists[-1].tight else _LOOSE_ITEM_GAP
        if level.items == 0 and len(self._state.lists) == 1:
            return _LOOSE_ITEM_GAP
        return _ITEM_GAP if level.tight else _LOOSE_ITEM_GAP

    def _embed(self, block: EmbeddedBlock) -> None:
        if self._pending_level() is not None:
            self._start_block(_ITEM_GAP)
        form = self._styles.object_block(
            quotes=tuple(self._state.quotes[:_DEEPEST_BAR]),
            depth=self._depth(),
            top=0 if self._first else _OBJECT_GAP,
        )
        chars = self._styles.object_chars(len(self.placed))
        self._next_block(form, self._styles.chars(self._ink()))
        self.placed.append(Placed(block, self._cursor.position()))
        self._cursor.insertText(OBJECT_CHARACTER, chars)

    def _open_paragraph(self, token: Token) -> None:
        if self._state.lists and not token.hidden:
            self._state.lists[-1].tight = False
        self._start_block(_PARAGRAPH_GAP)

    def _open_heading(self, token: Token) -> None:
        level = int(token.tag[1:])
        self._state.heading = level
        self._start_block(_HEADING_GAPS[level - 1], heading=level)

    def _write_inline(self, token: Token) -> None:
        write_inline(self._cursor, token.children or (), self._styles, self._ink())
        self._state.heading = 0

    def _ink(self) -> Ink:
        return Ink(heading=self._state.heading, muted=bool(self._state.quotes))

    # --- containers -------------------------------------------------------------------------
    def _depth(self) -> int:
        return len(self._state.lists)

    def _pending_level(self) -> _Level | None:
        if self._state.lists and self._state.lists[-1].needs_item:
            return self._state.lists[-1]
        return None

    def _open_list(self, token: Token) -> None:
        if self._pending_level() is not None:
            self._start_block(_ITEM_GAP)
        depth = self._depth() + 1
        form = QTextListFormat()
        form.setIndent(depth)
        form.setStyle(QTextListFormat.Style.ListStyleUndefined)
        if token.type == "ordered_list_open":
            form.setProperty(LIST_START, min(int(token.attrs.get("start", 1)), 999_999_999))
        self._state.lists.append(_Level(form, tight=True))

    def _close_list(self, _token: Token) -> None:
        self._state.lists.pop()

    def _open_item(self, _token: Token) -> None:
        self._state.lists[-1].needs_item = True

    def _close_item(self, _token: Token) -> None:
        if self._pending_level() is not None:
            self._start_block(_ITEM_GAP)

    def _close_quote(self) -> None:
        self._state.quotes.pop()
