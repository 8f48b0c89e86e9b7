"""Files that are no usable model, each made in a folder: name -> maker."""

import json
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.helpers.gguf_bytes import STRING, U32, value
from tests.helpers.gguf_edit import Header, read_header

STARTER = (
    Path(__file__).resolve().parents[2] / ".starter" / "SmolLM2-135M-Instruct.Q4_1.gguf"
)  # fmt: skip
TEMPLATE = "tokenizer.chat_template"
ENDLESS = (
    "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}"
    "{% endfor %}{% endfor %}{% endfor %}"
)

Maker = Callable[[Path], Path]


@cache
def _starter() -> Header:
    return read_header(STARTER)


def _edited(**changes: bytes | None) -> Maker:
    named = {key.replace("__", "."): content for key, content in changes.items()}
    return lambda folder: _starter().with_keys(named).write(folder / "edited.gguf")


def _template(source: str | bytes | None) -> Maker:
    content = None if source is None else value(STRING, source)
    return lambda folder: _starter().with_keys({TEMPLATE: content}).write(folder / "template.gguf")


def _bytes(name: str, content: bytes) -> Maker:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make


def _directory(folder: Path) -> Path:
    path = folder / "directory.gguf"
    path.mkdir()
    return path


def _truncated(size: int) -> Maker:
    def make(folder: Path) -> Path:
        path = folder / "truncated.gguf"
        with STARTER.open("rb") as file:
            path.write_bytes(file.read(size))
        return path

    return make


def _safetensors() -> bytes:
    tensor = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    head = json.dumps({"weight": tensor}).encode()
    return struct.pack("<Q", len(head)) + head + bytes(4)


_HTML = b"<!DOCTYPE html><html><head><title>404</title></head><body>Not found</body></html>"

BAD_FILES: dict[str, Maker] = {
    "missing": lambda folder: folder / "missing.gguf",
    "empty": _bytes("empty.gguf", b""),
    "directory": _directory,
    "text": _bytes("text.gguf", b"This is a shopping list: milk, bread, butter.\n" * 20),
    "html": _bytes("page.gguf", _HTML),
    "safetensors": _bytes("model.safetensors", _safetensors()),
    "truncated in the header": _truncated(300_000),
    "truncated in the weights": _truncated(40_000_000),
    "absurd key count": _bytes("keys.gguf", b"GGUF" + struct.pack("<IQQ", 3, 1, 2**63)),
    "absurd tensor count": _bytes("tensors.gguf", b"GGUF" + struct.pack("<IQQ", 3, 2**62, 1)),
    "absurd string": _bytes("string.gguf", b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**62)),
    "block_count 0": _edited(llama__block_count=value(U32, 0)),
    "block_count 600": _edited(llama__block_count=value(U32, 600)),
    "no block_count": _edited(llama__block_count=None),
    "unknown architecture": _edited(general__architecture=value(STRING, "frobnicator")),
}
"""Loading must fail."""

BAD_TEMPLATES: dict[str, Maker] = {
    "endless": _template(ENDLESS),
    "folding": _template("{{ 10**(10**8) }}"),
    "bad UTF-8": _template(b"{{ '\xff\xfe' }}"),
    "absent": _template(None),
    "syntax": _template("{% for m in messages %}"),
    "huge": _template("x" * 300_000),
    "refusing": _template("{{ raise_exception('never') }}"),
    "silent": _template("{# says nothing #}"),
}
"""Loading may succeed; a question must fail."""
