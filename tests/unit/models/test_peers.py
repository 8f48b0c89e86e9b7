"""Models of other programs, in folders as those programs write them; nothing is ever touched."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from models.peers import Findings, FoundModel, Program, find_models
from tests.helpers.gguf_bytes import model

MODEL = model(2).build()
COMMIT, OLD = "c" * 40, "0" * 40
OTHER_MODEL = model(3).build()


def write(path: Path, content: bytes | str = MODEL) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def numbered(number: int) -> bytes:
    """A model of its own."""
    return model(2, name=f"Model {number}").build()


def digest(root: Path) -> dict[str, tuple[object, ...]]:
    """Everything about a tree that could be changed."""
    found: dict[str, tuple[object, ...]] = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files, "."):
            path = Path(folder) / name
            status = path.lstat()
            content = ""
            if path.is_symlink():
                content = os.readlink(path)  # noqa: PTH115
            elif path.is_file() and os.access(path, os.R_OK):
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path)] = (
                content, status.st_mode, status.st_size, status.st_mtime_ns, status.st_ino,
            )  # fmt: skip
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def look(home: Path, **environment: str) -> Findings:
    """Look around, and prove that nothing was touched."""
    before = digest(home.parent)
    found = find_models(home, environment, system="linux", seconds=30)
    assert digest(home.parent) == before
    assert found.is_complete
    return found


def only(findings: Findings) -> FoundModel:
    (found,) = findings.models
    return found


# --- Hugging Face and llama.cpp --------------------------------------------------------------


def hub_repository(
    cache: Path, name: str, files: dict[str, bytes], commit: str = COMMIT, *, main: bool = True
) -> Path:
    """As huggingface_hub writes it: blobs by hash, snapshots of links, a reference."""
    root = cache / f"models--{name.replace('/', '--')}"
    for path, content in files.items():
        blob = write(root / "blobs" / hashlib.sha256(content).hexdigest(), content)
        link = root / "snapshots" / commit / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
    if main:
        write(root / "refs" / "main", commit)
    return root


def test_hub_cache_with_links_parts_old_commits_and_partials(home: Path) -> None:
    cache = home / ".cache" / "huggingface" / "hub"
    root = hub_repository(cache, "org/M-GGUF", {
        "M-Q4_K_M.gguf": numbered(1), "README.md": b"# M",
        "Q8_0/M-Q8_0-00001-of-00002.gguf": numbered(2),
        "Q8_0/M-Q8_0-00002-of-00002.gguf": numbered(3),
        "BF16/M-BF16-00001-of-00002.gguf": numbered(4),  # the second part is not there
        "mmproj-F16.gguf": numbered(5), "imatrix.gguf": numbered(6),
    })  # fmt: skip
    hub_repository(cache, "org/M-GGUF", {
        "M-Q4_K_M.gguf": numbered(1), "M-Q2_K.gguf": numbered(7)}, OLD, main=False)  # fmt: skip
    write(root / "blobs" / "abc.1234.incomplete", numbered(8))
    (root / "snapshots" / COMMIT / "gone-Q6_K.gguf").symlink_to("../../blobs/none")
    write(root / "snapshots" / COMMIT / "cut-Q6_K.gguf.downloadInProgress", numbered(9))
    hub_repository(cache, "single", {"weights.gguf": b"<html>not a model</html>"})
    write(cache / "datasets--org--d" / "snapshots" / COMMIT / "x.gguf")
    found = {each.path.name: each for each in look(home).models}
    assert set(found) == {
        "M-Q4_K_M.gguf", "M-Q8_0-00001-of-00002.gguf", "M-Q2_K.gguf",
    }  # fmt: skip
    first = found["M-Q4_K_M.gguf"]
    assert first == FoundModel(
        program=Program.HUGGING_FACE, path=root / "snapshots" / COMMIT / "M-Q4_K_M.gguf",
        name="M", repository="org/M-GGUF", quantization="Q4_K_M", size_bytes=len(numbered(1)),
        may_not_load=False,
    )  # fmt: skip
    assert found["M-Q8_0-00001-of-00002.gguf"].size_bytes == len(numbered(2)) + len(numbered(3))


@pytest.mark.parametrize("variable", ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME"])
def test_hub_cache_elsewhere(home: Path, tmp_path: Path, variable: str) -> None:
    place = tmp_path / "big disk"
    hub_repository(place / "hub" if variable == "HF_HOME" else place, "o/n", {"n-Q4_0.gguf": MODEL})
    assert only(look(home, **{variable: str(place)})).repository == "o/n"


def test_links_in_two_steps_as_newer_caches_make_them(home: Path) -> None:
    cache = home / ".cache" / "huggingface" / "hub"
    shared = write(cache / "blobs" / "ab" / "abcdef", MODEL)
    blob = cache / "models--o--n" / "blobs" / "hash"
    blob.parent.mkdir(parents=True)
    blob.symlink_to(shared)
    link = cache / "models--o--n" / "snapshots" / COMMIT / "n-Q4_0.gguf"
    link.parent.mkdir(parents=True)
    link.symlink_to(blob)
    assert only(look(home)).path == link


def test_llama_cpp_s_own_cache(home: Path) -> None:
    folder = home / ".cache" / "llama.cpp"
    write(folder / "ggml-org_gemma-3-4b-it-GGUF_gemma-3-4b-it-Q4_K_M.gguf")
    write(folder / "ggml-org_gemma-3-4b-it-GGUF_mmproj-model-f16.gguf", OTHER_MODEL)
    write(folder / "manifest=x.json", "{}")
    found = only(look(home))
    assert (found.program, found.quantization) == (Program.LLAMA_CPP, "Q4_K_M")


# --- LM Studio -------------------------------------------------------------------------------


def test_lm_studio_with_loose_files_and_partials(home: Path) -> None:
    models = home / ".lmstudio" / "models"
    write(models / "lmstudio-community" / "M-GGUF" / "M-Q4_K_M.gguf")
    write(models / "lmstudio-community" / "M-GGUF" / "mmproj-M-f16.gguf", OTHER_MODEL)
    write(models / "lmstudio-community" / "M-GGUF" / "downloading_M-Q8_0.gguf.part", numbered(1))
    write(models / "lmstudio-community" / "M-GGUF" / "downloading_M-Q8_0.gguf", numbered(1))
    write(models / "lmstudio-community" / "M-GGUF" / "M-Q6_K-partial.gguf", numbered(4))
    write(models / "loose-Q4_0.gguf", numbered(2))
    write(models / "lmstudio-community" / "loose-Q4_0.gguf", numbered(3))
    found = only(look(home))
    assert found.program is Program.LM_STUDIO
    assert found.repository == "lmstudio-community/M-GGUF"
    assert found.name == "M"


def test_lm_studio_s_home_and_folder_elsewhere(home: Path, tmp_path: Path) -> None:
    studio, downloads = tmp_path / "studio", tmp_path / "E" / "llm models"
    write(home / ".lmstudio-home-pointer", f"{studio}\n")
    write(studio / "settings.json", json.dumps({"downloadsFolder": str(downloads)}))
    write(downloads / "org" / "repo" / "x-Q5_K_M.gguf")
    assert only(look(home)).repository == "org/repo"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"downloadsFolder": 7}', '{"downloadsFolder": "relative"}', "[" * 100_000,
     '{"downloadsFolder": "//server/share"}', '{"downloadsFolder": "/\\u0000"}'],
)  # fmt: skip
def test_settings_that_make_no_sense_leave_the_default(home: Path, text: str) -> None:
    write(home / ".lmstudio" / "settings.json", text)
    write(home / ".lmstudio" / "models" / "o" / "r" / "m-Q4_0.gguf")
    assert only(look(home)).repository == "o/r"


# --- Jan -------------------------------------------------------------------------------------


def jan_model(data: Path, identity: str, described: str, content: bytes = MODEL) -> Path:
    folder = data / "llamacpp" / "models" / identity
    write(folder / "model.yml", described)
    return write(folder / "model.gguf", content)


def test_jan_with_nested_ids_imports_and_unfinished_ones(home: Path, tmp_path: Path) -> None:
    data = home / ".local" / "share" / "Jan" / "data"
    jan_model(
        data, "unsloth/Qwen3-4B-Q4_K_M",
        "model_path: llamacpp/models/unsloth/Qwen3-4B-Q4_K_M/model.gguf\n"
        f"name: 'Qwen3 4B'\nsize_bytes: {len(MODEL)}\nembedding: false\n",
    )  # fmt: skip
    write(data / "llamacpp/models/unsloth/Qwen3-4B-Q4_K_M/mmproj.gguf", numbered(1))
    elsewhere = write(tmp_path / "mine" / "own-Q8_0.gguf", numbered(2))
    write(data / "llamacpp/models/own/model.yml", f"model_path: {elsewhere}\nname: own\n")
    jan_model(data, "cut", "name: cut\nsize_bytes: 99999999\n", numbered(3))
    write(data / "llamacpp/models/loading/model.yml", "name: loading\n")
    write(data / "llamacpp/models/loading/model.gguf.tmp", numbered(4))
    write(data / "llamacpp/models/odd/model.yml", ":::\n- a\n\tmodel_path\n" * 100)
    found = {each.name: each for each in look(home).models}
    assert set(found) == {"Qwen3 4B", "own", "cut"}
    assert found["Qwen3 4B"].quantization == "Q4_K_M"
    assert found["own"].path == elsewhere
    assert found["own"].quantization == "Q8_0"
    assert [found[name].may_not_load for name in ("Qwen3 4B", "own", "cut")] == [False, False, True]


def test_jan_s_data_folder_elsewhere(home: Path, tmp_path: Path) -> None:
    data = tmp_path / "jan data"
    write(home / ".local/share/Jan/settings.json", json.dumps({"data_folder": str(data)}))
    jan_model(data, "m", "name: m\n")
    assert only(look(home)).program is Program.JAN


# --- GPT4All ---------------------------------------------------------------------------------


def test_gpt4all_flat_with_unfinished_and_remote_ones(home: Path, tmp_path: Path) -> None:
    folder = home / ".local" / "share" / "nomic.ai" / "GPT4All"
    write(folder / "Llama-3.2-1B-Instruct-Q4_0.gguf")
    write(folder / "incomplete-Phi-3-Q4_0.gguf", numbered(1))
    write(folder / "gpt-4.rmodel", "{}")
    write(folder / "deeper" / "x-Q4_0.gguf", numbered(2))
    found = only(look(home))
    assert (found.program, found.name, found.quantization) == (
        Program.GPT4ALL, "Llama-3.2-1B-Instruct", "Q4_0",
    )  # fmt: skip
    told = tmp_path / "told"
    write(home / ".config/nomic.ai/GPT4All.ini", f"[General]\nmodelPath={told}\n%broken=%(x)s\n")
    write(told / "y-Q4_0.gguf", numbered(3))
    assert only(look(home)).path == told / "y-Q4_0.gguf"
    write(home / ".config/nomic.ai/GPT4All.ini", "no section\n")
    assert only(look(home)).name == "Llama-3.2-1B-Instruct"


# --- Ollama ----------------------------------------------------------------------------------


def ollama_model(
    root: Path, name: str, content: bytes = MODEL, *, size: int | None = None, separator: str = "-"
) -> Path:
    sha = hashlib.sha256(content).hexdigest()
    layers = [
        {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{sha}",
         "size": len(content) if size is None else size},
        {"mediaType": "application/vnd.ollama.image.template", "digest": "sha256:" + "a" * 64,
         "size": 5},
    ]  # fmt: skip
    write(root / "manifests" / name, json.dumps({"schemaVersion": 2, "layers": layers}))
    return write(root / "blobs" / f"sha256{separator}{sha}", content)


def test_ollama_by_its_manifests(home: Path) -> None:
    root = home / ".ollama" / "models"
    ollama_model(root, "registry.ollama.ai/library/llama3.2/1b", numbered(1))
    blob = ollama_model(root, "hf.co/bartowski/M-GGUF/Q4_K_M", numbered(2))
    ollama_model(root, "registry.ollama.ai/somebody/theirs/latest", numbered(3), separator=":")
    ollama_model(root, "registry.ollama.ai/library/again/1b", numbered(1))  # the same blob
    found = {each.name: each for each in look(home).models}
    assert set(found) == {"bartowski/M-GGUF:Q4_K_M", "again:1b", "somebody/theirs:latest"}
    hub = found["bartowski/M-GGUF:Q4_K_M"]
    assert (hub.path, hub.repository, hub.quantization, hub.may_not_load) == (
        blob, "bartowski/M-GGUF", "Q4_K_M", False,
    )  # fmt: skip
    assert found["again:1b"].may_not_load


def test_ollama_s_unfinished_blobs_have_full_size_and_do_not_count(home: Path) -> None:
    root = home / ".ollama" / "models"
    whole = ollama_model(root, "hf.co/o/cut/Q4_0", numbered(1))
    whole.rename(whole.with_name(whole.name + "-partial"))
    write(whole.with_name(whole.name + "-partial-0"), "{}")
    ollama_model(root, "hf.co/o/short/Q4_0", numbered(2), size=10**9)
    sparse = root / "blobs" / ("sha256-" + "b" * 64 + "-partial")
    with sparse.open("wb") as file:
        file.write(b"GGUF")
        file.truncate(10**7)
    assert look(home).models == ()


@pytest.mark.parametrize(
    "manifest",
    [
        "", "{", "[]", "null", '{"layers": 7}', '{"layers": [{"digest": 7}]}', "[" * 100_000,
        json.dumps({"layers": [{"mediaType": "application/vnd.ollama.image.model",
                                "digest": "sha256:../../../../etc/passwd", "size": 1}]}),
        json.dumps({"layers": [{"mediaType": "application/vnd.ollama.image.model",
                                "digest": "sha256:" + "a" * 64, "size": 1}] * 2}),
        "\xff\xfe" * 50, "x" * 2_000_000,
    ],
)  # fmt: skip
def test_manifests_that_make_no_sense(home: Path, manifest: str) -> None:
    root = home / ".ollama" / "models"
    write(root / "manifests/registry.ollama.ai/library/bad/latest", manifest)
    write(root / "manifests/short", "{}")
    ollama_model(root, "hf.co/o/good/Q4_0")
    assert only(look(home)).repository == "o/good"


def test_ollama_elsewhere_and_of_the_service(home: Path, tmp_path: Path) -> None:
    ollama_model(tmp_path / "told", "hf.co/o/told/Q4_0", numbered(1))
    assert only(look(home, OLLAMA_MODELS=str(tmp_path / "told"))).repository == "o/told"
    ollama_model(tmp_path / "service/.ollama/models", "hf.co/o/ours/Q4_0", numbered(2))
    found = find_models(home, {}, system="linux", service_home=tmp_path / "service")
    assert [each.repository for each in found.models] == ["o/ours"]


# --- all of them -----------------------------------------------------------------------------


def test_one_file_in_several_programs_is_found_once(home: Path) -> None:
    root = hub_repository(home / ".cache/huggingface/hub", "o/r", {"r-Q4_0.gguf": MODEL})
    target = next((root / "blobs").iterdir())
    link = home / ".lmstudio/models/o/r/r-Q4_0.gguf"
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    hard = home / ".local/share/nomic.ai/GPT4All/r-Q4_0.gguf"
    hard.parent.mkdir(parents=True)
    hard.hardlink_to(target)
    assert only(look(home)).program is Program.HUGGING_FACE


def test_a_file_with_holes_may_not_load(home: Path) -> None:
    path = write(home / ".lmstudio/models/o/r/r-Q4_0.gguf")
    with path.open("r+b") as file:
        file.truncate(50_000_000)
    assert only(look(home)).may_not_load


def test_rings_of_links_pipes_and_folders_named_like_models(home: Path) -> None:
    place = home / ".lmstudio/models/o/r"
    write(place / "r-Q4_0.gguf")
    (place / "ring").symlink_to(place.parent, target_is_directory=True)
    (place / "folder-Q8_0.gguf").mkdir()
    (place / "self-Q8_0.gguf").symlink_to("self-Q8_0.gguf")
    os.mkfifo(place / "pipe-Q8_0.gguf")
    assert only(look(home)).path == place / "r-Q4_0.gguf"


def test_what_cannot_be_read_is_passed_over_and_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home / ".lmstudio/models/o/bad/r-Q4_0.gguf")
    write(home / ".lmstudio/models/o/good/r-Q4_0.gguf", OTHER_MODEL)
    real = os.scandir

    def scandir(path: Path):
        if Path(path).name == "bad":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = find_models(home, {}, system="linux")
    assert only(found).repository == "o/good"
    assert found.unreadable == (home / ".lmstudio/models/o/bad",)


def test_the_time_is_kept_and_what_was_found_counts(home: Path) -> None:
    for number in range(30):
        write(home / f".lmstudio/models/o/r{number:02}/m-Q4_0.gguf", numbered(number))
    now = iter(range(10**6))
    found = find_models(home, {}, system="linux", seconds=120, clock=lambda: float(next(now)))
    assert not found.is_complete
    assert 0 < len(found.models) < 30


def test_nobody_has_anything(home: Path) -> None:
    assert look(home) == Findings((), (), True)


@pytest.mark.parametrize(
    ("system", "place", "program"),
    [
        ("darwin", "Library/Application Support/nomic.ai/GPT4All/m-Q4_0.gguf", Program.GPT4ALL),
        ("darwin", "Library/Caches/llama.cpp/m-Q4_0.gguf", Program.LLAMA_CPP),
        ("win32", "AppData/Local/nomic.ai/GPT4All/m-Q4_0.gguf", Program.GPT4ALL),
        ("win32", "AppData/Local/llama.cpp/m-Q4_0.gguf", Program.LLAMA_CPP),
    ],
)
def test_other_systems_folders(home: Path, system: str, place: str, program: Program) -> None:
    write(home / place)
    assert only(find_models(home, {}, system=system)).program is program
