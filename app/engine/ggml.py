"""ggml's own functions that the binding does not offer.

They are resolved through the library that is loaded already: opening it by name would make a
second, empty list of devices.
"""

import ctypes
from typing import Any

import llama_cpp.llama_cpp as native

library: Any = native._lib
"""The engine's library; its dependencies' functions are found through it as well."""


def function(name: str, result: Any, *arguments: Any) -> Any:
    """The function called ``name``, declared with C types. Raises AttributeError without it."""
    symbol = getattr(library, name)
    symbol.restype = result
    symbol.argtypes = list(arguments)
    return symbol


def device_by_name(name: str) -> int | None:
    """The device of this name, ``ggml_backend_dev_t``; None when it is not there."""
    find = function("ggml_backend_dev_by_name", ctypes.c_void_p, ctypes.c_char_p)
    device: int | None = find(name.encode())
    return device


def buffer_type_of(device: int) -> int:
    """The buffer type of a device's own memory."""
    find = function("ggml_backend_dev_buffer_type", ctypes.c_void_p, ctypes.c_void_p)
    buffer_type: int = find(device)
    return buffer_type


def processor_buffer_type() -> int:
    """The plain buffer type of main memory.

    The engine knows this one and chooses again among all that the processor has, repacked ones
    too; the processor device's own buffer type would be taken literally.
    """
    buffer_type: int = function("ggml_backend_cpu_buffer_type", ctypes.c_void_p)()
    return buffer_type


def procedure(backend: str, name: str, result: Any, *arguments: Any) -> Any | None:
    """A function that a backend hands out by name; None when the engine lacks either."""
    find_backend = function("ggml_backend_reg_by_name", ctypes.c_void_p, ctypes.c_char_p)
    registry = find_backend(backend.encode())
    if registry is None:
        return None
    find = function(
        "ggml_backend_reg_get_proc_address", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p
    )
    address = find(registry, name.encode())
    return ctypes.CFUNCTYPE(result, *arguments)(address) if address else None


def device_names(registry: int) -> list[str]:
    """The names of a backend's devices, in its order."""
    count = function("ggml_backend_reg_dev_count", ctypes.c_size_t, ctypes.c_void_p)
    get = function("ggml_backend_reg_dev_get", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
    return [name_of(get(registry, number)) for number in range(count(registry))]


def name_of(device: int) -> str:
    """A device's name, as plans use it."""
    text: bytes | None = function("ggml_backend_dev_name", ctypes.c_char_p, ctypes.c_void_p)(device)
    return (text or b"").decode("utf-8", "replace")


def free_bytes_of(device: int) -> int:
    """What a device has free."""
    size = ctypes.POINTER(ctypes.c_size_t)
    ask = function("ggml_backend_dev_memory", None, ctypes.c_void_p, size, size)
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    ask(device, ctypes.byref(free), ctypes.byref(total))
    return int(free.value)
