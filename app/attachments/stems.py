"""A word without its ending, so that its forms meet. Pure, and light on purpose.

Only endings that many words share go, and a stem keeps at least four letters: a stem that is
wrong in the same way in text and question does no harm, one that joins two words does.
"""

import re

_ENDINGS = (
    # English
    "ational", "ization", "isation", "fulness", "iveness", "ousness", "ically", "ations",
    "ements", "ation", "ement", "ments", "ingly", "ness", "ment", "able", "ible",
    "ance", "ence", "ions", "ings", "edly", "ally", "ion", "ing", "ity", "ive", "ous", "ies",
    "ers", "ors", "est", "ful", "ed", "er", "or", "ly", "es",
    # German
    "ungen", "heiten", "keiten", "ung", "heit", "keit", "lich", "isch", "ern", "em", "en",
    "s", "e", "y", "n",
)  # fmt: skip

_ENDING = re.compile(rf"(?<=[a-z]{{4}})(?:{'|'.join(_ENDINGS)})$")
"""The longest that leaves four letters: a search takes what begins first."""


def stem(word: str) -> str:
    """``word``, folded already, without endings; what is no plain word stays as it is."""
    if not word.isalpha() or not word.isascii():
        return word
    word = _ENDING.sub("", _ENDING.sub("", word))
    # A letter that was doubled before its ending: planned, plan.
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "aeioulsz":
        word = word[:-1]
    return word
