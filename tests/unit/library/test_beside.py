"""A projector beside a model's file is found and goes with it."""

from pathlib import Path

from app.library.beside import projector_beside


def lay(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(b"GGUF")


def test_the_projector_in_the_same_folder_is_found(tmp_path: Path) -> None:
    lay(tmp_path, "Seer-7B-Q4_K_M.gguf", "mmproj-Seer-7B-f16.gguf", "notes.txt")
    found = projector_beside(tmp_path / "Seer-7B-Q4_K_M.gguf")
    assert found is not None
    assert found.path.name == "mmproj-Seer-7B-f16.gguf"
    assert found.size == 4


def test_without_one_nothing_is_found(tmp_path: Path) -> None:
    lay(tmp_path, "Seer-7B-Q4_K_M.gguf", "Other-7B-Q4_K_M.gguf")
    (tmp_path / "mmproj-folder.gguf").mkdir()
    assert projector_beside(tmp_path / "Seer-7B-Q4_K_M.gguf") is None
    assert projector_beside(tmp_path / "away" / "x.gguf") is None
