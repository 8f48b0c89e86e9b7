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

from app.markup.parser import Block
from ui.chat.markdown.blocks import (
    OBJECT_CHARACTER,
    EmbeddedBlock,
    RuleBlock,
    code_block,
    formula_block,
    table_block,
)
from ui.chat.markdown.formulas import Formulas
from ui.chat.markdown.inline import (
    LINE_BREAK,
    footnote_address,
    printable,
    reference_address,
    write_inline,
    write_source,
)
from ui.chat.markdown.styles import COPIED, FOOTNOTE, LIST_START, TASK, Ink, Styles
from ui.sentences import say

_PARAGRAPH_GAP, _ITEM_GAP, _LOOSE_ITEM_GAP, _OBJECT_GAP = 12, 4, 8, 12
_HEADING_GAPS = (24, 24, 20, 16, 16, 16)
_TASKS = ("[ ] ", "[x] ", "[X] ")
_MOST_EMBEDDED = 300
"""Widgets of one message; what follows them is shown as its source."""
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
    footnote: int | None = None
    """The number of the footnote that is open."""


class DocumentBuilder:
    """Writes at the end of ``document``; ``placed`` lists what it embedded, in order."""

    def __init__(self, document: QTextDocument, styles: Styles, formulas: Formulas) -> None:
        self.placed: list[Placed] = []
        self._document = document
        self._styles = styles
        self._formulas = formulas
        self._cursor = QTextCursor(document)
        self._first = self._waiting = True
        self._told_at: int | None = None
        """Where it says that the rest is plain."""
        self._state = _State()
        self._begins_item = False
        """The present text block is the first of a list item and nothing is written in it."""
        document.setIndentWidth(styles.indent)
        self._handlers: dict[str, Callable[[Token], None]] = {
            "paragraph_open": self._open_paragraph,
            "heading_open": self._open_heading,
            "inline": self._write_inline,
            "fence": self._add_fence,
            "math_block": self._add_fence,
            "footnote_open": self._open_footnote,
            "footnote_close": self._close_footnote,
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

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written yet: a quote of nothing, say, writes nothing."""
        return self._first

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
        if self._told_at is not None and (empty or self._told_at > position):
            self._told_at = None
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
            self.add_plain(block.plain, "markdown.plain_part")
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

    def add_plain(self, text: str, reason: str) -> None:
        """Write text as it is, behind a line with the sentence ``reason`` that tells why."""
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        self._start_block(_PARAGRAPH_GAP)
        self._cursor.insertText(say(reason), self._styles.note())
        self._start_block(_ITEM_GAP)
        self.write_plain(text)

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
            self._make_room(int(level.format.property(LIST_START) or 0) + level.items)
            level.items += 1
        self._begins_item = level is not None and self._state.footnote is None

    def _make_room(self, number: int) -> None:
        """Indent lists so far that a number of three digits and more stands before its text."""
        if number > 99:
            wanted = self._styles.room_for(number)
            if wanted > self._document.indentWidth():
                self._document.setIndentWidth(wanted)

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
        if len(self.placed) >= _MOST_EMBEDDED and not isinstance(block, RuleBlock):
            self._write_instead(block.markdown)
            return
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

    def _write_instead(self, source: str) -> None:
        """The source of what would be one widget too many; the first time says why."""
        if self._told_at is None:
            self._start_block(_PARAGRAPH_GAP)
            text = say("markdown.plain_rest")
            self._cursor.insertText(text, self._styles.note())
            self._told_at = self._cursor.position()
        self._start_block(_PARAGRAPH_GAP)
        write_source(self._cursor, source, self._styles, self._ink())

    def _open_paragraph(self, token: Token) -> None:
        if self._state.lists and not token.hidden:
            self._state.lists[-1].tight = False
        self._start_block(_PARAGRAPH_GAP)

    def _open_heading(self, token: Token) -> None:
        level = int(token.tag[1:])
        self._state.heading = level
        self._start_block(_HEADING_GAPS[level - 1], heading=level)

    def _write_inline(self, token: Token) -> None:
        children = token.children or []
        if self._begins_item:
            self._begins_item = False
            children = self._without_task(children)
        write_inline(self._cursor, children, self._styles, self._ink(), self._formulas)
        self._state.heading = 0

    def _ink(self) -> Ink:
        footnote = self._state.footnote is not None
        return Ink(
            heading=self._state.heading, muted=bool(self._state.quotes) or footnote, small=footnote
        )

    def _without_task(self, children: list[Token]) -> list[Token]:
        """What follows "[ ]" or "[x]" at the beginning of a list item; notes the task."""
        first = children[0] if children else None
        if first is None or first.type != "text" or first.content[:4] not in _TASKS:
            return children
        form = QTextBlockFormat()
        form.setProperty(TASK, first.content[1] != " ")
        self._cursor.mergeBlockFormat(form)
        return [first.copy(content=first.content[4:]), *children[1:]]

    def _add_fence(self, token: Token) -> None:
        """A displayed formula, its source if it cannot be set, or code."""
        formula = formula_block(token)
        if formula is None:
            self._embed(code_block(token))
        elif self._formulas.formula(formula.tex, display=True) is not None:
            self._embed(formula)
        else:
            self._start_block(_PARAGRAPH_GAP)
            write_source(self._cursor, formula.markdown, self._styles, self._ink())

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

    def _open_footnote(self, token: Token) -> None:
        number = int(token.meta["number"])
        form = QTextListFormat()
        form.setIndent(self._depth() + 1)
        form.setStyle(QTextListFormat.Style.ListStyleUndefined)
        form.setProperty(LIST_START, number)
        form.setProperty(FOOTNOTE, str(token.meta["name"]))
        self._state.lists.append(_Level(form, tight=True, needs_item=True))
        self._state.footnote = number

    def _close_footnote(self, _token: Token) -> None:
        if self._pending_level() is not None:
            self._start_block(_ITEM_GAP)
        if self._state.footnote:
            self._write_way_back(self._state.footnote)
        self._state.lists.pop()
        self._state.footnote = None

    def _write_way_back(self, number: int) -> None:
        """An arrow to the first reference, at the end of a footnote's last text."""
        ink = self._ink().with_(address=reference_address(number))
        made = QTextCharFormat(self._styles.chars(ink))
        made.setFontUnderline(False)
        made.setProperty(COPIED, "")
        made.setAnchorNames([footnote_address(number)[1:]])
        if self.placed and self.placed[-1].position == self._cursor.position() - 1:
            self._start_block(_ITEM_GAP)
        self._cursor.insertText("\u00a0↩", made)

    def _close_quote(self) -> None:
        self._state.quotes.pop()
