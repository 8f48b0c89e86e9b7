"""Judges whether a header describes a chat model that the engine can load without crashing."""

import re
from collections.abc import Iterable

from models.errors import ModelFileDamaged, ModelFileError
from models.gguf_header import GgufHeader, GgufTensor

MAX_LAYERS = 1000
_LAYER = re.compile(r"blk\.(\d{1,6})\.")


def check_extent(header: GgufHeader, file_size: int) -> None:
    """Refuse a file that ends before its weights do.

    Raises:
        ModelFileDamaged: ``gguf.truncated``, with the bytes that are missing.
    """
    missing = header.data_end - file_size
    if missing > 0:
        raise ModelFileDamaged("gguf.truncated", name=header.file_name, missing=missing)


def check_model(header: GgufHeader, tensors: Iterable[GgufTensor]) -> None:
    """Refuse what is no chat model, and figures that contradict the weights.

    llama.cpp aborts on some of these instead of reporting them. ``tensors`` are those of all
    parts of the model. Raises ModelFileError.
    """
    name = header.file_name
    if header.architecture is None:
        raise ModelFileDamaged("gguf.damaged", name=name, detail="no architecture")
    if header.architecture == "clip":
        raise ModelFileError("gguf.projector", name=name)
    names = [tensor.name for tensor in tensors]
    if not names:
        raise ModelFileError("gguf.no_weights", name=name)
    if header.vocabulary == 0:
        raise ModelFileDamaged("gguf.damaged", name=name, detail="an empty vocabulary")
    # Asking for it refuses one that is no text: nothing may fall back to another format.
    _ = header.chat_template
    _check_layers(header, names)
    _check_experts(header)


def _check_layers(header: GgufHeader, names: Iterable[str]) -> None:
    stated = header.block_count
    found = 1 + max((int(match[1]) for name in names if (match := _LAYER.match(name))), default=-1)
    # Layers for predicting several tokens at once are counted but often left out of a file.
    optional = header.prediction_count
    if stated is not None and 1 <= stated <= MAX_LAYERS:
        if found == 0 or found <= stated <= found + min(max(optional, 0), stated):
            return
    elif stated is None and not found:
        return
    raise ModelFileDamaged(
        "gguf.layers", name=header.file_name, stated=0 if stated is None else stated, found=found
    )


def _check_experts(header: GgufHeader) -> None:
    count, used = header.expert_count, header.expert_used_count
    if (count == 0 and used == 0) or 0 < used <= count:
        return
    raise ModelFileDamaged(
        "gguf.damaged", name=header.file_name, detail=f"{used} of {count} experts used"
    )
