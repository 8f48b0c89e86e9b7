"""A checkout for tests of the set-up: its Python answers as told, and a build is kept."""

import importlib
import io
import json
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

from app.engine.builds import EngineBuilds

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"


def load(name: str) -> Any:
    """A module of the set-up; its folder is no package and stays last among the paths."""
    if str(PACKAGING) not in sys.path:
        sys.path.append(str(PACKAGING))
    return importlib.import_module(name)


gpu = load("setup_steps.gpu")
engine = load("setup_steps.engine")
identity = load("setup_steps.identity")
Console = load("setup_steps.console").Console
Places = load("setup_steps.places").Places
SetupProblem = load("setup_steps.problem").SetupProblem
file_digest = identity.file_digest

BASE = "0123456789abcdef0123"
OPTIONS = ["GGML_CUDA=ON", "CMAKE_CUDA_ARCHITECTURES=86-real;89-real"]
READY = {"options": OPTIONS, "tools": "nvcc 12.4", "libraries": ""}
NO_DRIVER = {"problem": "No NVIDIA driver answers here; install it."}
COMPUTES = {"devices": ["RTX 4060"]}
NO_CARD = {"problem": "The CUDA engine was tried and found no graphics card."}


class Checkout:
    """A checkout whose Python answers for the application's modules, and a kept build."""

    def __init__(self, folder: Path) -> None:
        self.places = Places(folder / "checkout", folder / "cache")
        self.places.root.mkdir()
        self.said = io.StringIO()
        self.progress = io.StringIO()
        self.console = Console(self.places.log, self.said, self.progress)
        self.console.start_log()
        shutil.copytree(
            PACKAGING, self.places.packaging, ignore=shutil.ignore_patterns("__pycache__")
        )
        self.python = self.places.python
        self.python.parent.mkdir(parents=True)
        (self.places.venv / engine.INSTALLED).write_text(BASE, encoding="utf-8")
        self.answers(READY, COMPUTES)

    def answers(self, examined: object, tried: object) -> None:
        """What the two modules of the application say from now on."""
        lines = [
            "#!/bin/sh",
            f"echo \"$*\" >> '{self.python}.asked'",
            f"case $2 in app.engine.toolkits) echo '{json.dumps(examined)}';;",
            f"*) echo '{json.dumps(tried)}';; esac",
        ]
        self.python.write_text("\n".join(lines), encoding="utf-8")
        self.python.chmod(0o755)

    def keep_wheel(self, tools: str = "nvcc 12.4") -> str:
        """Put a finished build into the cache; the name of its folder."""
        chip = engine.Chip("cuda", "CUDA", tuple(OPTIONS), tools, "")
        made = engine.Engine(self.console, self.places, chip)
        folder = self.places.cache / "engine" / made.key
        folder.mkdir(parents=True)
        wheel = folder / "engine.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for name in (
                "llama_cpp/__init__.py", "llama_cpp/lib/libggml.so", "lib/libggml.so",
                "include/ggml.h", "engine-1.dist-info/METADATA",
            ):  # fmt: skip
                archive.writestr(name, tools)
        manifest = {"name": wheel.name, "sha256": identity.file_digest(wheel)}
        (folder / "wheel.json").write_text(json.dumps(manifest), encoding="utf-8")
        return f"cuda-{made.key}"

    def made(self) -> Any:
        return gpu.GpuEngine(self.console, self.places, "cuda", self.python)

    def builds(self) -> EngineBuilds:
        return EngineBuilds(self.places.engines, BASE, lambda callback: callback())

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.progress.getvalue().splitlines()]
