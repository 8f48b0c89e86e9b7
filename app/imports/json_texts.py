"""JSON text as a whole: how deep it is, how many parts it has, and what it says."""

import itertools
import json
import re

import msgspec

# Everything up to the next bracket, whole strings included; it stops at a string that is cut off.
_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.S)
_SIGNS = (b"{", b"}", b"[", b"]", b",")
_PART = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|([{}\[\],])', re.S)
OPENS = {ord("{"): ord("}"), ord("["): ord("]")}


def too_deep(data: bytes, depth: int) -> bool:
    """Whether brackets in JSON text nest deeper than ``depth``."""
    level = position = 0
    while True:
        position = to_bracket(data, position)
        if position >= len(data):
            return False
        level += 1 if data[position] in OPENS else -1
        if level > depth:
            return True
        position += 1


def too_many(data: bytes, parts: int) -> bool:
    """Whether there are more brackets and commas in JSON text, outside strings, than ``parts``."""
    if sum(data.count(sign) for sign in _SIGNS) <= parts:  # with those in strings, but fast
        return False
    found = (match for match in _PART.finditer(data) if match.lastindex)
    return next(itertools.islice(found, parts, None), None) is not None


def loads(data: bytes) -> object:
    """One JSON text, leniently: NaN, lone surrogates, raw control characters, broken bytes.

    Raises ValueError or RecursionError; see ``too_deep``.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return json.loads(data.decode("utf-8", "replace"), strict=False)


def to_bracket(data: bytes, position: int) -> int:
    """Where the next bracket outside strings is, or a string that is cut off; else the end."""
    match = _TO_BRACKET.match(data, position)
    assert match is not None
    return match.end()
