"""What could be added, before anything is."""

import threading
from pathlib import Path

from app.library.import_looking import ImportLook, SeenModel
from app.posting import CallbackQueue
from models.gguf import open_model
from tests.helpers.gguf_bytes import split_model
from tests.helpers.library_stage import LibraryStage, tree
from tests.helpers.transfers import sample_gguf


def look(*paths: Path, known: LibraryStage | None = None) -> dict[str, SeenModel]:
    queue = CallbackQueue()
    entries = {each.key: each for each in known.library.entries()} if known else {}
    results: list[tuple[SeenModel, ...]] = []
    ImportLook(paths, entries, queue.post).begin(lambda _seen: None, results.append)
    assert queue.run_until(lambda: bool(results), 20)
    return {each.path.name: each for each in results[0]}


def test_files_and_folders_parts_together_and_nothing_touched(tmp_path: Path) -> None:
    parts = split_model(tmp_path)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "Tiny-Q4_K_M.gguf").write_bytes(sample_gguf(name="Tiny"))
    before = tree(tmp_path)
    seen = look(tmp_path)
    assert set(seen) == {parts[0].name, "Tiny-Q4_K_M.gguf"}
    assert seen[parts[0].name].files == 3
    tiny = seen["Tiny-Q4_K_M.gguf"]
    assert (tiny.name, tiny.quantization, tiny.trouble) == ("Tiny", "Q4_K_M", None)
    assert tiny.size_bytes == (tmp_path / "deep" / "Tiny-Q4_K_M.gguf").stat().st_size
    assert tree(tmp_path) == before
    # Each part by name is the same model again.
    assert set(look(*parts)) == {parts[0].name}


def test_what_cannot_be_used_and_what_is_known(tmp_path: Path) -> None:
    stage = LibraryStage(tmp_path)
    path = stage.elsewhere / "Known-Q4_0.gguf"
    path.write_bytes(sample_gguf())
    stage.library.add(open_model(path))
    (stage.elsewhere / "cut.gguf").write_bytes(sample_gguf(seed=2)[:1000])
    seen = look(stage.elsewhere, tmp_path / "none.gguf", known=stage)
    stage.close()
    assert seen["Known-Q4_0.gguf"].is_known
    assert seen["none.gguf"].trouble is not None
    assert seen["none.gguf"].trouble.code == "gguf.missing"
    assert seen["cut.gguf"].trouble is not None


def test_once_cancelled_nobody_hears_of_it(tmp_path: Path) -> None:
    queue = CallbackQueue()
    results: list[object] = []
    look = ImportLook([tmp_path], {}, queue.post)
    look.begin(results.append, results.append)
    look.cancel()
    for thread in threading.enumerate():
        if thread.name == "looking at files":
            thread.join(10)
    assert not queue.run_until(lambda: bool(results), 0.2)
