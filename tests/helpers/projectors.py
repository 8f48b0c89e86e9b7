"""Writes tiny projectors that the engine's own library loads, and small pictures to show it."""

import struct
import zlib
from pathlib import Path

import gguf
import numpy as np

IMAGE_SIZE, PATCH, MERGE = 64, 16, 2
PICTURE_TOKENS = (IMAGE_SIZE // PATCH // MERGE) ** 2
"""Positions that one picture takes, beside what announces it."""
_WIDTH, _INNER, _HEADS, _BLOCKS = 64, 128, 4, 1


def write_projector(path: Path, embedding: int, seed: int = 7) -> Path:
    """A projector of the Gemma 3 kind with random weights for a model of this width."""
    return _write(path, "gemma3", embedding, _tensors(embedding), seed)


def _write(
    path: Path, kind: str, embedding: int, tensors: dict[str, tuple[int, ...]], seed: int
) -> Path:
    generator = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "clip")
    writer.add_string("clip.projector_type", kind)
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_bool("clip.use_gelu", True)
    for key, value in (
        ("image_size", IMAGE_SIZE), ("patch_size", PATCH), ("embedding_length", _WIDTH),
        ("feed_forward_length", _INNER), ("block_count", _BLOCKS),
        ("projection_dim", embedding), ("attention.head_count", _HEADS),
        ("projector.scale_factor", MERGE),
    ):  # fmt: skip
        writer.add_uint32(f"clip.vision.{key}", value)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-6)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    for name, shape in tensors.items():
        spread = 1.0 if name.startswith("mm.") else 0.2
        data = spread * generator.standard_normal(shape, np.float32)
        if "ln" in name or "norm" in name:
            data = np.ones(shape, np.float32) if name.endswith("weight") else 0 * data
        writer.add_tensor(name, data)
    writer.write_header_to_file(path)
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_broken_projector(path: Path, embedding: int) -> Path:
    """One that opens well, and whose figures end the engine when it sees the first picture."""
    names = dict(_tensors(embedding))
    names["v.position_embd.weight"] = (3, _WIDTH)
    return _write(path, "gemma3", embedding, names, 7)


def write_rowed_projector(path: Path, embedding: int, seed: int = 7) -> Path:
    """A projector of the Qwen2-VL kind: positions count rows and columns, sizes are kept."""
    names = dict(_tensors(embedding))
    for name in ("patch_embd.bias", "position_embd.weight"):
        del names[f"v.{name}"]
    for name in ("input_projection", "soft_emb_norm"):
        del names[f"mm.{name}.weight"]
    names["v.patch_embd.weight.1"] = names["v.patch_embd.weight"]
    merged = 4 * _WIDTH
    names |= {
        "mm.0.weight": (merged, merged), "mm.0.bias": (merged,),
        "mm.2.weight": (embedding, merged), "mm.2.bias": (embedding,),
    }  # fmt: skip
    return _write(path, "qwen2vl_merger", embedding, names, seed)


def _tensors(embedding: int) -> dict[str, tuple[int, ...]]:
    """Names and shapes as numpy counts them, rows first."""
    tensors: dict[str, tuple[int, ...]] = {
        "v.patch_embd.weight": (_WIDTH, 3, PATCH, PATCH),
        "v.patch_embd.bias": (_WIDTH,),
        "v.position_embd.weight": ((IMAGE_SIZE // PATCH) ** 2, _WIDTH),
        "v.post_ln.weight": (_WIDTH,),
        "v.post_ln.bias": (_WIDTH,),
        "mm.input_projection.weight": (_WIDTH, embedding),
        "mm.soft_emb_norm.weight": (_WIDTH,),
    }
    for block in range(_BLOCKS):
        shapes = {
            "ln1": (_WIDTH,), "ln2": (_WIDTH,), "attn_q": (_WIDTH, _WIDTH),
            "attn_k": (_WIDTH, _WIDTH), "attn_v": (_WIDTH, _WIDTH), "attn_out": (_WIDTH, _WIDTH),
            "ffn_up": (_INNER, _WIDTH), "ffn_down": (_WIDTH, _INNER),
        }  # fmt: skip
        for part, shape in shapes.items():
            tensors[f"v.blk.{block}.{part}.weight"] = shape
            tensors[f"v.blk.{block}.{part}.bias"] = shape[:1]
    return tensors


def png(colour: tuple[int, int, int], width: int = 32, height: int = 32) -> bytes:
    """A picture of one colour as PNG."""
    row = b"\0" + bytes(colour) * width
    return png_of(width, height, zlib.compress(row * height, 9))


def png_of(width: int, height: int, data: bytes) -> bytes:
    """A PNG whose header says ``width`` and ``height``, whatever its data hold."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)
