"""Markdown source into top-level blocks of markdown-it tokens; no HTML, no resources."""

from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

_NESTING = 20
"""Containers inside one another; deeper than that a block is shown as its source."""


@dataclass(frozen=True, slots=True)
class Block:
    """One top-level block. Lines count from 0; ``end_line`` is the first line after it."""

    tokens: tuple[Token, ...]
    start_line: int
    end_line: int
    plain: str | None = None
    """Source text to be shown as it is, when it is nested too deeply to be read."""


class MarkdownParser:
    """CommonMark with tables and strikethrough. Raw HTML stays text."""

    def __init__(self) -> None:
        self._markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": _NESTING}).enable(
            ["table", "strikethrough"]
        )

    def blocks(self, source: str) -> list[Block]:
        """The top-level blocks of ``source`` in order. Never raises for any text."""
        tokens = self._markdown.parse(source)
        found: list[Block] = []
        begin = 0
        for index, token in enumerate(tokens):
            if token.level == 0 and token.nesting <= 0:
                found.append(self._block(tuple(tokens[begin : index + 1]), source))
                begin = index + 1
        return found

    @staticmethod
    def _block(tokens: tuple[Token, ...], source: str) -> Block:
        start, end = tokens[0].map or (0, 0)
        too_deep = any(token.level >= _NESTING - 1 for token in tokens)
        plain = "\n".join(source.split("\n")[start:end]).rstrip() if too_deep else None
        return Block(tokens, start, end, plain)
