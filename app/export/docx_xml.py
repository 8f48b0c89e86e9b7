"""Text as the XML of a word processor: every character of it stays text."""

import re
import unicodedata
from dataclasses import dataclass

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold, not even as a reference."""
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_PIECES = re.compile(r"[\n\t]|[^\n\t]+")
_RIGHTWARDS, _LEFTWARDS = frozenset(("L",)), frozenset(("R", "AL"))


@dataclass(frozen=True, slots=True)
class Look:
    """How a run of text looks. Colours are RRGGBB; empty is the style's own."""

    bold: bool = False
    italic: bool = False
    struck: bool = False
    code: bool = False
    link: bool = False
    raised: bool = False
    color: str = ""


def escaped(text: str) -> str:
    """Text for an element or an attribute in double quotes."""
    return _FORBIDDEN.sub("\ufffd", text).translate(_MARKUP)


def run(text: str, look: Look | None = None) -> str:
    """Text as one run; line breaks and tabulators are elements. Empty for no text."""
    if not text:
        return ""
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    pieces = "".join(_piece(piece) for piece in _PIECES.findall(whole))
    return f"<w:r>{_properties(look or Look(), whole)}{pieces}</w:r>"


def is_leftwards(text: str) -> bool:
    """Whether the first letter that has a direction is written from the right."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in _RIGHTWARDS:
            return False
        if direction in _LEFTWARDS:
            return True
    return False


def _piece(piece: str) -> str:
    if piece == "\n":
        return "<w:br/>"
    if piece == "\t":
        return "<w:tab/>"
    return f'<w:t xml:space="preserve">{escaped(piece)}</w:t>'


def _properties(look: Look, text: str) -> str:
    """In the order of the schema."""
    style = "CodeText" if look.code else "Hyperlink" if look.link else ""
    told = [
        f'<w:rStyle w:val="{style}"/>' if style else "",
        "<w:b/><w:bCs/>" if look.bold else "",
        "<w:i/><w:iCs/>" if look.italic else "",
        "<w:strike/>" if look.struck else "",
        f'<w:color w:val="{look.color}"/>' if look.color else "",
        '<w:u w:val="single"/>' if look.code and look.link else "",
        '<w:vertAlign w:val="superscript"/>' if look.raised else "",
        "<w:rtl/>" if is_leftwards(text) else "",
    ]
    inside = "".join(told)
    return f"<w:rPr>{inside}</w:rPr>" if inside else ""
