"""Which layers of a model look back on a window only, as llama.cpp decides it."""

from dataclasses import dataclass

from models.gguf_header import GgufHeader


@dataclass(frozen=True, slots=True)
class _Rule:
    """Of every ``period`` layers one sees everything: the last, or the first."""

    period: int
    full_first: bool = False
    window: int = 0
    """Tokens when the header does not say."""
    fixed: bool = False
    """Whether ``window`` holds whatever the header says, as long as it does not say 0."""


# llama.cpp 0c1e57098, src/models/*.cpp: the period where a header has no pattern of its own.
_RULES = {
    "afmoe": _Rule(4),
    "cohere2": _Rule(4),
    "cohere2moe": _Rule(4, full_first=True),
    "exaone-moe": _Rule(4, window=128),
    "exaone4": _Rule(4),
    "gemma2": _Rule(2, window=4096),
    "gemma3": _Rule(6),
    "gemma3n": _Rule(5),
    "gpt-oss": _Rule(2),
    "llama4": _Rule(4, window=8192, fixed=True),
    "mellum": _Rule(4),
    "muse-glimmer": _Rule(4),
    "olmo2": _Rule(4),
    "plamo3": _Rule(8),
    "smallthinker": _Rule(4, full_first=True, window=4096, fixed=True),
}


def windows_of(header: GgufHeader, layers: int) -> tuple[int, ...]:
    """Tokens of attention window of each layer; 0 sees the whole context.

    The header's own pattern comes first: one flag for each layer, or a period. Without one the
    architecture decides, and an architecture that is not known to have windows has none: its
    KV cache is then rather too large in the plan than too small. Source:
    llama_model_base::load_swa_pattern and set_swa_pattern (llama.cpp 0c1e57098).
    """
    prefix = f"{header.architecture}.attention.sliding_window"
    rule = _RULES.get(header.architecture or "")
    told = header.integer(prefix)
    window = told if told is not None else rule.window if rule else 0
    if rule and rule.fixed and told != 0:
        window = rule.window
    pattern = header.integers(f"{prefix}_pattern")
    if window <= 0 or not (rule or pattern):
        return (0,) * layers
    if pattern and len(pattern) > 1:
        flags = pattern[:layers] + (0,) * (layers - len(pattern))
        return tuple(window if flag else 0 for flag in flags)
    period = pattern[0] if pattern else rule.period if rule else 0
    full_first = rule.full_first if rule else False
    return tuple(window if _is_windowed(i, period, full_first) else 0 for i in range(layers))


def _is_windowed(layer: int, period: int, full_first: bool) -> bool:
    if period <= 0:
        return True
    return layer % period != 0 if full_first else layer % period < period - 1
