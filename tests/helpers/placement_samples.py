"""Plans to look at, with plausible figures: hybrid, two devices, too large, processor, dense.

The facts are the real ones of the published shapes; devices, speeds and prices are made up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.engine.entities import KvType, Plan
from app.placement.entities import (
    PROCESSOR,
    ContextPrice,
    DeviceShare,
    LayerPlace,
    Limit,
    MachineDevice,
    PlacedBytes,
    Placement,
    Prediction,
    SpeedRange,
    Verdict,
    Wishes,
)
from models.facts import LayerFacts, ModelFacts
from models.facts_reading import read_facts
from models.gguf import open_model
from tests.helpers import moe_shapes
from tests.helpers.moe_models import write_sparse
from tests.helpers.moe_shapes import MoeShape
from ui.placement.view import PlacementView

GIB = 1 << 30
MIB = 1 << 20

DENSE_32B = MoeShape(
    name="Qwen3-32B", architecture="qwen3", layers=64, embedding=5120, heads=64, kv_heads=8,
    head_length=128, feed_forward=25600, experts=0, experts_used=0, expert_feed_forward=0,
    vocabulary=151936, context=40960, leading_dense=64,
)  # fmt: skip
DENSE_135M = MoeShape(
    name="SmolLM2-135M", architecture="llama", layers=30, embedding=576, heads=9, kv_heads=3,
    head_length=64, feed_forward=1536, experts=0, experts_used=0, expert_feed_forward=0,
    vocabulary=49152, context=8192, leading_dense=30, tied_embedding=True,
)  # fmt: skip
DENSE_LONG = replace(DENSE_32B, name="Two hundred layers", layers=200, leading_dense=200)


def facts_of(shape: MoeShape, folder: Path) -> ModelFacts:
    """A shape's facts, read from a sparse file that is written into ``folder``."""
    inside = folder / shape.name.replace(" ", "-")
    inside.mkdir(parents=True, exist_ok=True)
    return read_facts(open_model(write_sparse(shape, inside)[0]).headers)


# --- devices -----------------------------------------------------------------------------------


def gpu(number: int, description: str, gib: float) -> MachineDevice:
    """A card that a plan may fill up to 0.8 GiB below its size."""
    size = round(gib * GIB)
    return MachineDevice(
        name=f"CUDA{number}",
        description=description,
        kind="gpu",
        memory_bytes=size,
        free_bytes=size - 400 * MIB,
        budget_bytes=size - 800 * MIB,
        bytes_per_second=272e9,
        operations_per_second=15e12,
        link_bytes_per_second=12e9,
        fetches_experts=True,
    )


def ram(gib: float) -> MachineDevice:
    """The processor with so much main memory."""
    size = round(gib * GIB)
    return MachineDevice(
        name=PROCESSOR,
        description="AMD Ryzen 7 7700 8-Core Processor",
        kind="cpu",
        memory_bytes=size,
        free_bytes=size - 4 * GIB,
        budget_bytes=size - 6 * GIB,
        bytes_per_second=52e9,
        operations_per_second=6e11,
    )


# --- plans -------------------------------------------------------------------------------------


def placement(
    facts: ModelFacts,
    devices: Sequence[MachineDevice],
    *,
    layers: Mapping[str, int],
    experts: Mapping[str, int],
    verdict: Verdict,
    speed: tuple[float, float, float],
    limited_by: Limit = "ram_bandwidth",
    context: int = 16384,
    kv_type: KvType = "f16",
    longest: int = 41984,
    prices: Sequence[ContextPrice] = (),
    simulated: bool = True,
) -> Placement:
    """A plan that puts ``layers`` of each device in order, and keeps ``experts`` there.

    What no device takes stays with the processor, which is the last of ``devices``.
    """
    plan = Plan(
        context_tokens=context,
        kv_type=kv_type,
        devices=tuple(name for name, count in layers.items() if count),
        gpu_layers=sum(layers.values()),
        ubatch_tokens=512,
    )
    homes = [name for name, count in layers.items() for _ in range(count)]
    homes = [PROCESSOR] * (len(facts.layers) - len(homes)) + homes
    left = dict(experts)
    is_dense = not facts.moe_layers
    places = [
        _place(layer, home, left, is_dense=is_dense)
        for layer, home in zip(facts.layers, homes, strict=True)
    ]
    head = homes[-1]
    places.append(LayerPlace(index=None, device=head))
    amounts = _amounts(facts, plan, places)
    shares = tuple(
        DeviceShare(device=device, bytes=PlacedBytes(**amounts.get(device.name, {})))
        for device in devices
    )
    missing = sum(share.excess_bytes for share in shares if share.device.name == PROCESSOR)
    low, expected, high = speed
    return Placement(
        plan=plan,
        shares=shares,
        layers=tuple(places),
        verdict=verdict,
        missing_bytes=missing if verdict == "too_large" else 0,
        predicted=Prediction(
            decode=SpeedRange(low, expected, high),
            prompt=SpeedRange(low * 14, expected * 14, high * 14),
            limited_by=limited_by,
            is_measured=True,
        ),
        longest_context=longest,
        prices=tuple(prices),
        simulated=simulated,
    )


