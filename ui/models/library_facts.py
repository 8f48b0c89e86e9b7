"""What the drawer of the library tells about a model, line by line."""

from PySide6.QtCore import QCoreApplication

from app.amounts import file_size
from ui.models.library_words import verified_sentence
from ui.models.view import LibraryRow
from ui.models.words import context_words, parameters_words, shares_words
from ui.sentences import say

translate = QCoreApplication.translate
"""Named as ``lupdate`` looks for it."""

_COMMIT = 12
"""Characters of a commit that tell it apart."""


def facts(row: LibraryRow) -> list[tuple[str, str]]:
    """Titles and values; what nobody knows is left out."""
    place = row.place if row.is_usable else None
    source = row.repository
    if row.commit:
        source = translate("models", "{repository}, commit {commit}").format(
            repository=row.repository, commit=row.commit[:_COMMIT]
        )
    lines = [
        (translate("models", "Here"), place.words if place else ""),
        (translate("models", "Memory"), shares_words(place) if place else ""),
        (translate("models", "Context"), _context(row)),
        (translate("models", "Size"), _size(row)),
        (translate("models", "Kind"), _kind(row)),
        (translate("models", "Source"), source),
        (
            translate("models", "Kept by"),
            say("models.in_place", {"other": row.program}) if row.program else "",
        ),
        (translate("models", "Licence"), row.licence or translate("models", "not stated")),
        (translate("models", "Folder"), row.folder),
        (translate("models", "Verified"), verified_sentence(row)),
    ]
    return [(title, words) for title, words in lines if words]


def _context(row: LibraryRow) -> str:
    if row.place is None or not row.is_usable or row.place.verdict == "too_large":
        return ""
    return translate("models", "up to {tokens} tokens fit").format(tokens=context_words(row.place))


def _size(row: LibraryRow) -> str:
    if row.files == 1:
        return file_size(row.size_bytes)
    return translate("models", "{size} in {count} files").format(
        size=file_size(row.size_bytes), count=row.files
    )


def _kind(row: LibraryRow) -> str:
    size = parameters_words(row.total_parameters, row.active_parameters)
    return ", ".join(part for part in (row.architecture, size, row.quantization) if part)
