"""Something the user should be told once, although nothing stopped."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Notice:
    """``code`` names a sentence of ``app.wording``, ``facts`` fill it."""

    code: str
    facts: Mapping[str, str | int | float] = field(default_factory=dict)
