"""What a person typed into a search, as terms; any text is a query, and none is refused. Pure."""

import re
from dataclasses import dataclass

from app.history.indexed_words import indexed_words, is_cjk, phrase_words, pieces
from app.text import clean

MOST_CHARACTERS = 2_000
"""Of what was typed; what follows is left out."""

_MOST_TERMS = 24
_MOST_WORDS = 64
"""Of one phrase."""

_SHORTEST_BEGINNING = 3
"""Letters; with fewer nearly every text would be found."""

_ITEM = re.compile(r'(-?)"([^"]*)(?:"(\*?)|\Z)|(-?)([^\s"]+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words one after another; with ``is_beginning`` the last may go on."""

    words: tuple[str, ...]
    is_beginning: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """What must be there (or must not): any of its phrases."""

    phrases: tuple[Phrase, ...]
    typed: str
    """As it was typed, to look for it in a text quickly."""


@dataclass(frozen=True, slots=True)
class Query:
    """All of ``wanted`` must be in one text, none of ``unwanted``. Without ``wanted``: nothing."""

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """Those of the wanted terms, in the order of the expression."""
        return tuple(phrase for term in self.wanted for phrase in term.phrases)

    def expression(self, columns: str) -> str:
        """The query for FTS5, over these columns."""
        wanted = " AND ".join(_expression(term) for term in self.wanted)
        found = f"({{{columns}}} : ({wanted}))"
        if self.unwanted:
            unwanted = " OR ".join(_expression(term) for term in self.unwanted)
            found = f"({found} NOT ({{{columns}}} : ({unwanted})))"
        return found


def parse(text: str) -> Query:
    """Read a query: words, "exact phrases", beginn*, -without; the last word is a beginning too."""
    text = clean(text)[:MOST_CHARACTERS]
    is_typing = bool(text) and not text[-1].isspace()
    wanted: dict[Term, None] = {}
    unwanted: dict[Term, None] = {}
    for item in _ITEM.finditer(text):
        minus, phrase, star, word_minus, word = item.groups()
        if phrase is not None:
            terms = _phrase(phrase, bool(star))
        else:
            last = is_typing and item.end() == len(text)
            minus, terms = word_minus, _word(word, is_last=last and not word_minus)
        (unwanted if minus else wanted).update(dict.fromkeys(terms))
    return Query(tuple(wanted)[:_MOST_TERMS], tuple(unwanted)[:_MOST_TERMS])


def phrase_expression(phrase: Phrase) -> str:
    """One phrase for FTS5. Inside quotes everything is only a word."""
    words = " ".join(word.replace('"', '""') for word in phrase.words)
    return f'"{words}"' + (" *" if phrase.is_beginning else "")


def _expression(term: Term) -> str:
    return "(" + " OR ".join(phrase_expression(each) for each in term.phrases) + ")"


def _phrase(text: str, is_beginning: bool) -> list[Term]:
    words = phrase_words(text)[:_MOST_WORDS]
    if not words:
        return []
    # A single sign may be the first of a pair.
    goes_on = is_beginning or (len(words) == 1 and is_cjk(words[0]) and len(words[0]) == 1)
    return [Term((Phrase(words, goes_on),), text)]


def _word(text: str, *, is_last: bool) -> list[Term]:
    """A piece without white space may hold several words: each must be there."""
    starred = text.endswith("*")
    found = pieces(text)
    return [
        term
        for position, piece in enumerate(found)
        for term in _piece(piece, may_go_on=(is_last or starred) and position == len(found) - 1)
    ]


def _piece(piece: str, *, may_go_on: bool) -> list[Term]:
    if is_cjk(piece):
        return _phrase(piece, is_beginning=False)
    words = indexed_words(piece)
    if not words:
        return []
    goes_on = may_go_on and len(words[-1]) >= _SHORTEST_BEGINNING
    if not piece.isascii():
        return [Term((Phrase((word,), goes_on and word is words[-1]),), word) for word in words]
    phrases = [Phrase((words[0],), may_go_on and len(words[0]) >= _SHORTEST_BEGINNING)]
    if len(words) > 2:
        # "max_tokens" is also found where somebody wrote "max tokens".
        phrases.append(Phrase(tuple(words[1:]), goes_on))
    return [Term(tuple(phrases), piece)]
