"""Shows Markdown as the plain text it is: paragraphs of source, nothing read into them."""

from collections.abc import Sequence

from markdown_it.token import Token

from app.markup.parser import Block
from ui.chat.markdown.parser import MarkdownParser


class PlainParser(MarkdownParser):
    """Every run of lines between empty ones becomes a paragraph that says just that."""

    def blocks(self, source: str) -> list[Block]:
        """The paragraphs of ``source`` in order. Never raises for any text."""
        found: list[Block] = []
        lines = source.split("\n")
        begin: int | None = None
        for number, line in enumerate([*lines, ""]):
            if line.strip():
                begin = number if begin is None else begin
            elif begin is not None:
                found.append(_paragraph(lines[begin:number], begin))
                begin = None
        return found


def _paragraph(lines: Sequence[str], begin: int) -> Block:
    children: list[Token] = []
    for line in lines:
        if children:
            children.append(Token("softbreak", "br", 0))
        children.append(Token("text", "", 0, content=line))
    place = [begin, begin + len(lines)]
    words = Token("inline", "", 0, children=children, content="\n".join(lines), map=place)
    tokens = (Token("paragraph_open", "p", 1, map=place), words, Token("paragraph_close", "p", -1))
    return Block(tokens, begin, begin + len(lines))
