"""Experts of made-up weights on one device, and the two computations that answers consist of."""

import ctypes
import random
import struct
import time

from app.engine.computing import (
    ComputeBackend,
    Room,
    UnmeasurableError,
    address_of,
    fill,
    quantized,
)
from models.gguf_types import STORAGE_TYPES, StorageType

EXPERTS_USED = 8
"""For each token, as in most models."""
_WIDTH, _INNER = 2048, 1024
"""Of an embedding and of an expert: matrices as large as in models of 30 to 50 GB."""
_WEIGHTS_OF_MATRIX = _WIDTH * _INNER
_TOKENS_PER_EXPERT = 4
"""A prompt then gives 32 rows to each expert, as 512 tokens give to each of 128."""
_SAMPLE_ROWS = 16
_F32, _I32 = 0, 26
_NEVER_STORED = frozenset({"Q8_1", "Q8_K", "I8", "I16", "I32", "I64", "F64"})
"""The engine computes with these, or keeps tables in them, but aborts when told to write them."""
_SLOW_TO_WRITE = frozenset({"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S"})
"""The engine would make tables for seconds first. All but one begin a block with its scale, and
whatever else the bits say, they are weights."""
_SCALE = struct.pack("<e", 0.01)


def storage_type(type_name: str) -> tuple[int, StorageType]:
    """The engine's number of a type, and its blocks. Raises UnmeasurableError for no such type."""
    for number, storage in STORAGE_TYPES.items():
        if storage.name == type_name and type_name not in _NEVER_STORED:
            return number, storage
    raise UnmeasurableError(type_name)


def bytes_of_layer(type_name: str, experts: int) -> int:
    """Bytes of one layer's experts, three matrices each. Raises UnmeasurableError."""
    return 3 * experts * _matrix_bytes(storage_type(type_name)[1])


def _matrix_bytes(storage: StorageType) -> int:
    return _WEIGHTS_OF_MATRIX // storage.block_size * storage.block_bytes


