"""Speeds of devices that nobody measured: cautious figures, by kind and size.

What programs really read is 60 to 90 % of what a label says, so the figures are below the
labels of common parts (sources: makers' data sheets, and the figures by which
docs/placement-verdicts.md was written). Bytes per second are those of one token's weights,
operations per second those of a prompt's multiplications and additions.
"""

from app.engine.entities import DeviceKind

GIB = 1 << 30

_GPU_BANDWIDTHS = (
    (6, 150e9),  # GTX 1650, RTX 3050: 128 to 192
    (10, 230e9),  # RTX 4060 Laptop 256, RTX 2080 448
    (14, 325e9),  # RTX 3060 360, RTX 4070 504
    (20, 300e9),  # RTX 4060 Ti 288, RX 7800 XT 624
    (40, 700e9),  # RTX 3090 936, RX 7900 XTX 960, RTX 4090 1008; RTX 5090 1792
    (60, 600e9),  # RTX A6000 768, L40S 864
)
"""Up to so many GiB of memory: bytes/s."""
_LARGEST_GPU_BANDWIDTH = 1200e9  # A100 80 GB 1555 to 1935, RTX PRO 6000 1792
_SHARED_BANDWIDTH = 60e9
"""Of a GPU in main memory: two channels DDR5, Apple M1 68."""
_REMOTE_BANDWIDTH = 25e9
_REMOTE_LINK = 0.1e9
"""A network of 1 Gbit/s."""
_LINK = 12e9
"""PCIe 3 with 16 lanes or 4 with 8: 15.8 on the label."""
_GPU_OPERATIONS_PER_BYTE = 40.0
"""Of an RTX 3090, 34 TFLOP/s: 35.6 without tensor cores on its data sheet."""
_SHARED_OPERATIONS_PER_BYTE = 20.0
"""Of an Apple M1 Max at 340 GB/s, 6.8 TFLOP/s: 10.4 on its data sheet."""
_OPERATIONS_PER_CORE = 50e9
"""On quantized weights. Qwen3-30B-A3B Q4_K_M reads prompts at 210 tokens/s on a Ryzen 9 7950X
(ik_llama.cpp issue 1075): 2 * 3.3e9 operations for each token, 87e9 for each of 16 cores."""


def processor_bandwidth(cores: int, total_bytes: int, *, unified_memory: bool = False) -> float:
    """Bytes/s from main memory.

    25 GB/s is two channels of DDR4 under load (23 in use on an i7-8700), which a single core
    does not exhaust. Many cores with more memory than desktops have are a server with eight
    or more channels: 230 to 350 measured, 100 assumed.
    """
    if unified_memory:
        return _SHARED_BANDWIDTH
    if cores >= 16 and total_bytes > 256 * GIB:
        return 100e9
    return min(25e9, 10e9 * max(1, cores))


def processor_operations(cores: int) -> float:
    """Operations/s of all physical cores."""
    return _OPERATIONS_PER_CORE * max(1, cores)


def gpu_bandwidth(kind: DeviceKind, memory_bytes: int, *, is_remote: bool = False) -> float:
    """Bytes/s from a GPU's memory."""
    if is_remote:
        return _REMOTE_BANDWIDTH
    if kind == "igpu":
        return _SHARED_BANDWIDTH
    for most, bandwidth in _GPU_BANDWIDTHS:
        if memory_bytes <= most * GIB:
            return bandwidth
    return _LARGEST_GPU_BANDWIDTH


def gpu_operations(kind: DeviceKind, bytes_per_second: float) -> float:
    """Operations/s, from its bandwidth: makers let both grow together."""
    each = _SHARED_OPERATIONS_PER_BYTE if kind == "igpu" else _GPU_OPERATIONS_PER_BYTE
    return bytes_per_second * each


def gpu_link(kind: DeviceKind, memory_bytes: int, *, is_remote: bool = False) -> float:
    """Bytes/s from main memory to a GPU; one that computes there reads it directly."""
    if is_remote:
        return _REMOTE_LINK
    return gpu_bandwidth(kind, memory_bytes) if kind == "igpu" else _LINK
