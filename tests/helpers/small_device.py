"""``main.py rpc-worker`` whose device has only as many bytes of memory as the argument says.

The engine has no such option, and a limit on the process would end the server itself. So the
processor's function that allocates is put behind one that counts, as a graphics card's driver
would: beyond the limit there is no memory. The arguments after the limit: what it says is free of
it (more if it lies), what it says it has in all, and what is taken as soon as anything is.
"""

import ctypes
import sys

from app.cli import main
from app.engine import ggml

_ALLOCATE = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_FREE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_SIZE = ctypes.POINTER(ctypes.c_size_t)
_MEMORY = ctypes.CFUNCTYPE(None, ctypes.c_void_p, _SIZE, _SIZE)
_ALLOCATE_AT, _GET_MEMORY_AT, _FREE_AT = 1, 2, 0
"""Places of function pointers in ``ggml_backend_buffer_type``, ``…_device`` and ``…_buffer``."""


class SmallDevice:
    """The processor as a device with ``limit`` bytes that says it has ``told``."""

    def __init__(self, limit: int, told: int, total: int, overhead: int) -> None:
        self._limit = limit
        self._told = told
        self._total = total
        self._overhead = overhead
        self._held: dict[int, int] = {}
        buffer_type = ggml.processor_buffer_type()
        device = ggml.device_by_name("CPU")
        assert device is not None
        self._size_of = ggml.function(
            "ggml_backend_buffer_get_size", ctypes.c_size_t, ctypes.c_void_p
        )
        self._real_allocate = _ALLOCATE(_pointer(buffer_type, _ALLOCATE_AT).value)
        self._real_free = _FREE()
        # Native code calls these: they must live as long as it may.
        self._kept = _ALLOCATE(self._allocate), _FREE(self._free), _MEMORY(self._memory)
        _put(buffer_type, _ALLOCATE_AT, self._kept[0])
        _put(device, _GET_MEMORY_AT, self._kept[2])

    @property
    def _held_bytes(self) -> int:
        return sum(self._held.values())

    def _allocate(self, buffer_type: int, size: int) -> int | None:
        if size > self._limit - self._held_bytes:
            return None
        buffer: int | None = self._real_allocate(buffer_type, size)
        if buffer is not None:
            self._held[buffer] = int(self._size_of(buffer))
            self._real_free = _FREE(_pointer(buffer, _FREE_AT).value)
            _put(buffer, _FREE_AT, self._kept[1])
        return buffer

    def _free(self, buffer: int) -> None:
        self._held.pop(buffer, None)
        self._real_free(buffer)

    def _memory(self, _device: int, free: "ctypes._Pointer", total: "ctypes._Pointer") -> None:
        taken = self._held_bytes + (self._overhead if self._held else 0)
        free[0], total[0] = max(0, self._told - taken), self._total


def _pointer(structure: int, place: int) -> ctypes.c_void_p:
    return ctypes.c_void_p.from_address(structure + place * ctypes.sizeof(ctypes.c_void_p))


def _put(structure: int, place: int, function: object) -> None:
    _pointer(structure, place).value = ctypes.cast(function, ctypes.c_void_p).value


if __name__ == "__main__":
    device = SmallDevice(*map(int, sys.argv[1:5]))
    sys.exit(main(sys.argv[5:], lambda _folder, _files, _hosts: 1))
