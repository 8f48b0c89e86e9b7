"""Formulas as HTML: a vector picture, what it says, and its TeX for copying and searching."""

import re
from functools import lru_cache
from math import ceil

from markdown_it.token import Token

from app.export.html_text import label_html, text_html, value_html
from app.markup.formula import Formula, set_formula
from app.markup.math_rules import closing_delimiter

STEPS_PER_EM = 10
"""Descents are told by classes, because a page that allows no inline style has no other way."""
MOST_STEPS = 60
_GLYPH = re.compile(r'<path id="([\w-]+)" d="([\w. -]*)"/>')
_USE = re.compile(r'<use href="#([\w-]+)"(?: x="([\d.-]+)" y="([\d.-]+)")?((?: [^<>]*)?)/>')
_DRAWN = re.compile(
    r"(?:</?(?:g|path|rect|line)"
    r'(?: transform="[\w.,() -]*"'
    r"| (?:d|x|y|x1|y1|x2|y2|width|height|fill|stroke|stroke-width|stroke-linecap)"
    r'="[\w#., -]*")*/?>)*'
)
"""All that a picture may consist of; what draws it is given text that strangers wrote."""
_VIEW = re.compile(r'viewBox="([\d.-]+) ([\d.-]+) ([\d.]+) [\d.]+"')
_CLOSER = ((" L", "L"), (" C", "C"), (" Q", "Q"), (" Z", "Z"))


_KEPT = 256
"""Written formulas that are kept; a large one takes 100 kB."""


class FormulaHtml:
    """Writes formulas and keeps the latest; what cannot be set is code."""

    def __init__(self) -> None:
        self._inline = lru_cache(maxsize=_KEPT)(_inline)

    def inline(self, tex: str, source: str, *, display: bool) -> str:
        """A formula in a line; ``source`` has its delimiters."""
        return self._inline(tex, source, display)

    def block(self, tex: str, source: str) -> str:
        """A displayed formula on its own."""
        formula = set_formula(tex, display=True)
        picture = picture_html(formula, formula.descent) if formula is not None else ""
        if formula is None or not picture:
            return f'<pre class="tex" dir="ltr"><code>{text_html(source)}</code></pre>\n'
        return f'<div class="x"{_told(formula, tex)}>{picture}{_kept(source)}</div>\n'


def _inline(tex: str, source: str, display: bool) -> str:
    formula = set_formula(tex, display=display)
    if formula is not None:
        steps = max(0, ceil(formula.descent * STEPS_PER_EM))
        picture = picture_html(formula, steps / STEPS_PER_EM)
        if picture and steps <= MOST_STEPS:
            name = f"x v{steps}" if steps else "x"
            return f'<span class="{name}"{_told(formula, tex)}>{picture}{_kept(source)}</span>'
    return f'<code class="tex" dir="ltr">{text_html(source)}</code>'


def _told(formula: Formula, tex: str) -> str:
    """Attributes that say what a formula is, to people and to programs."""
    spoken = label_html(formula.spoken, 1000)
    return f' role="img" dir="ltr" lang="en" aria-label="{spoken}" data-tex="{value_html(tex)}"'


def _kept(source: str) -> str:
    """The source, which is not seen, but copied and found."""
    return f'<span class="t">{text_html(source)}</span>'


def picture_html(formula: Formula, descent: float) -> str:
    """The picture in em, ``descent`` below its baseline; empty where it is more than a drawing.

    Each letter is drawn where it stands: a page that holds a formula twice would have the names
    twice that letters are referred to by.
    """
    begin, end = formula.svg.find(">") + 1, formula.svg.rfind("</svg>")
    view = _VIEW.search(formula.svg[:begin])
    letters, _, body = formula.svg[begin:end].rpartition("</defs>")
    glyphs = dict(_GLYPH.findall(letters))
    drawn = _USE.sub(lambda found: _letter(found, glyphs), body)
    if view is None or _DRAWN.fullmatch(drawn) is None:
        return ""
    high = formula.ascent + descent
    return (
        f'<svg viewBox="{view[1]} {view[2]} {view[3]} {high * 1000:g}" width="{formula.width:g}em"'
        f' height="{high:g}em" aria-hidden="true">{drawn}</svg>'
    )


def _letter(found: re.Match[str], glyphs: dict[str, str]) -> str:
    """The outline instead of a reference to it."""
    outline = glyphs.get(found[1])
    if outline is None:
        return found[0]
    for wide, close in _CLOSER:
        outline = outline.replace(wide, close)
    at = f' transform="translate({found[2]} {found[3]})"' if found[2] else ""
    return f'<path{at}{found[4]} d="{outline}"/>'


def displayed_formula(token: Token) -> tuple[str, str] | None:
    """TeX and source of a ``math_block`` token or a closed fence of ``math``; None for others."""
    if token.type == "math_block":
        gap = "\n" if "\n" in token.content else ""
        end = closing_delimiter(token.markup)
        return token.content, f"{token.markup}{gap}{token.content}{gap}{end}"
    if token.type != "fence" or token.info.strip() != "math" or token.map is None:
        return None
    text = token.content.removesuffix("\n")
    is_open = token.map[1] - token.map[0] < text.count("\n") + (3 if token.content else 2)
    return None if is_open else (text.strip(), f"$$\n{text.strip()}\n$$")
