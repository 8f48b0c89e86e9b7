"""TeX into Office Math; what it does not know it refuses, so that nothing is lost or guessed."""

from app.export import docx_omml as omml
from app.export import docx_symbols as known
from app.export.docx_commands import construct, plain_words
from app.export.docx_environments import environment
from app.export.docx_tex import Atom, Kind, NotSettableError, Tokens, joined, joined_lines

_LONGEST = 3000
"""Characters of TeX; more are shown as text, as on the screen."""
_DEEPEST = 40
_LINE = 60
"""Characters after which a displayed formula goes on below; not every program breaks one."""
_CENTRED = '<m:oMathParaPr><m:jc m:val="center"/></m:oMathParaPr>'
_BREAK = "<m:r><w:br/></m:r>"

_FONTS = {
    "mathrm": "p", "rm": "p", "mathbf": "b", "bf": "b", "mathit": "", "it": "", "mathnormal": "",
    "boldsymbol": "bi", "bm": "bi", "pmb": "bi", "mathsf": "sf", "mathtt": "tt", "mathbb": "bb",
    "mathcal": "cal", "mathscr": "cal", "mathfrak": "frak", "Bbb": "bb",
}  # fmt: skip
_SCRIPTS = {"sf": "sans-serif", "tt": "monospace"}
_WORDS = {
    "text": "", "textrm": "", "textnormal": "", "mbox": "", "hbox": "", "textbf": "b",
    "textit": "i", "emph": "i", "textup": "", "textsf": "", "texttt": "",
}  # fmt: skip
_WITHOUT_EFFECT = frozenset(
    ("displaystyle", "textstyle", "scriptstyle", "nonumber", "notag", "nolimits", "limits",
     "hfill", "relax", "strut", "mathstrut", "allowbreak", "nobreak", "protect")
)  # fmt: skip
_PLAIN: dict[str, tuple[str, Kind]] = {
    "-": ("−", "bin"), "+": ("+", "bin"), "*": ("∗", "bin"), "=": ("=", "rel"), "<": ("<", "rel"),
    ">": (">", "rel"), ":": (":", "rel"), ",": (",", "punct"), ";": (";", "punct"),
    "(": ("(", "open"), "[": ("[", "open"), ")": (")", "close"), "]": ("]", "close"),
    "!": ("!", "ord"),
}  # fmt: skip
_REFUSED = frozenset("%#$&")


def office_math(tex: str) -> str | None:
    """The ``m:oMath`` of a formula in a line, None if making it would lose something."""
    lines = _lines(tex, display=False)
    return f"<m:oMath>{lines[0]}</m:oMath>" if lines else None


def displayed_math(tex: str) -> str | None:
    """The ``m:oMathPara`` of a displayed formula, None as before; a long one has several lines."""
    lines = _lines(tex, display=True)
    if not lines:
        return None
    whole = f"{_BREAK}</m:oMath><m:oMath>".join(lines)
    return f"<m:oMathPara>{_CENTRED}<m:oMath>{whole}</m:oMath></m:oMathPara>"


def _lines(tex: str, *, display: bool) -> list[str]:
    """The lines of a formula; none if it cannot be made."""
    if len(tex) > _LONGEST or not tex.strip():
        return []
    parser = FormulaParser(Tokens(tex), display=display)
    try:
        atoms = parser.atoms(())
    except NotSettableError:
        return []
    lines = joined_lines(atoms, _LINE if display else len(tex))
    return [] if lines == [""] else lines


