"""A second engine, for a graphics processor: built for this chip, tried, then kept beside.

The ordinary engine is never touched. A record is written last, so that the application sees
an engine only after it has computed here.
"""

import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from setup_steps.console import Console, clean_environment
from setup_steps.engine import INSTALLED, Chip, Engine
from setup_steps.environment import remove
from setup_steps.places import Places
from setup_steps.problem import SetupProblem
from setup_steps.system import ensure_room, have_compiler

BACKENDS = {"cuda": "CUDA", "vulkan": "Vulkan", "metal": "Metal"}
RECORD_FORMAT = 1
NEEDED_BYTES = 6_000_000_000
EXAMINE_SECONDS = 180.0
TRIAL_SECONDS = 1800.0
SHARED_LIBRARY = re.compile(r"lib(cudart|cublas|cublasLt)\.so\.\d+")
NO_COMPILER = (
    "A C++ compiler is missing; install one (Debian, Ubuntu: apt-get install g++), "
    "then run the same command again."
)


class GpuEngine:
    """The engine of one backend for this computer."""

    def __init__(self, console: Console, places: Places, backend: str, python: Path) -> None:
        """``python`` is the interpreter of the environment that the application runs in."""
        self._console = console
        self._places = places
        self._backend = backend
        self._python = python
        self._record = places.engines / f"{backend}.json"

    def ready(self) -> bool:
        """Whether an engine was tried here that fits the ordinary one; quick."""
        found = self._read()
        return found is not None and found.get("base") == self._base()

    def ensure(self) -> None:
        """Build, unpack and try the engine. Raises SetupProblem; nothing is changed then."""
        shown = BACKENDS[self._backend]
        with self._console.step(f"Looking for what {shown} needs", "a moment", "examine"):
            chip = self._examine()
        if self._backend == "metal":
            # On Apple's chips the ordinary build already brings Metal along.
            self._note("", self._tried(""))
            return
        engine = Engine(self._console, self._places, chip)
        if engine.cached_wheel() is None:
            ensure_room([self._places.root, self._places.cache], NEEDED_BYTES)
            if not have_compiler():
                raise SetupProblem(NO_COMPILER)
        name = f"{self._backend}-{engine.key}"
        self._install(engine.wheel(), name, chip)
        try:
            devices = self._tried(name)
        except SetupProblem:
            if (self._read() or {}).get("folder") != name:
                remove(self._places.engines / name)
            raise
        self._note(name, devices)
        self._remove_others(name)

    def _examine(self) -> Chip:
        found = self._ask("app.engine.toolkits", EXAMINE_SECONDS, self._backend)
        return Chip(
            backend=self._backend,
            shown=BACKENDS[self._backend],
            options=tuple(str(each) for each in found["options"]),
            tools=str(found["tools"]),
            libraries=str(found["libraries"]),
        )

    def _install(self, wheel: Path, name: str, chip: Chip) -> None:
        """Unpack the package alone: what else a wheel of the engine holds is a second copy."""
        folder = self._places.engines / name
        if folder.is_dir():
            return
        part = self._places.engines / f"{name}.part"
        remove(part)
        with self._console.step(f"Installing the {chip.shown} engine", "a moment", "install"):
            with zipfile.ZipFile(wheel) as archive:
                for member in archive.namelist():
                    if member.startswith("llama_cpp/") or ".dist-info/" in member:
                        archive.extract(member, part)
            if chip.libraries:
                link_libraries(Path(chip.libraries), part / "llama_cpp" / "lib")
            part.rename(folder)

    def _tried(self, name: str) -> list[str]:
        """What the engine computes on, after it has computed there in a worker."""
        shown = BACKENDS[self._backend]
        with self._console.step(f"Trying the {shown} engine", "under a minute", "try"):
            folder = [str(self._places.engines / name)] if name else []
            found = self._ask("app.engine.trial", TRIAL_SECONDS, self._backend, *folder)
            return [str(each) for each in found["devices"]]

    def _ask(self, module: str, seconds: float, *arguments: str) -> dict[str, Any]:
        """What a module of the application answers; its problem is ours."""
        ended = subprocess.run(
            [str(self._python), "-m", module, *arguments],
            cwd=self._places.root,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        try:
            answer = json.loads(ended.stdout)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            details = ended.stderr.decode("utf-8", "replace").strip()
            raise SetupProblem(
                f"The {BACKENDS[self._backend]} engine could not be tried with {self._python}; "
                "run the set-up without --backend first.",
                details[-2000:],
            )
        if "problem" in answer:
            raise SetupProblem(str(answer["problem"]))
        return answer

    def _note(self, folder: str, devices: list[str]) -> None:
        """Write the record that makes the engine usable, whole or not at all."""
        self._places.engines.mkdir(exist_ok=True)
        record = {
            "format": RECORD_FORMAT,
            "backend": self._backend,
            "folder": folder,
            "base": self._base(),
            "devices": devices,
        }
        part = self._record.with_suffix(".part")
        part.write_text(json.dumps(record, indent=1), encoding="utf-8")
        part.replace(self._record)

    def _read(self) -> dict[str, Any] | None:
        try:
            found = json.loads(self._record.read_bytes())
        except (OSError, ValueError):
            return None
        if not isinstance(found, dict) or found.get("format") != RECORD_FORMAT:
            return None
        folder = found.get("folder")
        is_there = not folder or (self._places.engines / str(folder)).is_dir()
        return found if is_there else None

    def _base(self) -> str:
        """The key of the ordinary engine in that environment; empty when it has none."""
        try:
            file = self._python.parent.parent / INSTALLED
            return file.read_text(encoding="utf-8")
        except OSError:
            return ""

    def _remove_others(self, name: str) -> None:
        """Remove earlier builds of this backend; one that is in use may stay."""
        for folder in self._places.engines.glob(f"{self._backend}-*"):
            if folder.name != name:
                try:
                    remove(folder)
                except SetupProblem as problem:
                    self._console.say(problem.sentence)


def link_libraries(source: Path, target: Path) -> None:
    """Put links to a toolkit's libraries beside the engine's, where these look first.

    The linker takes a toolkit's folder for one of the system's and leaves it out of the
    engine's own list of folders, so that the engine would not start.
    """
    for library in source.iterdir():
        link = target / library.name
        if SHARED_LIBRARY.fullmatch(library.name) and not link.exists():
            link.symlink_to(library)
