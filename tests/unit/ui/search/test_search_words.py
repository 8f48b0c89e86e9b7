"""What a search asks for and what its rows say."""

from datetime import date, datetime

import pytest

from app.history.entities import Role
from app.history.found import Filters, Found, FoundConversation, Hit, HitKind, Snippet
from ui.search.view import Period, Wishes
from ui.search.words import day_words, filters_of, nothing_words, rows_of, summary_words

TODAY = date(2026, 3, 18)
pytestmark = pytest.mark.usefixtures("qapp")


def ms(*when: int) -> int:
    return round(datetime(*when).timestamp() * 1000)  # type: ignore[arg-type]


def hit(kind: HitKind, role: Role | None = Role.USER, name: str = "") -> Hit:
    return Hit(kind, "c", "m", role, ms(2026, 3, 2), Snippet("some text", ((0, 4),)), name)


def conversation(*hits: Hit, title: str = "Title", count: int = 0) -> FoundConversation:
    return FoundConversation("c", Snippet(title), "f", ms(2026, 3, 17), hits, count or len(hits))


@pytest.mark.parametrize(
    ("period", "since", "until"),
    [
        (Period.ANY, None, None),
        (Period.TODAY, (2026, 3, 18), None),
        (Period.WEEK, (2026, 3, 12), None),
        (Period.MONTH, (2026, 2, 17), None),
        (Period.YEAR, (2026, 1, 1), None),
        (Period.BEFORE, None, (2026, 1, 1)),
    ],
)
def test_periods_begin_at_midnight_here(
    period: Period, since: tuple[int, ...] | None, until: tuple[int, ...] | None
) -> None:
    assert filters_of(Wishes("x", period=period), TODAY) == Filters(
        since_ms=ms(*since) if since else None, until_ms=ms(*until) if until else None
    )


def test_the_other_filters_are_handed_on() -> None:
    wishes = Wishes("x", model="key", folder="", role=Role.ASSISTANT)
    assert wishes.are_narrow
    assert filters_of(wishes, TODAY) == Filters(("key",), folder_id="", role=Role.ASSISTANT)
    assert not Wishes("x").are_narrow


def test_a_conversation_stands_above_its_places() -> None:
    found = Found("x", (conversation(
        hit(HitKind.TITLE, None), hit(HitKind.TEXT), hit(HitKind.TEXT, Role.ASSISTANT),
        hit(HitKind.REASONING, Role.ASSISTANT), hit(HitKind.ATTACHMENT, name="report.pdf"),
        count=9,
    ),))  # fmt: skip
    rows = rows_of(found, {"f": "Kitchen"}, TODAY)
    assert [row.label for row in rows] == ["", "You", "Answer", "Thinking", "report.pdf"]
    assert [row.is_conversation for row in rows] == [True, False, False, False, False]
    assert (rows[0].note, rows[0].when) == ("Kitchen · 9 places", "Yesterday")
    assert rows[0].message_id is None
    assert rows[1].message_id == "m"
    assert rows[1].when == "2 March"


def test_a_day_that_stands_above_is_not_told_again() -> None:
    same = Hit(HitKind.TEXT, "c", "m", Role.USER, ms(2026, 3, 17, 9), Snippet("a"))
    rows = rows_of(Found("x", (conversation(same),)), {}, TODAY)
    assert [row.when for row in rows] == ["Yesterday", ""]


def test_a_chat_without_a_title_has_a_name() -> None:
    assert rows_of(Found("x", (conversation(title=" "),)), {}, TODAY)[0].snippet.text == "New chat"


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ((2026, 3, 18, 23), "Today"),
        ((2026, 3, 17), "Yesterday"),
        ((2026, 1, 5), "5 January"),
        ((2024, 12, 31), "31 Dec 2024"),
    ],
)
def test_days(when: tuple[int, ...], words: str) -> None:
    assert day_words(ms(*when), TODAY) == words


def test_an_impossible_day_is_still_a_day() -> None:
    assert day_words(-1, TODAY)
    assert day_words(2**62, TODAY)


def test_the_summary_says_what_is_missing() -> None:
    one = conversation()
    assert summary_words(Found("x", (one,))) == "1 chat"
    cut = Found("x", (one, one), is_complete=False, waiting=1200)
    assert summary_words(cut) == (
        "The best 2 chats; more words find fewer · 1,200 texts are still being read"
    )


def test_nothing_found_helps() -> None:
    assert "filters" in nothing_words(Wishes("zeppelin", model="m"))
    assert "one message" in nothing_words(Wishes("two words"))
    assert "star" in nothing_words(Wishes("zeppelin"))
    assert len(nothing_words(Wishes("long " * 100))) <= 140
