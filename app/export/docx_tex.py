"""A formula's TeX as tokens, and its pieces as they are joined to a line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from app.export import docx_omml as omml

Kind = Literal["ord", "bin", "rel", "open", "close", "group", "punct", "func", "large", "space"]

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_ROOM = re.compile(r"\[-?[0-9.]+(?:pt|em|ex|mm|cm|in|mu)\]")
_TAG = re.compile(r"<[^>]*>")
_MOST_OF_ROOM = 12
_THIN = "\u2009"


class NotSettableError(Exception):
    """The formula holds something that would be lost; its TeX says more."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece of a line and what kind of neighbour it is."""

    xml: str
    kind: Kind = "ord"
    limits: bool = False
    """Whether scripts stand below and above."""
    sign: str = ""
    """The character of a bracket, of a large operator, which takes what follows as its own, or
    "+" of whatever ends what belongs to one."""
    below: str = ""
    """Scripts that wait until it is known what they belong to."""
    above: str = ""
    grows: bool = False
    """Whether a bracket is as high as what it holds."""


class Tokens:
    """Tokens of TeX, read one after the other; spaces between them mean nothing."""

    def __init__(self, tex: str) -> None:
        self._tokens = _TOKEN.findall(tex)
        self._at = 0

    def peek(self) -> str:
        """The next token that is no space; empty at the end."""
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self) -> str:
        """The next token, which is then behind. Raises NotSettableError at the end."""
        token = self.peek()
        if not token:
            raise NotSettableError
        self._at += 1
        return token

    def take_number(self, begin: str) -> str:
        """The digits that follow ``begin``, with a point between two of them."""
        found = begin
        while self._at < len(self._tokens):
            ahead = self._tokens[self._at : self._at + 2]
            if ahead[0] == "." and found[-1:].isdecimal() and ahead[1:] and ahead[1].isdecimal():
                found += "."
            elif ahead[0].isdecimal():
                found += ahead[0]
            else:
                break
            self._at += 1
        return found

    def take_letters(self, begin: str) -> str:
        """The letters that follow ``begin``, as one word."""
        end = self._at
        while end < len(self._tokens) and self._tokens[end].isalpha():
            end += 1
        found = begin + "".join(self._tokens[self._at : end])
        self._at = end
        return found

    def take_if(self, token: str) -> bool:
        """Whether ``token`` comes next; it is then behind."""
        if self.peek() != token:
            return False
        self._at += 1
        return True

    def expect(self, token: str) -> None:
        """Take ``token``. Raises NotSettableError if another comes."""
        if self.take() != token:
            raise NotSettableError

    def braced(self) -> str:
        """The source between the braces that come next, with its spaces."""
        self.expect("{")
        begin, depth = self._at, 1
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            depth += (token == "{") - (token == "}")
            self._at += 1
            if depth == 0:
                return "".join(self._tokens[begin : self._at - 1])
        raise NotSettableError

    def skip_room(self) -> None:
        """Leave out the extra room after a row: ``\\\\[2pt]``."""
        if self.peek() != "[":
            return
        ahead = self._tokens[self._at : self._at + _MOST_OF_ROOM]
        length = ahead.index("]") + 1 if "]" in ahead else 0
        if _ROOM.fullmatch("".join(token.strip() for token in ahead[:length])):
            self._at += length


class LineReader(Protocol):
    """What reads pieces of a formula."""

    tokens: Tokens

    def line(self, stops: tuple[str, ...]) -> str:
        """Everything up to one of ``stops``, which is not taken. Raises NotSettableError."""


def joined(atoms: Sequence[Atom]) -> str:
    """The line; brackets hold what is between them, a large operator what belongs to it."""
    return _in_line(_bracketed(atoms))


def joined_lines(atoms: Sequence[Atom], most: int) -> list[str]:
    """The same, broken before a relation or a sum where a line has ``most`` characters."""
    lines: list[list[Atom]] = [[]]
    length = 0
    for atom in _bracketed(atoms):
        breaks = atom.kind == "rel" or atom.sign == "+"
        if breaks and length >= most:
            lines.append([])
            length = 0
        lines[-1].append(atom)
        length += len(_TAG.sub("", atom.xml))
    return [_in_line(line) for line in lines]


def _bracketed(atoms: Sequence[Atom]) -> list[Atom]:
    """Each pair of brackets as one atom, so that a script stands at the whole of it."""
    levels: list[list[Atom]] = [[]]
    opened: list[Atom] = []
    for atom in atoms:
        if atom.kind == "open":
            opened.append(atom)
            levels.append([])
        elif atom.kind == "close" and opened:
            inside = _in_line(levels.pop())
            opening = opened.pop()
            pair = omml.delimited(opening.sign, [inside], atom.sign, grows=opening.grows)
            levels[-1].append(Atom(omml.scripts(pair, atom.below, atom.above), "group"))
        else:
            levels[-1].append(_alone(atom) if atom.kind == "close" else atom)
    while opened:
        inside_open = levels.pop()
        levels[-1] += [_alone(opened.pop()), *inside_open]
    return levels[0]


def _alone(bracket: Atom) -> Atom:
    """A bracket without its other half is text: readers of formulas wait for that half."""
    xml = omml.scripts(omml.words(bracket.sign), bracket.below, bracket.above)
    return Atom(xml, bracket.kind)


def _in_line(atoms: Sequence[Atom]) -> str:
    pieces: list[str] = []
    index = 0
    before: Kind | None = None
    while index < len(atoms):
        atom = atoms[index]
        if _needs_space(before, atom):
            pieces.append(omml.symbols(_THIN, "p"))
        elif _misses_operand(before, atom):
            pieces.append(omml.nothing())
        index += 1
        before = atom.kind
        if atom.kind == "large":
            end = _operand_end(atoms, index)
            pieces.append(_large(atom, _in_line(atoms[index:end])))
            before = atoms[end - 1].kind if end > index else "large"
            index = end
        else:
            pieces.append(atom.xml)
    if before in ("rel", "bin"):
        pieces.append(omml.nothing())
    return "".join(pieces)


def _misses_operand(before: Kind | None, atom: Atom) -> bool:
    """Whether an operator has nothing before it: a line of an equation begins with one."""
    if before not in (None, "rel", "bin", "punct"):
        return False
    return atom.kind == "rel" or (atom.kind == "bin" and atom.sign != "+")


def _needs_space(before: Kind | None, atom: Atom) -> bool:
    if before == "func":
        return atom.kind in ("ord", "func", "large")
    return atom.kind == "func" and before in ("ord", "close", "group")


def _operand_end(atoms: Sequence[Atom], begin: int) -> int:
    """Up to the next sum, relation, comma or lonely bracket."""
    for end in range(begin, len(atoms)):
        atom = atoms[end]
        if atom.kind in ("rel", "punct", "close") or (atom.sign == "+" and end > begin):
            return end
    return len(atoms)


def _large(atom: Atom, inside: str) -> str:
    if inside:
        return omml.large(atom.sign, atom.below, atom.above, inside, around=atom.limits)
    sign = omml.symbols(atom.sign, "p")
    make = omml.limits if atom.limits else omml.scripts
    return make(sign, atom.below, atom.above)
