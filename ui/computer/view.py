"""What the page about this computer shows, found out by whoever shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.engine.entities import Device, DeviceKind, MeasuredSpeeds
from app.placement.entities import Inventory
from ui.sentences import say

_LENT = "RPC"
"""The backend of devices that another computer lends; their description is its address."""

BackendState = Literal["built_in", "added", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildView:
    """An engine that is being made for a GPU."""

    words: str
    """What it does now."""
    fraction: float | None = None
    """Between 0 and 1; None while nobody can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """One device as its card shows it."""

    name: str
    """In words, as its maker names it."""
    engine_name: str = ""
    """As plans name it, "CUDA0"; empty when the engine does not see it."""
    kind: DeviceKind = "gpu"
    backend: str = ""
    """"CUDA"; empty when the engine does not see it."""
    driver: str = ""
    memory_bytes: int = 0
    """0 when it is not known."""
    free_bytes: int = 0
    model_bytes: int = 0
    """What our loaded model holds there."""
    shares_memory: bool = False
    """Whether its memory is main memory."""
    cores: int = 0
    """Physical ones, of the processor."""
    purpose: str = ""
    """What it is used for now; empty: ready for the next model."""
    unused_reason: str = ""
    """Why it is not used; empty when it is, or will be with the next model."""
    get_engine: str = ""
    """The backend whose engine could use it ("cuda"), when that can be had by a click."""
    build: BuildView | None = None
    """The making of that engine, while it lasts."""

    @property
    def other_bytes(self) -> int:
        """What other programs hold there."""
        return max(0, self.memory_bytes - self.free_bytes - self.model_bytes)

    @property
    def is_lent(self) -> bool:
        """Whether another computer lends it."""
        return self.backend == _LENT

    @property
    def is_wasted(self) -> bool:
        """Whether it could make answers faster and does not."""
        if self.kind == "cpu" or not self.unused_reason:
            return False
        return self.kind == "gpu" or bool(self.get_engine)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendView:
    """A way of computing that the engine has or could have."""

    name: str
    """"cpu", "rpc", "cuda", "vulkan" or "metal"; another one is shown as it is."""
    state: BackendState
    words: str = ""
    """Why it is not used and the next step, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostView:
    """Another computer that takes part by RPC."""

    address: str
    """``HOST:PORT``."""
    words: str = ""
    """What it brings, or why it does not answer."""
    answers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputerView:
    """Everything on the page."""

    devices: tuple[DeviceView, ...]
    """The processor is the last."""
    backends: tuple[BackendView, ...] = ()
    hosts: tuple[HostView, ...] = ()
    speeds: MeasuredSpeeds | None = None
    measured_ms: int = 0
    """Unix milliseconds."""
    measuring: float | None = None
    """Between 0 and 1 while a measurement runs."""
    engine_version: str = ""
    answered_seconds: float | None = None
    """How long the engine took to answer; None when it was not asked."""

    @property
    def unused_gpus(self) -> int:
        """For the badge in the sidebar."""
        return sum(1 for device in self.devices if device.is_wasted)

    @property
    def used_gpus(self) -> int:
        """GPUs that take part in plans."""
        return sum(1 for each in self.devices if each.kind != "cpu" and not each.unused_reason)


def is_lent(device: Device) -> bool:
    """Whether another computer lends it."""
    return device.backend == _LENT


def devices_of(
    inventory: Inventory,
    *,
    held: Mapping[str, int],
    purposes: Mapping[str, str],
    reasons: Mapping[str, str],
    drivers: Mapping[str, str],
    unseen: Sequence[DeviceView] = (),
) -> tuple[DeviceView, ...]:
    """The cards of an inventory; the mappings are by the engine's names.

    ``unseen`` are GPUs that the engine cannot use yet; they come before the processor.
    Accelerators without memory of their own have no card.
    """
    cards = [
        DeviceView(
            name=_title(device),
            engine_name=device.name,
            kind=device.kind,
            backend=device.backend,
            driver=drivers.get(device.name, ""),
            memory_bytes=device.memory_bytes,
            free_bytes=device.free_bytes,
            model_bytes=held.get(device.name, 0),
            shares_memory=device.kind == "igpu",
            cores=inventory.physical_cores if device.kind == "cpu" else 0,
            purpose=purposes.get(device.name, ""),
            unused_reason=reasons.get(device.name, ""),
        )
        for device in inventory.devices
        if device.kind != "accelerator"
    ]
    processor = [card for card in cards if card.kind == "cpu"]
    return (*(card for card in cards if card.kind != "cpu"), *unseen, *processor)


def _title(device: Device) -> str:
    if is_lent(device):
        return say("computer.lent", {"host": device.description})
    return device.description or device.name
