"""Which files are taken for pictures, by their outline alone, and what stands for one in a text."""

import struct

IMAGE_MARK = "\ufdd4"
"""Stands for a picture in a message's text; the words of people and models never have it."""

MOST_BYTES = 7_000_000
MOST_PIXELS = 50_000_000
"""A file of a few kilobytes can unpack to gigabytes."""
_LEAST_SIDE, _MOST_SIDE = 8, 20_000

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""JPEG segments that begin with the size of the picture."""


def trouble_with(data: bytes) -> str:
    """Why these bytes are not shown to a model: code of a sentence; empty when they are.

    Only the outline is looked at. What is inside is unpacked by the engine alone, in the worker.
    """
    if len(data) > MOST_BYTES:
        return "attachments.image_too_big"
    if data.startswith(_PNG):
        size = _png_size(data)
    elif data.startswith(_JPEG):
        size = _jpeg_size(data)
    else:
        return "attachments.image_kind"
    if size is None:
        return "attachments.image_damaged"
    width, height = size
    if max(size) > _MOST_SIDE or width * height > MOST_PIXELS:
        return "attachments.image_too_big"
    return "attachments.image_tiny" if min(size) < _LEAST_SIDE else ""


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, None for what is no whole PNG or JPEG by its outline."""
    return _png_size(data) if data.startswith(_PNG) else _jpeg_size(data)


def media_type(data: bytes) -> str:
    """How the kind of a picture is written in a data URL."""
    return "image/png" if data.startswith(_PNG) else "image/jpeg"


def _png_size(data: bytes) -> tuple[int, int] | None:
    """Width and height; None for a file whose chunks do not reach its end mark."""
    at, size = len(_PNG), None
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        if size is None:
            if kind != b"IHDR" or length != 13:
                return None
            size = struct.unpack_from(">II", data, at + 8)
        at += 12 + length
        if kind == b"IEND":
            return size if at <= len(data) else None
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height; None for a file without them or without its end mark."""
    at, size = 2, None
    while at + 4 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if kind == 0xFF:  # a byte that only fills up
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if kind in _FRAMES and at + 9 <= len(data):
            height, width = struct.unpack_from(">HH", data, at + 5)
            size = width, height
        at += 2 + length
        if kind == 0xDA:  # the picture itself, up to the end mark
            return size if data.find(b"\xff\xd9", at) >= 0 else None
    return None
