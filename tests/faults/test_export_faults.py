"""Exports that are killed, run out of disk, or lose the place where they write."""

import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.export.base import ExportOptions
from app.export.exports import Exports
from app.export.job import Exported
from app.export.mirror_pass import MirrorPass
from app.export.mirror_records import MirrorRecord
from app.export.scope import Everything
from app.export.targets import Packing, Target
from models.errors import KnownError
from tests.helpers.export_kills import (
    MESSAGES,
    export_until_killed,
    is_whole,
    left_in,
    moments,
)
from tests.unit.history.conftest import Kept

CHATS = 60
KILLS = 60
CASES: list[tuple[Packing, str]] = [("file", "json"), ("zip", "md"), ("folder", "html")]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Chats of different sizes."""
    made = Kept(tmp_path_factory.mktemp("history"))
    questions = MESSAGES // 2
    for number in range(CHATS):
        made.chat(f"Chat {number % 20}", *("Why? " * (number * 9 + n) for n in range(questions)))
    yield made
    made.database.close()


def run(kept: Kept, name: str, target: Target) -> Exported:
    exports = Exports(kept.database, kept.posted.post)
    done: list[Exported] = []
    refused: list[KnownError] = []
    exports.begin(Everything(), name, ExportOptions(), target, done.append, refused.append)
    assert kept.posted.run_until(lambda: bool(done or refused), 120)
    exports.close()
    if refused:
        raise refused[0]
    return done[0]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("packing", "name"), CASES)
def test_killed_at_random_moments(
    filled: Kept, tmp_path: Path, packing: Packing, name: str
) -> None:
    """The old file or the new one, whole; one unfinished thing at most, and the next removes it."""
    place = tmp_path / "place"
    place.mkdir()
    target = place / "out"
    if packing != "folder":
        run(filled, name, Target(target, packing))
    at_work = 0
    for number, moment in enumerate(moments(KILLS, 7, 0.5)):
        at_work += export_until_killed(filled.path.parent, packing, name, target, moment)
        left = left_in(place)
        assert len(left) <= 1, f"kill {number}"
        for there in (path for path in place.iterdir() if path not in left):
            assert is_whole(there, packing, name, CHATS), f"kill {number}: {there.name}"
            if packing == "folder":
                shutil.rmtree(there)
    assert at_work == KILLS
    run(filled, name, Target(place / "last", packing))
    assert left_in(place) == []
    assert is_whole(place / "last", packing, name, CHATS)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("packing", "name"), CASES)
def test_a_full_disk_at_any_byte(filled: Kept, tmp_path: Path, packing: Packing, name: str) -> None:
    place = tmp_path / "place"
    place.mkdir()
    target = place / "out"
    whole = run(filled, name, Target(place / "size", packing))
    largest = max(
        path.stat().st_size
        for path in (place / "size", *(place / "size").rglob("*")) if path.is_file()
    )  # fmt: skip
    if packing != "folder":
        target.write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The database is only read: nothing else of this process writes.
    for limit in (0, 1, *(largest * part // 10 for part in range(1, 10)), largest - 1):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            with pytest.raises(KnownError) as error:
                run(filled, name, Target(target, packing, overwrite=packing != "folder"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert error.value.code == "export.disk_full"
        assert left_in(place) == []
        if packing == "folder":
            assert not target.exists()
        else:
            assert target.read_text() == "old"
    assert run(filled, name, Target(target, packing, overwrite=True)).files == whole.files


@pytest.mark.parametrize(("packing", "name"), CASES)
def test_a_place_that_vanishes_meanwhile(
    filled: Kept, tmp_path: Path, packing: Packing, name: str
) -> None:
    for number in range(5):
        place = tmp_path / f"place {number}"
        place.mkdir()
        exports = Exports(filled.database, filled.posted.post)
        done: list[Exported] = []
        refused: list[KnownError] = []

        def gone(_progress: object, place: Path = place) -> None:
            shutil.rmtree(place, ignore_errors=True)

        job = exports.begin(
            Everything(), name, ExportOptions(), Target(place / "out", packing),
            done.append, refused.append, gone,
        )  # fmt: skip
        job._run._told -= 10.0  # the first report comes at once
        filled.posted.run_until(lambda: bool(done or refused), 120)  # noqa: B023
        exports.close()
        # Either it was done before, or it is told in one sentence; nothing is made again.
        assert not place.exists() or is_whole(place / "out", packing, name, CHATS)
        assert [each.code for each in refused] in ([], ["export.no_folder"])


def test_a_place_where_nothing_may_be_written(filled: Kept, tmp_path: Path) -> None:
    for packing, name in CASES:
        with pytest.raises(KnownError) as error:
            run(filled, name, Target(Path("/proc/moestro"), packing))
        assert error.value.code in ("export.not_allowed", "export.no_folder")


def test_a_copy_on_a_full_disk_goes_on_later(filled: Kept, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    root.mkdir()
    record = MirrorRecord(id="m", folder_id=None, path=str(root))
    markdown = Exports(filled.database, filled.posted.post).formats.get("md")

    def look() -> int:
        return MirrorPass(
            filled.database.reader, record, markdown, lambda _record: None, lambda: False
        ).run(thorough=True).written  # fmt: skip

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, hard))
    try:
        with pytest.raises(KnownError) as error:
            look()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error.value.code == "export.disk_full"
    begun = len(list(root.iterdir()))
    assert left_in(root) == []
    assert look() == CHATS - begun
    assert len(list(root.iterdir())) == CHATS
    assert look() == 0
