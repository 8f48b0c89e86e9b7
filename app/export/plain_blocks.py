"""A message's Markdown as lines of plain text."""

from collections.abc import Sequence

from markdown_it.token import Token

from app.markup.math_rules import closing_delimiter
from app.markup.parser import BlockParser

_RULE = "----------"


def plain_words(source: str, parser: BlockParser) -> str:
    """``source`` without its marks. Never raises for any text."""
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    lines = _Lines(text.split("\n"))
    for block in parser.blocks(text):
        if block.plain is not None:
            lines.add(block.plain)
        else:
            lines.add_tokens(block.tokens)
    return "\n".join(lines.written)


class _Lines:
    """Lines as they grow; quotes and items put something before each."""

    def __init__(self, source: list[str]) -> None:
        self.written: list[str] = []
        self._source = source
        self._prefixes: list[tuple[str, str]] = []
        """Of every open quote and item: what stands before its next line, and before others."""
        self._numbers: list[int | None] = []
        """Of every open list: the next number, None for one with bullets."""
        self._shown = 0
        """How many of them stood before the line above."""
        self._tight = False
        self._begins_list = False
        """What comes is the first line of an outermost list."""

    def add_tokens(self, tokens: Sequence[Token]) -> None:
        """Write one top-level block."""
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.type == "table_open":
                self._add_source(token)
                while tokens[index].type != "table_close":
                    index += 1
            else:
                self._add_token(token)
            index += 1

    def add(self, text: str, *, tight: bool = False) -> None:
        """Write the lines of ``text``, an empty line before them unless they are ``tight``."""
        self._begins_list = False
        if self.written and not tight:
            same = self._prefixes[: self._shown]
            self.written.append("".join(rest for _first, rest in same).rstrip())
        for line in text.split("\n"):
            # A line without words keeps its spaces only where nothing stands before it.
            whole = self._before() + line
            self.written.append(whole if line else whole.rstrip())
        self._shown = len(self._prefixes)

    def _before(self) -> str:
        begins = "".join(first for first, _rest in self._prefixes)
        self._prefixes = [(rest, rest) for _first, rest in self._prefixes]
        return begins

    def _add_token(self, token: Token) -> None:
        match token.type:
            case "inline":
                self.add(inline_words(token.children or ()), tight=self._tight)
            case "fence" | "code_block":
                self.add(token.content.removesuffix("\n"))
            case "math_block":
                self.add(token.markup + _shaped(token.content) + closing_delimiter(token.markup))
            case "hr":
                self.add(_RULE)
            case "paragraph_open":
                self._tight = token.hidden and not self._begins_list
            case "heading_open":
                self._tight = False
            case _:
                self._note(token)

    def _note(self, token: Token) -> None:
        """What opens and closes changes where the next lines stand."""
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            begin = int(token.attrs.get("start", 1))
            self._numbers.append(begin if kind == "ordered_list_open" else None)
            self._begins_list = len(self._numbers) == 1
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._numbers.pop()
        elif kind == "list_item_open":
            self._open(self._mark())
        elif kind == "footnote_open":
            self._open(f"[{token.meta['number'] or token.meta['name']}] ")
        elif kind == "blockquote_open":
            self._prefixes.append(("> ", "> "))
        elif kind in ("list_item_close", "footnote_close"):
            self._close()
        elif kind == "blockquote_close":
            self._prefixes.pop()
        self._shown = min(self._shown, len(self._prefixes))

    def _mark(self) -> str:
        number = self._numbers[-1]
        if number is None:
            return "- "
        self._numbers[-1] = number + 1
        return f"{number}. "

    def _open(self, mark: str) -> None:
        self._prefixes.append((mark, " " * len(mark)))

    def _close(self) -> None:
        """An item without words keeps its mark."""
        first, rest = self._prefixes[-1]
        if first != rest:
            self.add("", tight=True)
        self._prefixes.pop()

    def _add_source(self, token: Token) -> None:
        """The lines as they were written, with what stood before them."""
        begin, end = token.map or (0, 0)
        if any(first != rest for first, rest in self._prefixes):
            self.add("")
        self._shown = 0
        self.written += ["", *self._source[begin:end]] if self.written else self._source[begin:end]


def _shaped(content: str) -> str:
    return f"\n{content}\n" if "\n" in content else content


def inline_words(children: Sequence[Token]) -> str:
    """The words of a line; an address stands behind a link that says something else."""
    pieces: list[str] = []
    begins: list[tuple[int, str]] = []
    for token in children:
        match token.type:
            case "softbreak" | "hardbreak":
                pieces.append("\n")
            case "link_open":
                begins.append((len(pieces), str(token.attrs.get("href", ""))))
            case "link_close":
                begin, address = begins.pop()
                pieces.append(_behind("".join(pieces[begin:]), address))
            case "image":
                address = str(token.attrs.get("src", ""))
                pieces.append(token.content + _behind(token.content, address))
            case "math_inline":
                pieces.append(str(token.meta["source"]))
            case "footnote_ref":
                pieces.append(f"[{token.meta['number']}]")
            case _:
                pieces.append(token.content)
    return "".join(pieces)


def _behind(words: str, address: str) -> str:
    """What follows the words of a link."""
    if not address or words in (address, address.removeprefix("mailto:")):
        return ""
    return f" ({address})" if words else address
