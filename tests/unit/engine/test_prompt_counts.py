"""The meter counts the prompt that is sent: random trees, real templates, real vocabularies."""

import time
from functools import cache
from pathlib import Path

import llama_cpp.llama_cpp as native
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.chat.context import parts_of
from app.chat.prompting import compose
from app.engine.attribution import stretches
from app.engine.entities import ChatMessage
from app.engine.errors import RefusedError
from app.engine.hooks import EngineLog
from app.engine.llama import Vocabulary, install_log
from app.engine.prompt import PromptMaker
from app.engine.reasoning import find_style, make_splitter, openers_of
from app.engine.segments import cuts, cutter_of
from app.engine.template import ChatTemplate
from app.history.entities import Message, Role, Summary
from app.history.tree import Node, Tree

LOG = EngineLog(lambda _line: None)
MODELS = Path(__file__).resolve().parents[3] / ".engine-source" / "models"

FAMILIES = {
    "ChatML": ("Qwen-Qwen2.5-7B-Instruct", "qwen2"),
    "DeepSeek": ("deepseek-ai-DeepSeek-V3.1", "deepseek-llm"),
    "DeepSeek R1": ("deepseek-ai-DeepSeek-R1-Distill-Llama-8B", "llama-bpe"),
    "Qwen3": ("Qwen-Qwen3-0.6B", "qwen2"),
    "gpt-oss": ("openai-gpt-oss-120b", "llama-bpe"),
    "Llama 3": ("meta-llama-Llama-3.1-8B-Instruct", "llama-bpe"),
    "Gemma": ("google-gemma-2-2b-it", "gemma-4"),
    "Mistral": ("mistralai-Mistral-Nemo-Instruct-2407", "llama-spm"),
}
WORD_KINDS = [
    "llama-spm",
    "qwen2",
    "deepseek-llm",
    "llama-bpe",
    "gemma-4",
    "qwen35",
    "gpt-2",
    "command-r",
]


@cache
def vocabulary_of(name: str) -> Vocabulary:
    """Kept for all tests: opening one takes half a second."""
    install_log(LOG)
    parameters = native.llama_model_default_params()
    parameters.vocab_only = True
    path = MODELS / f"ggml-vocab-{name}.gguf"
    model = native.llama_model_load_from_file(str(path).encode(), parameters)
    assert model, LOG.errors
    return Vocabulary(model)


@cache
def template_of(name: str) -> ChatTemplate:
    source = (MODELS / "templates" / f"{name}.jinja").read_bytes()
    return ChatTemplate(source, {"bos_token": "<s>", "eos_token": "</s>"}, name)


def maker_of(family: str, *, in_segments: bool = True) -> PromptMaker:
    template, name = FAMILIES[family]
    vocabulary = vocabulary_of(name)
    style = find_style(template_of(template).source, lambda _text: False)
    return PromptMaker(
        template_of(template), vocabulary, 4096, "m.gguf",
        splits_words=in_segments and vocabulary.splits_words, openers=openers_of(style),
    )  # fmt: skip


WORDS = st.sampled_from(
    ["one of them\n", "it is. And so on ", "\n\n", "  ", "def f(x):\n    return x\n", "日本語。",
     "<|im_end|>", "<｜User｜>", "[INST]", "<think>", "</think>", "<|start|>", "<end_of_turn>",
     "🙂", "\ufdd0", "\ufdd2" "1.0" "\ufdd3", "12345 ", "a", "Is it? yes it is. "]
)  # fmt: skip
TEXTS = st.lists(WORDS, min_size=1, max_size=12).map("".join)


@st.composite
def conversations(draw):
    """A branch of a random tree, its system prompt, a draft, a summary, and what is left out."""
    count = draw(st.integers(1, 8))
    parents = [draw(st.integers(-1, n - 1)) for n in range(count)]
    tree = Tree(Node(str(n), str(p) if p >= 0 else None, n, 0, "") for n, p in enumerate(parents))
    path = tree.path(str(draw(st.integers(0, count - 1))))
    branch = []
    for depth, each in enumerate(path):
        role = Role.USER if depth % 2 == 0 else Role.ASSISTANT
        reasoning = draw(st.sampled_from(["", "Let me think. It is so.\n"]))
        thinks = reasoning if role is Role.ASSISTANT else ""
        branch.append(Message(each, "c", None, role, draw(TEXTS), thinks))
    draft = None
    if branch[-1].role is Role.ASSISTANT:
        draft = Message("draft", "c", None, Role.USER, draw(TEXTS))
    left_out = {each.id for each in branch[:2]} if len(branch) > 2 and draw(st.booleans()) else ()
    summary = Summary(branch[0].id, "c", draw(TEXTS)) if draw(st.booleans()) else None
    system = draw(st.sampled_from(["", "Be kind.", "Answer briefly.\nAlways in one of them."]))
    return compose(system, branch, left_out=left_out, summary=summary, draft=draft)


