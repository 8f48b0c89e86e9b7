"""Packs what a bare GPU machine needs: ``python -m tests.benchmarks.gpu_carry FOLDER``.

The engine's source without documents, tools and other backends; the starter model's header,
which has the tokenizer; and, with ``--python``, the wheels of that machine's Python.
"""

import argparse
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from models.gguf import read_header
from tests.helpers.worker_process import ROOT, STARTER

ARCHIVE, TOKENIZER, WHEELS = "engine.tar.gz", "tokenizer.gguf", "wheels"

_VENDOR = "vendor/llama.cpp/"
_LEFT_OUT = (
    *(f"{_VENDOR}{name}/" for name in (
        "docs", "models", "tests", "tools", "examples", "benches", "conversion", "media", "ci",
        "scripts", "gguf-py", "grammars", "common", "app", "pocs", "requirements", "licenses",
        ".github", ".devops",
    )),
    *(f"{_VENDOR}ggml/src/ggml-{name}/" for name in (
        "cann", "et", "hexagon", "hip", "metal", "musa", "opencl", "openvino", "sycl", "virtgpu",
        "vulkan", "webgpu", "zdnn", "zendnn",
    )),
    ".git/", "docs/", "examples/", "tests/", "docker/", ".github/",
)  # fmt: skip
"""None of it takes part in an engine for CUDA that reads no images."""

_PACKAGES = (
    "diskcache", "gguf", "jinja2", "markupsafe", "msgspec", "numpy", "packaging", "pathspec",
    "platformdirs", "psutil", "pyyaml", "tqdm", "typing-extensions",
)  # fmt: skip
"""What the script and the worker import, with what those need."""


def main(arguments: Sequence[str]) -> int:
    """Fill the folder and tell the sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--source", type=Path, required=True, help="the engine's source archive")
    parser.add_argument("--python", help="version of the machine's Python, as 3.12")
    parser.add_argument("--platform", action="append", default=[], help="as pip names it")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    trim(options.source, options.folder / ARCHIVE)
    keep_header(STARTER, options.folder / TOKENIZER)
    if options.python:
        fetch(options.folder / WHEELS, options.python, options.platform)
    for path in sorted(options.folder.rglob("*")):
        if path.is_file():
            sys.stdout.write(f"{path.stat().st_size / 1e6:8.2f} MB  {path}\n")
    return 0


def trim(source: Path, target: Path) -> None:
    """Copy an archive without what an engine for CUDA does not need."""
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            if is_needed(member.name):
                new.addfile(member, old.extractfile(member) if member.isfile() else None)


def is_needed(name: str) -> bool:
    """Whether a member of the archive stays."""
    inside = name.partition("/")[2]
    return not inside.startswith(_LEFT_OUT)


def keep_header(model: Path, target: Path) -> None:
    """Copy a model's header alone."""
    with model.open("rb") as file:
        target.write_bytes(file.read(read_header(model).data_offset))


def fetch(folder: Path, python: str, platforms: Sequence[str]) -> None:
    """Download the wheels, in the versions of the lock where it names them."""
    lock = (ROOT / "requirements-test.lock").read_text(encoding="utf-8")
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:",
        "--python-version", python, "--implementation", "cp", "--dest", str(folder),
    ]  # fmt: skip
    for platform in platforms or ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64"):
        command += ["--platform", platform]
    subprocess.run([*command, *pinned(lock, _PACKAGES)], check=True)


def pinned(lock: str, names: Iterable[str]) -> list[str]:
    """``name==version`` of each package that a lock names, else the name alone."""
    versions = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock, re.M))
    return [f"{name}=={versions[name]}" if name in versions else name for name in names]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
