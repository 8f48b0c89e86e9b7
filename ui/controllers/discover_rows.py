"""Rows and cards of Discover, made of what was found and how it would do here."""

from app.library.catalog import Suggestion
from app.library.found_models import FoundModel, Outlook
from ui.controllers.fetches import FetchState
from ui.models.view import Filters, ResultRow, ShelfCard, ShelfKind
from ui.placement.words import speed_words

_GB = 10**9


def result_row(found: FoundModel, told: Outlook, state: FetchState) -> ResultRow:
    """A base model. Its size is that of the usual quantization; nobody has looked at its files."""
    speed = speed_words(told.prediction) if told.prediction else ""
    return ResultRow(
        key=found.base,
        name=found.name,
        publishers=tuple(name.partition("/")[0] for name in found.places),
        total_parameters=found.total_parameters,
        active_parameters=found.active_parameters if found.is_moe else 0,
        is_moe=found.is_moe,
        licence=found.licence,
        is_gated=found.is_gated,
        downloads=found.downloads,
        least_bytes=found.typical_bytes,
        most_bytes=found.typical_bytes,
        speed=speed if told.verdict != "too_large" else "",
        verdict=told.verdict,
        fetch=state.fetch,
    )


def passes(wanted: Filters, found: FoundModel, row: ResultRow) -> bool:
    """Whether the filters let it through; what nobody knows the size of stays in sight."""
    size = found.typical_bytes
    if wanted.runs_here and row.verdict == "too_large":
        return False
    if wanted.moe and not row.is_moe:
        return False
    if wanted.architecture and found.architecture != wanted.architecture:
        return False
    # The Hub filters by licence itself; what the catalog alone knows was not asked for there.
    if wanted.licence and not found.repositories and row.licence.casefold() != wanted.licence:
        return False
    return _has_size(size, wanted.least_gb * _GB, wanted.most_gb * _GB)


def shelf_card(kind: ShelfKind, suggestion: Suggestion, state: FetchState) -> ShelfCard:
    """A recommended model."""
    entry = suggestion.entry
    return ShelfCard(
        key=entry.base_repository,
        kind=kind,
        name=entry.name,
        good_for=entry.good_for,
        total_parameters=entry.total_parameters,
        active_parameters=entry.active_parameters,
        size_bytes=entry.typical_bytes,
        speed=speed_words(suggestion.placement.predicted),
        licence=entry.licence,
        fetch=state.fetch,
        progress=state.progress,
    )


def _has_size(size: int, least: int, most: int) -> bool:
    if not size:
        return not least
    return size >= least and (not most or size <= most)
