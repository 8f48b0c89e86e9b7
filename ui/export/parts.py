"""Which options make a difference in a format and for what; no other one is asked for or counts."""

from typing import Any

import msgspec

from app.export.base import ExportOptions
from ui.export.view import BRANCHED, PAPERED, Wanted, What

_READABLE = frozenset(
    {"reasoning", "system_prompt", "branches", "attachments", "statistics", "dates"}
)
_PARTS = {
    # Whole trees with every time in them, whatever is chosen.
    "json": _READABLE - {"branches", "dates"},
    # Nothing but what a model is given.
    "jsonl": frozenset({"reasoning", "system_prompt", "branches", "attachments"}),
}


def parts_of(name: str, what: What) -> frozenset[str]:
    """The options that are asked for with this format, named as in ``ExportOptions``."""
    parts = _PARTS.get(name, _READABLE)
    if name in PAPERED:
        parts |= {"paper"}
    return parts if what in BRANCHED else parts - {"branches"}


def meant(what: What, name: str, options: ExportOptions) -> ExportOptions:
    """The options as they count: whatever is not asked for is as it is by itself.

    Else a switch that nobody sees would leave something out.
    """
    return _replaced(options, ExportOptions(), _all() - parts_of(name, what))


def remembered(wanted: Wanted, before: ExportOptions) -> ExportOptions:
    """What to keep for the next time: what was not asked for stays as it was ``before``."""
    return _replaced(wanted.options, before, _all() - parts_of(wanted.format, wanted.what))


def _all() -> frozenset[str]:
    return frozenset(ExportOptions.__struct_fields__)


def _replaced(options: ExportOptions, by: ExportOptions, names: frozenset[str]) -> ExportOptions:
    others: dict[str, Any] = {name: getattr(by, name) for name in names}
    return msgspec.structs.replace(options, **others)
