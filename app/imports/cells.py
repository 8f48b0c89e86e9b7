"""Cells of a staging file: its helper met strangers' files, so they are believed only if they fit.

All raise ImportingError for what does not.
"""

from typing import Any

from app.imports.errors import ImportingError


def text_cell(cell: Any) -> str:
    """A text."""
    if not isinstance(cell, str):
        raise ImportingError("import.unexpected")
    return cell


def text_or_none_cell(cell: Any) -> str | None:
    """A text, or none."""
    return None if cell is None else text_cell(cell)


def whole_cell(cell: Any) -> int:
    """A whole number."""
    if not isinstance(cell, int):
        raise ImportingError("import.unexpected")
    return cell
