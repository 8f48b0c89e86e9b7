"""One formula's TeX into a vector picture and its spoken phrase; the only use of mathra."""

import html
import re
from dataclasses import dataclass

try:
    from mathra import tex_to_svg
except ImportError:  # There is no wheel for Windows on ARM: formulas are shown as their TeX.
    tex_to_svg = None  # type: ignore[assignment]

LONGEST = 3000
"""Characters of TeX; more are shown as text. The slowest of that length takes about 25 ms."""
_LARGEST = 120_000
"""Characters of a picture: more take longer than a frame to be drawn."""
_PER_EM = 1000.0
_INK = "currentColor"
_VIEW = re.compile(r'viewBox="(\S+) (\S+) (\S+) (\S+)"')
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL)
_UNUSED = re.compile(r"<(metadata|style|text|title)\b.*?</\1>", re.DOTALL)
"""What the picture carries for a web page; Qt would draw the text over the formula."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was set. Lengths are in em; the baseline lies ``ascent`` below the top."""

    width: float
    ascent: float
    descent: float
    spoken: str
    """What a screen reader says, in English."""
    svg: str

    def picture(self, color: str) -> bytes:
        """The picture as SVG in one colour, given as #rrggbb."""
        return self.svg.replace(_INK, color).encode()


def set_formula(tex: str, *, display: bool) -> Formula | None:
    """The formula of ``tex``, None if it cannot be set without losing something.

    Commands that are unknown, braces that do not match and letters that the font lacks are
    refused, never repaired: the source says more than a guess.
    """
    if tex_to_svg is None or len(tex) > LONGEST or not tex.strip():
        return None
    try:
        drawn = tex_to_svg(tex, display=display, strict=True)
    except ValueError:
        return None
    title = _TITLE.search(drawn)
    svg = _UNUSED.sub("", drawn)
    view = _VIEW.search(svg)
    if view is None or len(svg) > _LARGEST:
        return None
    top, width, height = (float(view[group]) / _PER_EM for group in (2, 3, 4))
    if width <= 0 or height <= 0:
        return None
    spoken = html.unescape(title[1]).strip() if title else ""
    return Formula(width, -top, top + height, spoken or tex, svg)
