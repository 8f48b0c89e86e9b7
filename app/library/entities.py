"""A model in the library."""

from dataclasses import dataclass

from models.entities import ModelHandle


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledModel:
    """One model that is, or was, on this computer. ``key`` is that of its handle."""

    key: str
    name: str
    quantization: str
    """Empty when nothing tells it."""
    architecture: str
    size_bytes: int
    """Of all files together."""
    parameters: int
    trained_context_tokens: int
    """0 when the file does not say."""
    layers: int
    expert_count: int
    """Routed experts of a layer; 0 for a dense model."""
    license: str
    """Empty when the file does not say."""
    is_demo: bool
    """The bundled starter model."""
    has_template: bool
    handle: ModelHandle
    opened_ms: int
    """Unix milliseconds when it was added."""
    last_used_ms: int
    """Unix milliseconds; 0 for never. Order is by use, not by this clock."""
    absent: bool = False
    """A file is gone or was changed since it was checked."""
