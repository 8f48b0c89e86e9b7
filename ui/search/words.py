"""What the search page says: rows of what was found, periods, and what may help."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from app.history.entities import Role
from app.history.found import Filters, Found, FoundConversation, Hit, HitKind, Snippet
from ui.chat.figures import grouped
from ui.search.view import Period, ResultRow, Wishes

translate = QCoreApplication.translate
"""Named as ``lupdate`` looks for it."""

_LATEST_MS = 32_503_680_000_000
_NAME_CHARACTERS = 40


def filters_of(wishes: Wishes, today: date) -> Filters:
    """What the finder is asked for; days begin where this computer is."""
    since, until = _bounds(wishes.period, today)
    return Filters(
        models=(wishes.model,) if wishes.model else (),
        since_ms=_midnight_ms(since) if since else None,
        until_ms=_midnight_ms(until) if until else None,
        folder_id=wishes.folder,
        role=wishes.role,
    )


def rows_of(found: Found, folders: Mapping[str, str], today: date) -> list[ResultRow]:
    """A row per conversation, each followed by its best places; ``folders``: name by id."""
    rows: list[ResultRow] = []
    for conversation in found.conversations:
        rows_day = day_words(conversation.updated_ms, today)
        rows.append(_conversation_row(conversation, folders, today))
        for hit in conversation.hits:
            if hit.kind is not HitKind.TITLE:
                rows.append(_hit_row(hit, today, rows_day))
    return rows


def day_words(moment_ms: int, today: date) -> str:
    """A day, as "Today", "12 March" or "12 Mar 2025"."""
    day = datetime.fromtimestamp(min(max(moment_ms, 0), _LATEST_MS) / 1000).date()
    if day == today:
        return translate("search", "Today")
    if day == today - timedelta(days=1):
        return translate("search", "Yesterday")
    shape = "d MMMM" if day.year == today.year else "d MMM yyyy"
    return QLocale().toString(QDate(day.year, day.month, day.day), shape)


def summary_words(found: Found) -> str:
    """How much was found."""
    count = len(found.conversations)
    words = (
        translate("search", "1 chat")
        if count == 1
        else translate("search", "{count} chats").format(count=grouped(count))
    )
    if not found.is_complete:
        words = translate("search", "The best {count}; more words find fewer").format(count=words)
    if found.waiting:
        waiting = translate("search", "{count} texts are still being read").format(
            count=grouped(found.waiting)
        )
        words = translate("search", "{summary} · {waiting}").format(summary=words, waiting=waiting)
    return words


def nothing_words(wishes: Wishes) -> str:
    """Nothing was found, and what may help."""
    text = wishes.text if len(wishes.text) <= _NAME_CHARACTERS else (
        wishes.text[: _NAME_CHARACTERS - 1] + "…"
    )  # fmt: skip
    if wishes.are_narrow:
        words = translate("search", "With these filters nothing is found for “{text}”.")
    elif len(wishes.text.split()) > 1:
        words = translate(
            "search",
            "Nothing is found for “{text}”. All words must be in one message; try fewer of them.",
        )
    else:
        words = translate(
            "search",
            "Nothing is found for “{text}”. Try its beginning with a star, as in “begin*”.",
        )
    return words.format(text=text)


def hint_words() -> str:
    """How to ask, while nothing is typed."""
    return translate(
        "search",
        "Find words in titles, messages, thinking and files.\n"
        "“exact phrase” in quotes · begin* · -without",
    )


def _conversation_row(
    found: FoundConversation, folders: Mapping[str, str], today: date
) -> ResultRow:
    title = found.title
    if not title.text.strip():
        title = Snippet(translate("search", "New chat"))
    parts = []
    if found.folder_id and found.folder_id in folders:
        parts.append(folders[found.folder_id])
    shown = sum(1 for hit in found.hits if hit.kind is not HitKind.TITLE)
    if found.count > max(shown, 1):
        parts.append(translate("search", "{count} places").format(count=grouped(found.count)))
    return ResultRow(
        found.conversation_id,
        None,
        title,
        day_words(found.updated_ms, today),
        note=" · ".join(parts),
    )


def _hit_row(hit: Hit, today: date, told: str) -> ResultRow:
    """``told`` is the day that stands above; it is not told again."""
    day = day_words(hit.created_ms, today)
    return ResultRow(
        hit.conversation_id,
        hit.message_id,
        hit.snippet,
        "" if day == told else day,
        label=_label(hit),
    )


def _label(hit: Hit) -> str:
    if hit.kind is HitKind.ATTACHMENT:
        return hit.name or translate("search", "File")
    if hit.kind is HitKind.REASONING:
        return translate("search", "Thinking")
    return translate("search", "You") if hit.role is Role.USER else translate("search", "Answer")


def _bounds(period: Period, today: date) -> tuple[date | None, date | None]:
    year = date(today.year, 1, 1)
    return {
        Period.ANY: (None, None),
        Period.TODAY: (today, None),
        Period.WEEK: (today - timedelta(days=6), None),
        Period.MONTH: (today - timedelta(days=29), None),
        Period.YEAR: (year, None),
        Period.BEFORE: (None, year),
    }[period]


def _midnight_ms(day: date) -> int:
    return round(datetime.combine(day, time()).timestamp() * 1000)


def period_choices() -> Iterator[tuple[Period, str]]:
    """Every period with its name."""
    yield Period.ANY, translate("search", "Any time")
    yield Period.TODAY, translate("search", "Today")
    yield Period.WEEK, translate("search", "Last 7 days")
    yield Period.MONTH, translate("search", "Last 30 days")
    yield Period.YEAR, translate("search", "This year")
    yield Period.BEFORE, translate("search", "Before this year")
