"""The rooms and their rules: what import-linter cannot see, and traps met before."""

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("models", "app", "ui")
MODULE_LINES = 400
TABLES = {"app/wording.py"}
"""Nothing but one table of sentences that translators read as a whole: long, not complex."""
FUNCTION_LINES = 60
TEXT = {".py", ".md", ".toml", ".lock", ".cmake", ".in", ".txt", ".json", ".svg", ""}
LOCKS = (
    "requirements.lock",
    "requirements-test.lock",
    "packaging/engine/build.lock",
    "packaging/engine/source.lock",
    "packaging/starter/source.lock",
)
ENGINE_BINDING = tuple(
    f"app/engine/{name}.py"
    for name in ("ggml", "kv_memory", "llama", "mtmd", "parameters", "rehearsal", "samplers")
)
"""The modules that may import llama_cpp, as the contract in pyproject.toml names them."""
HEAVY = {
    "PySide6", "llama_cpp", "apsw", "numpy", "huggingface_hub", "keyring", "httpx2", "pypdf",
    "charset_normalizer",
}  # fmt: skip


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    assert found
    return sorted(found)


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules named by imports anywhere in the tree, inside functions as well."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@functools.cache
def libraries() -> dict[str, frozenset[str]]:
    """What each source file imports, by the first part of its name."""
    return {
        path.relative_to(ROOT).as_posix(): frozenset(
            name.partition(".")[0] for name in imported(ast.parse(path.read_text(encoding="utf-8")))
        )
        for path in [*sources(*ROOMS), ROOT / "main.py"]
    }


def importers(library: str) -> set[str]:
    """The source files that import ``library``."""
    return {path for path, names in libraries().items() if library in names}


def repository_files() -> list[Path]:
    """Every text file of ours; hidden folders hold only what was built or fetched."""
    found = []
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part != ".ci" for part in parts[:-1])
        built = any(part == "__pycache__" for part in parts)
        if path.is_file() and not hidden and not built and path.suffix in TEXT:
            found.append(path)
    return found


def test_packaging_folder_does_not_shadow_the_library_of_that_name() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()
    code = "import packaging.version, main; print(packaging.version.Version('1.0'))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert run.stdout.strip() == "1.0", run.stderr


def test_no_script_in_packaging_is_named_like_a_library() -> None:
    # Run by path, that folder comes first among the import paths.
    installed = {*sys.stdlib_module_names, *sys.builtin_module_names, *HEAVY, *ROOMS, "pytest"}
    names = {path.stem for path in (ROOT / "packaging").iterdir() if path.name != "__pycache__"}
    assert not names & installed


def test_tests_are_no_package() -> None:
    assert [str(path) for path in (ROOT / "tests").rglob("__init__.py")] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_folder_of_a_room_is_a_package(room: str) -> None:
    folders = {path.parent for path in (ROOT / room).rglob("*.py")}
    assert sorted(str(f) for f in folders if not (f / "__init__.py").exists()) == []


def test_main_imports_nothing_heavy() -> None:
    code = f"import sys, main; print(sorted({HEAVY!r} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert run.stdout.strip() == "[]", run.stderr


def test_no_qt_below_the_window() -> None:
    assert {path for path in importers("PySide6") if not path.startswith("ui/")} == set()


@pytest.mark.parametrize(
    ("library", "places"),
    [
        ("llama_cpp", ENGINE_BINDING),
        ("apsw", ("app/storage/",)),
        ("huggingface_hub", ("models/hub.py",)),
        ("pypdf", ("app/attachments/pdf_text.py", "ui/printing/outline.py")),
        ("docx", ()),
        ("charset_normalizer", ("app/attachments/decoding.py",)),
        ("sqlite3", ()),
    ],
)
def test_one_room_alone_knows_a_library(library: str, places: tuple[str, ...]) -> None:
    assert {path for path in importers(library) if not path.startswith(places or "-")} == set()


def test_the_engine_binding_is_where_the_rule_says() -> None:
    # Otherwise the rule above would hold in an empty repository.
    assert importers("llama_cpp") == set(ENGINE_BINDING)
    assert importers("apsw")
    assert importers("PySide6")


@pytest.mark.parametrize("path", sources(*ROOMS, "packaging"), ids=lambda p: p.name)
def test_modules_and_functions_fit_a_head(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.relative_to(ROOT).as_posix() not in TABLES:
        assert len(text.splitlines()) <= MODULE_LINES
    too_long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > FUNCTION_LINES
    ]
    assert too_long == []


@pytest.mark.parametrize("name", LOCKS)
def test_locks_pin_by_hash_and_name_no_address(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    assert "://" not in text
    assert not re.search(r"^\s*(--index|--extra|--find|-i\s|-e\s)", text, re.MULTILINE)
    requirements = re.split(r"\n(?=\S)", text)
    assert requirements
    for requirement in requirements:
        assert re.match(r"[a-z0-9][a-z0-9-]*==\S+", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


def test_both_locks_agree_on_what_runs() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (ROOT / name).read_text("utf-8"), re.MULTILINE))

    assert pins("requirements.lock") < pins("requirements-test.lock")


def test_the_engine_pin_is_the_one_the_project_asks_for() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    pin = re.search(r'"(llama-cpp-python==[^"]+)"', project)
    assert pin
    assert pin[1] + " " in (ROOT / "packaging/engine/source.lock").read_text(encoding="utf-8")


def test_no_path_of_a_persons_machine() -> None:
    # Tests may make paths up; elsewhere there is no reason for one.
    folders = "|".join(("home", "root", "Users", "work", "mnt", "opt"))
    # CUDA's own place on some systems is nobody's.
    personal = re.compile(rf"(?<![\w.:/~}}>])(?!/opt/cuda)/({folders})/[\w.-]+")
    found = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in repository_files()
        if path.relative_to(ROOT).parts[0] != "tests"
        for match in personal.finditer(path.read_text(encoding="utf-8", errors="replace"))
    }
    assert found == set()


def test_licences_are_there() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Version 2.0" in licence
    third_parties = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8").lower()
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    runtime = project.partition("dependencies = [")[2].partition("]")[0]
    names = re.findall(r'"([A-Za-z0-9-]+)', runtime)
    assert len(names) > 10
    assert [name for name in names if name.lower() not in third_parties] == []


def test_the_architecture_can_be_read_in_one_sitting() -> None:
    lines = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150
