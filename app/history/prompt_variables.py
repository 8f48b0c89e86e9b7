"""``{{words}}`` in a prompt of the library: which there are, and the text with them filled in."""

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\{\{[ \t]*([^{}\s][^{}\n]{0,79}?)[ \t]*\}\}")


def variables_of(text: str) -> list[str]:
    """The names that are asked for, each once, in the order in which they stand."""
    return list(dict.fromkeys(match[1] for match in _VARIABLE.finditer(text)))


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its variables replaced; one without a value stays as it is.

    What is filled in is not looked at again: braces in it are text.
    """
    return _VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)
