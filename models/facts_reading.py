"""Reads a model's facts for placement out of the headers of all its files."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from models.attention_windows import windows_of
from models.errors import ModelFileDamaged
from models.facts import LayerFacts, ModelFacts, PartBytes
from models.gguf_check import MAX_LAYERS
from models.gguf_header import GgufHeader, GgufTensor
from models.gguf_types import STORAGE_TYPES
from models.tensor_roles import TensorRole, role_of

_MOST = 1 << 20
"""Heads, values and experts beyond this are no figures of a model."""
_LONGEST_CONTEXT = 1 << 24
"""Tokens; the longest published is 10,485,760. What a header promises beyond is not believed: the
engine keeps 48 bytes for each token of a context even when it allocates nothing."""
_RECURRENT = ("ssm_", "time_mix_", "shortconv.")
_KEYS = ("attn_k.", "attn_kv_a_mqa.")


def read_facts(headers: Sequence[GgufHeader]) -> ModelFacts:
    """The facts of a model from the headers of its files, the first file's header first.

    Raises:
        ModelFileDamaged: ``gguf.damaged`` when figures that placement needs make no sense.
    """
    return _FactsReader(headers).read()


@dataclass(slots=True)
class _Layer:
    """What was gathered of one layer."""

    sizes: dict[TensorRole, int] = field(default_factory=lambda: defaultdict(int))
    largest_expert: int = 0
    is_recurrent: bool = False
    keeps_keys: bool = False

    def add(self, tensor: GgufTensor, role: TensorRole) -> None:
        self.sizes[role] += tensor.size
        if role is TensorRole.ROUTED_EXPERTS:
            self.largest_expert = max(self.largest_expert, tensor.size)
        inner = tensor.name.split(".", 2)[2]
        self.is_recurrent = self.is_recurrent or inner.startswith(_RECURRENT)
        self.keeps_keys = self.keeps_keys or inner.startswith(_KEYS)

    @property
    def parts(self) -> PartBytes:
        return PartBytes(
            attention=self.sizes[TensorRole.ATTENTION],
            shared_experts=self.sizes[TensorRole.SHARED_EXPERTS],
            routed_experts=self.sizes[TensorRole.ROUTED_EXPERTS],
            feed_forward=self.sizes[TensorRole.FEED_FORWARD],
            other=self.sizes[TensorRole.OTHER],
        )


class _FactsReader:
    def __init__(self, headers: Sequence[GgufHeader]) -> None:
        self._header = headers[0]
        self._tensors = [tensor for header in headers for tensor in header.tensors]
        self._prefix = f"{self._header.architecture}."
        self._count = self._header.block_count or 0
        if not 0 <= self._count <= MAX_LAYERS:
            self._damaged(f"{self._count} layers")
        self._layers = [_Layer() for _ in range(self._count)]
        self._outside: dict[TensorRole, int] = defaultdict(int)
        self._types: dict[TensorRole, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def read(self) -> ModelFacts:
        self._gather()
        header = self._header
        predicting = header.prediction_count
        if predicting and not 0 < predicting < self._count:
            self._damaged(f"{predicting} of {self._count} layers predict ahead")
        experts = self._number("expert_count")
        used = self._each("expert_used_count", 0)
        layers = self._describe(used)
        trunk = layers[: self._count - predicting]
        embedding = self._outside[TensorRole.TOKEN_EMBEDDING]
        tied = not any(tensor.name == "output.weight" for tensor in self._tensors)
        output = self._outside[TensorRole.OUTPUT]
        return ModelFacts(
            architecture=header.architecture or "",
            parameters=sum(tensor.elements for tensor in self._tensors),
            vocabulary=self._vocabulary(),
            trained_context_tokens=min(max(header.context_length or 0, 0), _LONGEST_CONTEXT),
            layers=trunk,
            prediction_layers=layers[len(trunk) :],
            experts=experts,
            experts_used=max(used, default=0),
            shared_experts=self._number("expert_shared_count"),
            leading_dense_layers=_leading_dense(trunk),
            kv_lora_rank=self._number("attention.kv_lora_rank"),
            is_mla=self._is_mla(),
            token_embedding_bytes=embedding,
            output_bytes=output + self._main_embedding() * tied,
            tied_embedding=tied,
            weight_bytes=sum(tensor.size for tensor in self._tensors),
            types={role: dict(sizes) for role, sizes in self._types.items()},
        )

    def _gather(self) -> None:
        for tensor in self._tensors:
            index, role = role_of(tensor.name)
            self._types[role][STORAGE_TYPES[tensor.type_number].name] += tensor.size
            if index is None:
                self._outside[role] += tensor.size
            elif index < self._count:
                self._layers[index].add(tensor, role)
            else:
                self._damaged(f"layer {index} of {self._count}")

    def _describe(self, used: Sequence[int]) -> tuple[LayerFacts, ...]:
        heads = self._each("attention.head_count", 0)
        kv_heads = self._each("attention.head_count_kv", None) or heads
        windows = windows_of(self._header, self._count)
        full, windowed = self._head_lengths(heads)
        is_mla = self._is_mla()
        shared = self._number("attention.shared_kv_layers")
        layers = []
        for index, layer in enumerate(self._layers):
            key, value = windowed if windows[index] else full
            keeps = (layer.keeps_keys or not layer.is_recurrent) and index < self._count - shared
            parts = layer.parts
            layers.append(
                LayerFacts(
                    index=index,
                    bytes=parts,
                    heads=heads[index],
                    kv_heads=kv_heads[index],
                    key_length=key,
                    value_length=value,
                    key_values=kv_heads[index] * key * keeps,
                    value_values=kv_heads[index] * value * (keeps and not is_mla),
                    window_tokens=windows[index],
                    experts_used=used[index] if parts.routed_experts else 0,
                    largest_expert_bytes=layer.largest_expert,
                )
            )
        return tuple(layers)

    def _head_lengths(self, heads: Sequence[int]) -> tuple[tuple[int, int], tuple[int, int]]:
        """Key and value length of a head, in layers that see everything and in windowed ones."""
        usual = self._number("embedding_length") // heads[0] if heads and heads[0] else 0
        key = self._number("attention.key_length", usual)
        value = self._number("attention.value_length", usual)
        return (key, value), (
            self._number("attention.key_length_swa", key),
            self._number("attention.value_length_swa", value),
        )

    def _is_mla(self) -> bool:
        names = ("attention.key_length_mla", "attention.value_length_mla")
        return all(self._number(name) for name in names)

    def _main_embedding(self) -> int:
        return sum(t.size for t in self._tensors if t.name == "token_embd.weight")

    def _vocabulary(self) -> int:
        listed = self._header.vocabulary
        # Checked even when it does not count: the engine may make room for so many tokens.
        told = self._number("vocab_size")
        return told if listed is None else listed

    # --- figures ---------------------------------------------------------------------------

    def _number(self, name: str, default: int = 0) -> int:
        value = self._header.integer(self._prefix + name)
        return default if value is None else self._checked(name, value)

    def _each(self, name: str, default: int | None) -> tuple[int, ...]:
        """A figure of every layer; an empty tuple for a ``default`` of None."""
        values = self._header.integers(self._prefix + name)
        if values is None:
            return () if default is None else (default,) * self._count
        if len(values) == 1:
            values *= self._count
        if len(values) < self._count:
            self._damaged(f"{len(values)} times {name}, {self._count} layers")
        return tuple(self._checked(name, value) for value in values[: self._count])

    def _checked(self, name: str, value: int) -> int:
        if not 0 <= value <= _MOST:
            self._damaged(f"{name} is {value}")
        return value

    def _damaged(self, detail: str) -> NoReturn:
        """Refuse the file; ``detail`` is for the log."""
        name = self._header.file_name
        raise ModelFileDamaged("gguf.damaged", name=name, detail=detail[:200])


def _leading_dense(layers: Sequence[LayerFacts]) -> int:
    for number, layer in enumerate(layers):
        if layer.bytes.routed_experts:
            return number
    return 0
