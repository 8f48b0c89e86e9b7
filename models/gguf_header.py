"""What the header of a GGUF file says, and how to ask it questions."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.errors import ModelFileDamaged

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class SkippedArray:
    """An array too long to be kept, such as a vocabulary: only its length is known."""

    count: int


@dataclass(frozen=True, slots=True)
class UnreadableText:
    """A text that is not UTF-8; kept apart so that nobody shows or runs it by mistake."""

    content: bytes


Value = Scalar | tuple[Scalar, ...] | SkippedArray | UnreadableText


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """One entry of the tensor table. ``shape`` begins with the length of a row."""

    name: str
    shape: tuple[int, ...]
    type_number: int
    offset: int
    """Bytes from the start of the data section."""
    size: int
    """Bytes."""

    @property
    def elements(self) -> int:
        """Number of weights."""
        product = 1
        for length in self.shape:
            product *= length
        return product


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """Everything before the weights. ``file_name`` is only for sentences."""

    file_name: str
    version: int
    metadata: Mapping[str, Value]
    tensors: tuple[GgufTensor, ...]
    header_bytes: int
    """Length of magic, metadata and tensor table, without the padding that follows."""
    header_sha256: str
    alignment: int
    data_offset: int
    """Where the data section starts, bytes from the start of the file."""

    @property
    def tensor_bytes(self) -> int:
        """Bytes of all weights, padding not counted."""
        return sum(tensor.size for tensor in self.tensors)

    @property
    def data_end(self) -> int:
        """The size in bytes that the file must have at least."""
        if not self.tensors:
            return self.header_bytes
        return self.data_offset + max(tensor.offset + tensor.size for tensor in self.tensors)

    @property
    def parameters(self) -> int:
        """Number of weights in this file."""
        return sum(tensor.elements for tensor in self.tensors)

    @property
    def architecture(self) -> str | None:
        """``general.architecture``, such as "llama" or "qwen3moe"."""
        return self.text("general.architecture")

    @property
    def name(self) -> str | None:
        """``general.name``: what its maker calls the model."""
        return self.text("general.name")

    @property
    def license(self) -> str | None:
        """``general.license``, usually an SPDX identifier."""
        return self.text("general.license")

    @property
    def file_type(self) -> int | None:
        """``general.file_type``; see ``models.gguf_types.FILE_TYPES``."""
        return self.integer("general.file_type")

    @property
    def context_length(self) -> int | None:
        """Tokens of context that the model was trained for."""
        return self.integer(f"{self.architecture}.context_length")

    @property
    def block_count(self) -> int | None:
        """Layers, as the metadata states them."""
        return self.integer(f"{self.architecture}.block_count")

    @property
    def expert_count(self) -> int:
        """Routed experts of a layer; 0 for a dense model."""
        return self.integer(f"{self.architecture}.expert_count") or 0

    @property
    def expert_used_count(self) -> int:
        """Routed experts that compute each token, at most; 0 for a dense model."""
        return max(self.integers(f"{self.architecture}.expert_used_count") or (0,))

    @property
    def prediction_count(self) -> int:
        """Of the layers, those at the end that only predict several tokens at once."""
        return self.integer(f"{self.architecture}.nextn_predict_layers") or 0

    @property
    def split_count(self) -> int:
        """Files that the model is split into; 1 when it is whole."""
        return max(self.integer("split.count") or 1, 1)

    @property
    def vocabulary(self) -> int | None:
        """Entries of the token list, or None when there is none."""
        tokens = self.metadata.get("tokenizer.ggml.tokens")
        if isinstance(tokens, SkippedArray):
            return tokens.count
        return len(tokens) if isinstance(tokens, tuple) else None

    @property
    def chat_template(self) -> str | None:
        """The model's own chat template, or None.

        Raises:
            ModelFileDamaged: ``gguf.template_text`` when it is not valid UTF-8.
        """
        template = self.metadata.get("tokenizer.chat_template")
        if isinstance(template, UnreadableText):
            raise ModelFileDamaged("gguf.template_text", name=self.file_name)
        return template if isinstance(template, str) else None

    def integer(self, key: str) -> int | None:
        """The whole number stored under ``key``, or None."""
        value = self.metadata.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def integers(self, key: str) -> tuple[int, ...] | None:
        """The whole numbers stored under ``key``: one for all layers, or one for each.

        None when nothing is stored, or something else.
        """
        value = self.metadata.get(key)
        items = value if isinstance(value, tuple) else (value,)
        numbers = tuple(int(item) for item in items if isinstance(item, int))
        return numbers if numbers and len(numbers) == len(items) else None

    def text(self, key: str) -> str | None:
        """The text stored under ``key``, or None."""
        value = self.metadata.get(key)
        return value if isinstance(value, str) else None
