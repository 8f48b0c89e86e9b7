"""What the engine is asked for and what it answers: plans, turns, sampling, timings."""

from typing import Literal

import msgspec

KvType = Literal["f16", "q8_0", "q4_0"]
StopReason = Literal["stop", "length", "stop_string", "cancelled", "error", "loop"]
"""``loop``: the model repeated itself exactly, and the loop guard ended the answer."""
Thinking = Literal["auto", "on", "off"]
"""Whether a model thinks before it answers; "auto" leaves it to its chat template."""
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
    no_host: bool = False
    """Keep weights in RAM out of a GPU's pinned memory: they can then be repacked, but a GPU no
    longer fetches them to read a prompt."""
    op_offload: bool = True
    """Let a GPU fetch experts that lie in RAM when it reads a prompt."""
    full_window_cache: bool = True
    """Keep the whole context in layers that look back on a window only: more memory, and an
    earlier beginning can be reused."""
    rpc_hosts: tuple[str, ...] = ()
    """``HOST:PORT`` of other computers whose devices take part; they are RPC0, RPC1, … in this
    order."""


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
    typical_p: float = 1.0
    """1 keeps all; below, words that are unusually likely or unlikely go."""
    dry_multiplier: float = 0.0
    """Strength of DRY, which punishes sequences that were there before; 0 is off."""
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    """Tokens that a repeated sequence may have before it is punished."""
    xtc_probability: float = 0.0
    """How often XTC takes the likeliest words away; 0 is off."""
    xtc_threshold: float = 0.1
    """Only words at least this likely; above 0.5 nothing is taken away."""
    loop_guard: bool = True
    """End an answer that repeats itself exactly, again and again."""
    thinking: Thinking = "auto"
    thinking_budget: int | None = None
    """Tokens after which thinking is ended and the answer begins; None sets no limit."""
    json_schema: str = ""
    """A JSON Schema that every answer is made to fit; empty for free text."""


class ChatMessage(msgspec.Struct, frozen=True):
    """One message as the chat template sees it."""

    role: ChatRole
    content: str
    reasoning: str = ""
    images: tuple[bytes, ...] = ()
    """Files of pictures; ``content`` has ``app.pictures.IMAGE_MARK`` where each one stands."""


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


BufferKind = Literal["weights", "kv_cache", "compute", "output"]


class BufferLine(msgspec.Struct, frozen=True):
    """One line of the engine's log about memory: what it holds, where, and how much."""

    kind: BufferKind
    buffer: str
    """As the engine names it: "CPU_Mapped", "CPU_REPACK", "CUDA0", "CUDA_Host"."""
    device: str
    """The device whose memory that is; everything in main memory is "CPU"."""
    bytes: int


class DeviceMemory(msgspec.Struct, frozen=True):
    """What a device had free before and after loading, in bytes."""

    device: str
    free_before: int
    free_after: int


class RehearsalJob(msgspec.Struct, frozen=True, kw_only=True):
    """One plan to be rehearsed: built by the engine without allocating anything."""

    paths: tuple[str, ...]
    """The model's files, or sparse stubs of them."""
    plan: Plan
    stood_in: tuple[str, ...] = ()
    """Devices of the plan that this computer does not have. They are stood in for by servers on
    loopback inside the worker; the plan's own RPC hosts must be among them."""


class DeviceAmount(msgspec.Struct, frozen=True):
    """So many bytes on one device."""

    device: str
    bytes: int


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine says a plan would take. Devices are named as the plan names them."""

    layers: tuple[str, ...]
    """The device of every layer, and last that of the output head."""
    kv_cache: tuple[DeviceAmount, ...]
    compute: tuple[DeviceAmount, ...]
    context_tokens: int
    """Of the context that would be made."""
    seconds: float


class KernelSpeed(msgspec.Struct, frozen=True, kw_only=True):
    """How fast the processor computes experts of one quantization type."""

    type_name: str
    """As in ``models.gguf_types``, "Q4_K"."""
    threads: int
    bytes_per_second: float
    """Weights read when one token is computed."""
    operations_per_second: float
    """Multiplications and additions when a prompt is read."""


class DeviceSpeed(msgspec.Struct, frozen=True, kw_only=True):
    """How fast one device besides the processor is."""

    device: str
    bytes_per_second: float
    operations_per_second: float
    link_bytes_per_second: float
    """From main memory to the device."""


class MeasuredSpeeds(msgspec.Struct, frozen=True, kw_only=True):
    """The first measurement of a computer."""

    kernels: tuple[KernelSpeed, ...]
    """By type and number of threads."""
    devices: tuple[DeviceSpeed, ...]
    seconds: float
    """That it took."""


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


class ThinkingSupport(msgspec.Struct, frozen=True, kw_only=True):
    """What can be chosen about a model's thinking."""

    switch: bool = False
    """Its chat template can be told whether to think."""
    limit: bool = False
    """Its thinking can be ended, at once or after so many tokens."""


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
    buffers: tuple[BufferLine, ...] = ()
    """Every buffer that loading made."""
    devices: tuple[DeviceMemory, ...] = ()
    """Of the plan's devices, the processor not among them."""
    thinking: ThinkingSupport = ThinkingSupport()
    sees_images: bool = False
    """Whether it was loaded together with a projector."""
    can_go_back: bool = True
    """Whether the end of what was read can be forgotten without reading all of it again."""
