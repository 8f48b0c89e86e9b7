"""What a model file's name says: quantization, parts of a split model, a name to show."""

import re
from dataclasses import dataclass
from pathlib import Path

from models.gguf_types import FILE_TYPES
from models.quantization import last_label

SHOWN_CHARACTERS = 40
"""A name in a sentence is at most this long."""

_SHARD = re.compile(r"(?P<prefix>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.I)
_SAY_NOTHING = frozenset(
    ("model", "models", "gguf", "ggml", "hf", "merged", "output", "snapshot", "tmp", "workspace")
)
_HASH = re.compile(r"[0-9a-f]{32,64}", re.I)


@dataclass(frozen=True, slots=True)
class ShardName:
    """A file name ``prefix-00001-of-00008.gguf``; parts are counted from 1."""

    prefix: str
    number: int
    count: int

    def sibling(self, number: int) -> str:
        """The file name of part ``number``."""
        return f"{self.prefix}-{number:05d}-of-{self.count:05d}.gguf"


def parse_shard(file_name: str) -> ShardName | None:
    """Read a split model's file name; None when it does not look like one."""
    match = _SHARD.fullmatch(file_name)
    if match is None:
        return None
    number, count = int(match["number"]), int(match["count"])
    if not 1 <= number <= count:
        return None
    return ShardName(match["prefix"], number, count)


def quantization_of(path: Path, file_type: int | None) -> str:
    """The quantization's label: from the name, else the folder's, else ``general.file_type``.

    The name comes first because ``general.file_type`` knows no mixed quantizations. An empty
    string when nothing tells.
    """
    for text in (path.name, path.parent.name):
        if found := last_label(text):
            return found.label
    return FILE_TYPES.get(file_type, "") if file_type is not None else ""


def display_name_of(path: Path, general_name: str | None) -> str:
    """The name to show: ``general.name`` where it says something, else the file's base name."""
    told = " ".join((general_name or "").split())
    if told and told.casefold() not in _SAY_NOTHING and "/" not in told and "\\" not in told:
        words = [word for word in re.split(r"[\s_-]+", told) if not _HASH.fullmatch(word)]
        if words and any(character.isalpha() for character in told):
            return shorten(told)
    return shorten(_base_name(path.name))


def _base_name(file_name: str) -> str:
    """The file name without ending, part number and quantization."""
    shard = parse_shard(file_name)
    base = shard.prefix if shard else re.sub(r"\.gguf$", "", file_name, flags=re.I)
    found = last_label(base)
    if found is not None and found.end == len(base):
        base = base[: found.start]
    return base.rstrip("-._ ") or file_name


def shown_name(path: Path) -> str:
    """A file's name for a sentence: short, printable, on one line."""
    return shorten(path.name or str(path))


def shorten(text: str, limit: int = SHOWN_CHARACTERS) -> str:
    """Cut ``text`` in the middle to ``limit`` characters and make it printable.

    Control, direction and half characters in a hostile name must not turn a sentence round.
    """
    clean = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
    if len(clean) <= limit:
        return clean
    tail = (limit - 1) // 2
    return f"{clean[: limit - 1 - tail]}…{clean[-tail:]}"
