"""Markdown as plain text: its words without its marks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from app.markup.math_rules import closing_delimiter
from ui.chat.markdown.parser import MarkdownParser


@dataclass(slots=True)
class _State:
    lists: list[int | None] = field(default_factory=list)
    """Of each open list: the next number, None for one with bullets."""
    mark: str = ""
    """Stands before the next line of text."""
    cells: list[str] | None = None
    """Of the table row that is open."""


def markdown_as_plain(source: str, parser: MarkdownParser) -> str:
    """Paragraphs apart by empty lines, items below each other, cells apart by tabulators."""
    text = ""
    for block in parser.blocks(source):
        tight = block.tokens[0].type in ("bullet_list_open", "ordered_list_open", "table_open")
        written = [block.plain] if block.plain is not None else None
        lines = written or list(_lines(block.tokens, _State()))
        if lines:
            text += ("\n\n" if text else "") + ("\n" if tight else "\n\n").join(lines)
    return text


def _lines(tokens: Sequence[Token], state: _State) -> Iterator[str]:
    for token in tokens:
        kind = token.type
        if kind == "inline":
            words = inline_as_plain(token.children or ())
            if state.cells is not None:
                state.cells.append(words)
            else:
                yield _marked(words, state)
        elif kind in ("fence", "code_block"):
            yield _marked(token.content.removesuffix("\n"), state)
        elif kind == "math_block":
            yield _marked(token.markup + token.content + closing_delimiter(token.markup), state)
        elif kind == "tr_close":
            yield "\t".join(state.cells or ())
            state.cells = None
        else:
            _note(token, state)


def _note(token: Token, state: _State) -> None:
    """What opens and closes changes where the next words stand."""
    kind = token.type
    if kind == "bullet_list_open":
        state.lists.append(None)
    elif kind == "ordered_list_open":
        state.lists.append(int(token.attrs.get("start", 1)))
    elif kind in ("bullet_list_close", "ordered_list_close"):
        state.lists.pop()
    elif kind == "list_item_open":
        number = state.lists[-1]
        state.mark = "- " if number is None else f"{number}. "
        if number is not None:
            state.lists[-1] = number + 1
    elif kind == "footnote_open":
        state.mark = f"[{token.meta['number']}] "
    elif kind == "tr_open":
        state.cells = []


def _marked(words: str, state: _State) -> str:
    indent = "   " * max(0, len(state.lists) - 1)
    line = indent + (state.mark or ("  " if state.lists else "")) + words
    state.mark = ""
    return line


def inline_as_plain(children: Sequence[Token]) -> str:
    """The words of a line; an address stands behind a link that says something else."""
    pieces: list[str] = []
    begins: list[tuple[int, str]] = []
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            pieces.append("\n")
        elif token.type == "link_open":
            begins.append((len(pieces), str(token.attrs.get("href", ""))))
        elif token.type == "link_close":
            begin, address = begins.pop()
            if "".join(pieces[begin:]) not in (address, address.removeprefix("mailto:")):
                pieces.append(f" ({address})")
        elif token.type == "image":
            pieces.append(token.content or str(token.attrs.get("src", "")))
        elif token.type == "math_inline":
            pieces.append(str(token.meta["source"]))
        elif token.type == "footnote_ref":
            pieces.append(f"[{token.meta['number']}]")
        else:
            pieces.append(token.content)
    return "".join(pieces)
