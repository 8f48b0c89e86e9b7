"""Which options count: a switch that is not shown leaves nothing out."""

from itertools import product

import pytest

from app.export.base import ExportOptions
from ui.export.parts import meant, parts_of, remembered
from ui.export.view import BRANCHED, Wanted, What
from ui.export.words import format_choices

NAMES = ["md", "html", "pdf", "docx", "txt", "json", "jsonl"]
OTHER = ExportOptions(
    system_prompt=False, reasoning=False, branches=True, attachments=False, statistics=False,
    dates=False, paper="letter",
)  # fmt: skip


@pytest.mark.parametrize("name", ["md", "html", "pdf", "docx", "txt"])
def test_readable_formats_take_every_option(name: str) -> None:
    fields = set(ExportOptions.__struct_fields__) - {"paper"}
    assert parts_of(name, What.CHAT) - {"paper"} == fields
    assert ("paper" in parts_of(name, What.CHAT)) == (name in ("pdf", "docx"))


def test_every_format_is_known(qapp: object) -> None:
    assert [name for name, _words, _use in format_choices()] == NAMES


@pytest.mark.parametrize(("name", "what"), list(product(NAMES, What)))
def test_what_is_not_asked_for_is_as_it_is_by_itself(name: str, what: What) -> None:
    counted, parts = meant(what, name, OTHER), parts_of(name, what)
    for field in ExportOptions.__struct_fields__:
        wanted = OTHER if field in parts else ExportOptions()
        assert getattr(counted, field) == getattr(wanted, field)
    assert counted.branches == ("branches" in parts)
    assert "branches" not in parts or what in BRANCHED, "a part of a chat has no other branches"


def test_dates_stay_in_a_file_that_is_to_come_back() -> None:
    assert meant(What.CHAT, "json", OTHER).dates
    assert not meant(What.CHAT, "json", OTHER).statistics


def test_what_was_not_asked_for_is_remembered_from_before() -> None:
    options = meant(What.CHAT, "json", OTHER)
    assert remembered(Wanted(What.CHAT, "json", options), OTHER) == OTHER
    chosen = ExportOptions(dates=True)
    assert remembered(Wanted(What.CHAT, "pdf", chosen), OTHER) == chosen
