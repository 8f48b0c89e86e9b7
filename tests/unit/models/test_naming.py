"""Names and quantizations out of file names and metadata."""

from pathlib import Path

import pytest

from models.naming import display_name_of, parse_shard, quantization_of, shorten, shown_name


@pytest.mark.parametrize(
    ("name", "file_type", "label"),
    [
        ("Qwen3-30B-A3B-Q4_K_M.gguf", None, "Q4_K_M"),
        ("qwen3-30b-a3b-q4_k_m.gguf", None, "Q4_K_M"),
        ("SmolLM2-135M-Instruct.Q4_1.gguf", 3, "Q4_1"),
        ("DeepSeek-V3-UD-Q2_K_XL-00001-of-00005.gguf", 10, "UD-Q2_K_XL"),
        ("DeepSeek-R1-UD-IQ1_S.gguf", None, "UD-IQ1_S"),
        ("gpt-oss-20b-MXFP4.gguf", None, "MXFP4"),
        ("gpt-oss-20b-mxfp4_moe.gguf", None, "MXFP4"),
        ("model-bf16.gguf", None, "BF16"),
        ("model-fp16.gguf", None, "F16"),
        ("Q8-Bert-Q8_0.gguf", None, "Q8_0"),
        ("Tiny.IQ3_XXS.gguf", None, "IQ3_XXS"),
        ("folder/Q4_K_M/x-00001-of-00003.gguf", 1, "Q4_K_M"),
        ("plain.gguf", 15, "Q4_K_M"),
        ("plain.gguf", 38, "MXFP4"),
        ("plain.gguf", 9999, ""),
        ("plain.gguf", None, ""),
        ("XQ4_K_MX.gguf", None, ""),
    ],
)
def test_quantization(name: str, file_type: int | None, label: str) -> None:
    assert quantization_of(Path(name), file_type) == label


@pytest.mark.parametrize(
    ("name", "told", "shown"),
    [
        ("x-Q4_K_M.gguf", "Qwen3 30B A3B Instruct", "Qwen3 30B A3B Instruct"),
        ("Qwen3-30B-A3B-Q4_K_M.gguf", None, "Qwen3-30B-A3B"),
        ("Qwen3-30B-A3B-UD-Q4_K_XL-00001-of-00002.gguf", "", "Qwen3-30B-A3B"),
        ("Tiny.IQ3_XXS.gguf", "Models", "Tiny"),
        ("Tiny.gguf", "/home/someone/merged", "Tiny"),
        ("Tiny.gguf", "0123456789abcdef0123456789abcdef01234567", "Tiny"),
        ("Tiny.gguf", "..", "Tiny"),
        ("Tiny.gguf", "  Two \n words ", "Two words"),
        ("Q4_0.gguf", None, "Q4_0.gguf"),
    ],
)
def test_display_name(name: str, told: str | None, shown: str) -> None:
    assert display_name_of(Path(name), told) == shown


def test_shards() -> None:
    shard = parse_shard("big-Q4_K_M-00002-of-00010.gguf")
    assert shard is not None
    assert (shard.number, shard.count) == (2, 10)
    assert shard.sibling(10) == "big-Q4_K_M-00010-of-00010.gguf"
    assert parse_shard("big-00000-of-00010.gguf") is None
    assert parse_shard("big-00011-of-00010.gguf") is None
    assert parse_shard("big.gguf") is None


def test_hostile_names_are_short_and_printable() -> None:
    assert shown_name(Path("/a/b.gguf")) == "b.gguf"
    long = shorten("x" * 500 + ".gguf")
    assert len(long) == 40
    assert long.endswith(".gguf")
    shown = shorten("a\u202egpj\n\x1b[31m\udcff.gguf")
    assert shown.isprintable()
    assert "\u202e" not in shown
    assert shown.endswith(".gguf")
