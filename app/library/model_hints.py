"""What a model's makers recommend for sampling, and what of its thinking can be chosen.

Newer GGUF files carry the first in their metadata; for some families it stands on their cards
only. The file goes first: whoever made it may have had reasons.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from app.engine.entities import SamplingParameters, ThinkingSupport
from app.engine.sampling import LIMITS
from app.engine.thinking import thinking_support_of
from app.library.entities import InstalledModel
from models.errors import ModelFileError
from models.gguf import read_header
from models.gguf_header import GgufHeader

_KEYS = {
    "general.sampling.temp": "temperature",
    "general.sampling.top_k": "top_k",
    "general.sampling.top_p": "top_p",
    "general.sampling.min_p": "min_p",
    "general.sampling.penalty_repeat": "repetition_penalty",
    "general.sampling.xtc_probability": "xtc_probability",
    "general.sampling.xtc_threshold": "xtc_threshold",
}
_CARDS: tuple[tuple[str, Mapping[str, float]], ...] = (
    (
        r"qwen3-coder",
        {"temperature": 0.7, "top_p": 0.8, "top_k": 20, "repetition_penalty": 1.05},
    ),
    (
        r"qwen3-.*(instruct-2507|next.*instruct)|qwen3-next-80b-a3b$",
        {"temperature": 0.7, "top_p": 0.8, "top_k": 20, "min_p": 0.0},
    ),
    (
        r"qwen3-.*thinking|qwen3-(0\.6b|1\.7b|4b|8b|14b|32b|30b-a3b|235b-a22b)$",
        {"temperature": 0.6, "top_p": 0.95, "top_k": 20, "min_p": 0.0},
    ),
    (r"deepseek-r1", {"temperature": 0.6, "top_p": 0.95}),
    (r"deepseek-v3-0324", {"temperature": 0.3}),
    (r"gpt-oss-", {"temperature": 1.0, "top_p": 1.0}),
    (r"gemma-3-", {"temperature": 1.0, "top_p": 0.95, "top_k": 64, "min_p": 0.0}),
    (r"mistral-small-3\.[12]", {"temperature": 0.15}),
)
"""Words of a model's name, and what its makers' card on the Hub recommends."""
_SEPARATORS = re.compile(r"[\s_]+")


@dataclass(frozen=True, slots=True)
class RecommendedSampling:
    """Values by field of ``SamplingParameters``; what is not named is left as it is."""

    values: Mapping[str, float] = field(default_factory=dict)
    source: Literal["file", "card"] = "file"

    def applied_to(self, sampling: SamplingParameters) -> SamplingParameters:
        """``sampling`` with the recommended values."""
        return msgspec.structs.replace(sampling, **dict(self.values))


@dataclass(frozen=True, slots=True)
class ModelHints:
    """What the settings of a conversation say about the model that answers."""

    sampling: RecommendedSampling | None = None
    thinking: ThinkingSupport = field(default_factory=ThinkingSupport)


def read_hints(model: InstalledModel) -> ModelHints:
    """Read the header of a model's first file: some 50 ms for a large vocabulary.

    A file that cannot be read gives no hints; loading it will tell what is wrong.
    """
    try:
        header = read_header(model.handle.path)
        template = header.chat_template or ""
    except (ModelFileError, OSError):
        return ModelHints(recommended_by_card(model.name))
    sampling = recommended_by_file(header) or recommended_by_card(model.name)
    return ModelHints(sampling, thinking_support_of(template))


def recommended_by_file(header: GgufHeader) -> RecommendedSampling | None:
    """What the file's own metadata recommends; numbers that make no sense are left out."""
    found: dict[str, float] = {}
    for key, name in _KEYS.items():
        value = header.metadata.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        limits = LIMITS[name]
        if math.isfinite(value) and limits.holds(value):
            found[name] = int(value) if limits.decimals == 0 else round(value, 4)
    return RecommendedSampling(found) if found else None


def recommended_by_card(name: str) -> RecommendedSampling | None:
    """What the makers of a well-known model recommend on its card."""
    plain = _SEPARATORS.sub("-", name.strip().lower())
    for pattern, values in _CARDS:
        if re.search(pattern, plain):
            return RecommendedSampling(values, "card")
    return None
