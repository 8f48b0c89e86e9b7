"""Something the user should be told once, although nothing stopped."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Notice:
    """``code`` names a sentence of ``app.wording``, ``facts`` fill it."""

    code: str
    facts: Mapping[str, str | int | float] = field(default_factory=dict)


class NoticeBoard:
    """Collects notices, also those from before anybody listened. Used on the state thread."""

    def __init__(self) -> None:
        self._waiting: list[Notice] = []
        self._reader: Callable[[Notice], None] | None = None

    def post(self, notice: Notice) -> None:
        """Hand a notice to the reader, or keep it until there is one."""
        if self._reader is None:
            self._waiting.append(notice)
        else:
            self._reader(notice)

    def read_with(self, reader: Callable[[Notice], None]) -> None:
        """Give ``reader`` what waits and everything that comes."""
        self._reader = reader
        waiting, self._waiting = self._waiting, []
        for notice in waiting:
            reader(notice)
