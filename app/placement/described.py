"""Reads a described machine (``--machine FILE``), so that people can ask before they buy.

The file is one JSON object; bytes are whole numbers, speeds are what programs really read:

    {"ram_bytes": 68719476736, "ram_bytes_per_second": 65e9, "cores": 8,
     "devices": [{"name": "RTX 3060", "kind": "gpu", "memory_bytes": 12884901888,
                  "bytes_per_second": 325e9, "link_bytes_per_second": 24e9}]}

A ``kind`` of "igpu" or "unified" computes in main memory. Optional: ``free_bytes`` and
``operations_per_second`` (of the machine: main memory's and the processor's; of a device: its
own), and of the machine ``disk_bytes_per_second`` and ``unified_memory``.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec

from app.engine.entities import DeviceKind
from app.errors import UsageError
from app.placement import typical_speeds
from app.placement.budgets import GIB, Room, gpu_budget, main_memory_budget
from app.placement.entities import PROCESSOR, Machine, MachineDevice
from models.naming import shorten, shown_name

MAX_DEVICES = 8
_MAX_FILE = 1 << 20
_SYSTEM_BYTES = 2 * GIB
"""That a system and its desktop take of main memory."""
_WHERE = re.compile(r" - at `\$\.?([^`]*)`$")
_LACKING = re.compile(r"missing required field `(\w+)`")
_UNKNOWN = re.compile(r"unknown field `(.*?)`", re.DOTALL)
_NOTHING: Mapping[str, int] = MappingProxyType({})

_Bytes = Annotated[int, msgspec.Meta(gt=0, le=1 << 53)]
_FreeBytes = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
_Speed = Annotated[float, msgspec.Meta(gt=0, le=1e18)]


class MachineFileError(UsageError):
    """A file does not describe a machine."""


class _DescribedDevice(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    kind: Literal["gpu", "igpu", "unified"]
    memory_bytes: _Bytes
    bytes_per_second: _Speed
    link_bytes_per_second: _Speed
    operations_per_second: _Speed | None = None
    free_bytes: _FreeBytes | None = None


class _DescribedMachine(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    ram_bytes: _Bytes
    ram_bytes_per_second: _Speed
    cores: Annotated[int, msgspec.Meta(gt=0, le=4096)]
    devices: list[_DescribedDevice]
    operations_per_second: _Speed | None = None
    free_bytes: _FreeBytes | None = None
    disk_bytes_per_second: _Speed = 1e9
    unified_memory: bool | None = None


def read_machine(path: Path, budgets: Mapping[str, int] = _NOTHING) -> Machine:
    """The machine that a file describes; ``budgets`` are bytes by device that the user allows.

    Raises:
        MachineFileError: naming the file, and the field where it is one field's fault.
    """
    shown = shown_name(path)
    try:
        if not path.is_file():
            raise MachineFileError("machine.no_file", name=shown)
        with path.open("rb") as file:
            content = file.read(_MAX_FILE + 1)
    except OSError as error:
        raise MachineFileError("machine.not_readable", name=shown) from error
    if len(content) > _MAX_FILE:
        raise MachineFileError("machine.file_too_large", name=shown)
    return machine_of(content, shown, budgets)


def machine_of(content: bytes, name: str, budgets: Mapping[str, int] = _NOTHING) -> Machine:
    """The machine that ``content`` describes; ``name`` is what sentences call it.

    Raises:
        MachineFileError: as ``read_machine`` does.
    """
    try:
        machine = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=_DescribedMachine)
    except msgspec.ValidationError as error:
        raise _wrong_field(str(error), name) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MachineFileError("machine.not_json", name=name) from error
    _check(machine, name)
    return _machine(machine, budgets)


# --- what can be wrong -----------------------------------------------------------------------


def _wrong_field(told: str, name: str) -> MachineFileError:
    """The sentence for what the validation told; it writes fields as ``devices[0].name``."""
    found = _WHERE.search(told)
    where = found[1] if found else ""
    if lacking := _LACKING.search(told):
        return _about("machine.field_missing", name, where, lacking[1])
    if unknown := _UNKNOWN.search(told):
        return _about("machine.field_unknown", name, where, unknown[1])
    field = where.rpartition(".")[2]
    if not where:
        code = "machine.not_described"
    elif field == "kind":
        code = "machine.kind_unknown"
    elif field == "name":
        code = "machine.name_not_usable"
    elif field == "unified_memory":
        code = "machine.not_yes_no"
    elif field.startswith("devices"):
        code = "machine.not_devices"
    elif field == "free_bytes":
        code = "machine.not_free_bytes"
    elif field.endswith("_second"):
        code = "machine.not_speed"
    else:
        code = "machine.not_whole"
    return _about(code, name, where)


def _about(code: str, name: str, *where: str) -> MachineFileError:
    key = shorten(".".join(part for part in where if part))
    return MachineFileError(code, name=name, key=key)


def _check(machine: _DescribedMachine, name: str) -> None:
    """What fields have to do with each other."""
    if len(machine.devices) > MAX_DEVICES:
        raise MachineFileError("machine.too_many_devices", name=name, count=MAX_DEVICES)
    if (machine.free_bytes or 0) > machine.ram_bytes:
        raise MachineFileError("machine.free_above_all", name=name, key="free_bytes")
    seen: set[str] = set()
    for number, device in enumerate(machine.devices):
        place = f"devices[{number}]"
        if not device.name.isprintable() or device.name != device.name.strip():
            raise _about("machine.name_not_usable", name, place, "name")
        if device.name.upper() == PROCESSOR:
            raise MachineFileError("machine.name_of_processor", name=name, device=PROCESSOR)
        if device.name in seen:
            raise MachineFileError("machine.name_taken", name=name, device=shorten(device.name))
        seen.add(device.name)
        if (device.free_bytes or 0) > device.memory_bytes:
            raise _about("machine.free_above_all", name, place, "free_bytes")


# --- what it is ------------------------------------------------------------------------------


def _machine(machine: _DescribedMachine, budgets: Mapping[str, int]) -> Machine:
    kinds = _kinds(machine)
    processor = _processor(machine, budgets.get(PROCESSOR))
    return Machine(
        devices=tuple(
            _device(device, kind, processor, budgets.get(device.name))
            for device, kind in zip(machine.devices, kinds, strict=True)
        ),
        processor=processor,
        cores=machine.cores,
        unified_memory="igpu" in kinds,
        disk_bytes_per_second=machine.disk_bytes_per_second,
        is_described=True,
    )


def _kinds(machine: _DescribedMachine) -> Sequence[DeviceKind]:
    """What computes in main memory is an "igpu"; the machine's own word on that comes first."""
    if machine.unified_memory is None:
        return ["gpu" if device.kind == "gpu" else "igpu" for device in machine.devices]
    return ["igpu" if machine.unified_memory else "gpu"] * len(machine.devices)


