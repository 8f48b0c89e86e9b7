"""What the engine is asked for and what it answers: plans, turns, sampling, timings."""

from typing import Literal

import msgspec

KvType = Literal["f16", "q8_0", "q4_0"]
StopReason = Literal["stop", "length", "stop_string", "cancelled", "error"]
ChatRole = Literal["system", "user", "assistant"]


class BufferOverride(msgspec.Struct, frozen=True):
    """Tensors whose name matches ``pattern`` (a regular expression) go to ``buffer``'s device."""

    pattern: str
    buffer: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Where every part of a model sits and how it is run; stored with each answer.

    The defaults are the plan for a computer without a GPU.
    """

    context_tokens: int = 4096
    batch_tokens: int = 2048
    """Tokens given to the engine in one call."""
    ubatch_tokens: int = 512
    """Tokens computed at once; cancel acts between two of these at the latest."""
    threads: int = 0
    """Decode threads; 0 lets the worker take the physical cores it may use."""
    prompt_threads: int = 0
    devices: tuple[str, ...] = ()
    """Device names in order; empty means the processor alone."""
    gpu_layers: int = 0
    tensor_split: tuple[float, ...] = ()
    overrides: tuple[BufferOverride, ...] = ()
    kv_type: KvType = "f16"
    flash_attention: Literal["auto", "on", "off"] = "auto"
    load_mode: Literal["mmap", "read"] = "mmap"
    extra_buffer_types: bool = True
    """Repacked weights on the processor: faster, rounds differently."""


class SamplingParameters(msgspec.Struct, frozen=True, kw_only=True):
    """How the next token is chosen. Temperature 0 always takes the most likely token."""

    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repetition_penalty: float = 1.0
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    seed: int | None = None
    """None draws a new seed for every answer; the seed used is reported with it."""
    max_tokens: int | None = None
    """None lets the answer grow to the end of the context window."""
    stop: tuple[str, ...] = ()


class ChatMessage(msgspec.Struct, frozen=True):
    """One message as the chat template sees it."""

    role: ChatRole
    content: str
    reasoning: str = ""


class Timings(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one answer. Seconds are wall-clock seconds in the worker."""

    prompt_tokens: int = 0
    """Tokens of the whole prompt, those reused from the KV cache included."""
    reused_tokens: int = 0
    prompt_seconds: float = 0.0
    prompt_tokens_per_second: float = 0.0
    """Of the tokens really read: (prompt_tokens - reused_tokens) / prompt_seconds."""
    seconds_to_first_token: float = 0.0
    """From the request's arrival in the worker to the first sampled token."""
    generated_tokens: int = 0
    reasoning_tokens: int = 0
    reasoning_seconds: float = 0.0
    tokens_per_second: float = 0.0
    """Decode: (generated_tokens - 1) / seconds after the first token."""


DeviceKind = Literal["cpu", "gpu", "igpu", "accelerator"]


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """Something that computes, as the engine sees it."""

    name: str
    """As plans name it, "CPU" or "CUDA0"."""
    description: str
    """As its maker names it."""
    kind: DeviceKind
    backend: str
    memory_bytes: int
    free_bytes: int
    """Of the processor: all memory of the system; ``app.placement`` knows better."""


class ModelFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine says about a loaded model."""

    architecture: str
    parameters: int
    layers: int
    trained_context_tokens: int
    context_tokens: int
    """Of the context window that was made."""
    vocabulary: int
    has_chat_template: bool
    supports_thinking: bool
    memory_bytes: int
    """Resident bytes the worker gained by loading."""
    sandbox: str
    """What locks the worker down: words separated by commas, or an empty string."""
    threads: int
    load_seconds: float
