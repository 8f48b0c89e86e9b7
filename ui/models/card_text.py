"""A model card made fit to be read: what is meant for web pages is taken out of its text.

Nothing here is about safety; the widget that shows it knows no HTML and loads nothing.
"""

import re
from collections.abc import Iterator

FIRST_CHARACTERS, MOST_CHARACTERS = 4_000, 100_000
"""Of a card that are shown at once, and at most."""

_FRONT = re.compile(r"\A\ufeff?---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HIDDEN = re.compile(r"<(style|script)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
# Bounded, so that a card full of unfinished pictures costs no time.
_IMAGE = re.compile(r"!\[[^\]\n]{0,300}\]\([^)\n]{0,500}\)")
_LINK_TO_NOTHING = re.compile(r"\[[ \t]{0,8}\]\([^)\n]{0,500}\)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_INLINE_CODE = re.compile(r"(`[^`\n]+`)")
_INDENT = re.compile(r"^[ \t]+(?=\S)", re.MULTILINE)
_LAST_HEADING = re.compile(r"\n#{1,6} [^\n]*\n*\Z")
_EMPTY_LINES = re.compile(r"\n{3,}")


def readable_card(source: str) -> str:
    """Markdown without front matter, HTML tags, and pictures that nobody loads. Never raises.

    Code stays as it is.
    """
    text = _FRONT.sub("", source[: 2 * MOST_CHARACTERS].replace("\r\n", "\n"), count=1)
    parts = [part if is_code else _readable_prose(part) for is_code, part in _parts(text)]
    return _EMPTY_LINES.sub("\n\n", "".join(parts)).strip()[:MOST_CHARACTERS]


def beginning(text: str) -> str:
    """The first part of a long card, ending where a paragraph does; all of a short one."""
    if len(text) <= FIRST_CHARACTERS * 5 // 4:
        return text
    end = text.rfind("\n\n", FIRST_CHARACTERS // 2, FIRST_CHARACTERS)
    part = _LAST_HEADING.sub("", text[: end if end > 0 else FIRST_CHARACTERS])
    if len(re.findall(r"^```", part, re.MULTILINE)) % 2:
        part += "\n```"  # it ends inside a code block
    return part


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """The text in pieces, and whether each is a fenced code block."""
    lines: list[str] = []
    fence = ""
    for line in text.splitlines(keepends=True):
        if fence:
            lines.append(line)
            mark = line.strip()
            if mark.startswith(fence) and not mark.strip(fence[0]):
                yield True, "".join(lines)
                lines, fence = [], ""
        elif opening := _FENCE.match(line):
            yield False, "".join(lines)
            lines, fence = [line], opening.group(1)
        else:
            lines.append(line)
    yield bool(fence), "".join(lines)


def _readable_prose(text: str) -> str:
    text = _HIDDEN.sub("", _COMMENT.sub("", text))
    pieces = _INLINE_CODE.split(text)
    # Every second piece is code.
    return "".join(
        piece if number % 2 else _without_page(piece) for number, piece in enumerate(pieces)
    )


def _without_page(text: str) -> str:
    """Prose without what only a web page shows."""
    was_html = _TAG.search(text) is not None
    text = _LINK_TO_NOTHING.sub("", _IMAGE.sub("", text))
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
