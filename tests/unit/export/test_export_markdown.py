"""Markdown: text byte for byte, and every heading stays one whatever an answer holds."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.export.base import ExportOptions
from app.export.commonmark import Closer, fenced, nameable, yaml_string
from app.export.markdown import MarkdownFormat
from app.history.entities import AnswerDetails, Message, MessageState
from app.history.organised import Folder
from tests.helpers.export_samples import (
    CHAT,
    KeptSink,
    answered,
    asked,
    exported,
    file_of,
    forked,
    given_of,
    picture,
    png,
    texts,
)

CODE = "Here:\n\n```python\ndef f():\n\treturn 'ä'  \n\n# not a heading\n```\n\nDone."
GALLERY = Path(__file__).resolve().parents[2] / "fixtures" / "gallery.md"


def export(*messages: Message, conversation=CHAT, **options) -> str:
    made = given_of(*messages, conversation=conversation)
    return exported(MarkdownFormat(), made, **options).decode()


def parts(text: str) -> tuple[dict, str]:
    """The front matter and what follows it."""
    front, body = text.removeprefix("---\n").split("\n---\n", 1)
    return yaml.safe_load(front), body


def headings(text: str) -> list[str]:
    """The headings of the first two levels that CommonMark sees, outside all else."""
    tokens = MarkdownIt("commonmark").parse(parts(text)[1])
    return [
        tokens[number + 1].content
        for number, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.tag in ("h1", "h2")
    ]


def test_a_chat_reads_as_a_chat():
    text = export(asked("Why?"), answered(CODE, "First.\n\nSecond."))
    assert text.startswith('---\ntitle: "A *title*"\nconversation: "c1"\ncreated: 2027-01-15T')
    assert headings(text) == ["A \\*title\\*", "System prompt", "You", "Tiny 1B"]
    assert f"\n\n{CODE}\n" in text
    assert "> **Reasoning**\n>\n> First.\n>\n> Second.\n" in text
    assert "12 tokens · 33.5 tokens/s" in text
    assert "demo model" in text
    assert "seed 7" in text
    assert "*2027-01-15 08:01 UTC*" in text


def test_front_matter_tells_what_a_note_program_asks():
    made = replace(
        given_of(asked("Why?"), answered("So.")), folder=Folder("f", 'My: "notes"', 0, 1)
    )
    front, _body = parts(exported(MarkdownFormat(), made).decode())
    assert front["title"] == "A *title*"
    assert front["conversation"] == "c1"
    assert front["models"] == ["Tiny 1B"]
    assert front["folder"] == 'My: "notes"'
    assert front["tags"] == ["moestro"]
    assert front["created"].year == 2027


def test_what_was_not_asked_for_is_left_out():
    text = export(
        answered("Yes.", "Hmm."),
        system_prompt=False,
        reasoning=False,
        statistics=False,
        dates=False,
    )
    for word in ("Be brief", "Hmm", "Q4", "tokens", "08:00 UTC"):
        assert word not in text
    assert "Yes." in text


def test_front_matter_holds_no_date_and_no_model_that_is_not_wanted():
    text = export(asked("Why?"), answered("So."), dates=False, statistics=False)
    front, _body = parts(text)
    assert set(front) == {"title", "conversation", "tags"}
    assert "2027" not in text
    # Who wrote an answer stays: it is the answer's heading.
    assert headings(text)[-1] == "Tiny 1B"


def test_an_interrupted_or_failed_answer_says_so():
    failed = AnswerDetails(
        model_key="k", model_name="M", failure="storage.busy", failure_facts={"file": "x.db"}
    )
    text = export(
        answered("Bec", state=MessageState.INTERRUPTED),
        answered("", state=MessageState.FAILED, details=failed),
    )
    assert "*This answer was interrupted.*" in text
    assert "x.db is in use by another program" in text
    unknown = AnswerDetails(model_key="k", model_name="M", failure="gone.code")
    assert "gone" not in export(answered("", details=unknown))
    fewer = AnswerDetails(model_key="k", model_name="M", failure="storage.busy")
    assert "{file}" not in export(answered("", details=fewer))


LEAKS = [
    "```python\nx = 1",
    "~~~~\nx",
    "   ```\nx",
    "````\n```\n",
    "<!-- a comment",
    "<script>\nalert(1)",
    "<style>\n\n\nb",
    "<pre>\ncode",
    "<textarea>",
    "<?php\n\n",
    "<![CDATA[\n\nx",
    "<!DOCTYPE\n\nx",
    "<details>\n<summary>",
    "- item\n\n  ```\n  in an item",
    "> ```\n> quoted",
    "1. a\n   - b\n\n     ~~~",
    "text\n===",
    "---\n---",
    "[a]: <",
    "a \\",
    "`unclosed",
    "\tcode",
    "| a | b |\n|---|",
    "```\n<!-- \n```\n<!--",
    "~~~ ```\n",
]


@pytest.mark.parametrize("leak", LEAKS)
def test_nothing_left_open_swallows_the_next_heading(leak):
    text = export(
        answered(leak, leak),
        asked("next"),
        conversation=replace(CHAT, title=leak, system_prompt=leak),
    )
    found = headings(text)
    assert [h for h in found if h in ("System prompt", "Tiny 1B", "You")] == [
        "System prompt",
        "Tiny 1B",
        "You",
    ]
    assert leak in text


PIECES = st.lists(
    st.sampled_from(
        ["```", "~~~", "<!--", "-->", "<pre>", "</pre>", "<?", "> ", "- ", "    ", "\n", "\n\n",
         "a", "`", "<div>", "# ", "\t", "]]>", "<![CDATA[", "<!X", "\r\n", "\r", "***", "\\"]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(text=PIECES)
def test_closing_always_closes(text):
    tokens = MarkdownIt("commonmark").parse(f"{text}{Closer().closing(text)}\n\n## Next\n")
    assert (tokens[-3].type, tokens[-3].level) == ("heading_open", 0)
    assert tokens[-2].content == "Next"


@settings(max_examples=150, deadline=None)
@given(reasoning=PIECES)
def test_reasoning_never_leaves_its_quotation(reasoning):
    text = export(answered("The answer.", reasoning + "x"), dates=False)
    body = text.split("\n## Tiny 1B\n", 1)[1]
    tokens = MarkdownIt("commonmark").parse(body)
    assert tokens[0].type == "blockquote_open"
    outside = [
        tokens[n + 1].content
        for n, token in enumerate(tokens)
        if token.type == "paragraph_open" and token.level == 0
    ]
    assert outside[0] == "The answer."


@settings(max_examples=100, deadline=None)
@given(text=PIECES | st.text(st.sampled_from("`\n\r ~a"), max_size=40))
def test_a_file_is_one_code_block_whatever_it_holds(text):
    made = exported(MarkdownFormat(), given_of(asked("Look.", file_of("a.txt", text + "end"))))
    tokens = MarkdownIt("commonmark").parse(parts(made.decode())[1])
    fences = [token.content for token in tokens if token.type == "fence"]
    unified = (text + "end\n").replace("\r\n", "\n").replace("\r", "\n")
    assert fences == [unified]
    assert tokens[-2].content == "Look."


def test_a_file_stands_there_byte_for_byte():
    assert fenced("a\r\n```x") == "````\na\r\n```x\n````"
    assert fenced("a\n") == "```\na\n```"
    assert "*Attached: a\\_b.txt*" in export(asked("", file_of("a_b.txt", "x")))
    assert "```" not in export(asked("", file_of("a.txt", "x")), attachments=False)


def test_a_picture_is_in_the_file_and_nothing_else_can_pose_as_one():
    text = export(asked("Look.", picture()))
    address = text.split("![Attached: photo.png](", 1)[1].split(")", 1)[0]
    assert base64.b64decode(address.partition(",")[2]) == png()
    false = file_of("x.png", "data:image/png;base64,AA) [bad](javascript:alert(1)", "image")
    text = export(asked("Look.", false))
    assert "javascript" not in text
    assert "*Attached: x.png*" in text


def test_other_branches_are_appendices():
    text = exported(MarkdownFormat(), forked(), branches=True).decode()
    shown, other = text.split("\n## Another branch (1)\n")
    assert "Scattering." in shown
    assert "It begins after: Why is the sky blue?" in other
    assert "version 2 of 2" in other
    assert other.index("Because.") < other.index("Really?") < other.index("Yes.")
    assert "\n### You\n" in other
    assert "Because" not in exported(MarkdownFormat(), forked()).decode()


@settings(max_examples=80, deadline=None)
@given(made=texts())
def test_an_independent_parser_finds_code_tables_and_formulas(made):
    known, source = made
    text = export(asked("Q"), answered(source, source))
    assert f"\n\n{source}\n" in text or not source
    tokens = MarkdownIt("commonmark").enable("table").parse(parts(text)[1])
    found = [token.content for token in tokens if token.type == "fence" and token.level == 0]
    assert found == [f"{inside}\n" for kind, inside in known if kind == "code"]
    rows = [inside for kind, inside in known if kind == "table"]
    assert sum(token.type == "table_open" and token.level == 0 for token in tokens) == len(rows)
    for kind, inside in known:
        if kind == "formula":
            assert f"$$\n{inside}\n$$" in text


def test_the_gallery_is_there_as_it_was_written():
    source = GALLERY.read_text(encoding="utf-8")
    assert source in export(asked("Show all."), answered(source))


TITLES = st.text(max_size=60) | st.text(st.sampled_from("\"\\:#-'{}[]|>&*!%@`\n\t😀\u2028 a"))


@settings(max_examples=200, deadline=None)
@given(text=TITLES)
def test_any_text_is_one_yaml_string(text):
    made = yaml_string(text)
    assert yaml.safe_load(f"a: {made}\nb: 1") == {"a": text, "b": 1}
    assert json.loads(made) == text


def test_titles_and_names_are_plain_text():
    title = 'a"b\n---\n# x <b>&amp; [l](u) `c` %%hidden%% ==marked== https://x.example'
    details = AnswerDetails(model_key="k", model_name="a*b*\n# c")
    text = export(answered("Yes.", details=details), conversation=replace(CHAT, title=title))
    front, body = parts(text)
    assert front["title"] == title
    html = MarkdownIt("commonmark").render(body)
    assert "<b>" not in html
    assert "<em>b</em>" not in html
    assert "href" not in html
    assert "&amp;amp;" in html
    for markup in ("%%hidden", "==marked", "https://"):
        assert markup not in body


def test_headings_hold_nothing_that_a_note_program_cannot_link():
    title = "a [b] #c ^d | e"
    details = AnswerDetails(model_key="k", model_name="M [Q4] #1")
    text = export(answered("x", details=details), conversation=replace(CHAT, title=title))
    tokens = MarkdownIt("commonmark").parse(parts(text)[1])
    shown = [
        "".join(child.content for child in tokens[n + 1].children or ())
        for n, token in enumerate(tokens)
        if token.type == "heading_open"
    ]
    assert shown == ["a (b) c d - e", "System prompt", "M (Q4) 1"]
    assert nameable("[#^|]") == "(-)"
    assert "# Chat\n" in export(conversation=replace(CHAT, title="#"))


@pytest.mark.parametrize("unix_ms", [0, -1, 10**18, -(10**18)])
def test_any_stored_time_can_be_exported(unix_ms):
    assert "created: " in export(conversation=replace(CHAT, created_ms=unix_ms))


def test_a_lone_surrogate_becomes_a_mark():
    assert "\ufffdb" in export(asked("a\ud800b"))


def test_every_message_is_counted_and_a_cancel_stops_at_once():
    sink = KeptSink()
    MarkdownFormat().write([forked()], ExportOptions(branches=True), sink)
    assert sink.steps == 5
    stopped = KeptSink(stop_at=2)
    with pytest.raises(InterruptedError):
        MarkdownFormat().write([forked()], ExportOptions(branches=True), stopped)
    assert stopped.after_stop == 0
    assert b"Really" not in stopped.data
