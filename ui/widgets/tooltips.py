"""Tooltips hold names that strangers chose: they are shown as text, never as markup."""

from html import escape


def plain_tooltip(text: str) -> str:
    """``text`` so that Qt shows it as it is.

    A tooltip that looks like HTML is laid out as HTML, and would load the pictures it names.
    """
    if "<" not in text:
        return text
    return "<qt>" + escape(text).replace("\n", "<br>") + "</qt>"
