"""Sentences of ``app.wording`` through Qt's translator."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from app.wording import sentence
from models.errors import KnownError


def say(code: str, facts: Mapping[str, str | int | float] | None = None) -> str:
    """The sentence of ``code`` in the user's language."""
    return sentence(code, facts, QCoreApplication.translate)


def say_error(error: KnownError) -> str:
    """The sentence of an error in the user's language."""
    return say(error.code, error.facts)


def say_stored(code: str, facts: Mapping[str, str | int | float]) -> str:
    """The sentence of a code that was stored; "" when this version has no such sentence.

    A message may have been written by another version, and must be readable all the same.
    """
    try:
        return say(code, facts)
    except (KeyError, IndexError, ValueError):
        return ""
