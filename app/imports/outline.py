"""What the beginning of a JSON file is made of: the keys, as far as they can be seen."""

import codecs
import contextlib
import io
from typing import Final

from app.imports.streaming import BrokenJsonError, JsonStream

_DEPTH: Final = 5
_MOST_PATHS: Final = 400


def outline(head: bytes) -> frozenset[str]:
    """Paths of keys of the first value: "[].mapping", "messages[].role"; "[]" stands for a list.

    Of a list only the first element is looked at. ``head`` may end anywhere.
    """
    paths: set[str] = set()
    # It ends where the beginning ends, or what is no JSON begins.
    with contextlib.suppress(BrokenJsonError):
        _look(JsonStream(io.BytesIO(head)), "", _DEPTH, paths)
    return frozenset(paths)


def is_lines(head: bytes) -> bool:
    """Whether every line is a value of its own, as far as the first tells."""
    data = decoded_head(head)
    line, _end, _rest = data.lstrip().partition(b"\n")
    stream = JsonStream(io.BytesIO(line))
    try:
        if stream.kind() != "{":
            return False
        stream.skip()
        stream.end()
    except BrokenJsonError:
        # A first line longer than the beginning: one that is cut off by lines ends with a brace.
        return b"\n" not in data.strip() and len(data) > 1
    return True


def decoded_head(head: bytes) -> bytes:
    """The beginning as UTF-8, whatever Unicode it is in."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif head[1:2] == b"\0":
        encoding = "utf-16-le"
    elif head[:1] == b"\0":
        encoding = "utf-16-be"
    else:
        return head.removeprefix(codecs.BOM_UTF8)
    return head.decode(encoding, "replace").encode("utf-8", "replace")


def _look(stream: JsonStream, path: str, depth: int, paths: set[str]) -> None:
    """Note what stands here and go on behind it."""
    kind = stream.kind()
    if depth == 0 or kind not in "[{":
        stream.skip()
    elif kind == "[":
        paths.add(path + "[]")
        first = True
        for _ in stream.elements():
            if first:
                _look(stream, path + "[]", depth - 1, paths)
            else:
                stream.skip()
            first = False
    else:
        begin = f"{path}." if path else ""
        for number, key in enumerate(stream.members()):
            if number < 100 and len(paths) < _MOST_PATHS and key:
                paths.add(begin + key)
                _look(stream, begin + key, depth - 1, paths)
            else:
                stream.skip()
