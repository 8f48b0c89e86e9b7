"""Markdown source into top-level blocks of markdown-it tokens; no HTML, no resources."""

from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from app.markup.footnotes import add_footnotes, footnote_number
from app.markup.math_rules import add_math

_NESTING = 20
"""Containers inside one another; deeper than that a block is shown as its source."""
_MOST_TOKENS = 12_000
"""Of one block, such as 2,400 items of a list."""
_MOST_CELLS = 4000
"""Of one table."""
_MOST_COLUMNS = 100
_LONGEST_INLINE = 40_000
"""Characters of one paragraph."""
_MOST_MARKS = 4000
"""Characters of one paragraph that may be markup."""
_TOO_MUCH = "too_much"
"""Key of what a token tells besides."""
_MARKS = "[]*_`~$<&\\!"


@dataclass(frozen=True, slots=True)
class Block:
    """One top-level block. Lines count from 0; ``end_line`` is the first line after it."""

    tokens: tuple[Token, ...]
    start_line: int
    end_line: int
    plain: str | None = None
    """Source text to be shown as it is: nested too deeply, or more than can be laid out."""


class BlockParser:
    """CommonMark with tables, strikethrough, formulas and footnotes. Raw HTML stays text."""

    def __init__(self) -> None:
        self._markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": _NESTING}).enable(
            ["table", "strikethrough"]
        )
        add_math(self._markdown)
        add_footnotes(self._markdown)
        self._markdown.core.ruler.at("inline", _read_inline)

    def blocks(self, source: str) -> list[Block]:
        """The top-level blocks of ``source`` in order. Never raises for any text."""
        environment: dict[str, dict[str, int]] = {}
        tokens = self._markdown.parse(source, environment)
        found: list[Block] = []
        lines = source.split("\n")
        begin = 0
        for index, token in enumerate(tokens):
            if token.type == "footnote_open":
                token.meta["number"] = footnote_number(environment, token.meta["name"])
            if token.level == 0 and token.nesting <= 0:
                found.append(_block(tuple(tokens[begin : index + 1]), lines))
                begin = index + 1
        return found


def _block(tokens: tuple[Token, ...], lines: list[str]) -> Block:
    start, end = tokens[0].map or (0, 0)
    plain = "\n".join(lines[start:end]).rstrip() if _is_too_much(tokens) else None
    return Block(tokens, start, end, plain)


def _is_too_much(tokens: tuple[Token, ...]) -> bool:
    """Whether laying a block out would take seconds."""
    if len(tokens) > _MOST_TOKENS:
        return True
    cells = columns = 0
    for token in tokens:
        if token.level >= _NESTING - 1 or token.meta.get(_TOO_MUCH):
            return True
        cells += token.type in ("td_open", "th_open")
        columns = columns + 1 if token.type == "th_open" else columns
        if token.type == "table_close":
            if cells > _MOST_CELLS or columns > _MOST_COLUMNS:
                return True
            cells = columns = 0
    return False


def _read_inline(state: StateCore) -> None:
    """Read the text of every block, except where it could keep the reader busy for seconds."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        text = token.content
        if len(text) > _MOST_MARKS and (
            len(text) > _LONGEST_INLINE or sum(map(text.count, _MARKS)) > _MOST_MARKS
        ):
            token.meta[_TOO_MUCH] = True
        else:
            token.children = token.children or []
            state.md.inline.parse(text, state.md, state.env, token.children)
