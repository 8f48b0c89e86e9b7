"""What the pages of backups and data show, put together by whoever asks the services."""

from dataclasses import dataclass

from app.backups.comparing import Difference
from app.backups.describing import BackupContents


@dataclass(frozen=True, slots=True)
class DetailView:
    """A backup, or a file of everything, before somebody chooses it."""

    title: str
    about: str
    """Why it was made, or that it is a file of everything."""
    contents: BackupContents | None = None
    """None for a damaged one."""
    difference: Difference | None = None
    """None while it is being found out."""
    trouble: str = ""
    """A sentence about what is wrong with it; then it cannot be restored."""
    has_settings: bool = False
    """Settings come with it."""


@dataclass(frozen=True, slots=True)
class CardView:
    """What stands above everything else: a level as of a banner, a sentence, and verbs."""

    level: str
    text: str
    verbs: tuple[tuple[str, str], ...] = ()
    """A key that the card tells, and words."""
