"""The chat templates of real models render a conversation with a system prompt."""

from pathlib import Path

import pytest

from app.engine.entities import ChatMessage
from app.engine.errors import RefusedError
from app.engine.reasoning import HARMONY, find_style, make_splitter
from app.engine.template import ChatTemplate

CONVERSATION = [
    ChatMessage("system", "SYSTEM PROMPT"),
    ChatMessage("user", "FIRST QUESTION"),
    ChatMessage("assistant", "FIRST ANSWER", "FIRST THOUGHT"),
    ChatMessage("user", "SECOND QUESTION"),
]
NEED_TOOLS = {
    "CohereForAI-c4ai-command-r-plus-tool_use",
    "NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use",
    "NousResearch-Hermes-3-Llama-3.1-8B-tool_use",
    "fireworks-ai-llama-3-firefunction-v2",
}
"""Made for calling tools only; the same models carry another template for chatting."""


def load(path: Path) -> ChatTemplate:
    return ChatTemplate(path.read_bytes(), {"bos_token": "<s>", "eos_token": "</s>"}, path.stem)


def test_every_chat_template_of_the_engine_s_collection(engine_models: Path) -> None:
    refused = set()
    paths = sorted((engine_models / "templates").glob("*.jinja"))
    assert len(paths) > 40
    for path in paths:
        try:
            prompt = load(path).render(CONVERSATION)
        except RefusedError:
            refused.add(path.stem)
            continue
        for message in CONVERSATION:
            assert message.content in prompt, path.stem
    assert refused == NEED_TOOLS


@pytest.mark.parametrize(
    ("name", "opener", "begins_inside"),
    [
        ("Qwen-Qwen3-0.6B", "<think>", False),
        ("Qwen3.5-4B", "<think>", True),
        ("GLM-4.6", "<think>", False),
        ("deepseek-ai-DeepSeek-R1-Distill-Llama-8B", "<think>", True),
        ("deepseek-ai-DeepSeek-V3.1", "<think>", False),
        ("ByteDance-Seed-OSS", "<seed:think>", False),
        ("mistralai-Ministral-3-14B-Reasoning-2512", "[THINK]", False),
        ("google-gemma-4-31B-it", "<|channel>thought", False),
        ("Cohere2MoE", "<|START_THINKING|>", True),
        ("MiniMax-M3", "<mm:think>", False),
        ("meta-llama-Llama-3.1-8B-Instruct", None, False),
    ],
)
def test_thinking_styles(
    engine_models: Path, name: str, opener: str | None, begins_inside: bool
) -> None:
    template = load(engine_models / "templates" / f"{name}.jinja")
    style = find_style(template.source, lambda _text: False)
    assert (style.opener if style else None) == opener
    prompt = template.render(CONVERSATION)
    assert make_splitter(style, prompt[-256:]).is_reasoning == begins_inside


def test_harmony(engine_models: Path) -> None:
    template = load(engine_models / "templates" / "openai-gpt-oss-120b.jinja")
    style = find_style(template.source, lambda _text: False)
    assert style == HARMONY
    splitter = make_splitter(style, template.render(CONVERSATION)[-256:])
    part = splitter.feed(
        "<|channel|>analysis<|message|>Think.<|end|>"
        "<|start|>assistant<|channel|>final<|message|>Say."
    )
    assert (part.reasoning, part.text) == ("Think.", "Say.")


def test_thinking_can_be_switched_off(engine_models: Path) -> None:
    template = load(engine_models / "templates" / "Qwen-Qwen3-0.6B.jinja")
    assert template.render(CONVERSATION, thinking=False).endswith("<think>\n\n</think>\n\n")
    assert template.render(CONVERSATION, thinking=True).endswith("<|im_start|>assistant\n")
