"""Short names for this machine and for this build of the engine, under which figures are kept."""

import hashlib
import json
import platform
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from app.placement.entities import Inventory

_ROUNDED = 2**28
"""Bytes: an update of the system changes a little of what it says of its memory."""
_LIBRARIES = ("lib*", "*.dll")


def machine_fingerprint(inventory: Inventory, system: str | None = None) -> str:
    """Changes with the hardware or the system, not with what is free.

    Devices on other computers are no part of it: see ``with_hosts``.
    """
    devices = [
        [device.name, device.description, device.backend, round(device.memory_bytes / _ROUNDED)]
        for device in inventory.devices
        if device.backend.upper() != "RPC"
    ]
    system = system or f"{platform.system()} {platform.machine()}"
    memory = round(inventory.memory.total_bytes / _ROUNDED)
    return _digest([system, inventory.physical_cores, memory, devices])


def with_hosts(machine: str, rpc_hosts: Sequence[str]) -> str:
    """The fingerprint of a machine together with other computers, for its plans."""
    return _digest([machine, *rpc_hosts]) if rpc_hosts else machine


def engine_fingerprint(package: Path | None = None) -> str:
    """Changes whenever the engine's libraries do.

    ``package`` is the folder of the Python package that holds them; None finds the one that
    workers import, without importing it.
    """
    folder = package or _engine_package()
    files = []
    if folder is not None:
        for pattern in _LIBRARIES:
            for file in (folder / "lib").glob(pattern):
                state = file.stat()
                files.append([file.name, state.st_size, state.st_mtime_ns])
    return _digest([_version(folder), sorted(files)])


def _engine_package() -> Path | None:
    found = find_spec("llama_cpp")
    return Path(found.origin).parent if found is not None and found.origin else None


def _version(folder: Path | None) -> str:
    """Names of the installed distribution's folder, which carry its version."""
    if folder is None:
        return ""
    return " ".join(sorted(entry.name for entry in folder.parent.glob("llama_cpp_python-*")))


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