class ExpertSet:
    """Layers of experts in the memory where a load would put them. Close it after use."""

    def __init__(
        self, backend: ComputeBackend, type_name: str, layers: int, experts: int, seed: int = 1
    ) -> None:
        """Raises UnmeasurableError: no such type, not on this device, or no memory."""
        self._backend = backend
        self._random = random.Random(seed)
        self._number, self._storage = storage_type(type_name)
        self._experts = experts
        self._matrix_bytes = experts * _matrix_bytes(self._storage)
        self.bytes = 3 * layers * self._matrix_bytes
        """All weights; decoding reads each of them once."""
        self.prompt_operations = (
            2 * _WEIGHTS_OF_MATRIX * EXPERTS_USED * _TOKENS_PER_EXPERT * experts
        )
        self.memory = backend.memory
        """The buffer type that the weights lie in."""
        self._weights = Room(3 * layers)
        rounds = experts // EXPERTS_USED
        self._work = Room(rounds * (3 * layers + 1) + 5)
        try:
            self._matrices = [self._new_layer() for _ in range(layers)]
            self.memory = self._memory_for_weights()
            self._weights.place(self.memory, weights=True)
            self._fill_weights()
            self._build(rounds)
        except BaseException:
            self.close()
            raise

    def decode(self) -> float:
        """Seconds in which some tokens, one after the other, have read every expert once."""
        return self._timed(self._decoding)

    def read_prompt(self) -> float:
        """Seconds in which many tokens at once go through one matrix of their experts."""
        return self._timed(self._reading)

    def close(self) -> None:
        """Give the memory back."""
        self._work.close()
        self._weights.close()

    def _timed(self, graph: int) -> float:
        begun = time.perf_counter()
        self._backend.compute(graph)
        return time.perf_counter() - begun

    # --- weights ---------------------------------------------------------------------------

    def _new_layer(self) -> tuple[int, int, int]:
        """Gate, up and down."""
        new = self._weights.new
        return (
            new(self._number, _WIDTH, _INNER, self._experts),
            new(self._number, _WIDTH, _INNER, self._experts),
            new(self._number, _INNER, _WIDTH, self._experts),
        )

    def _memory_for_weights(self) -> int:
        for memory in self._backend.weight_memories():
            if self._computes_from(memory):
                return memory
        raise UnmeasurableError(self._storage.name)

    def _computes_from(self, memory: int) -> bool:
        """As a load asks: are experts multiplied out of this memory?"""
        weights, work = Room(1), Room(3)
        try:
            tensor = weights.new(self._number, _WIDTH, _INNER, self._experts)
            weights.place(memory, weights=True)
            inputs = work.new(_F32, _WIDTH, EXPERTS_USED, 2)
            return self._backend.can(work.multiply(tensor, inputs, work.new(_I32, EXPERTS_USED, 2)))
        finally:
            weights.close()
            work.close()

    def _fill_weights(self) -> None:
        sample = self._sample()
        data = sample * (self._matrix_bytes // len(sample))
        for layer in self._matrices:
            for matrix in layer:
                fill(matrix, data, len(data))

    def _sample(self) -> bytes:
        """Some rows of weights as they are stored."""
        count = _SAMPLE_ROWS * _WIDTH
        blocks = count // self._storage.block_size
        if self._storage.name in _SLOW_TO_WRITE:
            rest = self._storage.block_bytes - len(_SCALE)
            return b"".join(_SCALE + self._random.randbytes(rest) for _ in range(blocks))
        values = (self._random.uniform(-0.05, 0.05) for _ in range(count))
        floats = (ctypes.c_float * count)(*values)
        size = blocks * self._storage.block_bytes
        return quantized(self._number, floats, _SAMPLE_ROWS, _WIDTH, size)

    # --- computations ----------------------------------------------------------------------

    def _build(self, rounds: int) -> None:
        work, tokens = self._work, _TOKENS_PER_EXPERT * self._experts
        wide = work.new(_F32, _WIDTH)
        inner = work.new(_F32, _INNER, EXPERTS_USED)
        many = work.new(_F32, _WIDTH, 1, tokens)
        nodes, choices = [], []
        for _ in range(rounds):
            choices.append(work.new(_I32, EXPERTS_USED))
            for gate, up, down in self._matrices:
                nodes.append(work.multiply(gate, wide, choices[-1]))
                nodes.append(work.multiply(up, wide, choices[-1]))
                nodes.append(work.multiply(down, inner, choices[-1]))
        all_choices = work.new(_I32, EXPERTS_USED, tokens)
        read = work.multiply(self._matrices[0][0], many, all_choices)
        self._decoding = work.graph(nodes)
        self._reading = work.graph([read])
        work.place(self._backend.memory)
        for tensor, count in ((wide, 1), (inner, EXPERTS_USED / 2), (many, tokens)):
            self._fill_inputs(tensor, int(_WIDTH * count))
        self._choose_experts(choices, all_choices, tokens)

    def _fill_inputs(self, tensor: int, count: int) -> None:
        sample = [self._random.uniform(-1, 1) for _ in range(_WIDTH)]
        floats = (ctypes.c_float * count)(*(sample * (count // _WIDTH)))
        fill(tensor, floats, ctypes.sizeof(floats))

    def _choose_experts(self, choices: list[int], all_choices: int, tokens: int) -> None:
        """For decoding in an order in which no expert comes twice, or caches would answer."""
        order = self._random.sample(range(self._experts), self._experts)
        for number, tensor in enumerate(choices):
            self._fill_choice(tensor, order[number * EXPERTS_USED : (number + 1) * EXPERTS_USED])
        drawn = [
            expert
            for _ in range(tokens)
            for expert in self._random.sample(range(self._experts), EXPERTS_USED)
        ]
        self._fill_choice(all_choices, drawn)

    @staticmethod
    def _fill_choice(tensor: int, experts: list[int]) -> None:
        numbers = (ctypes.c_int32 * len(experts))(*experts)
        fill(tensor, numbers, ctypes.sizeof(numbers))


class Link:
    """A piece of main memory and one of a device, to copy from one to the other."""

    def __init__(self, backend: ComputeBackend, size: int) -> None:
        """Raises UnmeasurableError when there is no memory for ``size`` bytes."""
        self.bytes = size // 4 * 4
        self._backend = backend
        self._here, self._there = Room(1), Room(1)
        try:
            source = self._here.new(_F32, self.bytes // 4)
            self._target = self._there.new(_F32, self.bytes // 4)
            self._here.place(backend.transfer_memory)
            self._there.place(backend.memory)
            fill(source, bytes(self.bytes), self.bytes)
            self._source = address_of(source)
        except BaseException:
            self.close()
            raise

    def copy(self) -> float:
        """Seconds for all of it."""
        begun = time.perf_counter()
        fill(self._target, self._source, self.bytes)
        self._backend.synchronize()
        return time.perf_counter() - begun

    def close(self) -> None:
        """Give both back."""
        self._here.close()
        self._there.close()
