import pytest

from models.quantization import bits_of, last_label, main_type_of


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Qwen3-30B-A3B-Q4_K_M", "Q4_K_M"),
        ("qwen2.5-7b-instruct-q4_k_m", "Q4_K_M"),
        ("DeepSeek-R1-0528-UD-Q4_K_XL", "UD-Q4_K_XL"),
        ("DeepSeek-V3.1-UD-TQ1_0", "UD-TQ1_0"),
        ("Model.i1-IQ2_XXS", "IQ2_XXS"),
        ("gpt-oss-20b-mxfp4", "MXFP4"),
        ("gpt-oss-120b-MXFP4_MOE", "MXFP4"),
        ("llama-2-7b-chat.Q5_1", "Q5_1"),
        ("Phi-3-mini-4k-instruct-fp16", "F16"),
        ("Model-BF16", "BF16"),
        ("Llama-3.2-1B-Instruct-Q4_0_4_8", "Q4_0_4_8"),
        ("Model-Q8_0-trained-then-Q4_K_S", "Q4_K_S"),
        ("Model-IQ4_KSS", "IQ4_KSS"),
        ("Model-Q4_K_M-imat", "Q4_K_M"),
    ],
)
def test_the_last_label_counts(text: str, label: str) -> None:
    found = last_label(text)
    assert found is not None
    assert found.label == label


@pytest.mark.parametrize("text", ["", "model", "Qwen3-4B", "FAQ4_0x", "XQ4_K_M1", "q4", "UD-"])
def test_no_label(text: str) -> None:
    assert last_label(text) is None


def test_places_hold_though_capitals_can_be_longer() -> None:
    text = "Straße-ﬁne-Q4_K_M-x"
    found = last_label(text)
    assert found is not None
    assert text[found.start : found.end] == "Q4_K_M"


@pytest.mark.parametrize(
    ("label", "bits", "kind"),
    [
        ("Q4_K_M", 4, "Q4_K"), ("UD-Q4_K_XL", 4, "Q4_K"), ("IQ2_M", 2, "IQ2_S"),
        ("IQ3_XS", 3, "IQ3_S"), ("IQ4_NL", 4, "IQ4_NL"), ("Q8_0", 8, "Q8_0"), ("BF16", 16, "BF16"),
        ("F32", 32, "F32"), ("MXFP4", 4, "MXFP4"), ("UD-TQ1_0", 1, "TQ1_0"), ("", 0, ""),
        ("Q4_0_4_8", 4, "Q4_0"), ("IQ4_KSS", 4, ""),
    ],
)  # fmt: skip
def test_what_a_label_says(label: str, bits: int, kind: str) -> None:
    assert bits_of(label) == bits
    assert main_type_of(label) == kind
