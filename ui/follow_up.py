"""What comes after the window has closed, for whoever holds the data folder then."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FollowUp:
    """At most one of them."""

    restarts: bool = False
    """Open again: something waits for the next start."""
    erases: bool = False
    """Delete everything in the data folder."""
    with_models: bool = False
    """The models in it, too."""
    moves_to: Path | None = None
    """Give the data this folder, then open again."""
