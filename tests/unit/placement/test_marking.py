"""Which quantization is recommended."""

import pytest

from app.placement.entities import Verdict
from app.placement.marking import Judged, marked


def best(*choices: tuple[str, int, Verdict]) -> str:
    return marked([Judged(*choice) for choice in choices]).label


@pytest.mark.parametrize(
    ("label", "bits"),
    [("Q4_K_M", 4), ("IQ2_XXS", 2), ("Q8_0", 8), ("MXFP4", 4), ("BF16", 16), ("F16", 16),
     ("UD-Q5_K_XL", 5), ("NVFP4", 4), ("", 0), ("odd", 0)],
)  # fmt: skip
def test_bits_are_read_from_the_label(label: str, bits: int) -> None:
    assert Judged(label, 1, "gpu").bits == bits


def test_on_gpus_the_largest_of_four_to_six_bits() -> None:
    assert best(("Q3_K_M", 3, "gpu"), ("Q4_K_M", 4, "gpu"), ("Q6_K", 6, "gpu"),
                ("Q8_0", 8, "gpu"), ("F16", 16, "hybrid")) == "Q6_K"  # fmt: skip


def test_beyond_gpus_four_bits() -> None:
    assert best(("Q3_K_M", 3, "hybrid"), ("Q4_K_S", 4, "hybrid"), ("Q4_K_M", 5, "hybrid"),
                ("Q6_K", 6, "hybrid")) == "Q4_K_M"  # fmt: skip


def test_three_bits_on_a_gpu_are_no_reason_to_leave_out_four_in_ram() -> None:
    assert best(("Q3_K_M", 3, "gpu"), ("Q4_K_M", 4, "hybrid")) == "Q4_K_M"


def test_what_was_published_in_four_bits_is_best_in_that() -> None:
    assert best(("MXFP4", 12, "hybrid"), ("Q6_K", 11, "gpu"), ("F16", 14, "hybrid")) == "MXFP4"
    assert best(("MXFP4", 12, "too_large"), ("Q2_K", 11, "gpu")) == "Q2_K"


def test_else_the_largest_that_fits_and_if_none_does_the_smallest() -> None:
    assert best(("Q2_K", 2, "cpu"), ("Q3_K_M", 3, "cpu"), ("Q4_K_M", 4, "too_large")) == "Q3_K_M"
    assert best(("Q2_K", 2, "too_large"), ("Q4_K_M", 4, "too_large")) == "Q2_K"
    assert best(("Q8_0", 8, "gpu"), ("F16", 16, "gpu")) == "F16"
