"""Verifying: every byte where a checksum is known; what is damaged is not loaded any more."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.library.entities import InstalledModel, Origin
from app.library.errors import LibraryError
from app.library.library import STARTER_KEY
from app.library.verifying import Verification, Verifier, VerifyProgress
from app.wording import sentence_for
from models.gguf import open_model
from tests.helpers.gguf_bytes import model
from tests.helpers.library_stage import LibraryStage
from tests.helpers.transfers import sample_gguf


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[LibraryStage]:
    made = LibraryStage(tmp_path)
    yield made
    made.close()


def added(stage: LibraryStage, *, published: bool = True, known: bool = True) -> InstalledModel:
    path = stage.elsewhere / "Tiny-Q4_0.gguf"
    path.write_bytes(sample_gguf())
    hashes = (hashlib.sha256(path.read_bytes()).hexdigest(),) if known else ()
    origin = Origin(repository="o/n", hashes=hashes, hashes_published=published and known)
    return stage.library.add(open_model(path), origin)


def verify(stage: LibraryStage, *models: InstalledModel) -> list[Verification]:
    verifier = Verifier(stage.library, stage.queue.post)
    told: list[VerifyProgress] = []
    results = stage.wait(lambda done, _failed: verifier.begin(models, told.append, done))
    return list(results)


def flip(path: Path) -> None:
    """Change a weight, and nothing that anybody sees without reading it."""
    status = path.stat()
    with path.open("r+b") as stream:
        stream.seek(-10, os.SEEK_END)
        stream.write(b"\x00\x01\x02")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize(
    ("published", "known", "compared", "tier"),
    [
        (True, True, "published", "sha256"),
        (False, True, "added", "structural"),
        (False, False, "structural", "structural"),
    ],
)
def test_with_what_it_is_compared(
    stage: LibraryStage, published: bool, known: bool, compared: str, tier: str
) -> None:
    tiny = added(stage, published=published, known=known)
    (found,) = verify(stage, tiny)
    assert (found.compared, found.trouble, found.is_damaged) == (compared, None, False)
    again = stage.library.by_key(tiny.key)
    assert again is not None
    assert (again.origin.verified, again.origin.repository) == (tier, "o/n")
    assert again.verified_ms > 0


def test_a_flipped_byte_is_found_and_the_model_no_longer_loaded(stage: LibraryStage) -> None:
    tiny = added(stage)
    flip(tiny.handle.path)
    assert stage.library.handle_for(tiny.key)
    (found,) = verify(stage, tiny)
    assert found.is_damaged
    assert found.trouble is not None
    assert "damaged" in sentence_for(found.trouble)
    again = stage.library.by_key(tiny.key)
    assert again is not None
    assert again.state == "damaged"
    with pytest.raises(LibraryError) as caught:
        stage.library.handle_for(tiny.key)
    assert caught.value.code == "library.damaged"
    default = stage.library.default()
    assert default is not None
    assert default.is_demo
    # Opening the file by its name does not wash it clean.
    stage.library.add_file(tiny.handle.path)
    assert stage.library.entries()[0].state == "damaged"
    # Mended, it counts again.
    tiny.handle.path.write_bytes(sample_gguf())
    (mended,) = verify(stage, tiny)
    assert mended.trouble is None
    assert stage.library.handle_for(tiny.key).is_unchanged()


def test_a_cut_file_is_damaged_and_an_absent_one_is_not(stage: LibraryStage) -> None:
    tiny = added(stage, known=False)
    tiny.handle.path.write_bytes(sample_gguf()[:-1])
    (cut,) = verify(stage, tiny)
    assert cut.is_damaged
    tiny.handle.path.unlink()
    (gone,) = verify(stage, tiny)
    assert not gone.is_damaged
    assert gone.trouble is not None
    assert gone.trouble.code == "gguf.missing"
    again = stage.library.by_key(tiny.key)
    assert again is not None
    assert again.state == "absent"


def test_another_model_in_its_place_is_told(stage: LibraryStage) -> None:
    tiny = added(stage, known=False)
    model(name="Another").write(tiny.handle.path)
    (found,) = verify(stage, tiny)
    assert found.is_damaged


def test_the_demo_has_a_published_hash(stage: LibraryStage) -> None:
    demo = stage.library.by_key(STARTER_KEY)
    assert demo is not None
    (found,) = verify(stage, demo)
    assert (found.compared, found.trouble) == ("published", None)
    again = stage.library.by_key(STARTER_KEY)
    assert again is not None
    assert again.origin.verified == "sha256"


def test_what_was_removed_meanwhile_does_not_come_back(stage: LibraryStage) -> None:
    tiny = added(stage)
    verifier = Verifier(stage.library, stage.queue.post)
    results: list[tuple[Verification, ...]] = []
    verifier.begin((tiny,), lambda _progress: None, results.append)
    stage.library.forget(tiny.key)
    assert stage.queue.run_until(lambda: bool(results), 20)
    assert stage.real() == []


def test_closing_ends_it(stage: LibraryStage) -> None:
    tiny = added(stage)
    verifier = Verifier(stage.library, stage.queue.post)
    results: list[tuple[Verification, ...]] = []
    run = verifier.begin((tiny,) * 50, lambda _progress: None, results.append)
    verifier.close()
    run.join(5)
    assert stage.queue.run_until(lambda: bool(results), 20)
    assert len(results[0]) < 50
