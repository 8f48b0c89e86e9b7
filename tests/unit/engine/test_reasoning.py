"""Thinking and answer are told apart, wherever the stream is cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.reasoning import (
    HARMONY,
    TAG_STYLES,
    Split,
    ThinkingStyle,
    find_style,
    make_splitter,
)

THINK = TAG_STYLES[0]


def split(style: ThinkingStyle | None, pieces: list[str], prompt: str = "") -> tuple[str, str]:
    splitter = make_splitter(style, prompt)
    parts = [splitter.feed(piece) for piece in pieces] + [splitter.flush()]
    return "".join(part.reasoning for part in parts), "".join(part.text for part in parts)


CASES = [
    (THINK, "", "<think>\nhm, 2 < 3\n</think>\n\nYes.", "hm, 2 < 3", "Yes."),
    (THINK, "", "\n<think>\n\n</think>\n\nYes.", "", "Yes."),
    (THINK, "", "No tags at all", "", "No tags at all"),
    (THINK, "", "The tag <think> opens a block.", "", "The tag <think> opens a block."),
    (THINK, "", "<think>a</think>b<think>c</think>", "a", "b<think>c</think>"),
    (THINK, "", "<think>a</think> <think> b</think> c", "a\n\nb", "c"),
    (THINK, "", "<think>never ends  </thi", "never ends  </thi", ""),
    (THINK, "", "<thi", "", "<thi"),
    (THINK, "…<think>\n", "first\n</think>\nsecond", "first", "second"),
    (THINK, "…<think>\n", "first </ think > </b></think>x", "first </ think > </b>", "x"),
    (THINK, "…<think>\n\n</think>\n\n", "plain", "", "plain"),
    (TAG_STYLES[1], "", "<thinking>a</thinking>b", "a", "b"),
    (TAG_STYLES[2], "", "[THINK]a [b][/THINK]c", "a [b]", "c"),
    (TAG_STYLES[3], "", "<seed:think>a</seed:think>b", "a", "b"),
    (TAG_STYLES[4], "", "◁think▷a◁/think▷b", "a", "b"),
    (
        HARMONY,
        "<|start|>assistant",
        "<|channel|>analysis<|message|>User asks.<|end|>"
        "<|start|>assistant<|channel|>final<|message|>Hello <b>",
        "User asks.",
        "Hello <b>",
    ),
    (
        HARMONY,
        "<|start|>assistant",
        "<|channel|>analysis<|message|>one<|end|><|start|>assistant<|channel|>analysis"
        "<|message|>two<|end|><|start|>assistant<|channel|>final<|message|>three<|return|>",
        "one\n\ntwo",
        "three",
    ),
    (HARMONY, "<|start|>assistant<|channel|>final<|message|>", "direct", "", "direct"),
    (HARMONY, "<|start|>assistant<|channel|>analysis<|message|>", "hm<|end|>", "hm", ""),
    (HARMONY, "<|start|>assistant", "short and unmarked", "", "short and unmarked"),
    (HARMONY, "<|start|>assistant", "unmarked " * 50, "", "unmarked " * 50),
    (None, "", "<think>text</think>", "", "<think>text</think>"),
]


@pytest.mark.parametrize(("style", "prompt", "stream", "reasoning", "text"), CASES)
def test_whole_and_in_single_characters(
    style: ThinkingStyle | None, prompt: str, stream: str, reasoning: str, text: str
) -> None:
    assert split(style, [stream], prompt) == (reasoning, text)
    assert split(style, list(stream), prompt) == (reasoning, text)


FRAGMENTS = st.lists(
    st.sampled_from(
        ["<think>", "</think>", "<th", "ink>", "</", " ", "\n", "a", "b<", "<|channel|>", "final",
         "<|message|>", "<|end|>", "<|start|>", "analysis", "<|"]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(
    style=st.sampled_from([THINK, HARMONY]),
    stream=FRAGMENTS,
    inside=st.booleans(),
    cuts=st.lists(st.integers(0, 120), max_size=8),
)
def test_where_the_stream_is_cut_changes_nothing(
    style: ThinkingStyle, stream: str, inside: bool, cuts: list[int]
) -> None:
    prompt = "<think>" if inside else "<|start|>assistant"
    points = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[a:b] for a, b in itertools.pairwise(points)]
    assert split(style, pieces, prompt) == split(style, [stream], prompt)


def test_thinking_is_shown_while_it_streams() -> None:
    splitter = make_splitter(THINK, "")
    assert splitter.feed("<think>Let me") == Split(reasoning="Let me")
    assert splitter.is_reasoning
    assert splitter.feed(" see</think>Done") == Split(text="Done", reasoning=" see")
    assert not splitter.is_reasoning


@pytest.mark.parametrize(
    ("template", "style"),
    [
        ("{{ '<think>' }}", THINK),
        ("{% if '</think>' in content %}", THINK),
        ("<|start|>assistant<|channel|>final<|message|>", HARMONY),
        ("[THINK]{{ x }}[/THINK]", TAG_STYLES[2]),
        ("{{ message.content }}", None),
    ],
)
def test_the_style_is_found_in_the_template(template: str, style: ThinkingStyle | None) -> None:
    assert find_style(template, lambda _text: False) == style


def test_the_style_is_found_in_the_vocabulary() -> None:
    assert find_style("", lambda text: text in ("<think>", "</think>")) == THINK
    assert find_style("", lambda text: text == "<think>") is None
