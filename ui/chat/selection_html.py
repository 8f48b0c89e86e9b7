"""Markdown as HTML for a word processor: our own few elements, nothing that runs or loads."""

from collections.abc import Callable, Sequence
from html import escape

from markdown_it.token import Token

from app.markup.math_rules import closing_delimiter
from app.markup.parser import Block
from ui.chat.markdown.inline import printable
from ui.chat.markdown.links import safe_address
from ui.chat.markdown.parser import MarkdownParser

_MARKS = {
    "strong_open": "<b>",
    "strong_close": "</b>",
    "em_open": "<i>",
    "em_close": "</i>",
    "s_open": "<s>",
    "s_close": "</s>",
    "softbreak": "<br>",
    "hardbreak": "<br>",
}
_BLOCKS = {
    "blockquote_open": "<blockquote>",
    "blockquote_close": "</blockquote>",
    "bullet_list_open": "<ul>",
    "bullet_list_close": "</ul>",
    "ordered_list_close": "</ol>",
    "list_item_open": "<li>",
    "list_item_close": "</li>",
    "hr": "<hr>",
    "table_open": '<table border="1" cellspacing="0" cellpadding="4">',
    "table_close": "</table>",
    "tr_open": "<tr>",
    "tr_close": "</tr>",
    "th_close": "</th>",
    "td_close": "</td>",
    "footnote_close": "</div>",
}
_ALIGNMENTS = ("left", "center", "right")


def markdown_as_html(source: str, parser: MarkdownParser) -> str:
    """A whole document. Every word of the text is escaped; a link has a safe address or none."""
    body = "".join(_block(block) for block in parser.blocks(source))
    return '<html><head><meta charset="utf-8"></head><body>' + body + "</body></html>"


def _block(block: Block) -> str:
    if block.plain is not None:
        return "<p>" + _lines(block.plain) + "</p>"
    return "".join(_token(token) for token in block.tokens)


def _token(token: Token) -> str:
    kind = token.type
    if kind in _BLOCKS:
        return _BLOCKS[kind]
    made = _SPECIAL.get(kind)
    return made(token) if made is not None else ""


def _paragraph(token: Token) -> str:
    return "" if token.hidden else ("<p>" if token.nesting > 0 else "</p>")


def _heading(token: Token) -> str:
    return ("<h" if token.nesting > 0 else "</h") + str(int(token.tag[1:])) + ">"


def _ordered(token: Token) -> str:
    start = int(token.attrs.get("start", 1))
    return "<ol>" if start == 1 else f'<ol start="{start}">'


def _cell(token: Token) -> str:
    side = str(token.attrs.get("style", "")).removeprefix("text-align:")
    name = token.type[:2]
    return f'<{name} align="{side}">' if side in _ALIGNMENTS else f"<{name}>"


def _code(token: Token) -> str:
    return "<pre>" + escape(printable(token.content.removesuffix("\n"))) + "</pre>"


def _formula(token: Token) -> str:
    return "<p>" + _lines(token.markup + token.content + closing_delimiter(token.markup)) + "</p>"


def _footnote(token: Token) -> str:
    return "<div>[" + escape(str(token.meta["number"])) + "]"


_SPECIAL: dict[str, Callable[[Token], str]] = {
    "inline": lambda token: _inline(token.children or ()),
    "paragraph_open": _paragraph,
    "paragraph_close": _paragraph,
    "heading_open": _heading,
    "heading_close": _heading,
    "ordered_list_open": _ordered,
    "th_open": _cell,
    "td_open": _cell,
    "fence": _code,
    "code_block": _code,
    "math_block": _formula,
    "footnote_open": _footnote,
}


def _inline(children: Sequence[Token]) -> str:
    pieces: list[str] = []
    ends: list[str] = []
    for token in children:
        kind = token.type
        if kind in _MARKS:
            pieces.append(_MARKS[kind])
        elif kind == "code_inline":
            pieces.append("<code>" + escape(printable(token.content)) + "</code>")
        elif kind == "link_open":
            begin, end = _link(str(token.attrs.get("href", "")))
            pieces.append(begin)
            ends.append(end)
        elif kind == "link_close":
            pieces.append(ends.pop())
        elif kind == "image":
            pieces.append(_image(token, inside_link=bool(ends)))
        elif kind == "math_inline":
            pieces.append(_lines(str(token.meta["source"])))
        elif kind == "footnote_ref":
            pieces.append("<sup>" + escape(str(token.meta["number"])) + "</sup>")
        else:
            pieces.append(_lines(token.content))
    return "".join(pieces)


def _link(target: str) -> tuple[str, str]:
    """What stands before and behind its words; an address that may not be a link is written."""
    address = safe_address(target)
    if address is None:
        return "", " (" + escape(printable(target)) + ")"
    return '<a href="' + escape(address) + '">', "</a>"


def _image(token: Token, *, inside_link: bool) -> str:
    """Its description as a link: a picture would be loaded by whoever pastes it."""
    target = str(token.attrs.get("src", ""))
    words = escape(printable(token.content) or target)
    if inside_link:
        return words
    begin, end = _link(target)
    return begin + words + end


def _lines(text: str) -> str:
    return escape(printable(text)).replace("\n", "<br>")