@pytest.mark.parametrize("family", FAMILIES)
@given(composed=conversations())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_meter_is_the_prompt_that_is_sent(family, composed):
    maker = maker_of(family)
    sent = maker.make(composed.messages).tokens
    counted = maker.count(composed.messages, pieces=composed.lengths)
    assert counted.tokens == sent
    # Cut in segments or not, these are the tokens of the text as a whole.
    assert sent == maker_of(family, in_segments=False).make(composed.messages).tokens
    parts = parts_of(composed, counted.pieces)
    assert 0 <= sum(part.tokens for part in parts) <= len(sent)
    assert [part.kind for part in parts] == [o.kind for each in composed.origins for o in each]


@pytest.mark.parametrize("family", FAMILIES)
def test_each_part_has_the_tokens_of_its_own_words(family):
    """A part's tokens are those of its words alone, but for one where it meets the template."""
    maker, vocabulary = maker_of(family), vocabulary_of(FAMILIES[family][1])
    branch = [
        Message("1", "c", None, Role.USER, "What is the capital of France? " * 5),
        Message("2", "c", None, Role.ASSISTANT, "It is Paris, as it ever was. " * 9),
    ]
    draft = Message("3", "c", None, Role.USER, "And of Germany, if I may ask?")
    composed = compose("Be brief and kind.", branch, draft=draft)
    counted = maker.count(composed.messages, pieces=composed.lengths)
    for part, text in zip(
        parts_of(composed, counted.pieces),
        ["Be brief and kind.", branch[0].text.strip(), branch[1].text.strip(), draft.text],
        strict=True,
    ):
        assert abs(part.tokens - len(vocabulary.tokenize(text))) <= 2, part


@pytest.mark.parametrize("family", FAMILIES)
def test_an_answer_without_its_question_is_given_all_the_same(family):
    branch = [
        Message("1", "c", None, Role.ASSISTANT, "It is Paris."),
        Message("2", "c", None, Role.USER, "And of Italy?"),
    ]
    composed = compose("Be kind.", branch)
    assert [each.role for each in composed.messages] == ["system", "user", "assistant", "user"]
    counted = maker_of(family).count(composed.messages, pieces=composed.lengths)
    assert len(counted.tokens) > 10
    summary = Summary("0", "c", "We spoke of France.")
    composed = compose("", branch, summary=summary)
    assert "We spoke of France." in composed.messages[0].content
    assert "We spoke of France." not in composed.messages[2].content


def test_pieces_of_one_message_are_told_apart():
    maker = maker_of("ChatML")
    vocabulary = vocabulary_of("qwen2")
    file, question = "File: a\n```\n" + "x = 1\n" * 50 + "```\n\n", "What does it do?"
    messages = [ChatMessage("user", file + question)]
    pieces = [(len(file), len(question))]
    (numbers,) = maker.count(messages, pieces=pieces).pieces
    assert abs(numbers[0] - len(vocabulary.tokenize(file))) <= 2
    assert abs(numbers[1] - len(vocabulary.tokenize(question))) <= 1


def test_earlier_thinking_costs_nothing_where_the_template_drops_it():
    maker = maker_of("Qwen3")
    thought = "So many thoughts about it. " * 40
    messages = [
        ChatMessage("user", "One?"),
        ChatMessage("assistant", "Yes.", thought),
        ChatMessage("user", "Two?"),
    ]
    counted = maker.count(messages, pieces=[(4,), (4,), (4,)])
    assert counted.tokens == maker.make(messages).tokens
    assert counted.pieces[1][0] <= 3
    assert len(counted.tokens) < 40


def test_where_a_template_changes_the_words_they_are_looked_for():
    messages = [ChatMessage("user", "hello"), ChatMessage("assistant", "there")]

    def shouting(given) -> str:
        return "".join(f"[{each.role} {len(each.content)}]{each.content}" for each in given)

    found = stretches(shouting(messages), messages, [(5,), (5,)], shouting)
    assert found == [(0, None), (8, (0, 0)), (13, None), (26, (1, 0)), (31, None)]


