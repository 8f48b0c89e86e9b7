"""A Markdown text cut at its headings; its pieces put together are the text itself."""

import re
from collections.abc import Iterator

_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(.*)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


def by_headings(text: str) -> Iterator[tuple[str, str]]:
    """(heading, the text from it to the next) in order; a # inside a code fence is none."""
    title, start, at = "", 0, 0
    fence = ""
    for line in text.split("\n"):
        opened = _FENCE.match(line)
        if fence:
            if opened and opened[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif opened:
            fence = opened[1]
        elif heading := _title(line):
            if at > start:
                yield title, text[start:at]
            title, start = heading, at
        at += len(line) + 1
    if text[start:]:
        yield title, text[start:]


def _title(line: str) -> str:
    """Of a heading; empty for every other line. Signs that close it are no part of it."""
    found = _HEADING.match(line)
    if found is None:
        return ""
    title = found[1].strip()
    bare = title.rstrip("#")
    return bare.rstrip() if not bare or bare[-1] in " \t" else title
