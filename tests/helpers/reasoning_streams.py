"""What models that think would write, made from their published chat templates."""

from dataclasses import dataclass
from pathlib import Path

from app.engine.entities import ChatMessage
from app.engine.reasoning import Splitter, find_style, make_splitter
from app.engine.template import ChatTemplate

QUESTION = "How many letters r are in “strawberry”? 答えて 🍓"
THOUGHT = (
    "The user asks for letters. s-t-r-a-w-b-e-r-r-y: 1 < 2, so r stands at 3, 8 and 9.\n\n"
    "中文也行; a mark like </ think> or < think> is none, and neither is <|endless|>. 🤔 Three."
)
ANSWER = "**Three** letters: st`r`awbe`rr`y. 三つ 🍓\n\nThe tag <think> opens a thought."

_VARIABLES = {"bos_token": "<s>", "eos_token": "</s>"}


@dataclass(frozen=True, slots=True)
class Style:
    """A family's template and how its stream is got from it."""

    template: str
    ending: str = ""
    """The token that ends an answer; what follows it the model never writes."""
    closer: str = ""
    """Where the template does not write old thoughts again: what closes one."""


STYLES = {
    "DeepSeek-R1": Style("llama-cpp-deepseek-r1", closer="\n</think>\n\n"),
    "DeepSeek-R1-Distill": Style(
        "deepseek-ai-DeepSeek-R1-Distill-Llama-8B", closer="\n</think>\n\n"
    ),
    "Qwen3": Style("Qwen-Qwen3-0.6B", ending="<|im_end|>"),
    "Qwen3, prompt ends in <think>": Style("Qwen3.5-4B", ending="<|im_end|>"),
    "gpt-oss": Style("openai-gpt-oss-120b", ending="<|return|>"),
    "GLM": Style("GLM-4.6"),
    "GLM, prompt ends in <think>": Style("GLM-4.7-Flash"),
}
"""Named as in reports; several where versions of one family differ."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One answer as a model writes it, and what it means."""

    template: str
    """The chat template's source."""
    prompt: str
    written: str
    reasoning: str = THOUGHT
    text: str = ANSWER

    def splitter(self) -> Splitter:
        """A new splitter as the worker would make it for this answer."""
        return make_splitter(find_style(self.template, lambda _text: False), self.prompt[-256:])


def make_stream(templates: Path, name: str) -> Stream:
    """The stream of a family of ``STYLES``; ``templates`` is the folder of published ones."""
    style = STYLES[name]
    template = load_template(templates / f"{style.template}.jinja")
    prompt = template.render([ChatMessage("user", QUESTION)])
    if style.closer:
        return Stream(template.source, prompt, THOUGHT + style.closer + ANSWER)
    whole = template._template.render(
        **_VARIABLES,
        messages=[
            {"role": "user", "content": QUESTION},
            {
                "role": "assistant",
                "content": ANSWER,
                "reasoning_content": THOUGHT,
                "thinking": THOUGHT,
            },
        ],
        add_generation_prompt=False,
        tools=None,
        documents=None,
    )
    assert whole.startswith(prompt), (name, prompt, whole)
    written = whole[len(prompt) :]
    if style.ending:
        written = written.rpartition(style.ending)[0]
    return Stream(template.source, prompt, written)


def load_template(path: Path) -> ChatTemplate:
    """A published template as the worker would compile it."""
    return ChatTemplate(path.read_bytes(), _VARIABLES, path.stem)
