"""Tells what a file is that was taken for a GGUF model, so that the refusal can name it."""

import json

from models.errors import ModelFileDamaged, ModelFileError

SNIFFED_BYTES = 4096

_OLD_GGML = (b"lmgg", b"fmgg", b"tjgg", b"algg")
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_PAGES = (b"<!doctype html", b"<html", b"<head", b"<body", b"<?xml", b"<!--")
_POINTER = b"version https://git-lfs."
_MAX_SAFETENSORS_HEADER = 100 * 1024 * 1024


def check_beginning(head: bytes, file_name: str) -> None:
    """Refuse a file whose first bytes (up to ``SNIFFED_BYTES``) are not those of GGUF.

    Raises ModelFileError with a sentence of its own for every kind that is recognised.
    """
    if head.startswith(b"GGUF"):
        return
    code = _code_of(head)
    if code in ("gguf.empty", "gguf.web_page", "gguf.pointer"):
        raise ModelFileDamaged(code, name=file_name)
    raise ModelFileError(code, name=file_name)


def _code_of(head: bytes) -> str:
    if not head:
        return "gguf.empty"
    if head.startswith(_OLD_GGML):
        return "gguf.old_ggml"
    if head.startswith(_ARCHIVES):
        return "gguf.pytorch"
    if _is_safetensors(head):
        return "gguf.safetensors"
    if head.startswith(_POINTER):
        return "gguf.pointer"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_PAGES):
        return "gguf.web_page"
    return "gguf.text" if _is_text(head) else "gguf.not_gguf"


def _is_safetensors(head: bytes) -> bool:
    length = int.from_bytes(head[:8], "little")
    return 2 <= length <= _MAX_SAFETENSORS_HEADER and head[8:9] == b"{" and not _is_json(head)


def _is_json(head: bytes) -> bool:
    """Whether the first eight bytes, read as a length above, are really JSON text."""
    try:
        json.loads(head)
    except ValueError:
        return False
    return True


def _is_text(head: bytes) -> bool:
    text = head.decode("utf-8", "ignore")
    broken = len(head) - len(text.encode())
    # The last character may be cut in two by the end of the sample.
    return broken <= 3 and all(c.isprintable() or c in "\t\r\n\f" for c in text)
