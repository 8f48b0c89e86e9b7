"""Builds an engine from a carried archive: ``python -m tests.benchmarks.gpu_engine``.

For a machine without network or set-up. It needs Python with pip, scikit-build-core, cmake and
ninja, a C++ compiler, and the CUDA toolkit with cuBLAS; ``--cmake`` says where they lie.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from app.engine.computer import Computer
from app.engine.errors import EngineError
from app.engine.toolkits import examine
from app.wording import sentence_for
from tests.helpers.worker_process import ROOT

_HOOK = ROOT / "packaging" / "engine" / "skip-common.cmake"
_ALWAYS = ("GGML_RPC=ON", "GGML_NATIVE=ON", "LLAVA_BUILD=OFF", "LLAMA_BUILD_TOOLS=OFF")


def main(arguments: Sequence[str]) -> int:
    """Build and install; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--into", type=Path, required=True, help="folder of the new engine")
    parser.add_argument("--backend", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--work", type=Path, help="kept, so that a stopped build goes on")
    parser.add_argument(
        "--cmake", action="append", default=[], metavar="NAME=VALUE",
        help="further options, as CUDA_cublas_LIBRARY=/…/libcublas.so.13",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    chosen = [*_ALWAYS, f"CMAKE_PROJECT_llama.cpp_INCLUDE={_HOOK}"]
    if options.backend == "cuda":
        try:
            chosen += examine("cuda", Computer()).options
        except EngineError as error:
            # A toolkit in pieces is no toolkit for people, but --cmake can put it together.
            sys.stderr.write(sentence_for(error) + "\n")
            if not options.cmake:
                return 1
            chosen += ["GGML_CUDA=ON", "CMAKE_CUDA_ARCHITECTURES=native"]
    work = options.work or Path(tempfile.mkdtemp(prefix="moestro-engine-"))
    try:
        return build(options.archive, options.into, work, [*chosen, *options.cmake])
    finally:
        if options.work is None:
            shutil.rmtree(work)


def build(archive: Path, into: Path, work: Path, settings: Sequence[str]) -> int:
    """Build with these settings of CMake; a stopped build in ``work`` goes on."""
    source = work / "source"
    if not source.exists():
        with tarfile.open(archive) as tar:
            tar.extractall(work / "part", filter="data")
        next((work / "part").iterdir()).rename(source)
    command = [
        sys.executable, "-m", "pip", "install", "--no-cache-dir", "--no-deps", "--no-index",
        "--no-build-isolation", "--no-compile", "--upgrade", "--verbose", "--target", str(into),
        *(f"--config-settings=cmake.define.{each}" for each in settings), str(source),
    ]  # fmt: skip
    environment = {**os.environ, "CMAKE_ARGS": "", "SKBUILD_BUILD_DIR": str(work / "build")}
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
