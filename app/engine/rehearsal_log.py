"""Reads from llama.cpp's log what a rehearsed model and context would take.

When nothing is allocated the sizes of the caches' buffers are told as 0. What is told is the
device of every layer's part and the size of the whole cache, which is divided accordingly.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from app.engine.errors import RefusedError

_MIB = 2**20
_LAYER = re.compile(r"load_tensors: layer +(\d+) assigned to device (\S+),")
_CACHE = r"(llama_(?:kv|memory|dsv4)\w*)"
_CACHE_LAYER = re.compile(_CACHE + r"[:,] layer +(\d+): dev = (\S+)")
_CACHE_BUFFER = re.compile(_CACHE + r": +(\S+) .*buffer size = +([\d.]+) MiB")
_CACHE_SIZE = re.compile(_CACHE + r": .*\bsize = +([\d.]+) MiB")
_RESERVING = re.compile(r"sched_reserve: reserving")
_COMPUTE = re.compile(r"sched_reserve: +(\S+) compute buffer size = +([\d.]+) MiB")
_OUTPUT = re.compile(r"llama_context: +(\S+) +output buffer size = +([\d.]+) MiB")

_COPIES = re.compile(r"sched_reserve: reserve took .*sched copies = (\d+)")

Weigh = Callable[[], Mapping[int, int]]
"""Asked only when it matters: what each layer takes in proportion; those absent take 1."""


def read_layers(lines: Iterable[str]) -> tuple[str, ...]:
    """The engine's device of every layer, the output head's last. Raises RefusedError."""
    found = {int(match[1]): match[2] for line in lines if (match := _LAYER.match(line))}
    if not found or sorted(found) != list(range(len(found))):
        raise RefusedError("placement.rehearsal_unread", "layers")
    return tuple(found[number] for number in range(len(found)))


@dataclass(slots=True)
class _Cache:
    """What was told of one cache so far."""

    layers: list[tuple[int, str]] = field(default_factory=list)
    buffers: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class ContextSizes:
    """Bytes by the engine's names of devices and buffers."""

    cache_by_device: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cache_by_buffer: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Of the caches that are allocated even in a rehearsal: their buffers are told."""
    compute: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    output: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    copies: int = 1
    """Of what devices hand to each other."""


def read_context(lines: Iterable[str], weigh: Weigh) -> ContextSizes:
    """The sizes that making a context told. Raises RefusedError when they make no sense."""
    sizes = ContextSizes()
    caches: dict[str, _Cache] = defaultdict(_Cache)
    for line in lines:
        if match := _CACHE_LAYER.match(line):
            caches[match[1]].layers.append((int(match[2]), match[3]))
        elif match := _CACHE_BUFFER.match(line):
            caches[match[1]].buffers.append((match[2], _bytes(match[3])))
        elif match := _CACHE_SIZE.match(line):
            _divide(caches.pop(match[1], _Cache()), _bytes(match[2]), weigh, sizes)
        elif _RESERVING.match(line):
            sizes.compute.clear()
        elif match := _COMPUTE.match(line):
            sizes.compute[match[1]] += _bytes(match[2])
        elif match := _OUTPUT.match(line):
            sizes.output[match[1]] += _bytes(match[2])
        elif match := _COPIES.match(line):
            sizes.copies = int(match[1])
    if not sizes.compute:
        raise RefusedError("placement.rehearsal_unread", "compute")
    return sizes


def _divide(cache: _Cache, total: int, weigh: Weigh, sizes: ContextSizes) -> None:
    if any(amount for _buffer, amount in cache.buffers):
        for buffer, amount in cache.buffers:
            sizes.cache_by_buffer[buffer] += amount
        return
    if total and not cache.layers:
        raise RefusedError("placement.rehearsal_unread", "cache")
    devices = dict.fromkeys(device for _layer, device in cache.layers)
    weights = weigh() if len(devices) > 1 else {}
    shares = dict.fromkeys(devices, 0)
    for layer, device in cache.layers:
        shares[device] += max(weights.get(layer, 1), 1)
    left, left_shares = total, sum(shares.values())
    for device, share in shares.items():
        part = round(left * share / left_shares)
        sizes.cache_by_device[device] += part
        left, left_shares = left - part, left_shares - share


def _bytes(mebibytes: str) -> int:
    return round(float(mebibytes) * _MIB)
