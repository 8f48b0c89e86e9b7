"""The context budget in words: parts, prices, and what it costs to read again."""

from PySide6.QtCore import QCoreApplication

from app.amounts import memory_size
from app.chat.context import ContextReport
from app.chat.seen import Differs
from app.history.entities import Overflow
from app.placement.entities import ContextPrice, Placement
from ui.chat.figures import duration, grouped, percent
from ui.placement.words import tokens_short

translate = QCoreApplication.translate

Row = tuple[str, str]
"""A label and its number."""

_FEW_TOKENS, _SHORT_SECONDS = 256, 3.0
"""Below both of them reading again is not worth a word."""
_NOTICED = 0.02
"""Of the speed: a difference that anybody would notice."""

CHOICES = (Overflow.STOP, Overflow.GROW, Overflow.OLDEST, Overflow.MIDDLE, Overflow.SUMMARISE)


def choice_words(overflow: Overflow) -> str:
    """What a conversation does when its context is full."""
    match overflow:
        case Overflow.STOP:
            return translate("context", "Ask me")
        case Overflow.GROW:
            return translate("context", "Make the context longer")
        case Overflow.OLDEST:
            return translate("context", "Leave out the oldest messages")
        case Overflow.MIDDLE:
            return translate("context", "Leave out the middle, keep the beginning")
    return translate("context", "Summarise the oldest messages")


def part_rows(report: ContextReport) -> list[Row]:
    """What would be sent, part by part; parts that are not there are left out."""
    history = report.tokens_of("message")
    counts = [
        (translate("context", "Instructions"), report.tokens_of("system")),
        (translate("context", "Summary"), report.tokens_of("summary")),
        (translate("context", "Conversation"), history),
        (translate("context", "Attached files"), report.tokens_of("attachments")),
        (translate("context", "What you are writing"), report.tokens_of("draft")),
        (translate("context", "Marks of the chat format"), report.format_tokens),
    ]
    rows = [(label, grouped(count)) for label, count in counts if count]
    rows.append((translate("context", "Room for the answer"), grouped(report.room)))
    free = report.context_tokens - report.prompt_tokens - report.room
    label = translate("context", "Free") if free >= 0 else translate("context", "Too much")
    rows.append((label, grouped(abs(free))))
    return rows


def reading_words(tokens: int, seconds: float | None) -> str:
    """What is read before the first token: "412 tokens, about 3 s"."""
    count = translate("context", "{count} tokens").format(count=grouped(tokens))
    if seconds is None:
        return count
    return translate("context", "{count}, about {time}").format(
        count=count, time=duration(max(1.0, seconds))
    )


def edit_cost_words(report: ContextReport) -> str:
    """What sending an edit makes the model read again; "" when that is little."""
    seconds = report.read_seconds
    if report.to_read < _FEW_TOKENS and (seconds is None or seconds < _SHORT_SECONDS):
        return ""
    return translate("context", "Before it answers, the model reads again: {reading}.").format(
        reading=reading_words(report.to_read, seconds)
    )


def growth_words(price: ContextPrice, placement: Placement | None) -> str:
    """What a longer window costs in memory and speed: "0.4 GiB more memory, about 6 % slower"."""
    if placement is None:
        return ""
    parts = []
    moved = placement.expert_layers - price.expert_layers
    if moved > 0:
        parts.append(
            translate("context", "1 expert layer moves to RAM")
            if moved == 1
            else translate("context", "{count} expert layers move to RAM").format(
                count=grouped(moved)
            )
        )
    more = more_memory(price, placement)
    if more:
        parts.append(translate("context", "{size} more memory").format(size=memory_size(more)))
    expected = placement.predicted.decode.expected
    slower = 1 - price.decode / expected if expected else 0.0
    if slower >= _NOTICED:
        parts.append(translate("context", "about {share} slower").format(share=percent(slower)))
    return ", ".join(parts) or translate("context", "costs no speed")


def more_memory(price: ContextPrice, placement: Placement) -> int:
    """Bytes that the longer window's cache takes beside the present one's, about."""
    now = sum(share.bytes.kv_cache for share in placement.shares)
    tokens = placement.plan.context_tokens
    return round(now * (price.context_tokens / tokens - 1)) if tokens else 0


def longer_words(price: ContextPrice) -> str:
    """The verb that makes the context longer."""
    return translate("context", "Make it {length} long").format(
        length=tokens_short(price.context_tokens)
    )


def prompt_words(report: ContextReport) -> str:
    """Above the prompt: how long it is, and of how much."""
    return translate(
        "context",
        "{tokens} tokens of a context of {window}, written by the model's own template.",
    ).format(tokens=grouped(report.prompt_tokens), window=grouped(report.context_tokens))


def differs_words(differs: Differs, then_tokens: int) -> str:
    """Why a prompt that is shown for an old answer may not be what was read then; "" if it is."""
    match differs:
        case Differs.MODEL:
            return translate(
                "context", "Another model is loaded now, so what was read then may differ."
            )
        case Differs.TOKENS:
            return translate(
                "context",
                "The model read {count} tokens then: instructions, pins or settings have changed.",
            ).format(count=grouped(then_tokens))
        case Differs.UNKNOWN:
            return translate(
                "context", "How much was read then is not recorded, so it may have differed."
            )
    return ""
