"""Looking for words without regard to case and accents."""

import re
import unicodedata

_TOO_LONG = 100_000
"""Characters; a longer message is searched as it is written."""

_MARKUP = re.compile(
    r"^(?P<fence>`{3,}+|~{3,}+)[^\n]*+\n(?P<code>.*?)(?:^(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?P<formula>\$\$[^$]{1,2000}\$\$|\$[^$\n]{1,500}\$)"
    r"|`(?P<inline>[^`\n]+)`"
    r"|!?\[(?P<words>[^\[\]\n]{1,500})\]\([^()\s]{0,500}(?: \"[^\"\n]{0,200}\")?\)"
    r"|^[ \t]{0,12}(?:\#{1,6}|>|[-+*]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t])?"
    r"|(?<![^\s(\"'*_~])(?:\*{1,3}|_{1,3}|~~)(?=[^\s*])"
    r"|(?<=[^\s*])(?:\*{1,3}|_{1,3}|~~)(?![^\s.,;:!?)\"'*_~|])",
    re.MULTILINE | re.DOTALL,
)


class _Folds(dict[int, str]):
    """Of each character: what it is compared as. Filled as characters are met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _folded(chr(code))
        return folded


def _folded(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.combining(character):
        return ""
    parts = unicodedata.normalize("NFD", character)
    if len(parts) > 1:
        bare = "".join(each for each in parts if not unicodedata.combining(each))
        character = bare if len(bare) == 1 else character
    return character.casefold()


class Folding:
    """Compares as a reader does: "Cafe" finds "café", a line break is a space."""

    def __init__(self) -> None:
        self._folds = _Folds()

    def fold(self, text: str) -> str:
        """What ``text`` is compared as."""
        return text.translate(self._folds)

    def places(self, text: str, wanted: str) -> list[tuple[int, int]]:
        """Where ``wanted`` (folded already) stands in ``text``: begins and ends, in order.

        They count UTF-16 units, as text documents do.
        """
        folded = self.fold(text)
        at = folded.find(wanted) if wanted else -1
        if at < 0:
            return []
        begins = self._begins(text)
        found: list[tuple[int, int]] = []
        while at >= 0:
            found.append((begins[at], begins[at + len(wanted)]))
            at = folded.find(wanted, at + len(wanted))
        return found

    def _begins(self, text: str) -> list[int]:
        """For each character of the folded text, and its end: where it came from."""
        begins: list[int] = []
        position = 0
        for character in text:
            begins += [position] * len(self._folds[ord(character)])
            position += 2 if ord(character) > 0xFFFF else 1
        return [*begins, position]


def searchable(source: str) -> str:
    """Markdown about as it is read: without marks and addresses; code and formulas as written."""
    if len(source) > _TOO_LONG:
        return source
    return _MARKUP.sub(_kept, source)


def _kept(found: re.Match[str]) -> str:
    return found["code"] or found["formula"] or found["inline"] or found["words"] or ""
