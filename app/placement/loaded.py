"""What is loaded, or being loaded: the placement, how it came about, and what it really took."""

from dataclasses import dataclass

from app.engine.entities import ModelFacts
from app.placement.entities import Placement, Wishes
from app.placement.remembered import RepairStep
from models.errors import KnownError

_MAPPED = "_Mapped"
"""How the engine ends the names of mapped files: "CPU_Mapped"."""


@dataclass(frozen=True, slots=True)
class LoadedPlacement:
    """What is loaded, or being loaded, and how it came to be so."""

    model_key: str
    asked: Wishes | None
    """None when it was to be as somebody once chose for this model, or else automatic."""
    wishes: Wishes
    """What the plan was made for first."""
    placement: Placement
    steps: tuple[RepairStep, ...] = ()
    """Repairs that were needed, in order."""
    trouble: KnownError | None = None
    """Why the plan rests on arithmetic, if it does."""
    facts: ModelFacts | None = None
    """Of the engine, once it is loaded."""

    @property
    def measured_bytes(self) -> dict[str, int]:
        """What loading made on each device, in bytes by name; empty before."""
        if self.facts is None:
            return {}
        sums: dict[str, int] = {}
        mapped: dict[str, int] = {}
        for line in self.facts.buffers:
            kind = mapped if line.buffer.endswith(_MAPPED) else sums
            kind[line.device] = kind.get(line.device, 0) + line.bytes
        for device, size in mapped.items():
            sums[device] = sums.get(device, 0) + min(size, self._left_to_map(device))
        return sums

    def _left_to_map(self, device: str) -> int:
        """Weights that no other memory of the device holds.

        A mapping reaches from the first to the last of them in the file, and so over those that
        were copied out of it as well.
        """
        assert self.facts is not None
        copied = sum(
            line.bytes
            for line in self.facts.buffers
            if line.device == device and line.kind == "weights" and _MAPPED not in line.buffer
        )
        return max(0, self.placement.share(device).bytes.weights - copied)
