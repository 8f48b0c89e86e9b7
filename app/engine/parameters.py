"""A plan as llama.cpp's parameters, the same for loading, rehearsing and testing."""

import ctypes
from collections.abc import Callable
from typing import Any

import llama_cpp.llama_cpp as native

from app.engine.entities import Plan
from app.engine.errors import RefusedError
from app.engine.ggml import buffer_type_of, device_by_name, processor_buffer_type

_KV_TYPES = {"f16": 1, "q8_0": 8, "q4_0": 2}
_FLASH_ATTENTION = {"auto": -1, "off": 0, "on": 1}
_LOAD_MODES = {"read": 0, "mmap": 1}
_PROCESSOR = "CPU"

FindDevice = Callable[[str], int]
"""From a device's name in the plan to ``ggml_backend_dev_t``. Raises RefusedError."""


def named_device(name: str) -> int:
    """The device that the engine calls ``name``. Raises RefusedError when it is not there."""
    device = device_by_name(name)
    if device is None:
        raise RefusedError("engine.unknown_device", device=name)
    return device


class _Override(ctypes.Structure):
    _fields_ = (("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p))


def model_parameters(
    plan: Plan, find_device: FindDevice = named_device
) -> tuple[Any, tuple[Any, ...]]:
    """The parameters of a model for ``plan``, and the arrays that must outlive its loading.

    Raises RefusedError when a device is not there.
    """
    parameters = native.llama_model_default_params()
    parameters.n_gpu_layers = plan.gpu_layers
    parameters.load_mode = _LOAD_MODES[plan.load_mode]
    parameters.use_extra_bufts = plan.extra_buffer_types
    parameters.no_host = plan.no_host
    # A list that ends at once means "no device"; no list at all would mean "every device".
    devices = (ctypes.c_void_p * (len(plan.devices) + 1))(*map(find_device, plan.devices), None)
    parameters.devices = ctypes.cast(devices, ctypes.c_void_p).value
    overrides = (_Override * (len(plan.overrides) + 1))()
    for entry, wish in zip(overrides, plan.overrides, strict=False):
        entry.pattern = wish.pattern.encode()
        entry.buffer_type = (
            processor_buffer_type()
            if wish.buffer == _PROCESSOR
            else buffer_type_of(find_device(wish.buffer))
        )
    parameters.tensor_buft_overrides = ctypes.cast(overrides, ctypes.c_void_p).value
    split = (ctypes.c_float * native.LLAMA_MAX_DEVICES)(*plan.tensor_split)
    if plan.tensor_split:
        parameters.tensor_split = split
    return parameters, (devices, overrides, split)


def context_parameters(plan: Plan, threads: tuple[int, int]) -> Any:
    """The parameters of a context for ``plan``, with threads for decoding and for prompts."""
    parameters = native.llama_context_default_params()
    parameters.n_ctx = plan.context_tokens
    parameters.n_batch = plan.batch_tokens
    parameters.n_ubatch = min(plan.ubatch_tokens, plan.batch_tokens)
    parameters.n_threads, parameters.n_threads_batch = threads
    parameters.type_k = parameters.type_v = _KV_TYPES[plan.kv_type]
    parameters.flash_attn_type = _FLASH_ATTENTION[plan.flash_attention]
    parameters.op_offload = plan.op_offload
    parameters.swa_full = plan.full_window_cache
    parameters.no_perf = True
    return parameters
