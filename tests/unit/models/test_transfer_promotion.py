"""A verified part gets its name: whole or not at all, also when it is killed in between."""

import hashlib
from pathlib import Path

import filelock
import pytest

from models.transfer_entities import WantedFile
from models.transfer_part import Interrupted, PartFile, PartInUse
from models.transfer_promotion import NotVerified, Stamp, has_content, promote

CONTENT = b"GGUF" + bytes(range(256)) * 40
WANTED = WantedFile("a/b", "c0ffee", "m.gguf", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
TARGET = "a/b/Q4/m.gguf"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def verified(library: Path) -> PartFile:
    """A part that was verified and closed."""
    part = PartFile(library / ".downloads", WANTED, "boot")
    part.open()
    part.append(CONTENT)
    assert part.has_right_hash()
    part.mark_verified()
    part.close()
    return part


def test_it_gets_its_name(library: Path) -> None:
    part = verified(library)
    stamp = promote(part.paths, library, TARGET)
    assert (library / TARGET).read_bytes() == CONTENT
    assert not part.paths.part.exists()
    assert Stamp.of(library / TARGET) == stamp
    # Once more, as after a kill behind the rename: nothing happens.
    assert promote(part.paths, library, TARGET) == stamp


def test_what_was_not_verified_gets_none(library: Path) -> None:
    part = PartFile(library / ".downloads", WANTED, "boot")
    part.open()
    part.append(CONTENT)
    part.close()
    with pytest.raises(NotVerified):
        promote(part.paths, library, TARGET)
    assert not (library / "a").exists()


def test_what_changed_since_gets_none(library: Path) -> None:
    part = verified(library)
    part.paths.part.write_bytes(bytes(len(CONTENT)))
    with pytest.raises(NotVerified):
        promote(part.paths, library, TARGET)
    assert not (library / TARGET).exists()


def test_another_file_under_that_name_does_not_count_as_done(library: Path) -> None:
    part = verified(library)
    part.paths.part.unlink()
    (library / TARGET).parent.mkdir(parents=True)
    (library / TARGET).write_bytes(CONTENT)
    with pytest.raises(NotVerified):
        promote(part.paths, library, TARGET)


@pytest.mark.parametrize("link", [False, True])
def test_nothing_is_replaced(library: Path, link: bool) -> None:
    part = verified(library)
    (library / TARGET).parent.mkdir(parents=True)
    if link:
        (library / TARGET).symlink_to(library / "nowhere")
    else:
        (library / TARGET).write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        promote(part.paths, library, TARGET)
    assert part.paths.part.read_bytes() == CONTENT
    assert not (library / "nowhere").exists()


def test_a_library_that_is_away_is_not_made(library: Path) -> None:
    part = verified(library)
    with pytest.raises(FileNotFoundError):
        promote(part.paths, library.parent / "away", TARGET)
    assert not (library.parent / "away").exists()


def test_a_part_in_use_is_left_alone(library: Path) -> None:
    part = verified(library)
    with filelock.FileLock(part.paths.lock), pytest.raises(PartInUse):
        promote(part.paths, library, TARGET)
    assert part.paths.part.exists()


def test_a_file_is_known_by_its_content_or_by_its_stamp(library: Path) -> None:
    path = library / "m.gguf"
    path.write_bytes(CONTENT)
    told: list[int] = []
    assert has_content(path, WANTED, None, told.append, lambda: False)
    assert told == [len(CONTENT)]
    assert has_content(path, WANTED, Stamp.of(path), told.append, lambda: False)
    assert told == [len(CONTENT)], "what is unchanged is not hashed again"
    path.write_bytes(CONTENT[:-1] + b"x")
    assert not has_content(path, WANTED, Stamp(1, 2, 3), told.append, lambda: False)
    path.write_bytes(CONTENT[:-1])
    assert not has_content(path, WANTED, None, told.append, lambda: False)
    assert not has_content(library, WANTED, None, told.append, lambda: False)


def test_hashing_can_be_stopped(library: Path) -> None:
    path = library / "m.gguf"
    path.write_bytes(CONTENT)
    with pytest.raises(Interrupted):
        has_content(path, WANTED, None, lambda _done: None, lambda: True)
    part = verified(library)
    part.open()
    with pytest.raises(Interrupted):
        part.rehash(lambda _done: None, lambda: True)
    part.close()
