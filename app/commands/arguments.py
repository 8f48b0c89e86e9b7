"""Arguments that several commands have."""

import argparse

from app.wording import sentence

_MOST_DIGITS = 15
"""More make numbers of nothing that there is, and Python refuses to read very long ones."""


def positive(text: str) -> int:
    """A whole number above 0. Raises ArgumentTypeError, which argparse puts behind the option."""
    number = whole(text)
    if not number:
        raise argparse.ArgumentTypeError(sentence("terminal.not_positive"))
    return number


def whole(text: str) -> int | None:
    """A number in plain digits; None if it is none, or has too many."""
    is_plain = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_plain else None