class FormulaParser:
    """Reads one formula from left to right; every method raises NotSettableError."""

    def __init__(self, tokens: Tokens, *, display: bool) -> None:
        self.tokens = tokens
        self._display = display
        self._font = ""
        self._depth = 0

    def line(self, stops: tuple[str, ...]) -> str:
        """Everything up to one of ``stops``, which is not taken, or to the end."""
        return joined(self.atoms(stops))

    def atoms(self, stops: tuple[str, ...]) -> list[Atom]:
        """The same, as pieces."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotSettableError
        font, found = self._font, []
        while (token := self.tokens.peek()) and token not in stops:
            atom = self._scripted(self._nucleus(whole=True))
            if atom.xml or atom.kind == "large":
                found.append(atom)
        self._font = font  # A change of font ends with its group.
        self._depth -= 1
        return found

    def argument(self) -> str:
        """What a command takes: a group, or one piece."""
        if self.tokens.peek() == "{":
            return self._group()
        atom = self._nucleus()
        return joined([atom])

    def _group(self) -> str:
        self.tokens.expect("{")
        inside = self.line(("}",))
        self.tokens.expect("}")
        return inside

    # --- scripts ----------------------------------------------------------------------------
    def _scripted(self, base: Atom) -> Atom:
        below = above = ""
        limits = base.limits
        while True:
            token = self.tokens.peek()
            if token in ("\\limits", "\\nolimits"):
                limits = self.tokens.take() == "\\limits"
            elif token == "^" and not above:
                self.tokens.take()
                above = self.argument()
            elif token == "_" and not below:
                self.tokens.take()
                below = self.argument()
            elif token == "'" and not above:
                above = self._primes()
            else:
                break
        if token in ("^", "_"):
            raise NotSettableError  # Two of one kind.
        if base.kind == "large":
            return Atom("", "large", limits, base.sign, below, above)
        if base.kind == "close":
            return Atom(base.xml, "close", False, base.sign, below, above)
        if not below and not above:
            return base
        make = omml.limits if limits else omml.scripts
        return Atom(make(base.xml, below, above), base.kind)

    def _primes(self) -> str:
        count = 0
        while self.tokens.take_if("'"):
            count += 1
        made = omml.symbols("′" * count, "p")
        return made + self.argument() if self.tokens.take_if("^") else made

    # --- pieces -----------------------------------------------------------------------------
    def _nucleus(self, *, whole: bool = False) -> Atom:
        """One piece; a ``whole`` number is one, else each digit is: ``\\frac12`` is a half."""
        token = self.tokens.peek()
        if token in ("^", "_", "'"):
            return Atom(omml.nothing())  # Scripts of nothing.
        if token == "{":
            return Atom(self._group())
        self.tokens.take()
        if token in known.SPACES:
            space = known.SPACES[token]
            return Atom(omml.symbols(space, "p") if space else "", "space")
        if token.startswith("\\"):
            return self._command(token[1:])
        if token in _REFUSED or token == "}":
            raise NotSettableError
        if token in _PLAIN:
            character, kind = _PLAIN[token]
            sign = "+" if token in "+-" else character
            return Atom(self.sign(character), kind, sign=sign)
        if whole and token.isdecimal():
            token = self.tokens.take_number(token)
        elif whole and self._font == "p" and token.isalpha():
            token = self.tokens.take_letters(token)
        return Atom(self.letters(token))

    def letters(self, text: str, *, upright: bool = False) -> str:
        """Letters or digits in the present font."""
        font = self._font
        if font in ("bb", "cal", "frak"):
            return omml.symbols("".join(known.in_alphabet(c, font) for c in text), "p")
        if font in _SCRIPTS:
            return omml.symbols(text, "p", _SCRIPTS[font])
        if font == "p" and text.isalpha():
            return omml.words(text)
        if not font and (upright or not text.isalpha()):
            return omml.symbols(text, "p")
        return omml.symbols(text, font)

    def sign(self, character: str) -> str:
        """A character that is no letter."""
        return omml.symbols(character, "b" if self._font in ("b", "bi") else "p")

    def _command(self, name: str) -> Atom:
        if name in known.LETTERS:
            letter = known.LETTERS[name]
            return Atom(self.letters(letter, upright=letter.isupper()))
        for table, kind in _SIGNS:
            if name in table:
                plus = "+" if name in ("pm", "mp", "cup", "oplus", "lor", "vee") else ""
                return Atom(self.sign(table[name]), kind, sign=plus)
        if name in known.FUNCTIONS or name in known.LIMITS:
            return self._function(name)
        if large := self._large(name):
            return large
        if name in _FONTS:
            return self._in_font(name)
        if name in _WORDS:
            return Atom(self._text(self.tokens.braced(), _WORDS[name]))
        if name in known.ACCENTS:
            return Atom(omml.accent(known.ACCENTS[name], self.argument()))
        if name in _WITHOUT_EFFECT:
            return Atom("", "space")
        if name == "begin":
            return environment(self, self.tokens.braced())
        return construct(self, name)

    def _large(self, name: str) -> Atom | None:
        """A sum, an integral or their like."""
        if name in known.SUMS:
            return Atom("", "large", self._display, known.SUMS[name])
        if name in known.UNIONS:
            return Atom(omml.symbols(known.UNIONS[name], "p"), "ord", self._display)
        if name in known.INTEGRALS:
            return Atom("", "large", False, known.INTEGRALS[name])
        return None

    # --- constructs -------------------------------------------------------------------------
    def _function(self, name: str) -> Atom:
        words = {"limsup": "lim sup", "liminf": "lim inf"}.get(name, name)
        around = self._display and name in known.LIMITS
        return Atom(omml.words(words), "func", around)

    def operator(self, name: str) -> Atom:
        """The name of a function that the formula makes up."""
        starred = name == "operatorname" and self.tokens.take_if("*")
        font, self._font = self._font, "p"
        inside = self.argument()
        self._font = font
        return Atom(inside, "func", starred and self._display)

    def _in_font(self, name: str) -> Atom:
        """A group in another font; the old short commands hold up to the end of the group."""
        if name in ("rm", "bf", "it"):
            self._font = _FONTS[name]
            return Atom("", "space")
        font, self._font = self._font, _FONTS[name]
        inside = self.argument()
        self._font = font
        return Atom(inside)

    def _text(self, source: str, look: str) -> str:
        return omml.words(plain_words(source), bold=look == "b", italic=look == "i")


_SIGNS: tuple[tuple[dict[str, str], Kind], ...] = (
    (known.ORDINARY, "ord"), (known.BINARY, "bin"), (known.RELATIONS, "rel"),
)  # fmt: skip
