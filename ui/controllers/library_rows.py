"""Rows of the library of what services know; each is made again only when something changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app.library.drives import drive_name, is_away
from app.library.entities import InstalledModel
from app.placement.entities import Placement
from models.naming import display_name_of
from ui.models.places import place_view
from ui.models.view import LibraryRow, LibraryState, Verified

_STATES: Mapping[str, LibraryState] = {
    # It is checked again before it answers.
    "ready": "ready", "changed": "ready", "damaged": "damaged", "incomplete": "incomplete",
    "absent": "absent",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What a row is made of; equal ones give the same row."""

    model: InstalledModel
    placement: Placement | None
    active_parameters: int
    notes: str
    is_loaded: bool


class LibraryRows:
    """Keeps the rows of the last time. ``freed_bytes`` tells what removing a model frees."""

    def __init__(self, freed_bytes: Callable[[InstalledModel], int]) -> None:
        self._freed_bytes = freed_bytes
        self._made: dict[str, tuple[Known, LibraryRow]] = {}

    def row(self, known: Known) -> LibraryRow:
        """The row of an installed model, without what is under way with it."""
        key = known.model.key
        before = self._made.get(key)
        # A plan is told apart by itself: comparing all its layers would take longer than the row.
        if before is not None and _is_same(before[0], known):
            return before[1]
        row = self._make(known)
        self._made[key] = known, row
        return row

    def _make(self, known: Known) -> LibraryRow:
        model, origin = known.model, known.model.origin
        path = model.handle.path
        is_away_now = model.state == "absent" and is_away(path)
        return LibraryRow(
            key=model.key,
            name=model.name or display_name_of(path, None),
            size_bytes=model.size_bytes,
            quantization=model.quantization,
            publisher=origin.repository.partition("/")[0],
            architecture=model.architecture,
            total_parameters=model.parameters,
            active_parameters=known.active_parameters,
            is_moe=model.expert_count > 0,
            state=_STATES[model.state],
            missing_files=model.missing_files,
            files=len(model.handle.files),
            place=place_view(known.placement) if known.placement else None,
            last_used_ms=model.last_used_ms,
            verified=_verified(model),
            verified_ms=model.verified_ms,
            program=origin.program,
            is_owned=origin.is_owned,
            frees_bytes=self._freed_bytes(model),
            is_demo=model.is_demo,
            is_loaded=known.is_loaded,
            repository=origin.repository,
            commit=origin.commit,
            licence=model.license or origin.license,
            folder=str(path.parent),
            drive=drive_name(path) if is_away_now else "",
            notes=known.notes,
        )


def busy(row: LibraryRow, state: LibraryState, progress: float) -> LibraryRow:
    """The row while something is under way with its model."""
    return replace(row, state=state, progress=min(max(progress, 0.0), 1.0))


def passing(
    key: str,
    name: str,
    size: int,
    state: LibraryState,
    progress: float,
    *,
    quantization: str = "",
    repository: str = "",
) -> LibraryRow:
    """The row of something that is not in the library yet."""
    row = LibraryRow(
        key=key,
        name=name,
        size_bytes=size,
        quantization=quantization,
        repository=repository,
        publisher=repository.partition("/")[0],
    )
    return busy(row, state, progress)


def _is_same(one: Known, other: Known) -> bool:
    return (
        one.placement is other.placement
        and one.model == other.model
        and (one.active_parameters, one.notes, one.is_loaded)
        == (other.active_parameters, other.notes, other.is_loaded)
    )


def _verified(model: InstalledModel) -> Verified:
    if model.state == "changed" or not model.verified_ms:
        return "no"
    if model.origin.verified == "sha256":
        return "hash"
    # Its publisher states what it should be, and nobody has compared it.
    return "no" if model.origin.hashes_published and model.origin.hashes else "structure"
