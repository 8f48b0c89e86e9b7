"""Amounts, times and kinds of models in words, for all pages of models."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from app.amounts import file_size, memory_size
from app.placement.entities import Verdict
from ui.chat.figures import duration, grouped
from ui.models.view import PlaceView
from ui.placement.words import tokens_short

translate = QCoreApplication.translate
"""Named as ``lupdate`` looks for it."""

BETWEEN = "  ·  "
UNKNOWN = "–"
_ABOUT = "≈ "
_DAY = "d MMM yyyy"
_GB, _MB = 1e9, 1e6
_MINUTE, _HOUR = 60, 3600
_LONG_MINUTES = 120


def joined(parts: Sequence[str]) -> str:
    """Those that say something, in one line."""
    return BETWEEN.join(part for part in parts if part)


def parameters(count: int) -> str:
    """30_500_000_000 as "30.5B", 135_000_000 as "135M"."""
    number, unit = (count / _GB, "B") if count >= _GB * 0.9995 else (count / _MB, "M")
    return format(number, ".1f" if unit == "B" and number < 99.95 else ".0f") + unit


def parameters_words(total: int, active: int) -> str:
    """How large a model is: "30.5B, 3.3B active"; "" when nobody knows."""
    if not total:
        return ""
    if not active or active >= total:
        return parameters(total)
    return translate("models", "{total}, {active} active").format(
        total=parameters(total), active=parameters(active)
    )


def about(words: str, *, is_exact: bool) -> str:
    """``words``, with "≈" before what is an estimate."""
    return words if is_exact or not words else _ABOUT + words


def speed_words(place: PlaceView | None) -> str:
    """How fast, "≈ 9–12 tok/s" for an estimate; a dash while nobody knows."""
    return about(place.speed, is_exact=place.is_exact) if place else UNKNOWN


def context_words(place: PlaceView | None) -> str:
    """The longest context that fits, in thousands of tokens."""
    if place is None or place.verdict == "too_large":
        return UNKNOWN
    return about(tokens_short(place.longest_context), is_exact=place.is_exact)


def verdict_words(verdict: Verdict) -> str:
    """Where a model would be, in two words."""
    return {
        "gpu": translate("models", "On the GPU"),
        "hybrid": translate("models", "GPU and RAM"),
        "cpu": translate("models", "In RAM"),
        "too_large": translate("models", "Too large"),
    }[verdict]


def shares_words(place: PlaceView) -> str:
    """What each device holds: "RTX 4060 6.4 GiB, RAM 11.2 GiB"."""
    return ", ".join(
        translate("models", "{device} {size}").format(
            device=each.name, size=memory_size(each.bytes)
        )
        for each in place.stretches
    )


def place_tooltip(place: PlaceView) -> str:
    """Everything that a bar and its words leave out."""
    return "\n".join((place.words, shares_words(place), speed_words(place)))


def sizes_words(least: int, most: int) -> str:
    """A range of sizes: "10.4–32.5 GB"; "" when nobody knows."""
    if not most:
        return ""
    if least == most or not least:
        return file_size(most)
    if least >= _GB:
        return f"{least / _GB:.1f}–{file_size(most)}"
    return f"{file_size(least)}–{file_size(most)}"


def amount_words(done: int, total: int) -> str:
    """ "41.2 of 62.0 GB"; both in the unit of the whole, so that the text keeps its form."""
    unit, divisor = ("GB", _GB) if total >= _GB else ("MB", _MB)
    places = 1 if _GB <= total < 1000 * _GB else 0
    first, second = (format(size / divisor, f".{places}f") for size in (done, total))
    return translate("models", "{done} of {total} {unit}").format(
        done=first, total=second, unit=unit
    )


def rate_words(bytes_per_second: float) -> str:
    """ "23 MB/s"; below ten with a decimal, so that a slow connection is seen to move."""
    number = bytes_per_second / _MB
    return translate("models", "{number} MB/s").format(
        number=format(number, ".0f" if number >= 9.95 else ".1f")
    )


def left_words(seconds: float) -> str:
    """How long it still takes: "15 min left", "3 h 10 min left"."""
    if seconds < _LONG_MINUTES * _MINUTE:
        return translate("models", "{time} left").format(time=duration(max(1.0, seconds)))
    hours, rest = divmod(round(seconds / _MINUTE), _MINUTE)
    if hours >= 100:
        return translate("models", "days left")
    return translate("models", "{hours}\u00a0h {minutes}\u00a0min left").format(
        hours=hours, minutes=rest
    )


def count_words(count: int) -> str:
    """Downloads and likes: "1.2M", "34k", "812"."""
    if count >= 999_500:
        return format(count / 1e6, ".1f" if count < 9_950_000 else ".0f") + "M"
    if count >= 1_000:
        return format(count / 1e3, ".0f") + "k"
    return grouped(count)


def day_words(milliseconds: int, now_ms: int) -> str:
    """When something was last used: "Today", "5 days ago", then the date; "Never" for 0."""
    if not milliseconds:
        return translate("models", "Never")
    day, today = _day(milliseconds), _day(now_ms)
    days = day.daysTo(today)
    if days <= 0:
        return translate("models", "Today")
    if days == 1:
        return translate("models", "Yesterday")
    if days < 14:
        return translate("models", "{count} days ago").format(count=days)
    if days < 60:
        return translate("models", "{count} weeks ago").format(count=days // 7)
    return QLocale().toString(day, _DAY)


def date_words(milliseconds: int) -> str:
    """A day: "18 Mar 2026"."""
    return QLocale().toString(_day(milliseconds), _DAY)


def _day(milliseconds: int) -> QDate:
    return QDateTime.fromMSecsSinceEpoch(milliseconds).date()
