"""Markdown: text byte for byte, and every heading stays one whatever an answer holds."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.export.base import ExportOptions
from app.export.commonmark import closing
from app.export.markdown import MarkdownExporter
from app.history.entities import AnswerDetails, Conversation, Message, MessageState, Role
from tests.unit.history.conftest import DETAILS

CODE = "Here:\n\n```python\ndef f():\n\treturn 'ä'  \n\n# not a heading\n```\n\nDone."
CHAT = Conversation("c1", "A *title*", system_prompt="Be brief.", created_ms=1_800_000_000_000)


def message(role: Role, text: str, **fields) -> Message:
    return Message("m", "c1", None, role, text, **fields)


def export(*messages: Message, conversation: Conversation = CHAT, **options: bool) -> str:
    return MarkdownExporter().export(conversation, messages, ExportOptions(**options))


def headings(text: str) -> list[str]:
    """The headings of the first two levels that CommonMark sees, outside all else."""
    front, body = text.removeprefix("---\n").split("\n---\n", 1)
    assert front.startswith("title: ")
    tokens = MarkdownIt("commonmark").parse(body)
    return [
        tokens[number + 1].content
        for number, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.tag in ("h1", "h2")
    ]


def test_a_chat_reads_as_a_chat():
    text = export(
        message(Role.USER, "Why?"),
        message(Role.ASSISTANT, CODE, reasoning="First.\n\nSecond.", details=DETAILS),
    )
    assert text.startswith('---\ntitle: "A *title*"\nconversation: "c1"\ncreated: 2027-01-15T')
    assert headings(text) == ["A \\*title\\*", "System prompt", "You", "Tiny 1B"]
    assert f"\n\n{CODE}\n" in text
    assert "> **Reasoning**\n>\n> First.\n>\n> Second.\n" in text
    assert "12 tokens · 33\\.5 tokens\\/s" in text
    assert "demo model" in text
    assert "seed 7" in text


def test_what_was_not_asked_for_is_left_out():
    answer = message(Role.ASSISTANT, "Yes.", reasoning="Hmm.", details=DETAILS)
    text = export(answer, system_prompt=False, reasoning=False, details=False)
    for word in ("Be brief", "Hmm", "Q4", "tokens"):
        assert word not in text
    assert "Yes." in text


def test_an_interrupted_or_failed_answer_says_so():
    failed = AnswerDetails(
        model_key="k", model_name="M", failure="storage.busy", failure_facts={"file": "x.db"}
    )
    text = export(
        message(Role.ASSISTANT, "Bec", state=MessageState.INTERRUPTED, details=DETAILS),
        message(Role.ASSISTANT, "", state=MessageState.FAILED, details=failed),
    )
    assert "*This answer was interrupted\\.*" in text
    assert "x\\.db is in use by another program" in text
    unknown = AnswerDetails(model_key="k", model_name="M", failure="gone.code")
    assert "gone" not in export(message(Role.ASSISTANT, "", details=unknown))
    fewer = AnswerDetails(model_key="k", model_name="M", failure="storage.busy")
    assert "{file}" not in export(message(Role.ASSISTANT, "", details=fewer))


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
        message(Role.ASSISTANT, leak, reasoning=leak, details=DETAILS),
        message(Role.USER, "next"),
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
        [
            "```",
            "~~~",
            "<!--",
            "-->",
            "<pre>",
            "</pre>",
            "<?",
            "> ",
            "- ",
            "    ",
            "\n",
            "\n\n",
            "a",
            "`",
            "<div>",
            "# ",
            "\t",
            "]]>",
            "<![CDATA[",
            "<!X",
            "\r\n",
            "\r",
            "***",
            "\\",
        ]
    ),
    max_size=14,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(text=PIECES)
def test_closing_always_closes(text):
    tokens = MarkdownIt("commonmark").parse(f"{text}{closing(text)}\n\n## Next\n")
    assert (tokens[-3].type, tokens[-3].level) == ("heading_open", 0)
    assert tokens[-2].content == "Next"


@settings(max_examples=150, deadline=None)
@given(reasoning=PIECES)
def test_reasoning_never_leaves_its_quotation(reasoning):
    answer = message(Role.ASSISTANT, "The answer.", reasoning=reasoning + "x", details=DETAILS)
    body = export(answer).split("\n## Tiny 1B\n", 1)[1]
    tokens = MarkdownIt("commonmark").parse(body)
    assert tokens[0].type == "blockquote_open"
    outside = [
        tokens[n + 1].content
        for n, token in enumerate(tokens)
        if token.type == "paragraph_open" and token.level == 0
    ]
    assert outside[0] == "The answer."


def test_titles_and_names_are_plain_text():
    title = 'a"b\n---\n# x <b>&amp; [l](u) `c`'
    details = AnswerDetails(model_key="k", model_name="a*b*\n# c")
    text = export(
        message(Role.ASSISTANT, "Yes.", details=details), conversation=replace(CHAT, title=title)
    )
    assert json.loads(text.split("\n")[1].removeprefix("title: ")) == title
    html = MarkdownIt("commonmark").render(text.split("\n---\n", 1)[1])
    assert "<b>" not in html
    assert "<em>b</em>" not in html
    assert "href" not in html
    assert "&amp;amp;" in html


@pytest.mark.parametrize("unix_ms", [0, -1, 10**18, -(10**18)])
def test_any_stored_time_can_be_exported(unix_ms):
    assert "created: " in export(conversation=replace(CHAT, created_ms=unix_ms))
