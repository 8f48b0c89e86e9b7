"""A handle notices every change of its files."""

import os
from pathlib import Path

from models.entities import ModelFile, ModelHandle


def test_unchanged_until_touched_replaced_or_removed(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"1234")
    handle = ModelHandle("key", (ModelFile.of(path),))
    assert handle.is_unchanged()
    assert (handle.path, handle.size) == (path, 4)
    before = path.stat()

    path.write_bytes(b"5678")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert not handle.is_unchanged()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert handle.is_unchanged()

    other = tmp_path / "other"
    other.write_bytes(b"1234")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)
    assert not handle.is_unchanged()

    path.unlink()
    assert not handle.is_unchanged()


def test_every_part_counts(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_bytes(b"12")
    handle = ModelHandle("key", tuple(ModelFile.of(path) for path in paths))
    assert handle.size == 4
    paths[1].write_bytes(b"123")
    assert not handle.is_unchanged()
