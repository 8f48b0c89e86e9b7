"""Many files into a folder that has others: all of them or none, and for their owner alone."""

import errno
import os
from pathlib import Path

import pytest

from app.export import placing
from app.export.errors import ExportError
from app.export.files import put_in_place
from app.export.placing import place_all
from app.export.targets import Target, open_target

NEW = {"A.md": "new a", "B.md": "new b", "Work/C.md": "new c", "Work/D.md": "new d"}


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def held(root: Path) -> dict[str, str]:
    """Everything below, folders with an empty text."""
    return {
        path.relative_to(root).as_posix(): path.read_text() if path.is_file() else ""
        for path in root.rglob("*")
    }


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    return written(tmp_path / "stage", NEW)


@pytest.fixture(params=["links", "no links"])
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With second names, or as memory sticks have it."""

    def link(*_arguments: object, **_named: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "")

    if request.param == "no links":
        monkeypatch.setattr(os, "link", link)


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("moved", range(4))
def test_a_fault_in_the_middle_leaves_all_as_it_was(tmp_path, stage, monkeypatch, overwrite, moved):
    target = written(tmp_path / "out", {"A.md": "mine", "other.txt": "mine"})
    before = held(target)
    left = [moved]

    def failing(source: Path, wanted: Path, *, overwrite: bool) -> None:
        if left[0] == 0:
            raise OSError(errno.ENOSPC, "")
        left[0] -= 1
        put_in_place(source, wanted, overwrite=overwrite)

    monkeypatch.setattr(placing, "put_in_place", failing)
    with pytest.raises(ExportError) as error:
        place_all(stage, target, overwrite=overwrite)
    assert error.value.code == "export.disk_full"
    assert held(target) == before


@pytest.mark.usefixtures("disk")
def test_what_is_replaced_is_replaced_at_the_end(tmp_path, stage):
    target = written(tmp_path / "out", {"A.md": "mine", "Work/D.md": "mine", "other.txt": "mine"})
    place_all(stage, target, overwrite=True)
    assert held(target) == {**NEW, "Work": "", "other.txt": "mine"}


@pytest.mark.parametrize(
    ("overwrite", "taken", "code"),
    [
        (False, {"Work": "a file"}, "export.exists"),
        (True, {"Work": "a file"}, "export.exists"),
        (True, {"Work/D.md/inside": "a folder"}, "export.not_allowed"),
    ],
)
def test_what_cannot_be_replaced_is_seen_before_anything_moves(
    tmp_path, stage, monkeypatch, overwrite, taken, code
):
    def moved(*_arguments: object, **_named: object) -> None:
        raise AssertionError

    monkeypatch.setattr(placing, "put_in_place", moved)
    target = written(tmp_path / "out", taken)
    before = held(target)
    with pytest.raises(ExportError) as error:
        place_all(stage, target, overwrite=overwrite)
    assert error.value.code == code
    assert held(target) == before


def test_a_file_that_was_claimed_and_not_moved_is_given_up(tmp_path, monkeypatch):
    def refused(*_arguments: object, **_named: object) -> None:
        raise OSError(errno.EPERM, "")

    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setattr(Path, "replace", refused)
    (tmp_path / "a").write_text("new")
    with pytest.raises(OSError, match=str(errno.EPERM)):
        put_in_place(tmp_path / "a", tmp_path / "b", overwrite=False)
    assert not (tmp_path / "b").exists()


def test_a_folder_that_does_not_answer_is_told_in_a_sentence(tmp_path):
    # Too long a name: the system answers with a fault, as it does of a drive that is gone.
    with pytest.raises(ExportError) as error, open_target(Target(tmp_path / ("x" * 300), "folder")):
        pass
    assert error.value.code == "export.io"


@pytest.mark.skipif(os.name == "nt", reason="rights are kept in another way there")
@pytest.mark.parametrize("inside", [False, True])
def test_files_in_a_folder_are_for_their_owner_alone(tmp_path, inside):
    out = tmp_path / "out"
    if inside:
        out.mkdir()
    before = os.umask(0o022)
    try:
        with open_target(Target(out, "folder")) as place:
            for folder in ("", "Work"):
                with place.file(folder, "A.md") as stream:
                    stream.write(b"secret")
            place.keep()
    finally:
        os.umask(before)
    for name in ("A.md", "Work/A.md"):
        assert (out / name).stat().st_mode & 0o777 == 0o600
    assert (out / "Work").stat().st_mode & 0o777 == 0o700
