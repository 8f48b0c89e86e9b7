"""Characters that a reader does not see, or that turn others round."""

import unicodedata
from collections.abc import Iterator

_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2029\ufdd0\ufdd1"
_LAYOUT = "\n\t\u2028"


def hidden_characters(text: str) -> Iterator[str]:
    """Those in ``text``, as "U+202E"."""
    for letter in text:
        if letter in _TURNING or (unicodedata.category(letter) == "Cc" and letter not in _LAYOUT):
            yield f"U+{ord(letter):04X}"
