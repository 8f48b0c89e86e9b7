"""What was sent before, to be fetched back by the arrow keys, as a terminal does it."""

from collections.abc import Sequence


class SentHistory:
    """A place in a list of texts, oldest first; behind the newest is the empty composer."""

    def __init__(self) -> None:
        self._texts: tuple[str, ...] = ()
        self._place = 0

    def set_texts(self, texts: Sequence[str]) -> None:
        """Walk through these from now on, beginning behind the newest."""
        self._texts = tuple(each for each in texts if each.strip())
        self._place = len(self._texts)

    @property
    def shown(self) -> str | None:
        """The text at the place, None behind the newest."""
        return self._texts[self._place] if self._place < len(self._texts) else None

    def older(self) -> str | None:
        """One back; None at the oldest."""
        if self._place == 0:
            return None
        self._place -= 1
        return self._texts[self._place]

    def newer(self) -> str | None:
        """One on, "" behind the newest; None when there already."""
        if self._place >= len(self._texts):
            return None
        self._place += 1
        return self.shown or ""

    def leave(self) -> None:
        """Something was written: the next step back is to the newest again."""
        self._place = len(self._texts)
