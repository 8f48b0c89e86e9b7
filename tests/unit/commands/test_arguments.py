"""Numbers that somebody types behind an option."""

import argparse

import pytest

from app.commands.arguments import positive, whole


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("0", 0), ("007", 7), ("999999999999999", 10**15 - 1), ("-1", None), ("+1", None),
     ("1_000", None), (" 1", None), ("1.5", None), ("", None), ("\u0661", None), ("\u00b2", None),
     ("1" + 15 * "0", None), ("9" * 5000, None)],
)  # fmt: skip
def test_whole_numbers(text: str, number: int | None) -> None:
    assert whole(text) == number


@pytest.mark.parametrize("text", ["0", "-3", "many", "9" * 5000])
def test_what_is_not_above_zero_is_said(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="above 0"):
        positive(text)


def test_a_number_above_zero() -> None:
    assert positive("4096") == 4096
