"""What the placement page shows, as one value that its controller makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.placement.entities import ContextPrice, Placement, Wishes
from models.facts import KvType, ModelFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementView:
    """A model's plan with all that is told about it."""

    name: str
    quantization: str
    placement: Placement
    facts: ModelFacts
    wishes: Wishes = Wishes()  # noqa: RUF009 - frozen
    """What the plan was made from; a change by the user is a change of these."""
    is_automatic: bool = True
    """Whether Moestro chose, not the user."""
    changed: bool = False
    """Whether this plan is not the one that is loaded, nor being loaded: then it can be applied."""
    is_loaded: bool = True
    """Whether the model is loaded now, with this plan or another."""
    reload_seconds: float | None = None
    """What applying is expected to take; None when nothing tells."""
    kv_types: tuple[KvType, ...] = ("f16", "q8_0", "q4_0")
    """Those that the engine accepts for this model."""
    unified_memory: bool = False
    """Whether GPU and processor share one memory."""
    other_bytes: Mapping[str, int] = field(default_factory=dict)
    """By device: memory that other programs hold."""
    limits: Mapping[str, int] = field(default_factory=dict)
    """By device, in bytes: what the user allows at most; others have their automatic limit."""
    measured_bytes: Mapping[str, int] = field(default_factory=dict)
    """By device: what the model really took when this plan was loaded."""
    measured_speed: float | None = None
    """Tokens/s of answers with this plan."""
    repairs: tuple[str, ...] = ()
    """What had to be given up until the plan worked, in order, as sentences."""
    notes: tuple[str, ...] = ()
    """More sentences worth knowing."""
    doing: str = ""
    """What is going on, said in place of where the figures come from."""

    @property
    def is_dense(self) -> bool:
        """Whether the model has no routed experts: then feed-forward parts move."""
        return self.facts.moe_layers == 0

    @property
    def context_stops(self) -> tuple[ContextPrice, ...]:
        """Context windows to choose from with their prices, this plan's own among them."""
        placement = self.placement
        own = ContextPrice(
            context_tokens=placement.plan.context_tokens,
            expert_layers=placement.expert_layers,
            decode=placement.predicted.decode.expected,
            verdict=placement.verdict,
        )
        stops = {price.context_tokens: price for price in placement.prices}
        stops[own.context_tokens] = own
        return tuple(stops[tokens] for tokens in sorted(stops))