def _place(layer: LayerFacts, home: str, left: dict[str, int], *, is_dense: bool) -> LayerPlace:
    if not is_dense and not layer.bytes.routed_experts:
        return LayerPlace(index=layer.index, device=home)
    keeps = left.get(home, 0) > 0
    if keeps:
        left[home] -= 1
    return LayerPlace(index=layer.index, device=home, experts=home if keeps else PROCESSOR)


def _amounts(
    facts: ModelFacts, plan: Plan, places: Sequence[LayerPlace]
) -> dict[str, dict[str, int]]:
    amounts: dict[str, dict[str, int]] = {}

    def add(device: str, kind: str, size: int) -> None:
        held = amounts.setdefault(device, {})
        held[kind] = held.get(kind, 0) + size

    add(PROCESSOR, "other_weights", facts.token_embedding_bytes)
    add(PROCESSOR, "compute", 240 * MIB)
    for place in places:
        if place.index is None:
            add(place.device, "other_weights", facts.output_bytes)
            continue
        layer = facts.layers[place.index]
        size = layer.bytes
        add(place.device, "attention", size.attention)
        add(place.device, "shared_experts", size.shared_experts)
        add(place.experts or place.device, "routed_experts", size.routed_experts)
        add(place.experts or place.device, "other_weights", size.feed_forward)
        add(place.device, "other_weights", size.other)
        kv = layer.kv_bytes(plan.kv_type, plan.context_tokens, plan.ubatch_tokens, full=True)
        add(place.device, "kv_cache", kv)
    for device in plan.devices:
        add(device, "compute", 310 * MIB)
    return amounts


def price(tokens: int, expert_layers: int, decode: float, verdict: Verdict) -> ContextPrice:
    """What another context would cost."""
    return ContextPrice(
        context_tokens=tokens, expert_layers=expert_layers, decode=decode, verdict=verdict
    )


# --- the pictures' views -----------------------------------------------------------------------


def hybrid(folder: Path) -> PlacementView:
    """Qwen3-30B-A3B on a card of 8 GiB."""
    facts = facts_of(moe_shapes.QWEN3_30B, folder)
    made = placement(
        facts,
        [gpu(0, "NVIDIA GeForce RTX 4060 Laptop GPU", 8), ram(32)],
        layers={"CUDA0": 48},
        experts={"CUDA0": 11},
        verdict="hybrid",
        speed=(9.2, 10.5, 12.1),
        prices=[
            price(4096, 14, 10.9, "hybrid"),
            price(8192, 13, 10.8, "hybrid"),
            price(32768, 8, 9.9, "hybrid"),
            price(40960, 7, 9.6, "hybrid"),
        ],
    )
    return PlacementView(
        name="Qwen3-30B-A3B",
        quantization="Q4_K_M",
        placement=made,
        facts=facts,
        reload_seconds=8.2,
        other_bytes={"CUDA0": 620 * MIB, PROCESSOR: 5 * GIB},
        measured_bytes={"CUDA0": made.share("CUDA0").bytes.total + 90 * MIB},
        measured_speed=10.4,
    )


