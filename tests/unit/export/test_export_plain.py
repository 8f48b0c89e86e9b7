"""Plain text: words without marks, what matters as it was written, nothing a terminal obeys."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.export.base import ExportOptions
from app.export.plain import PlainFormat
from app.export.plain_blocks import plain_words
from app.markup.parser import BlockParser
from tests.helpers.export_samples import (
    KeptSink,
    answered,
    asked,
    exported,
    file_of,
    forked,
    given_of,
    picture,
    texts,
)

GALLERY = Path(__file__).resolve().parents[2] / "fixtures" / "gallery.md"


def export(*messages, **options) -> str:
    return exported(PlainFormat(), given_of(*messages), **options).decode()


def plain(source: str) -> str:
    return plain_words(source, BlockParser())


def test_a_chat_reads_as_a_chat():
    text = export(asked("Why *so*?"), answered("Because **yes**.", "Hm.\n\nAh."))
    assert text == (
        "A *title*\n=========\n\n"
        "System prompt\n-------------\n\nBe brief.\n\n"
        "You · 2027-01-15 08:00 UTC\n--------------------------\n\nWhy so?\n\n"
        "Tiny 1B · 2027-01-15 08:01 UTC\n------------------------------\n\n"
        "| Reasoning\n|\n| Hm.\n|\n| Ah.\n\n"
        "Because yes.\n\n"
        "(Tiny 1B · Q4_K_M · demo model · 12 tokens · 33.5 tokens/s · temperature 0.25 · seed 7)\n"
    )


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("# A\n\ntext  \nmore", "A\n\ntext\nmore"),
        ("- a\n- b\n  1. c\n  2. d", "- a\n- b\n  1. c\n  2. d"),
        ("3. a\n\n   b\n4. c", "3. a\n\n   b\n\n4. c"),
        ("-\n- x", "-\n- x"),
        ("text\n\n- a", "text\n\n- a"),
        ("text\n> q\n>\n> r\n\nend", "text\n\n> q\n>\n> r\n\nend"),
        ("- a\n\n  ```\n  x\n\n   y\n  ```", "- a\n\n  x\n\n   y"),
        ("[w](https://e.org) ![p](https://e.org/p.png) <https://e.org>",
         "w (https://e.org) p (https://e.org/p.png) https://e.org"),
        ("a[^n]\n\n[^n]: note", "a[1]\n\n[1] note"),
        ("$x^2$ and\n\n$$\na\nb\n$$", "$x^2$ and\n\n$$\na\nb\n$$"),
        ("a\n\n---\n\nb", "a\n\n----------\n\nb"),
        ("> | a |\n> |---|\n> | 1 |", "> | a |\n> |---|\n> | 1 |"),
        ("\\*no\\* &amp; &lt;", "*no* & <"),
    ],
)  # fmt: skip
def test_marks_are_gone_and_their_meaning_is_not(source, wanted):
    assert plain(source) == wanted


def test_lines_are_as_long_as_they_are():
    line = "word " * 400
    assert line.strip() in export(asked(line))


@settings(max_examples=80, deadline=None)
@given(made=texts())
def test_code_tables_and_formulas_stand_there_as_they_were_written(made):
    known, source = made
    text = export(answered(source))
    for kind, inside in known:
        if kind == "code":
            assert f"\n{inside}\n" in text
        elif kind == "formula":
            assert inside in text
        else:
            assert all("| " + " | ".join(row) + " |\n" in text for row in inside)


@settings(max_examples=200, deadline=None)
@given(source=st.text(st.sampled_from("a`*_#>-+1.|[]()!$\\^: \n\t~<&"), max_size=80))
def test_any_text_can_be_written(source):
    written = plain(source)
    assert all(not line.endswith(" ") or line in source for line in written.split("\n"))


def test_the_gallery_keeps_its_code_and_formulas():
    text = export(answered(GALLERY.read_text(encoding="utf-8")))
    for part in (
        "    return text[::-1]  # מ a comment",
        "$x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$",
        "| longer words | centre | 1,000 | $\\frac{a}{b}$ |",
        "\\operatorname{softmax}(z)_i",
    ):
        assert part in text


def test_no_terminal_obeys_it():
    hostile = "\x1b]8;;http://x\x07click\x1b[2J\x9b31m\x00\x7f"
    text = export(asked(hostile, file_of("\x1b[1mx", f"{hostile}\r\n")), answered(hostile, hostile))
    left = {character for character in text if character < " " or "\x7f" <= character < "\xa0"}
    assert left == {"\n"}
    assert "\t" in export(asked("```\n\tx\n```"))


def test_files_and_branches():
    text = export(asked("Look.", file_of("a.txt", "one\ntwo"), picture()))
    assert "[Attached: a.txt]\n\none\ntwo\n\n[Attached: photo.png]\n\nLook.\n" in text
    text = export(asked("Look.", file_of("a.txt", "one")), attachments=False)
    assert "one" not in text
    text = exported(PlainFormat(), forked(), branches=True).decode()
    assert "Another branch (1)\n==================\n\nIt begins after: Why is the sky" in text
    assert text.index("version 1 of 2") < text.index("Scattering.") < text.index("Because.")


def test_every_message_is_counted_and_a_cancel_stops_at_once():
    sink = KeptSink()
    PlainFormat().write([forked()], ExportOptions(branches=True), sink)
    assert sink.steps == 5
    stopped = KeptSink(stop_at=2)
    with pytest.raises(InterruptedError):
        PlainFormat().write([forked()], ExportOptions(branches=True), stopped)
    assert stopped.after_stop == 0
