"""A device made ready for computing with ggml alone, without a model: tensors, memory, graphs.

Functions are those of ``ggml.h``, ``ggml-alloc.h`` and ``ggml-backend.h`` of the pinned engine.
"""

import ctypes
from collections.abc import Sequence
from typing import Any

from app.engine import ggml

_POINTER, _SIZE, _I64 = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64
_CPU_DEVICE = 0
_WEIGHTS_USAGE = 1


class UnmeasurableError(Exception):
    """This device cannot compute that, or has no memory for it."""


class _InitParameters(ctypes.Structure):
    _fields_ = (("size", _SIZE), ("memory", _POINTER), ("no_alloc", ctypes.c_bool))


class ComputeBackend:
    """A device that computes. Close it after use."""

    def __init__(self, device_name: str) -> None:
        """Raises UnmeasurableError when the device is gone or does not start."""
        device = ggml.device_by_name(device_name)
        if device is None:
            raise UnmeasurableError(device_name)
        start = ggml.function("ggml_backend_dev_init", _POINTER, _POINTER, ctypes.c_char_p)
        handle = start(device, None)
        if handle is None:
            raise UnmeasurableError(device_name)
        self._device: int = device
        self._handle: int = handle

    def use_threads(self, threads: int) -> None:
        """Compute with so many threads; of the processor only."""
        use = ggml.procedure("CPU", "ggml_backend_set_n_threads", None, _POINTER, ctypes.c_int)
        if use is not None:
            use(self._handle, threads)

    def compute(self, graph: int) -> None:
        """Compute and wait for the end. Raises UnmeasurableError when it does not get there."""
        work = ggml.function("ggml_backend_graph_compute", ctypes.c_int, _POINTER, _POINTER)
        status = work(self._handle, graph)
        if status != 0:
            raise UnmeasurableError(f"status {status}")

    def synchronize(self) -> None:
        """Wait until everything that was asked has happened."""
        ggml.function("ggml_backend_synchronize", None, _POINTER)(self._handle)

    def can(self, node: int) -> bool:
        """Whether the device computes ``node`` with its operands where they lie."""
        ask = ggml.function("ggml_backend_supports_op", ctypes.c_bool, _POINTER, _POINTER)
        return bool(ask(self._handle, node))

    @property
    def memory(self) -> int:
        """The buffer type of its own memory."""
        return ggml.buffer_type_of(self._device)

    @property
    def transfer_memory(self) -> int:
        """The buffer type of main memory from which it is filled fastest."""
        find = ggml.function("ggml_backend_dev_host_buffer_type", _POINTER, _POINTER)
        pinned: int | None = find(self._device)
        return pinned if pinned is not None else ggml.processor_buffer_type()

    def weight_memories(self) -> list[int]:
        """Buffer types for weights in a load's order: a processor's repacked ones, then plain."""
        kind = ggml.function("ggml_backend_dev_type", ctypes.c_int, _POINTER)(self._device)
        pointers = ctypes.POINTER(_POINTER)
        more = ggml.procedure("CPU", "ggml_backend_dev_get_extra_bufts", pointers, _POINTER)
        found: list[int] = []
        if more is not None and kind == _CPU_DEVICE:
            listed = more(self._device)
            while listed and listed[len(found)]:
                found.append(listed[len(found)])
        return [*found, self.memory]

    def close(self) -> None:
        """Give the device back."""
        ggml.function("ggml_backend_free", None, _POINTER)(self._handle)


class Room:
    """Descriptions of tensors and, once placed, the memory they share. Close it after use."""

    def __init__(self, tensors: int) -> None:
        """Of at most ``tensors`` tensors and two graphs."""
        tensor = ggml.function("ggml_tensor_overhead", _SIZE)()
        graph = ggml.function("ggml_graph_overhead", _SIZE)()
        start = ggml.function("ggml_init", _POINTER, _InitParameters)
        context = start(_InitParameters(tensors * tensor + 2 * graph, None, True))
        if context is None:
            raise UnmeasurableError("memory")
        self._context: int = context
        self._memory: int | None = None

    def new(self, type_number: int, width: int, rows: int = 1, matrices: int = 1) -> int:
        """A tensor; ``width`` is the length of a row."""
        make = ggml.function(
            "ggml_new_tensor_3d", _POINTER, _POINTER, ctypes.c_int, _I64, _I64, _I64
        )
        tensor: int = make(self._context, type_number, width, rows, matrices)
        return tensor

    def multiply(self, experts: int, inputs: int, chosen: int) -> int:
        """What the ``chosen`` ones of ``experts`` make of ``inputs``."""
        make = ggml.function("ggml_mul_mat_id", _POINTER, _POINTER, _POINTER, _POINTER, _POINTER)
        tensor: int = make(self._context, experts, inputs, chosen)
        return tensor

    def graph(self, nodes: Sequence[int]) -> int:
        """A computation of all ``nodes`` in order."""
        graph: int = ggml.function("ggml_new_graph", _POINTER, _POINTER)(self._context)
        add = ggml.function("ggml_build_forward_expand", None, _POINTER, _POINTER)
        for node in nodes:
            add(graph, node)
        return graph

    def place(self, buffer_type: int, *, weights: bool = False) -> None:
        """Take memory for every tensor. Raises UnmeasurableError when there is none."""
        take = ggml.function("ggml_backend_alloc_ctx_tensors_from_buft", *[_POINTER] * 3)
        self._memory = take(self._context, buffer_type)
        if self._memory is None:
            raise UnmeasurableError("memory")
        if weights:
            use = ggml.function("ggml_backend_buffer_set_usage", None, _POINTER, ctypes.c_int)
            use(self._memory, _WEIGHTS_USAGE)

    def close(self) -> None:
        """Give everything back."""
        if self._memory is not None:
            ggml.function("ggml_backend_buffer_free", None, _POINTER)(self._memory)
        ggml.function("ggml_free", None, _POINTER)(self._context)


def fill(tensor: int, data: Any, size: int) -> None:
    """Copy ``size`` bytes of main memory (``bytes``, or an address) to a tensor."""
    write = ggml.function("ggml_backend_tensor_set", None, _POINTER, _POINTER, _SIZE, _SIZE)
    write(tensor, data, 0, size)


def address_of(tensor: int) -> int:
    """Where a tensor in main memory lies."""
    address: int = ggml.function("ggml_get_data", _POINTER, _POINTER)(tensor)
    return address


def quantized(type_number: int, weights: Any, rows: int, width: int, size: int) -> bytes:
    """``rows`` of floats as that type stores them, in ``size`` bytes; it must be a stored type."""
    write = ggml.function(
        "ggml_quantize_chunk", _SIZE, ctypes.c_int, _POINTER, _POINTER, _I64, _I64, _I64, _POINTER
    )
    # Some types ask how much each weight of a row matters: all alike.
    equal = (ctypes.c_float * width)(*[1.0] * width)
    stored = ctypes.create_string_buffer(size)
    write(type_number, weights, stored, 0, rows, width, equal)
    return stored.raw
