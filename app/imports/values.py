"""Values of strangers' JSON, whatever they really are: nothing here raises."""

import json
from datetime import UTC, datetime

from app.text import clean

_STEPS = ((1e11, 1000.0), (1e14, 1.0), (1e17, 1e-3), (1e20, 1e-6))
"""A moment today is below each of these in seconds, milli-, micro- and nanoseconds."""
_LATEST_MS = 253_402_300_799_000
_SHORT = 20_000
"""Characters up to which JSON is shown indented; indenting can make it many times as long."""


def mapping(value: object) -> dict[str, object]:
    """An object's members; none if it is something else."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[object]:
    """A list's elements; none if it is something else."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """A string without lone surrogates; empty if it is something else. NUL stays."""
    return clean(value) if isinstance(value, str) else ""


def name(value: object) -> str:
    """An id or a model's name, also if it was written as a number."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return str(value)
    return text(value)


def flag(value: object) -> bool:
    """True for true and nothing else."""
    return value is True


def milliseconds(value: object) -> int | None:
    """A moment as Unix milliseconds: a number in any of the usual units, or ISO 8601.

    None for what is no moment after 1970. A time without a zone counts as UTC.
    """
    if isinstance(value, str):
        value = _moment(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for limit, factor in _STEPS:
        if abs(value) < limit:
            ms = round(value * factor)
            return ms if ms > 0 else None
    return None


def is_moment(unix_ms: int) -> bool:
    """Whether Unix milliseconds are a time between 1970 and 9999, as a clock may show it."""
    return 0 <= unix_ms <= _LATEST_MS


def _moment(value: str) -> float | None:
    digits = value.strip()[:40]
    try:
        return float(digits)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(digits)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def shown(value: object) -> str:
    """A value of unknown meaning for a person to read: text as it is, else JSON."""
    if isinstance(value, str):
        return text(value)
    written = json.dumps(value, ensure_ascii=False)
    if len(written) <= _SHORT:
        written = json.dumps(value, ensure_ascii=False, indent=1)
    return clean(written)
