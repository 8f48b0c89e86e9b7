"""What the sheet about Markdown copies shows. No Qt in here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """A copy that is kept up to date."""

    key: str
    name: str
    """The folder of chats, or all of them."""
    path: str
    state: str
    """How it is, in words."""
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class MirrorsView:
    """All copies that there are."""

    rows: tuple[MirrorRow, ...] = ()
    offer: str = ""
    """Words of the button that begins another one; empty where there is one already."""
