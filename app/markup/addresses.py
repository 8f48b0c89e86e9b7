"""Which addresses of a message may be links where a file is read outside the program."""

import re
from urllib.parse import urlsplit

_LONGEST = 2000
_WRITTEN = re.compile(r"(?:https?://|mailto:)[A-Za-z0-9;/?:@&=+$,\-_.!~*'()#%\[\]]+", re.IGNORECASE)
"""Encoded ASCII alone: no look-alike letter, and no backslash that a browser reads as a slash."""


def linkable(address: str) -> str | None:
    """The address if it may be a link, None if it must be written instead.

    ``address`` is as the parser tells it: encoded, its host in ASCII.
    """
    if len(address) > _LONGEST or _WRITTEN.fullmatch(address) is None:
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname
        _ = parts.port  # raises where it is no port
    except ValueError:
        return None
    return address if host or parts.scheme == "mailto" else None
