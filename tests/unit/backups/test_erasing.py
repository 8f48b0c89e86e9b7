"""Delete everything: all that is ours is gone, and nothing else."""

from pathlib import Path

import pytest

from app.backups.erasing import erase_everything, what_is_there
from app.backups.errors import BackupError
from app.storage.backup_files import Reason
from app.storage.copies import keep_copy
from tests.unit.backups.conftest import Folder

SECRET = "my secret question"


@pytest.fixture
def full(folder: Folder) -> Folder:
    folder.chat(SECRET)
    keep_copy(folder.paths.history, folder.paths.backups, Reason.AUTOMATIC)
    root = folder.paths.root
    for name in (
        "library.sqlite3", "library.sqlite3-wal", "settings.json", "settings.json.bad",
        "history.sqlite3.damaged-2026-01-01", "history.sqlite3.damaged-2026-01-01-wal",
        "history.sqlite3.waiting", "loading-at-start", "kv/1.kv", "logs/moestro.log",
        "hub-cache/a/b", "models/big.gguf",
    ):  # fmt: skip
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SECRET)
    (root / "my own file.txt").write_text("not Moestro's")
    return folder


def test_everything_of_ours_is_gone(full: Folder) -> None:
    erased = erase_everything(full.paths, models=False)
    left = {path for path in full.paths.root.rglob("*") if path.is_file()}
    assert {path.name for path in left} - {"history.sqlite3.opening"} == {
        "my own file.txt", "big.gguf"
    }  # fmt: skip
    assert not any(SECRET.encode() in path.read_bytes() for path in left - set(
        (full.paths.root / "models").iterdir()))  # fmt: skip
    assert {path.name for path in erased.left} == {"my own file.txt", "models"}
    assert erased.freed_bytes > 8192
    assert full.titles() == []


def test_models_only_when_asked(full: Folder) -> None:
    assert full.paths.models not in what_is_there(full.paths, models=False)
    erase_everything(full.paths, models=True)
    assert not full.paths.models.exists()


def test_links_are_removed_not_followed(full: Folder, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    (full.paths.root / "models" / "big.gguf").unlink()
    (full.paths.root / "models").rmdir()
    (full.paths.root / "models").symlink_to(outside)
    (full.paths.backups / "link").symlink_to(outside)
    erase_everything(full.paths, models=True)
    assert (outside / "precious").exists()
    assert not (full.paths.root / "models").is_symlink()


def test_what_cannot_be_removed_is_told_after_the_rest_is(
    full: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name == "library.sqlite3":
            raise PermissionError(13, "no")
        real(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(BackupError) as refusal:
        erase_everything(full.paths, models=False)
    assert refusal.value.code == "backup.not_erased"
    assert refusal.value.facts["name"] == "library.sqlite3"
    assert not full.paths.backups.exists()
    assert not full.paths.settings.exists()
