"""What is said about a full context, its price, and its parts."""

from dataclasses import replace

import pytest

from app.chat.context import ContextPart, ContextReport
from app.history.entities import Overflow
from app.placement.entities import ContextPrice
from ui.context.offers import CHANGE, SHOW_SUMMARY, offer_for_report
from ui.context.words import edit_cost_words, part_rows

PRICE = ContextPrice(context_tokens=4096, expert_layers=0, decode=9.0, verdict="cpu")
REPORT = ContextReport(
    context_tokens=1000, prompt_tokens=700, whole_tokens=700,
    parts=(
        ContextPart("system", "", 100), ContextPart("message", "a", 300),
        ContextPart("message", "b", 100), ContextPart("draft", "draft", 150),
    ),
    format_tokens=50, room=200, overflow=Overflow.STOP, to_read=700, read_seconds=7.0,
)  # fmt: skip
FULL = replace(REPORT, prompt_tokens=900, whole_tokens=900)


def test_the_parts_add_up_to_the_window() -> None:
    rows = dict(part_rows(REPORT))
    assert rows["Conversation"] == "400"
    assert rows["Free"] == "100"
    assert "Attached files" not in rows
    assert sum(int(each) for each in rows.values()) == REPORT.context_tokens
    assert dict(part_rows(FULL))["Too much"] == "100"


def test_nothing_is_said_while_everything_fits() -> None:
    assert offer_for_report(REPORT, 0, None) is None


@pytest.mark.parametrize(("count", "words"), [(1, "the greyed message"), (6, "the 6 greyed")])
def test_a_full_context_names_what_would_go_and_every_choice(count: int, words: str) -> None:
    offer = offer_for_report(replace(FULL, growth=PRICE), count, None)
    assert offer is not None
    assert words in offer.text
    assert len(offer.text) <= 140
    assert offer.warns
    assert [each for each, _label in offer.actions] == ["grow", "oldest", "summarise", CHANGE]


def test_a_message_that_is_too_long_by_itself_says_so() -> None:
    offer = offer_for_report(FULL, 0, None)
    assert offer is not None
    assert "shorten the message" in offer.text
    assert [each for each, _label in offer.actions] == [CHANGE]


def test_what_was_chosen_is_said_calmly_and_can_be_changed() -> None:
    oldest = replace(REPORT, overflow=Overflow.OLDEST, left_out=("a", "b"))
    offer = offer_for_report(oldest, 0, None)
    assert offer is not None
    assert not offer.warns
    assert "2 greyed messages" in offer.text
    summed = replace(REPORT, overflow=Overflow.SUMMARISE, summarised=("a",))
    offer = offer_for_report(summed, 0, None)
    assert offer is not None
    assert [each for each, _label in offer.actions] == [SHOW_SUMMARY, CHANGE]
    grows = replace(FULL, overflow=Overflow.GROW, growth=PRICE)
    offer = offer_for_report(grows, 0, None)
    assert offer is not None
    assert "becomes 4k long" in offer.text


def test_little_reading_is_not_worth_a_word() -> None:
    assert edit_cost_words(replace(REPORT, to_read=40, read_seconds=0.4)) == ""
    words = edit_cost_words(REPORT)
    assert "700 tokens" in words
    assert "7\u00a0s" in words
    assert edit_cost_words(replace(REPORT, to_read=40, read_seconds=30.0))
