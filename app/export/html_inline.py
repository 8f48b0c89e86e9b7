"""Inline tokens as HTML: a link has a safe address or is written out, and nothing is loaded."""

from collections.abc import Sequence

from markdown_it.token import Token

from app.export.html_formulas import FormulaHtml
from app.export.html_text import text_html, value_html
from app.markup.addresses import linkable

_MARKS = {
    "strong_open": "<strong>",
    "strong_close": "</strong>",
    "em_open": "<em>",
    "em_close": "</em>",
    "s_open": "<s>",
    "s_close": "</s>",
    "softbreak": "<br>\n",
    "hardbreak": "<br>\n",
}
_ADDRESS_LIKE = ("://", "www.", "mailto:")


class InlineHtml:
    """Writes the inside of one paragraph after the other, of one message."""

    def __init__(self, formulas: FormulaHtml, anchor: str) -> None:
        self._formulas = formulas
        self._anchor = anchor
        self._referred: set[int] = set()

    def html(self, children: Sequence[Token]) -> str:
        """The tokens of one ``inline`` token."""
        pieces: list[str] = []
        ends: list[str] = []
        for index, token in enumerate(children):
            kind = token.type
            if kind == "text":
                pieces.append(text_html(token.content))
            elif kind in _MARKS:
                pieces.append(_MARKS[kind])
            elif kind == "code_inline":
                pieces.append(f'<code dir="ltr">{text_html(token.content)}</code>')
            elif kind == "link_open":
                begin, end = _link(token, _words(children, index + 1))
                pieces.append(begin)
                ends.append(end)
            elif kind == "link_close":
                pieces.append(ends.pop())
            else:
                pieces.append(self._special(token, inside_link=bool(ends)))
        return "".join(pieces)

    def _special(self, token: Token, *, inside_link: bool) -> str:
        if token.type == "math_inline":
            display = token.markup in ("$$", "\\[")
            return self._formulas.inline(token.content, str(token.meta["source"]), display=display)
        if token.type == "image":
            return _image(token, inside_link=inside_link)
        return self._reference(int(token.meta["number"]))

    def _reference(self, number: int) -> str:
        """The number of a footnote, as a link to where it stands."""
        name = ""
        if number not in self._referred:
            self._referred.add(number)
            name = f' id="{self._anchor}-r{number}"'
        return f'<sup><a{name} href="#{self._anchor}-f{number}">{number}</a></sup>'


def _words(children: Sequence[Token], begin: int) -> str:
    """The text of a link whose tokens begin there."""
    words = []
    for token in children[begin:]:
        if token.type == "link_close":
            break
        words.append(token.content)
    return "".join(words)


def _link(token: Token, words: str) -> tuple[str, str]:
    """What stands before and behind a link's words."""
    target = str(token.attrs.get("href", ""))
    address = linkable(target)
    if address is None:
        return "", f" ({text_html(target)})"
    begin = f'<a href="{value_html(address)}" rel="noreferrer noopener nofollow">'
    if token.info == "auto":
        return begin.replace("<a ", '<a class="auto" ', 1), "</a>"
    lower = words.lower()
    if words.strip() != target and any(each in lower for each in _ADDRESS_LIKE):
        # Words that look like an address must not hide another one.
        return begin, f"</a> ({text_html(address)})"
    return begin, "</a>"


def _image(token: Token, *, inside_link: bool) -> str:
    """Its description as a link: the picture itself would be loaded from somewhere."""
    target = str(token.attrs.get("src", ""))
    words = text_html(token.content or target)
    if inside_link:
        return words
    begin, end = _link(token.copy(attrs={"href": target}), token.content or target)
    return begin + words + end
