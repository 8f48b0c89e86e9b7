"""What is said above the composer about a full context, and which verbs stand beside it."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from app.chat.context import ContextReport
from app.history.entities import Overflow
from app.placement.entities import Placement
from ui.chat.figures import grouped
from ui.context.words import growth_words, longer_words, reading_words
from ui.placement.words import tokens_short

translate = QCoreApplication.translate

CHANGE, SHOW_SUMMARY = "change", "summary"
"""Verbs besides the values of ``Overflow``."""


@dataclass(frozen=True, slots=True)
class ContextOffer:
    """A sentence, more about it, and its verbs as (id, label)."""

    text: str
    more: str = ""
    actions: tuple[tuple[str, str], ...] = ()
    warns: bool = False


def offer_for_report(
    report: ContextReport, would_go: int, placement: Placement | None
) -> ContextOffer | None:
    """What to say about ``report``; None when all of it fits.

    ``would_go`` is how many of the oldest messages would have to be left out, 0 when it is not
    known or would not help.
    """
    if report.fits:
        return _quiet_offer(report)
    growth = report.growth
    if report.overflow is Overflow.GROW and growth is not None:
        return ContextOffer(
            translate("context", "The context becomes {length} long when you send.").format(
                length=tokens_short(growth.context_tokens)
            ),
            _price(report, placement),
            ((CHANGE, translate("context", "Change…")),),
        )
    actions: list[tuple[str, str]] = []
    if growth is not None:
        actions.append((Overflow.GROW.value, longer_words(growth)))
    if would_go:
        actions.append((Overflow.OLDEST.value, translate("context", "Leave them out")))
        actions.append((Overflow.SUMMARISE.value, translate("context", "Summarise them…")))
    actions.append((CHANGE, translate("context", "Change…")))
    return ContextOffer(
        _overfull(report, would_go), _price(report, placement), tuple(actions), True
    )


def _overfull(report: ContextReport, would_go: int) -> str:
    if would_go == 1:
        return translate(
            "context", "The next answer will not fit: the greyed message would be left out."
        )
    if would_go:
        return translate(
            "context",
            "The next answer will not fit: the {count} greyed messages would be left out.",
        ).format(count=grouped(would_go))
    needed = grouped(report.needed_tokens)
    if not report.exact:
        needed = translate("context", "about {count}").format(count=needed)
    return translate(
        "context", "This needs {needed} tokens and the context has {window}; shorten the message."
    ).format(needed=needed, window=grouped(report.context_tokens))


def _price(report: ContextReport, placement: Placement | None) -> str:
    growth = report.growth
    if growth is None:
        return ""
    return translate(
        "context", "With {length}: {price}. All is read again then: {reading}."
    ).format(
        length=tokens_short(growth.context_tokens),
        price=growth_words(growth, placement),
        reading=reading_words(report.whole_tokens, _seconds_for_all(report)),
    )


def _seconds_for_all(report: ContextReport) -> float | None:
    if report.read_seconds is None or not report.to_read:
        return None
    return report.read_seconds * report.whole_tokens / report.to_read


def _quiet_offer(report: ContextReport) -> ContextOffer | None:
    change = (CHANGE, translate("context", "Change…"))
    if report.left_out:
        count = len(report.left_out)
        text = (
            translate("context", "The greyed message does not fit and is not sent.")
            if count == 1
            else translate("context", "The {count} greyed messages do not fit and are not sent.")
        )
        return ContextOffer(text.format(count=grouped(count)), "", (change,))
    if report.summarised:
        text = translate("context", "A summary is sent in place of the {count} greyed messages.")
        show = (SHOW_SUMMARY, translate("context", "Show the summary"))
        return ContextOffer(text.format(count=grouped(len(report.summarised))), "", (show, change))
    return None
