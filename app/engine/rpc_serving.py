"""Serves this computer's devices to other computers through the engine's RPC backend."""

import ctypes
from collections.abc import Sequence

from app.engine import ggml
from app.engine.cores import usable_cores
from app.engine.devices import list_devices
from app.engine.entities import Device
from app.engine.errors import RefusedError
from app.engine.parameters import named_device


def served_devices() -> tuple[Device, ...]:
    """The devices that are worth serving: the GPUs, or the processor where there is none."""
    devices = list_devices(ggml.library)
    gpus = tuple(device for device in devices if device.kind in ("gpu", "igpu"))
    return gpus or devices[-1:]


def serve(endpoint: str, devices: Sequence[str]) -> None:
    """Serve ``devices`` at ``endpoint``, an IPv4 address and a port, one client at a time.

    Blocks in native code as long as it serves; returns when the port cannot be had. Raises
    RefusedError when the engine was built without RPC.
    """
    start = ggml.procedure(
        "RPC", "ggml_backend_rpc_start_server", None,
        ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_void_p,
    )  # fmt: skip
    if start is None:
        raise RefusedError("engine.rpc_absent", host=endpoint)
    array = (ctypes.c_void_p * len(devices))(*map(named_device, devices))
    start(endpoint.encode(), None, usable_cores(), len(devices), array)
