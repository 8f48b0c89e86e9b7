"""Matrices, cases and aligned lines of a formula."""

from app.export import docx_omml as omml
from app.export.docx_omml import Jc
from app.export.docx_tex import Atom, LineReader, NotSettableError

_BRACKETS = {
    "matrix": ("", ""), "smallmatrix": ("", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"),
    "Bmatrix": ("{", "}"), "vmatrix": ("|", "|"), "Vmatrix": ("‖", "‖"),
}  # fmt: skip
_ALIGNED = frozenset(("aligned", "align", "align*", "split", "eqnarray", "eqnarray*"))
_GATHERED = frozenset(("gathered", "gather", "gather*", "multline", "multline*"))
_SINGLE = frozenset(("equation", "equation*", "displaymath", "math"))
_SIDES: dict[str, Jc] = {"l": "left", "c": "center", "r": "right"}
_MOST_CELLS = 1000
_STOPS = ("&", "\\\\", "\\end")


def environment(parser: LineReader, name: str) -> Atom:
    """What stands between ``\\begin{name}``, which is behind, and its end."""
    columns = _columns(parser.tokens.braced()) if name == "array" else None
    rows = _rows(parser)
    if parser.tokens.braced() != name:
        raise NotSettableError
    width = max(len(row) for row in rows)
    even = [row + [""] * (width - len(row)) for row in rows]
    if name in _BRACKETS:
        opening, closing = _BRACKETS[name]
        made = omml.matrix(even, ["center"] * width)
        return Atom(omml.delimited(opening, [made], closing) if opening else made)
    if name in ("cases", "dcases", "rcases"):
        made = omml.matrix(even, ["left"] * width)
        sides = ("", "}") if name == "rcases" else ("{", "")
        return Atom(omml.delimited(sides[0], [made], sides[1]))
    if name == "array" and columns is not None and width <= len(columns):
        return Atom(omml.matrix(even, columns[:width]))
    if name in _ALIGNED:
        sides_of: list[Jc] = ["left" if number % 2 else "right" for number in range(width)]
        if width == 1 and name.startswith("align"):
            sides_of = ["left"]
        return Atom(omml.matrix(even, sides_of, narrow=True))
    if name in _GATHERED and width == 1:
        return Atom(omml.matrix(even, ["center"]))
    if name in _SINGLE and len(rows) == width == 1:
        return Atom(rows[0][0])
    raise NotSettableError


def _columns(specification: str) -> list[Jc]:
    """The sides of an array's columns; lines between them would be lost."""
    letters = specification.replace(" ", "")
    if not letters or any(letter not in _SIDES for letter in letters):
        raise NotSettableError
    return [_SIDES[letter] for letter in letters]


def _rows(parser: LineReader) -> list[list[str]]:
    """The cells of each row; ``\\end`` is behind then."""
    tokens = parser.tokens
    rows = [[parser.line(_STOPS)]]
    cells = 1
    while not tokens.take_if("\\end"):
        if tokens.take_if("&"):
            rows[-1].append(parser.line(_STOPS))
        else:
            tokens.expect("\\\\")
            tokens.skip_room()
            rows.append([parser.line(_STOPS)])
        cells += 1
        if cells > _MOST_CELLS:
            raise NotSettableError
    if len(rows) > 1 and rows[-1] == [""]:
        rows.pop()  # A line break before the end.
    return rows
