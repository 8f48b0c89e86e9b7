"""Text at the border: what may be stored, sent and shown."""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_TITLE_LENGTH = 60


def clean(text: str) -> str:
    """Replace each lone surrogate, which no file and no frame can carry, by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def title_of(text: str) -> str:
    """A title for a conversation: the first line with words, at most 60 characters."""
    for line in text.splitlines():
        words = " ".join("".join(c if c.isprintable() else " " for c in line).split())
        if words:
            if len(words) <= _TITLE_LENGTH:
                return words
            cut = words[: _TITLE_LENGTH - 1]
            head, space, _rest = cut.rpartition(" ")
            return (head if space and len(head) > _TITLE_LENGTH // 2 else cut) + "…"
    return ""
