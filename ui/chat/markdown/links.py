"""Which addresses may be links, and how an address is shown truly."""

from PySide6.QtCore import QUrl

_SCHEMES = frozenset({"http", "https", "mailto"})
_LONGEST = 2000


def safe_address(address: str) -> str | None:
    """The address as it would be opened, or None if it must not be a link.

    The result is fully encoded ASCII: a look-alike host shows as ``xn--…`` and no
    invisible or right-to-left character can hide where it leads.
    """
    if len(address) > _LONGEST:
        return None
    url = QUrl(address.strip(), QUrl.ParsingMode.TolerantMode)
    if not url.isValid() or url.scheme().lower() not in _SCHEMES:
        return None
    if url.scheme().lower() != "mailto" and not url.host():
        return None
    return url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
