"""Commands of TeX that take arguments, and brackets, as Office Math."""

import re
from typing import Protocol

from app.export import docx_omml as omml
from app.export import docx_symbols as known
from app.export.docx_tex import Atom, LineReader, NotSettableError

_WORD = re.compile(r"\\([$%_&#{} ])|[\\{}$#%]|[^\\{}$#%]+")
_BIG = re.compile(r"\\([Bb]ig{1,2})([lrm]?)")


class CommandReader(LineReader, Protocol):
    """What reads pieces of a formula in the font that holds there."""

    def argument(self) -> str:
        """What a command takes: a group, or one piece. Raises NotSettableError."""

    def sign(self, character: str) -> str:
        """A character that is no letter."""

    def operator(self, name: str) -> Atom:
        """The name of a function that the formula makes up."""


def construct(reader: CommandReader, name: str) -> Atom:
    """What takes arguments."""
    if big := _BIG.fullmatch("\\" + name):
        return _bracket(reader, _delimiter(reader), big[2], grows=True)
    if name in known.DELIMITERS and (name.isalpha() or name in "{}"):
        side = name[0] if name in ("lvert", "lVert", "rvert", "rVert") else ""
        return _bracket(reader, known.DELIMITERS[name], side)
    match name:
        case "frac" | "dfrac" | "tfrac" | "cfrac":
            return Atom(omml.fraction(reader.argument(), reader.argument()))
        case "binom" | "dbinom" | "tbinom":
            inside = omml.fraction(reader.argument(), reader.argument(), bar=False)
            return Atom(omml.delimited("(", [inside], ")"))
        case "sqrt":
            return _root(reader)
        case "left":
            return _between(reader)
        case "not":
            return _negated(reader)
        case "operatorname" | "mathop":
            return reader.operator(name)
        case _:
            return _decorated(reader, name)


def _decorated(reader: CommandReader, name: str) -> Atom:
    """What is put over, under or around something."""
    match name:
        case "overline":
            return Atom(omml.line(reader.argument(), above=True))
        case "underline":
            return Atom(omml.line(reader.argument(), above=False))
        case "overbrace" | "underbrace":
            mark = "⏞" if name == "overbrace" else "⏟"
            made = omml.brace(mark, reader.argument(), above=name == "overbrace")
            return Atom(made, limits=True)
        case "overset" | "stackrel":
            above, base = reader.argument(), reader.argument()
            return Atom(omml.limits(base, "", above), "rel")
        case "underset":
            below, base = reader.argument(), reader.argument()
            return Atom(omml.limits(base, below, ""), "rel")
        case "xrightarrow" | "xleftarrow":
            return _arrow(reader, "⟶" if name == "xrightarrow" else "⟵")
        case "boxed" | "fbox":
            return Atom(omml.boxed(reader.argument()))
        case "cancel" | "bcancel":
            return Atom(omml.boxed(reader.argument(), crossed=True))
        case "phantom" | "hphantom" | "vphantom":
            return Atom(omml.unseen(reader.argument()))
        case _:
            return _remaining(reader, name)


def _remaining(reader: CommandReader, name: str) -> Atom:
    match name:
        case "substack":
            return _stacked(reader)
        case "pmod":
            return Atom(omml.words(" (mod ") + reader.argument() + omml.words(")"))
        case "bmod" | "mod":
            return Atom(omml.words(" mod "), "space")
        case "hspace" | "hskip":
            reader.tokens.braced()
            return Atom(omml.symbols("\u2003", "p"), "space")
        case "tag":
            return Atom(omml.words(f"\u2003({plain_words(reader.tokens.braced())})"))
        case _:
            raise NotSettableError


def _bracket(reader: CommandReader, sign: str, side: str, *, grows: bool = False) -> Atom:
    """A bracket; ``side`` is "l", "r" or "m" where a command tells it."""
    if side == "l" or (not side and sign in known.OPENING):
        return Atom(reader.sign(sign), "open", sign=sign, grows=grows)
    if side == "r" or (not side and sign in known.CLOSING):
        return Atom(reader.sign(sign), "close", sign=sign)
    return Atom(reader.sign(sign), "rel" if side else "ord")


def _root(reader: CommandReader) -> Atom:
    degree = ""
    if reader.tokens.take_if("["):
        degree = reader.line(("]",))
        reader.tokens.expect("]")
    return Atom(omml.root(reader.argument(), degree))


def _between(reader: CommandReader) -> Atom:
    opening = _delimiter(reader)
    parts = [reader.line(("\\right", "\\middle"))]
    separators: set[str] = set()
    while reader.tokens.take_if("\\middle"):
        separators.add(_delimiter(reader))
        parts.append(reader.line(("\\right", "\\middle")))
    reader.tokens.expect("\\right")
    if len(separators) > 1:
        raise NotSettableError
    closing = _delimiter(reader)
    return Atom(omml.delimited(opening, parts, closing, *separators))


def _delimiter(reader: CommandReader) -> str:
    token = reader.tokens.take()
    if token == ".":
        return ""
    if token == "\\|":
        return "‖"
    name = token.removeprefix("\\")
    if name not in known.DELIMITERS:
        raise NotSettableError
    return known.DELIMITERS[name]


def _negated(reader: CommandReader) -> Atom:
    token = reader.tokens.take()
    sign = known.RELATIONS.get(token[1:], "") if token.startswith("\\") else token
    if token == "\\exists":
        sign = "∃"
    if sign not in known.NEGATED:
        raise NotSettableError
    return Atom(reader.sign(known.NEGATED[sign]), "rel")


def _arrow(reader: CommandReader, sign: str) -> Atom:
    below = ""
    if reader.tokens.take_if("["):
        below = reader.line(("]",))
        reader.tokens.expect("]")
    return Atom(omml.limits(reader.sign(sign), below, reader.argument()), "rel")


def _stacked(reader: CommandReader) -> Atom:
    reader.tokens.expect("{")
    rows = [reader.line(("\\\\", "}"))]
    while reader.tokens.take_if("\\\\"):
        rows.append(reader.line(("\\\\", "}")))
    reader.tokens.expect("}")
    return Atom(omml.lines(rows))


def plain_words(source: str) -> str:
    """The words of ``\\text``; a command or a formula inside is refused."""
    pieces: list[str] = []
    for found in _WORD.finditer(source.replace("~", "\u00a0")):
        if found[1] is not None:
            pieces.append(found[1])
        elif len(found[0]) == 1 and found[0] in "\\$#%":
            raise NotSettableError
        elif found[0] not in "{}":
            pieces.append(found[0])
    return "".join(pieces)
