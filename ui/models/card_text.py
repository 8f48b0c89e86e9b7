"""A model card made fit to be read: what is meant for web pages is taken out of its text.

Nothing here is about safety; the widget that shows it knows no HTML and loads nothing.
"""

import re

FIRST_CHARACTERS, MOST_CHARACTERS = 4_000, 100_000
"""Of a card that are shown at once, and at most."""

_FRONT = re.compile(r"\A\ufeff?---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HIDDEN = re.compile(r"<(style|script)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_IMAGE_LINK = re.compile(r"\[\s*!\[[^\]]*\]\([^)]*\)\s*\]\([^)]*\)")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1[`~]*[ \t]*$|`[^`\n]+`", re.DOTALL | re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+(?=\S)", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\n{3,}")


def readable_card(source: str) -> str:
    """Markdown without front matter, HTML tags, and pictures that nobody loads. Never raises.

    Code stays as it is.
    """
    text = _FRONT.sub("", source[: 2 * MOST_CHARACTERS].replace("\r\n", "\n"), count=1)
    parts, end = [], 0
    for code in _FENCED.finditer(text):
        parts += [_without_page(text[end : code.start()]), code.group()]
        end = code.end()
    parts.append(_without_page(text[end:]))
    return _EMPTY_LINES.sub("\n\n", "".join(parts)).strip()[:MOST_CHARACTERS]


def beginning(text: str) -> str:
    """The first part of a long card, ending where a paragraph does; all of a short one."""
    if len(text) <= FIRST_CHARACTERS * 5 // 4:
        return text
    end = text.rfind("\n\n", FIRST_CHARACTERS // 2, FIRST_CHARACTERS)
    part = text[: end if end > 0 else FIRST_CHARACTERS]
    if len(re.findall(r"^```", part, re.MULTILINE)) % 2:
        part += "\n```"  # it ends inside a code block
    return part


def _without_page(text: str) -> str:
    """Prose without what only a web page shows."""
    was_html = _TAG.search(text) is not None
    text = _HIDDEN.sub("", _COMMENT.sub("", text))
    text = _IMAGE.sub("", _IMAGE_LINK.sub("", text))
    text = _TAG.sub("", _BREAK.sub("\n", text))
    # Four spaces inside HTML are no code block.
    return _without_deep_indents(text) if was_html else text


def _without_deep_indents(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(
        _INDENT.sub("", line) if line.startswith(("    ", "\t")) and not _is_item(line) else line
        for line in lines
    )


def _is_item(line: str) -> bool:
    return re.match(r"\s+(?:[-*+]|\d+[.)])\s", line) is not None
