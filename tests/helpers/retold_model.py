"""The starter model with another header: the same weights, another name or chat template."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.helpers.gguf_bytes import STRING, value
from tests.helpers.gguf_edit import read_header


def retold(source: Path, target: Path, texts: Mapping[str, str]) -> Path:
    """Write ``source`` to ``target`` with some texts of its metadata changed; it can answer."""
    header = read_header(source)
    header.with_keys({key: value(STRING, text) for key, text in texts.items()}).write(target)
    size = header.data_size
    with source.open("rb") as old, target.open("r+b") as new:
        old.seek(-size, 2)
        new.seek(-size, 2)
        shutil.copyfileobj(old, new, 1 << 20)
    return target
