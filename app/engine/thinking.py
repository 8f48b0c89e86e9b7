"""What can be chosen about a model's thinking, by its chat template."""

import re

from app.engine.entities import ThinkingSupport
from app.engine.reasoning import ThinkingStyle, find_style

_SWITCH = re.compile(r"\benable_thinking\b|(?:if|and|or|not)\s+(?:not\s+)?thinking\b(?!\s*=)")
"""The names that templates read: Qwen's and GLM's, and DeepSeek's and Granite's."""


def thinking_support(template: str, style: ThinkingStyle | None) -> ThinkingSupport:
    """What a model with this template and style of thinking can be told."""
    if style is None:
        return ThinkingSupport()
    return ThinkingSupport(switch=_SWITCH.search(template) is not None, limit=True)


def thinking_support_of(template: str) -> ThinkingSupport:
    """The same from a file's template alone, before the model is loaded."""
    return thinking_support(template, find_style(template, lambda _token: False))
