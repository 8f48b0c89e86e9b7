"""Every sentence for the user that is not a label: message id -> English.

Placeholders are named. ``QT_TRANSLATE_NOOP`` does nothing here; it marks the text for
``lupdate``. The window passes the sentence through its translator, the terminal does not.
Rules: at most 140 characters filled in, names the thing, says what happened and what to do.
"""

from collections.abc import Callable, Mapping

from models.errors import KnownError

CONTEXT = "wording"


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """Mark ``text`` for extraction and return it."""
    return text


SENTENCES: dict[str, str] = {
    # --- general ---------------------------------------------------------------------------
    "general.unexpected": QT_TRANSLATE_NOOP(
        "wording", "Something unexpected happened; your chats are saved, and the log tells more."
    ),
    # --- models ----------------------------------------------------------------------------
    # --- engine ----------------------------------------------------------------------------
    # --- history and storage ---------------------------------------------------------------
    # --- settings --------------------------------------------------------------------------
    # --- export ----------------------------------------------------------------------------
    # --- terminal --------------------------------------------------------------------------
    # --- chat ------------------------------------------------------------------------------
}


def sentence(
    code: str,
    facts: Mapping[str, str | int | float] | None = None,
    translate: Callable[[str, str], str] = lambda _context, text: text,
) -> str:
    """Return the sentence of ``code``, translated and filled in with ``facts``."""
    text = translate(CONTEXT, SENTENCES[code])
    return text.format(**(facts or {}))


def sentence_for(
    error: KnownError, translate: Callable[[str, str], str] = lambda _context, text: text
) -> str:
    """Return the sentence of an error."""
    return sentence(error.code, error.facts, translate)
