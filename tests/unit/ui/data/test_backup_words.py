"""What the pages of backups and data say."""

from dataclasses import replace

import pytest

from app.backups.comparing import Difference
from app.backups.data_parts import DataPart, PartUse
from app.storage.backup_files import Reason
from tests.helpers.backup_samples import FOLDER, difference
from ui.data.words import (
    chats_words,
    difference_lines,
    keeping_words,
    messages_words,
    part_amount,
    part_hint,
    part_title,
    reason_words,
    size_words,
    title_words,
    titles_words,
)

NONE = Difference(0, (), 0, (), 0, 60, 3080)


def test_every_reason_and_part_has_words_of_its_own() -> None:
    assert len({reason_words(reason) for reason in Reason}) == len(Reason)
    assert len({part_title(part) for part in DataPart}) == len(DataPart)
    assert len({part_hint(part) for part in DataPart}) == len(DataPart)
    assert keeping_words(Reason.MANUAL) != keeping_words(Reason.AUTOMATIC)


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (999, "999 B"), (64_000, "64 kB"), (999_600, "1 MB"), (18_556_686_912, "18.6 GB")],
)
def test_sizes(size: int, words: str) -> None:
    assert size_words(size) == words


def test_one_and_many() -> None:
    assert (chats_words(1), chats_words(0), chats_words(1200)) == (
        "1 chat", "0 chats", "1,200 chats",
    )  # fmt: skip
    assert (messages_words(1), messages_words(3)) == ("1 message", "3 messages")


def test_titles_are_one_short_line() -> None:
    assert title_words("A\nB") == "“A B”"
    assert title_words("  ") == "An untitled chat"
    assert len(title_words("x" * 500)) <= 62
    assert titles_words(("A", "B"), 2) == "“A”, “B”"
    assert titles_words(("A", "B"), 5) == "“A”, “B” and 3 more"


def test_what_would_change() -> None:
    assert difference_lines(NONE) == ("All chats are as they are now.",)
    assert difference_lines(replace(NONE, changed=1)) == (
        "As they were then, with other messages or titles: 1 chat.",
    )
    lines = difference_lines(difference())
    assert len(lines) == 3
    assert lines[0].startswith("Not in it, so gone from the list: 14 chats. “Why does my")
    assert "and 11 more" in lines[0]
    assert lines[1].startswith("Would come back: 2 chats. An untitled chat")


def test_what_is_not_there_has_no_size() -> None:
    assert part_amount(PartUse(DataPart.LOGS, FOLDER, 0, 0)) == "–"
    assert part_amount(PartUse(DataPart.LOGS, FOLDER, 0, 1)) == "0 B"
