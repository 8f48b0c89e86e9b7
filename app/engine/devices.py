"""The devices that ggml sees: names, kinds and memory, read through the engine's own library.

Functions and structures are those of ``ggml-backend.h`` of the pinned engine.
"""

import ctypes
from typing import Any

from app.engine.entities import Device, DeviceKind

_KINDS: dict[int, DeviceKind] = {0: "cpu", 1: "gpu", 2: "igpu", 3: "accelerator"}
"""``enum ggml_backend_dev_type``."""


def list_devices(library: Any) -> tuple[Device, ...]:
    """Every device in ggml's order; the processor is the last."""
    ggml = _Ggml(library)
    devices = [ggml.device(number) for number in range(ggml.count())]
    return tuple(sorted(devices, key=lambda device: device.kind == "cpu"))


class _Ggml:
    """The few functions that are needed, declared once."""

    def __init__(self, library: Any) -> None:
        self._count = library.ggml_backend_dev_count
        self._count.restype = ctypes.c_size_t
        self._count.argtypes = []
        self._get = _pointer(library.ggml_backend_dev_get, ctypes.c_size_t)
        self._name = _text(library.ggml_backend_dev_name)
        self._description = _text(library.ggml_backend_dev_description)
        self._type = library.ggml_backend_dev_type
        self._type.restype = ctypes.c_int
        self._type.argtypes = [ctypes.c_void_p]
        self._memory = library.ggml_backend_dev_memory
        self._memory.restype = None
        size = ctypes.POINTER(ctypes.c_size_t)
        self._memory.argtypes = [ctypes.c_void_p, size, size]
        self._registry = _pointer(library.ggml_backend_dev_backend_reg, ctypes.c_void_p)
        self._registry_name = _text(library.ggml_backend_reg_name)

    def count(self) -> int:
        """How many devices there are."""
        return int(self._count())

    def device(self, number: int) -> Device:
        """One of them."""
        pointer = self._get(number)
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        self._memory(pointer, ctypes.byref(free), ctypes.byref(total))
        return Device(
            name=_decoded(self._name(pointer)),
            description=_decoded(self._description(pointer)),
            kind=_KINDS.get(int(self._type(pointer)), "accelerator"),
            backend=_decoded(self._registry_name(self._registry(pointer))),
            memory_bytes=int(total.value),
            free_bytes=int(free.value),
        )


def _pointer(function: Any, argument: Any) -> Any:
    function.restype = ctypes.c_void_p
    function.argtypes = [argument]
    return function


def _text(function: Any) -> Any:
    function.restype = ctypes.c_char_p
    function.argtypes = [ctypes.c_void_p]
    return function


def _decoded(text: bytes | None) -> str:
    return (text or b"").decode("utf-8", "replace")
