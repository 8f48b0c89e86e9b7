"""The library: what is installed, by which names, and whether it is still what it was."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.library.entities import InstalledModel, Origin
from app.library.errors import LibraryError
from app.library.index import LIBRARY_MIGRATIONS, ORIGIN_MIGRATIONS
from app.library.library import STARTER_KEY, STARTER_NAME, STARTER_SHA256, Library
from app.paths import starter_model
from app.storage.opening import Database, open_database
from app.wording import sentence_for
from models.errors import ModelFileAbsent, ModelFileError
from models.gguf import open_model
from tests.helpers.gguf_bytes import U32, U64, model, split_model, value

STEPS = (*LIBRARY_MIGRATIONS, *ORIGIN_MIGRATIONS)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_library(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def library(database: Database) -> Library:
    return Library(database, starter_model(), now_ms=lambda: 1_700_000_000_000)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def open_library(folder: Path) -> Database:
    return open_database(folder / "library.sqlite3", STEPS, None, lambda callback: callback())


def names(entries: list[InstalledModel]) -> list[str]:
    return [entry.name for entry in entries]


def use(library: Library, database: Database, key: str) -> None:
    library.used(key)
    database.writer.run(lambda _connection: None)


# --- the starter model ---------------------------------------------------------------------


def test_the_starter_is_there_from_the_beginning(library: Library) -> None:
    (entry,) = library.entries()
    assert library.default() == entry
    assert entry.is_demo
    assert not entry.absent
    assert (entry.key, entry.name, entry.quantization) == (STARTER_KEY, STARTER_NAME, "Q4_1")
    assert (entry.layers, entry.trained_context_tokens) == (30, 8192)
    assert (entry.license, entry.has_template) == ("apache-2.0", True)
    assert entry.handle.path == starter_model()
    assert library.handle_for(entry.key) == entry.handle


def test_the_known_key_is_that_of_the_known_file() -> None:
    with starter_model().open("rb") as stream:
        assert hashlib.file_digest(stream, "sha256").hexdigest() == STARTER_SHA256
    assert open_model(starter_model()).handle.key == STARTER_KEY


def test_the_starter_s_header_is_read_once(
    library: Library, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.entries()

    def refuse(_path: Path) -> None:
        raise AssertionError("the header was read again")

    monkeypatch.setattr("app.library.library.open_model", refuse)
    assert names(Library(database, starter_model()).entries()) == [STARTER_NAME]


def test_a_copy_of_the_starter_is_the_starter(library: Library, models: Path) -> None:
    copy = models / "copy.gguf"
    copy.symlink_to(starter_model())
    assert library.add_file(copy).handle.path == starter_model()
    assert len(library.entries()) == 1


def test_a_copy_is_a_demo_where_no_starter_is_bundled(database: Database, models: Path) -> None:
    library = Library(database, models / "nothing.gguf")
    assert library.entries() == []
    assert library.default() is None
    copy = models / "copy.gguf"
    copy.symlink_to(starter_model())
    assert library.add_file(copy).is_demo
    assert names(library.entries()) == [STARTER_NAME]


def test_a_damaged_starter_is_left_out(database: Database, models: Path) -> None:
    starter = models / "starter.gguf"
    starter.write_bytes(b"GGUF")
    assert Library(database, starter).entries() == []


def test_the_starter_is_listed_although_nothing_can_be_written(tmp_path: Path) -> None:
    database = open_library(tmp_path)
    database.writer.close()
    library = Library(database, starter_model())
    assert names(library.entries()) == [STARTER_NAME]
    assert library.by_key(STARTER_KEY) is not None
    database.reader.close()


# --- real models ---------------------------------------------------------------------------


def test_added_remembered_and_before_the_demo(
    library: Library, database: Database, models: Path
) -> None:
    added = library.add_file(model().write(models / "tiny-Q5_K_M.gguf"))
    assert (added.name, added.quantization, added.architecture) == ("Tiny Test", "Q5_K_M", "llama")
    assert (added.layers, added.trained_context_tokens, added.parameters) == (2, 2048, 192)
    assert added.opened_ms == 1_700_000_000_000
    assert not added.is_demo
    again = Library(database, starter_model())
    assert again.entries()[0] == added
    assert names(again.entries()) == ["Tiny Test", STARTER_NAME]
    assert again.default() == added


def test_the_one_used_last_comes_first(library: Library, database: Database, models: Path) -> None:
    first = library.add_file(model(name="First").write(models / "1.gguf"))
    second = library.add_file(model(name="Second").write(models / "2.gguf"))
    assert names(library.entries())[:2] == ["Second", "First"]
    use(library, database, first.key)
    assert names(library.entries())[:2] == ["First", "Second"]
    # The clock stands still here: the order is that of use.
    use(library, database, second.key)
    assert names(library.entries())[:2] == ["Second", "First"]
    used = library.by_key(second.key)
    assert used is not None
    assert used.last_used_ms == 1_700_000_000_000
    # Opening a file again does not count as using it, nor does the demo ever come first.
    library.add_file(models / "1.gguf")
    use(library, database, STARTER_KEY)
    assert names(library.entries()) == ["Second", "First", STARTER_NAME]
    assert library.default() == library.by_key(second.key)


def test_a_file_that_is_gone_keeps_its_entry(library: Library, models: Path) -> None:
    path = model().write(models / "tiny.gguf")
    added = library.add_file(path)
    path.unlink()
    entry = library.entries()[0]
    assert entry.absent
    assert entry.key == added.key
    default = library.default()
    assert default is not None
    assert default.is_demo
    with pytest.raises(ModelFileAbsent):
        library.handle_for(added.key)


def test_a_moved_file_is_the_same_model(library: Library, models: Path) -> None:
    path = model().write(models / "tiny.gguf")
    added = library.add_file(path)
    moved = library.add_file(path.rename(models / "moved.gguf"))
    assert moved.key == added.key
    assert not moved.absent
    assert len(library.entries()) == 2


def test_a_touched_file_is_checked_again(library: Library, models: Path) -> None:
    path = model().write(models / "tiny.gguf")
    added = library.add_file(path)
    os.utime(path, ns=(1, 1))
    assert library.entries()[0].absent
    handle = library.handle_for(added.key)
    assert handle.is_unchanged()
    assert handle.key == added.key
    assert not library.entries()[0].absent


def test_a_replaced_file_is_another_model(library: Library, models: Path) -> None:
    path = model(name="One").write(models / "tiny.gguf")
    added = library.add_file(path)
    model(name="Two").write(path)
    with pytest.raises(LibraryError) as caught:
        library.handle_for(added.key)
    assert caught.value.code == "library.replaced"
    assert "One" in sentence_for(caught.value)
    assert names(library.entries()) == ["Two", STARTER_NAME]
    assert library.by_key(added.key) is None


def test_a_damaged_file_says_so(library: Library, models: Path) -> None:
    path = model().write(models / "tiny.gguf")
    added = library.add_file(path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelFileError) as caught:
        library.handle_for(added.key)
    assert caught.value.code == "gguf.truncated"


def test_a_bad_file_is_not_added(library: Library, models: Path) -> None:
    path = models / "x.gguf"
    path.write_text("text")
    with pytest.raises(ModelFileError):
        library.add_file(path)
    assert len(library.entries()) == 1


def test_forgotten(library: Library, models: Path) -> None:
    added = library.add_file(model().write(models / "tiny.gguf"))
    library.forget(added.key)
    assert library.by_key(added.key) is None
    assert (models / "tiny.gguf").exists()
    with pytest.raises(LibraryError) as caught:
        library.handle_for(added.key)
    assert caught.value.code == "library.forgotten"
    library.forget(STARTER_KEY)
    assert names(library.entries()) == [STARTER_NAME]


def test_a_split_model_is_one_entry(library: Library, models: Path) -> None:
    paths = split_model(models)
    for path in paths:
        library.add_file(path)
    entry = library.entries()[0]
    assert len(library.entries()) == 2
    assert [file.path for file in entry.handle.files] == paths
    assert entry.size_bytes == sum(path.stat().st_size for path in paths)
    paths[2].unlink()
    assert library.entries()[0].absent


def test_where_it_came_from_is_kept_when_it_is_seen_again(library: Library, models: Path) -> None:
    path = model().write(models / "tiny-Q4_0.gguf")
    origin = Origin(
        repository="org/Tiny-GGUF", commit="c" * 40, license="mit", is_owned=True,
        hashes=("a" * 64,), hashes_published=True, verified="sha256",
    )  # fmt: skip
    added = library.add(open_model(path), origin)
    assert (added.license, added.origin) == ("mit", origin)
    assert library.add_file(path) == added
    # What was touched may have another content: nobody has read it.
    os.utime(path, ns=(1, 1))
    library.handle_for(added.key)
    again = library.by_key(added.key)
    assert again is not None
    assert (again.license, again.origin) == ("mit", replace(origin, verified="structural"))
    # What somebody moved away is theirs from then on.
    moved = library.add_file(path.rename(models / "moved.gguf"))
    assert (moved.origin.repository, moved.origin.is_owned) == ("org/Tiny-GGUF", False)


def test_a_copy_elsewhere_does_not_take_the_place_of_our_own(
    library: Library, models: Path
) -> None:
    path = model().write(models / "tiny.gguf")
    copy = model().write(models / "copy.gguf")
    own = library.add(open_model(path), Origin(is_owned=True))
    assert library.add_file(copy) == own
    path.unlink()
    assert library.add_file(copy).handle.path == copy


def test_by_the_name_of_its_repository(library: Library, models: Path) -> None:
    for label in ("Q4_0", "Q8_0"):
        path = model(name=f"Tiny {label}").write(models / f"tiny-{label}.gguf")
        library.add(open_model(path), Origin(repository="org/Tiny-GGUF"))
    assert library.resolve("org/Tiny-GGUF:q8_0").quantization == "Q8_0"
    with pytest.raises(LibraryError) as caught:
        library.resolve("org/Tiny-GGUF")
    assert caught.value.code == "library.ambiguous"


def test_what_is_missing_is_counted(library: Library, models: Path) -> None:
    paths = split_model(models)
    library.add_file(paths[0])
    assert library.entries()[0].state == "ready"
    paths[2].unlink()
    entry = library.entries()[0]
    assert (entry.state, entry.missing_files) == ("incomplete", 1)
    for path in paths[:2]:
        path.unlink()
    assert library.entries()[0].state == "absent"


def test_rows_from_before_origins_were_kept(tmp_path: Path) -> None:
    older = open_database(
        tmp_path / "library.sqlite3", LIBRARY_MIGRATIONS, None, lambda callback: callback()
    )
    path = model().write(tmp_path / "tiny.gguf")
    status, key = path.stat(), open_model(path).handle.key
    files = json.dumps([[str(path), status.st_size, status.st_mtime_ns, status.st_ino]])
    older.writer.run(
        lambda connection: connection.execute(
            "INSERT INTO models (key, name, quantization, architecture, parameters, "
            "trained_context_tokens, layers, expert_count, license, is_demo, has_template, files, "
            "opened_ms, last_used_ms) "
            "VALUES (?, 'Old', '', 'llama', 1, 1, 1, 0, 'mit', 0, 1, ?, 5, 6)",
            (key, files),
        )
    )
    older.close()
    database = open_library(tmp_path)
    entry = Library(database, starter_model()).entries()[0]
    assert (entry.name, entry.state, entry.origin) == ("Old", "ready", Origin())
    assert (entry.opened_ms, entry.last_used_ms, entry.verified_ms) == (5, 6, 0)
    database.close()


@pytest.mark.parametrize("name", ["ü 日本 🦉 model.gguf", "half\udcff.gguf", "quote'\".gguf"])
def test_any_file_name(library: Library, database: Database, models: Path, name: str) -> None:
    path = model(name="", layers=1).write(models / name)
    added = library.add_file(path)
    assert added.handle.path == path
    assert Library(database, starter_model()).handle_for(added.key).is_unchanged()
    assert added.name.encode()


def test_absurd_figures_are_stored_as_not_stated(library: Library, models: Path) -> None:
    file = model().with_keys(llama__context_length=value(U64, 2**64 - 1))
    assert library.add_file(file.write(models / "x.gguf")).trained_context_tokens == 0


def test_a_row_that_makes_no_sense_is_left_out(
    library: Library, database: Database, models: Path
) -> None:
    library.add_file(model().write(models / "tiny.gguf"))
    for files in (
        "",
        "[]",
        "[[1]]",
        '[["/x", "y", 0, 0]]',
        "{}",
        "null",
        '[["a\\u0000", 1, 1, 1]]',
    ):
        database.writer.run(
            lambda connection, files=files: connection.execute(  # type: ignore[misc]
                "UPDATE models SET files = ? WHERE is_demo = 0", (files,)
            )
        )
        assert [entry for entry in library.entries() if not entry.absent] == [
            library.by_key(STARTER_KEY)
        ]


def test_a_damaged_database_begins_anew(tmp_path: Path) -> None:
    database = open_library(tmp_path)
    Library(database, starter_model()).entries()
    database.close()
    (tmp_path / "library.sqlite3").write_bytes(b"garbage" * 1000)
    again = open_library(tmp_path)
    assert names(Library(again, starter_model()).entries()) == [STARTER_NAME]
    again.close()


# --- what a text means ---------------------------------------------------------------------


def test_a_path_is_added(library: Library, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model().write(models / "tiny.gguf")
    monkeypatch.chdir(models)
    assert library.resolve("tiny.gguf").handle.path == models / "tiny.gguf"
    assert library.resolve(str(models / "tiny.gguf")).name == "Tiny Test"
    assert len(library.entries()) == 2


@pytest.mark.parametrize(
    "text",
    ["Tiny Test", "tiny test", "TINY-TEST", "tiny-test-q4_k_m", "Tiny Test:Q4_K_M", "my-file",
     "my-file.gguf"],
)  # fmt: skip
def test_installed_names(library: Library, models: Path, text: str) -> None:
    added = library.add_file(model().write(models / "my-file.gguf"))
    assert library.resolve(text) == added


def test_one_name_with_two_quantizations(library: Library, models: Path) -> None:
    library.add_file(model(layers=1).write(models / "a-Q4_K_M.gguf"))
    other = model(layers=2).with_keys(general__file_type=value(U32, 7))
    eight = library.add_file(other.write(models / "b-Q8_0.gguf"))
    with pytest.raises(LibraryError) as caught:
        library.resolve("Tiny Test")
    assert caught.value.code == "library.ambiguous"
    assert "Tiny Test:Q" in sentence_for(caught.value)
    assert library.resolve("Tiny Test:Q8_0") == eight
    (models / "a-Q4_K_M.gguf").unlink()
    assert library.resolve("tiny test") == eight


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("unsloth/Qwen3-30B-A3B-GGUF", "library.not_here"),
        ("unsloth/Qwen3-30B-A3B-GGUF:Q4_K_M", "library.not_here"),
        ("something", "library.unknown"),
        ("", "library.unknown"),
        ("nul\0nul", "library.unknown"),
        ("half\ud800", "library.unknown"),
        ("x" * 5000, "library.unknown"),
        ("../x/../y z", "library.unknown"),
    ],
)
def test_what_is_not_installed(library: Library, text: str, code: str) -> None:
    with pytest.raises(LibraryError) as caught:
        library.resolve(text)
    assert caught.value.code == code
    assert caught.value.exit_code == 3
    assert len(sentence_for(caught.value)) <= 140


def test_a_missing_file_is_named(library: Library) -> None:
    with pytest.raises(ModelFileAbsent) as caught:
        library.resolve("folder/missing.gguf")
    assert "missing.gguf" in sentence_for(caught.value)


def test_an_existing_path_that_is_no_model(library: Library, models: Path) -> None:
    with pytest.raises(ModelFileError) as caught:
        library.resolve(str(models))
    assert caught.value.code == "gguf.folder"
    shutil.copy(__file__, models / "x.gguf")
    with pytest.raises(ModelFileError) as caught:
        library.resolve(str(models / "x.gguf"))
    assert caught.value.code == "gguf.text"


# --- projectors ----------------------------------------------------------------------------


def test_a_projector_beside_a_model_goes_with_it(library: Library, models: Path) -> None:
    path = models / "Seer-Q4_K_M.gguf"
    model().write(path)
    projector = models / "mmproj-Seer-f16.gguf"
    projector.write_bytes(b"GGUF and more")
    added = library.add_file(path)
    assert [file.path for file in added.origin.companions] == [projector]
    for handle in (added.handle, library.handle_for(added.key)):
        assert handle.projector is not None
        assert handle.projector.path == projector
    # The model's files decide whether it is the same model; its projector does not.
    os.utime(path, (1, 1))
    checked = library.handle_for(added.key)
    assert checked.projector is not None


def test_a_model_alone_has_no_projector(library: Library, models: Path) -> None:
    path = models / "Blind-Q4_K_M.gguf"
    model().write(path)
    assert library.add_file(path).handle.projector is None
