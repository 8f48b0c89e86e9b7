"""Small words that readable formats share: when, which branch, which models."""

from collections.abc import Sequence

from app.export.base import Given
from app.export.readable import Entry
from app.text import title_of
from app.wording import sentence


def written_words(written: str) -> str:
    """An entry's time for a person, in UTC; empty stays empty."""
    return written.replace("T", " ").replace("Z", " UTC")


def branch_heading(number: int) -> str:
    """Over another branch than the one that is shown; ``number`` counts from 1."""
    return sentence("export.branch", {"number": number})


def branch_origin(given: Given, branch: Sequence[Entry]) -> str:
    """After which message a branch begins, by how that one begins; empty for the first."""
    if not branch:
        return ""
    by_id = {message.id: message for message in given.messages}
    first = by_id.get(branch[0].id)
    parent = by_id.get(first.parent_id or "") if first is not None else None
    beginning = title_of(parent.text) if parent is not None else ""
    return sentence("export.branch_after", {"title": beginning}) if beginning else ""


def model_names(given: Given) -> list[str]:
    """Of every model that answered, in the order of their first answers."""
    names = (message.details.model_name for message in given.messages if message.details)
    return list(dict.fromkeys(name for name in names if name))
