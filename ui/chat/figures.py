"""Numbers in words: grouped counts, shares, durations and times of day."""

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QLocale, QTime

_LATEST_MS = 32_503_680_000_000
"""The year 3000: a time beyond it was written by nobody's clock, and Python may refuse it."""


def _locale() -> QLocale:
    locale = QLocale()
    if locale.language() == QLocale.Language.C:
        return QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)
    return locale


def grouped(number: int) -> str:
    """12400 as "12,400", as the user's language groups it."""
    return _locale().toString(number)


def percent(share: float) -> str:
    """0.38 as "38 %", with a space that does not break."""
    return QCoreApplication.translate("figures", "{share}\u00a0%").format(
        share=round(100 * min(1.0, max(0.0, share)))
    )


def duration(seconds: float) -> str:
    """Seconds below two minutes, minutes above: "50 s", "3 min"."""
    if seconds < 120:
        text = QCoreApplication.translate("figures", "{count}\u00a0s")
        return text.format(count=max(0, round(seconds)))
    text = QCoreApplication.translate("figures", "{count}\u00a0min")
    return text.format(count=grouped(round(seconds / 60)))


def exact_seconds(seconds: float) -> str:
    """A short wait with one decimal below ten seconds: "0.4 s", "12 s"."""
    if seconds >= 9.95:
        return duration(seconds)
    text = QCoreApplication.translate("figures", "{count}\u00a0s")
    return text.format(count=_locale().toString(seconds, "f", 1))


def speed(tokens_per_second: float) -> str:
    """Tokens per second, one decimal below ten: "9.4 tok/s", "38 tok/s"."""
    places = 1 if tokens_per_second < 9.95 else 0
    text = QCoreApplication.translate("figures", "{speed}\u00a0tok/s")
    return text.format(speed=_locale().toString(tokens_per_second, "f", places))


def time_of_day(milliseconds: int) -> str:
    """Unix milliseconds as the local time, "14:02"."""
    local = datetime.fromtimestamp(min(max(milliseconds, 0), _LATEST_MS) / 1000)
    return QTime(local.hour, local.minute).toString("HH:mm")
