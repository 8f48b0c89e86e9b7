"""Formulas that were set, the latest used kept."""

from collections import OrderedDict

from app.markup.formula import Formula, set_formula

_KEPT = 1024


class SetFormulas:
    """Kept by their source, so that text which is rendered again while it grows costs nothing."""

    def __init__(self) -> None:
        self._set: OrderedDict[tuple[str, bool], Formula | None] = OrderedDict()

    def formula(self, tex: str, *, display: bool) -> Formula | None:
        """The formula of ``tex``, None if it has to be shown as its source."""
        key = (tex, display)
        if key in self._set:
            self._set.move_to_end(key)
            return self._set[key]
        made = self._set[key] = set_formula(tex, display=display)
        if len(self._set) > _KEPT:
            self._set.popitem(last=False)
        return made