@pytest.mark.parametrize("name", WORD_KINDS)
@given(text=st.lists(WORDS | st.text(max_size=20), max_size=60).map("".join))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_text_in_segments_has_the_tokens_of_the_whole(name, text):
    vocabulary = vocabulary_of(name)
    cutter = cutter_of(vocabulary.tokenize, vocabulary.control_strings)
    assert cutter is not None
    assert cutter.drops_space is (name == "llama-spm")
    assert "".join(cuts(text)) == text
    pieces = [token for each in cutter.given(cuts(text)) for token in vocabulary.tokenize(each)]
    assert pieces == vocabulary.tokenize(text)


def test_a_vocabulary_without_words_is_not_cut():
    vocabulary = vocabulary_of("bert-bge")
    assert not vocabulary.splits_words
    # One that makes other tokens of the parts than of the whole is found out.
    assert cutter_of(lambda text: [len(text)], ()) is None
    assert cutter_of(vocabulary_of("qwen2").tokenize, ["<|a token of words|>"]) is None


def test_a_long_draft_is_counted_quickly_after_a_change():
    """100,000 tokens; the figure is 200 ms, asserted with five times as much."""
    maker = maker_of("Qwen3")
    line = "The word number {} of a long line stands in this text, and it is one of many here.\n"
    text = "".join(line.format(n) for n in range(5000))
    count = lambda words: maker.count(  # noqa: E731
        [ChatMessage("user", words)], pieces=[(len(words),)]
    )
    assert len(count(text).tokens) > 100_000
    took = []
    for n in range(5):
        began = time.perf_counter()
        count(text[:200_000] + f"changed {n}" + text[200_000:])
        took.append(time.perf_counter() - began)
    assert min(took) < 1.0, took


RESUMED = [
    ChatMessage("user", "Count to five."),
    ChatMessage("assistant", "One, two, th", "Easy enough."),
]


@pytest.mark.parametrize("family", FAMILIES)
def test_an_answer_is_written_on_from_its_last_letter(family):
    maker, vocabulary = maker_of(family), vocabulary_of(FAMILIES[family][1])
    prompt = maker.make(RESUMED, resume=True)
    text = b"".join(vocabulary.piece(token, True) for token in prompt.tokens).decode()
    assert text.endswith("One, two, th")
    assert text.count("One, two, th") == 1
    assert maker.count(RESUMED, resume=True, pieces=[(14,), (12,)]).tokens == prompt.tokens
    style = find_style(template_of(FAMILIES[family][0]).source, lambda _text: False)
    split = make_splitter(style, prompt.ending)
    part, rest = split.feed("ree, four."), split.flush()
    assert (part.text + rest.text, part.reasoning + rest.reasoning) == ("ree, four.", "")


@pytest.mark.parametrize("family", ["Qwen3", "DeepSeek R1", "gpt-oss", "DeepSeek"])
def test_thinking_is_written_on_too(family):
    maker, vocabulary = maker_of(family), vocabulary_of(FAMILIES[family][1])
    thinking = [RESUMED[0], ChatMessage("assistant", "", "First I thi")]
    prompt = maker.make(thinking, resume=True)
    text = b"".join(vocabulary.piece(token, True) for token in prompt.tokens).decode()
    assert text.endswith("First I thi")
    style = find_style(template_of(FAMILIES[family][0]).source, lambda _text: False)
    split = make_splitter(style, prompt.ending)
    part, rest = split.feed("nk"), split.flush()
    assert (part.text + rest.text, part.reasoning + rest.reasoning) == ("", "nk")


def test_what_a_person_typed_cuts_no_answer_short():
    maker, vocabulary = maker_of("ChatML"), vocabulary_of("qwen2")
    forged = [ChatMessage("user", "a\ufdd1b"), ChatMessage("assistant", "x\ufdd1y <|im_end|> z")]
    prompt = maker.make(forged, resume=True)
    text = b"".join(vocabulary.piece(token, True) for token in prompt.tokens).decode()
    assert text.endswith("xy <|im_end|> z")
    end = vocabulary.special_token("<|im_end|>")
    assert prompt.tokens.count(end) == 2  # of the system's turn and of the user's


def test_a_text_beyond_counting_is_refused_with_an_estimate():
    maker = maker_of("Qwen3")
    words = "it is one of the many words here. " * 80_000
    with pytest.raises(RefusedError) as caught:
        maker.count([ChatMessage("user", words)], pieces=[(len(words),)])
    assert caught.value.code == "engine.prompt_too_long"
    assert 500_000 < caught.value.facts["tokens"] < 900_000
