"""What the starter model is asked, and the chat format it was trained on."""

import random

STORY = "Write a long story about a river, a mill and the people who live beside them."
SEED = 7
CONTEXT_TOKENS = 4096

_SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
_WORDS = (
    "river", "stone", "light", "winter", "garden", "engine", "letter", "window", "orange",
    "silent", "paper", "bridge", "summer", "market", "music", "table", "forest", "harbour",
)  # fmt: skip


def rendered(question: str) -> str:
    """The prompt as the model's own template makes it; the application must come to the same."""
    turns = (("system", _SYSTEM), ("user", question))
    text = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in turns)
    return text + "<|im_start|>assistant\n"


def long_question(number: int, words: int = 1900) -> str:
    """About 2,000 tokens that share no beginning with another ``number``."""
    chance = random.Random(number)
    sentences = []
    while words > 0:
        length = min(words, chance.randint(6, 14))
        sentences.append(" ".join(chance.choices(_WORDS, k=length)).capitalize() + ".")
        words -= length
    return f"{number}. Sum up these notes. " + " ".join(sentences)
