"""What loading took, from the engine's log: every buffer, its device and its size."""

import re
from collections.abc import Iterable, Mapping

from app.engine.entities import BufferKind, BufferLine

_LINE = re.compile(
    r": +(\S+) +(model|KV|RS|DSV4 .*state|compute|output) buffer size = +([\d.]+) MiB"
)
_KINDS: dict[str, BufferKind] = {"model": "weights", "compute": "compute", "output": "output"}
"""By the engine's word; every other one is a kind of KV cache."""
_MIB = 2**20
_PROCESSOR = "CPU"
_MOST_LINES = 10_000
"""A line per device and kind is usual; a hostile file shall not fill memory with them."""


class BufferReport:
    """Gathers the log's lines about buffers. ``add`` may be called by native threads."""

    def __init__(self) -> None:
        self._found: list[tuple[BufferKind, str, int]] = []

    def add(self, line: str) -> None:
        """Take a line of the log, whatever it is about."""
        match = _LINE.search(line)
        if match is None or len(self._found) >= _MOST_LINES:
            return
        name, word, mebibytes = match.groups()
        kind = _KINDS.get(word, "kv_cache")
        if kind == "compute":
            # The engine reserves again when something changed; the last time counts.
            self._found = [each for each in self._found if each[:2] != (kind, name)]
        self._found.append((kind, name, round(float(mebibytes) * _MIB)))

    def lines(self, devices: Iterable[str], rpc_buffers: Mapping[str, str]) -> list[BufferLine]:
        """The buffers so far, as ``device_of_buffer`` says where they are."""
        names = tuple(devices)
        return [
            BufferLine(kind, name, device_of_buffer(name, names, rpc_buffers), size)
            for kind, name, size in self._found
        ]


def device_of_buffer(buffer: str, devices: Iterable[str], rpc_buffers: Mapping[str, str]) -> str:
    """The device whose memory a buffer is in.

    RPC buffers are looked up: each host numbers its own from 0, so "RPC0[…]" may be RPC1. Of
    others "CUDA0" and "MTL0_Mapped" begin with their device; "CPU_REPACK" and "CUDA_Host" are
    main memory.
    """
    if buffer in rpc_buffers:
        return rpc_buffers[buffer]
    owners = [name for name in devices if buffer == name or buffer.startswith(name + "_")]
    return max(owners, key=len, default=_PROCESSOR)
