"""Inline tokens as runs, links and formulas of a Word paragraph."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from markdown_it.token import Token

from app.export.docx_formula import office_math
from app.export.docx_story import Story
from app.export.docx_xml import Look, run

_STYLES: dict[str, Callable[[Look], Look]] = {
    "strong": lambda look: replace(look, bold=True),
    "em": lambda look: replace(look, italic=True),
    "s": lambda look: replace(look, struck=True),
}


class InlineWriter:
    """Writes the words of a paragraph; ``place`` names the footnotes of one message."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self.place = 0

    def inline(self, children: Sequence[Token], look: Look | None = None) -> str:
        """The XML of a line's tokens."""
        base = look or Look()
        looks = [base]
        pieces: list[str] = []
        links: list[tuple[int, str]] = []
        for token in children:
            name, _, side = token.type.rpartition("_")
            if name in _STYLES:
                looks = self._turned(looks, name, opens=side == "open")
            elif token.type == "link_open":
                address = str(token.attrs.get("href", ""))
                links.append((len(pieces), address))
                is_link = self._story.link(address) is not None
                looks.append(replace(looks[-1], link=is_link or looks[-1].link))
            elif token.type == "link_close" and links:
                begin, address = links.pop()
                looks.pop()
                words = "".join(pieces[begin:])
                pieces[begin:] = [self._linked(words, address, looks[-1])]
            else:
                pieces.append(self._piece(token, looks[-1]))
        return "".join(pieces)

    def footnote_place(self, number: int) -> str:
        """The name of a footnote's place in the document."""
        return f"note{self.place}x{number}"

    def _turned(self, looks: list[Look], name: str, *, opens: bool) -> list[Look]:
        if not opens:
            return looks[:-1] if len(looks) > 1 else looks
        return [*looks, _STYLES[name](looks[-1])]

    def _piece(self, token: Token, look: Look) -> str:
        match token.type:
            case "softbreak" | "hardbreak":
                return run("\n", look)
            case "code_inline":
                return run(token.content, replace(look, code=True))
            case "math_inline":
                made = office_math(token.content)
                return made or run(str(token.meta["source"]), replace(look, code=True))
            case "footnote_ref":
                return self._reference(int(token.meta["number"]))
            case "image":
                address = str(token.attrs.get("src", ""))
                words = run(token.content or address, look)
                return words if look.link else self._linked(words, address, look)
            case _:
                return run(token.content, look)

    def _reference(self, number: int) -> str:
        words = run(str(number), Look(raised=True))
        return f'<w:hyperlink w:anchor="{self.footnote_place(number)}">{words}</w:hyperlink>'

    def _linked(self, words: str, address: str, look: Look) -> str:
        """Words with their address: as a link of the web, else written behind them."""
        relation = self._story.link(address)
        if relation is not None and words:
            return f'<w:hyperlink r:id="{relation}" w:history="1">{words}</w:hyperlink>'
        return words + (run(f" ({address})", look) if address else "")
