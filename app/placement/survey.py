"""What this computer offers now: its inventory, speeds and budgets as one machine."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from app.engine.entities import MeasuredSpeeds
from app.placement.entities import PROCESSOR, Inventory, Machine
from app.placement.fingerprint import machine_fingerprint, with_hosts
from app.placement.inventory import StartClient, inventory_of, take_inventory
from app.placement.machine import machine_here
from app.placement.measuring import Measurement, measure
from app.placement.records import PlacementRecords
from models.errors import KnownError

MEASURING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A machine, and what it was made of."""

    machine: Machine
    inventory: Inventory
    fingerprint: str
    """Of it and of the computers that lend it devices: under it plans are kept."""
    speeds: MeasuredSpeeds | None

    @property
    def wants_measuring(self) -> bool:
        """Whether this computer, with these devices and this engine, was never measured.

        A device that could not be measured then is not tried again by itself: each try takes ten
        seconds. Devices of other computers are never measured.
        """
        return self.speeds is None or not self.speeds.kernels


class Survey:
    """Looks at this computer afresh before each plan, as cheaply as is right.

    An engine that can have no device but the processor is not started for it. RPC hosts that a
    loaded model of ours holds are not asked again: a host serves one client.
    """

    def __init__(
        self,
        start_client: StartClient,
        records: PlacementRecords,
        engine: Callable[[], str],
        without_engine: Callable[[], Inventory | None],
        budgets: Callable[[], Mapping[str, int]],
        rpc_hosts: Callable[[], tuple[str, ...]],
        held: Callable[[], Mapping[str, int]],
        hosts_in_use: Callable[[], bool],
    ) -> None:
        """``held`` is what our loaded model takes by device, in bytes.

        ``hosts_in_use`` says whether it, or one that is being loaded, has RPC hosts.
        """
        self._start_client = start_client
        self._records = records
        self._engine = engine
        self._without_engine = without_engine
        self._budgets = budgets
        self._rpc_hosts = rpc_hosts
        self._held = held
        self._hosts_in_use = hosts_in_use
        self._last: tuple[Inventory, tuple[str, ...]] | None = None
        """And the hosts whose devices are among it."""
        self._allowed: dict[str, int] = {}

    def allow(self, budgets: Mapping[str, int]) -> None:
        """Let plans take these bytes by device, whatever the settings say."""
        self._allowed = dict(budgets)

    def look(self, done: Callable[[Surveyed], None], failed: Callable[[KnownError], None]) -> None:
        """Exactly one of the two is called, ``done`` maybe before this returns."""
        hosts = tuple(dict.fromkeys(self._rpc_hosts()))
        simple = None if hosts else self._without_engine()
        if simple is not None:
            done(self._surveyed(simple, ()))
        elif self._last is not None and self._hosts_in_use():
            before, hosts = self._last
            done(self._surveyed(inventory_of(before.devices), hosts))
        else:
            take_inventory(
                self._start_client, lambda found: done(self._surveyed(found, hosts)), failed, hosts
            )

    def measure(
        self,
        type_names: Sequence[str],
        progress: Callable[[float], None],
        done: Callable[[Surveyed], None],
        failed: Callable[[KnownError], None],
    ) -> Measurement:
        """Measure this computer in about ten seconds, keep the result, and look again.

        What earlier measurements found about other types and devices is kept beside it.
        """

        def measured(speeds: MeasuredSpeeds) -> None:
            self.look(lambda surveyed: keep(surveyed, speeds), failed)

        def keep(surveyed: Surveyed, speeds: MeasuredSpeeds) -> None:
            if surveyed.speeds is not None:
                speeds = _beside(speeds, surveyed.speeds)
            now = time.time_ns() // 1_000_000
            here = machine_fingerprint(surveyed.inventory)
            self._records.keep_speeds(here, self._engine(), speeds, now)
            done(self._surveyed(surveyed.inventory, surveyed.machine.rpc_hosts))

        return measure(
            self._start_client, type_names, MEASURING_SECONDS, progress, measured, failed
        )

    def measured_ms(self, surveyed: Surveyed) -> int | None:
        """When this computer was measured, in Unix milliseconds; None before."""
        here = machine_fingerprint(surveyed.inventory)
        return self._records.measured_ms(here, self._engine())

    def _surveyed(self, inventory: Inventory, hosts: tuple[str, ...]) -> Surveyed:
        self._last = inventory, hosts
        here = machine_fingerprint(inventory)
        fingerprint = with_hosts(here, hosts)
        speeds = self._records.speeds(here, self._engine())
        overheads = {
            device.name: self._records.overhead(fingerprint, device.name)
            for device in inventory.devices
        }
        held = self._held()
        if self._hosts_in_use():
            # Other devices were looked at before that model was loaded: it is not in their way.
            held = {name: size for name, size in held.items() if name == PROCESSOR}
        machine = machine_here(
            inventory, speeds, {**self._budgets(), **self._allowed}, overheads, held, hosts
        )
        return Surveyed(machine, inventory, fingerprint, speeds)


def _beside(new: MeasuredSpeeds, before: MeasuredSpeeds) -> MeasuredSpeeds:
    """The new figures, and those from before of what was not measured again."""
    types = {kernel.type_name for kernel in new.kernels}
    names = {speed.device for speed in new.devices}
    kernels = (kernel for kernel in before.kernels if kernel.type_name not in types)
    devices = (speed for speed in before.devices if speed.device not in names)
    return msgspec.structs.replace(
        new, kernels=(*new.kernels, *kernels), devices=(*new.devices, *devices)
    )