def two_devices(folder: Path) -> PlacementView:
    """DeepSeek-V3 on two cards of 24 GiB, as somebody chose it, after a repair."""
    facts = facts_of(moe_shapes.DEEPSEEK_V3, folder)
    made = placement(
        facts,
        [
            gpu(0, "NVIDIA GeForce RTX 4090", 24),
            gpu(1, "NVIDIA GeForce RTX 3090", 24),
            ram(512),
        ],
        layers={"CUDA0": 31, "CUDA1": 30},
        experts={"CUDA0": 2, "CUDA1": 2},
        verdict="hybrid",
        speed=(4.6, 5.4, 6.1),
        context=32768,
        kv_type="q8_0",
        prices=[
            price(8192, 4, 5.5, "hybrid"),
            price(16384, 4, 5.4, "hybrid"),
            price(65536, 3, 5.3, "hybrid"),
            price(131072, 2, 5.1, "hybrid"),
        ],
        longest=163840,
    )
    return PlacementView(
        name="DeepSeek-V3",
        quantization="Q4_K_M",
        placement=made,
        facts=facts,
        wishes=Wishes(context_tokens=32768, kv_type="q8_0", expert_layers=4),
        is_automatic=False,
        changed=True,
        reload_seconds=185.0,
        kv_types=("f16", "q8_0"),
        limits={"CUDA1": made.share("CUDA1").device.budget_bytes},
        other_bytes={"CUDA0": 900 * MIB, PROCESSOR: 9 * GIB},
        repairs=(
            "The RTX 3090 ran out of memory, so 2 more expert layers moved to RAM; answers are"
            " about 3 % slower.",
        ),
    )


def too_large(folder: Path) -> PlacementView:
    """DeepSeek-V3 on a laptop."""
    facts = facts_of(moe_shapes.DEEPSEEK_V3, folder)
    made = placement(
        facts,
        [gpu(0, "NVIDIA GeForce RTX 4060 Laptop GPU", 8), ram(64)],
        layers={"CUDA0": 20},
        experts={},
        verdict="too_large",
        speed=(0.08, 0.14, 0.31),
        limited_by="disk",
        context=4096,
        longest=4096,
        simulated=False,
    )
    return PlacementView(
        name="DeepSeek-V3 671B",
        quantization="Q4_K_M",
        placement=made,
        facts=facts,
        is_loaded=False,
        changed=True,
        other_bytes={"CUDA0": 620 * MIB, PROCESSOR: 5 * GIB},
        notes=("Q2_K of this model is 40 % smaller, and DeepSeek-V2-Lite fits this computer.",),
    )


def processor_only(folder: Path) -> PlacementView:
    """The starter model on a computer without a GPU."""
    facts = facts_of(DENSE_135M, folder)
    made = placement(
        facts,
        [ram(16)],
        layers={},
        experts={},
        verdict="cpu",
        speed=(82.0, 97.0, 110.0),
        context=8192,
        longest=8192,
        prices=[price(4096, 0, 98.0, "cpu")],
    )
    return PlacementView(
        name="SmolLM2-135M-Instruct",
        quantization="Q4_1",
        placement=made,
        facts=facts,
        reload_seconds=0.4,
        kv_types=("f16", "q8_0", "q4_0"),
    )


def dense(folder: Path, shape: MoeShape = DENSE_32B) -> PlacementView:
    """A dense model of 64 layers whose feed-forward parts are partly in RAM."""
    facts = facts_of(shape, folder)
    count = len(facts.layers)
    made = placement(
        facts,
        [gpu(0, "AMD Radeon RX 7800 XT", 16), ram(64)],
        layers={"CUDA0": count},
        experts={"CUDA0": count * 5 // 8},
        verdict="hybrid",
        speed=(3.1, 3.6, 4.2),
        context=8192,
        longest=32768,
        prices=[
            price(4096, 41, 3.7, "hybrid"),
            price(16384, 36, 3.3, "hybrid"),
            price(32768, 30, 2.8, "too_large"),
        ],
    )
    return PlacementView(
        name=shape.name,
        quantization="Q4_K_M",
        placement=made,
        facts=facts,
        is_automatic=False,
        changed=True,
        reload_seconds=14.0,
        other_bytes={"CUDA0": 700 * MIB, PROCESSOR: 8 * GIB},
    )


SAMPLES = {
    "hybrid": hybrid,
    "two-devices": two_devices,
    "too-large": too_large,
    "processor": processor_only,
    "dense": dense,
}