def _processor(machine: _DescribedMachine, asked: int | None) -> MachineDevice:
    total = machine.ram_bytes
    free = machine.free_bytes
    if free is None:
        free = max(total - _SYSTEM_BYTES, total // 2)
    return MachineDevice(
        name=PROCESSOR,
        description=PROCESSOR,
        kind="cpu",
        memory_bytes=total,
        free_bytes=free,
        budget_bytes=main_memory_budget(Room(total_bytes=total, free_bytes=free), asked),
        bytes_per_second=machine.ram_bytes_per_second,
        operations_per_second=machine.operations_per_second
        or typical_speeds.processor_operations(machine.cores),
        is_here=False,
    )


def _device(
    device: _DescribedDevice, kind: DeviceKind, processor: MachineDevice, asked: int | None
) -> MachineDevice:
    total = device.memory_bytes
    free = total if device.free_bytes is None else device.free_bytes
    budget = gpu_budget(Room(total_bytes=total, free_bytes=free), asked)
    if kind == "igpu":
        free, budget = min(free, processor.free_bytes), min(budget, processor.budget_bytes)
    return MachineDevice(
        name=device.name,
        description=device.name,
        kind=kind,
        memory_bytes=total,
        free_bytes=free,
        budget_bytes=budget,
        bytes_per_second=device.bytes_per_second,
        operations_per_second=device.operations_per_second
        or typical_speeds.gpu_operations(kind, device.bytes_per_second),
        link_bytes_per_second=device.link_bytes_per_second,
        fetches_experts=True,
        is_here=False,
    )
