"""The engine: compiled once from its pinned source, kept in a cache, installed from there."""

import json
import re
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from setup_steps.console import Console
from setup_steps.environment import PIP, being_changed, install_locked, make, remove
from setup_steps.identity import engine_facts, engine_key, file_digest
from setup_steps.places import Places, interpreter
from setup_steps.problem import SetupProblem

FLAGS = ("-DGGML_RPC=ON", "-DGGML_NATIVE=ON")
INSTALLED = "moestro-engine"
MANIFEST = "wheel.json"
TEST_FOLDER = "vendor/llama.cpp/models/"
DOWNLOAD_PROBLEM = (
    "The engine could not be downloaded; check the connection, then run the same command again."
)


@dataclass(frozen=True)
class Chip:
    """A graphics processor that a second engine is built for."""

    backend: str
    shown: str
    """The backend's name in sentences."""
    options: tuple[str, ...]
    """Options of CMake, as ``NAME=VALUE``."""
    tools: str
    """Versions of what it is built with."""
    libraries: str
    """Folder of shared libraries that the finished engine needs; empty for the system's own."""


class Engine:
    """Finds, builds and installs the engine of this checkout's pins.

    With a ``chip`` it is that chip's engine, which ``gpu`` installs beside the ordinary one.
    """

    def __init__(self, console: Console, places: Places, chip: Chip | None = None) -> None:
        self._console = console
        self._places = places
        self._chip = chip
        self._pins = places.packaging / "engine"
        self._source_lock = self._pins / "source.lock"
        self._hook = self._pins / "skip-common.cmake"
        special = (*chip.options, chip.tools) if chip else ()
        self.key = engine_key(engine_facts(self._source_lock, self._hook, (*FLAGS, *special)))
        self._kept = places.cache / "engine" / self.key
        self._work = places.cache / "engine-work" / self.key
        self._tool_python = interpreter(self._work / "tools")

    def cached_wheel(self) -> Path | None:
        """The finished build for this machine; None if there is none or it is damaged."""
        try:
            manifest = json.loads((self._kept / MANIFEST).read_bytes())
            wheel = self._kept / str(manifest["name"])
            whole = file_digest(wheel) == manifest["sha256"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return wheel if whole else None

    def installed(self) -> bool:
        """Whether the environment holds this very build."""
        try:
            return (self._places.venv / INSTALLED).read_text(encoding="utf-8") == self.key
        except OSError:
            return False

    def ensure_installed(self) -> None:
        """Build the engine if no build is kept, and install it if it is not installed."""
        if self.installed():
            return
        wheel = self.wheel()
        with (
            self._console.step("Installing the engine", "a few seconds"),
            being_changed(self._places.venv),
        ):
            self._install(wheel)

    def wheel(self) -> Path:
        """The build for this machine, made now if none is kept."""
        return self.cached_wheel() or self._build()

    def forget_wheel(self) -> None:
        """Remove a kept build that turned out not to work."""
        remove(self._kept)

    def ensure_test_source(self) -> None:
        """Lay out the chat templates and vocabularies of the engine's source for the tests."""
        target = self._places.engine_source
        if (target / "models").is_dir():
            return
        archive = self._source_archive()
        part = target.with_name(f"{target.name}.part")
        remove(part)
        with (
            self._console.step("Unpacking chat templates for the tests", "a few seconds"),
            tarfile.open(archive) as tar,
        ):
            unpack_folder(tar, TEST_FOLDER, part / "models")
        remove(target)
        part.rename(target)

    def _build(self) -> Path:
        archive = self._source_archive()
        chip = self._chip
        what, usually = ("Building the engine", "3–6 minutes")
        if chip:
            what, usually = (f"Building the {chip.shown} engine", "5–20 minutes")
        with self._console.step(what, usually, "build"):
            # What an interrupted build compiled is used again; if it turns out to be broken,
            # one more attempt begins from nothing.
            continued = (self._work / "build").exists()
            try:
                wheel = self._compile(archive)
            except SetupProblem:
                if not continued:
                    raise
                remove(self._work)
                wheel = self._compile(archive)
            return self._keep(wheel)

    def _compile(self, archive: Path) -> Path:
        self._ensure_tools()
        source = self._work / "source"
        if not source.exists():
            part = self._work / "source.part"
            remove(part)
            unpack_all(archive, part)
            part.rename(source)
        out = self._work / "out"
        remove(out)
        command = ["wheel", "--no-cache-dir", "--no-deps", "--no-index", "--no-build-isolation"]
        if self._chip:
            # Several values of one option are parted by semicolons, which only this way keeps.
            settings = [f"--config-settings=cmake.define.{each}" for each in self._chip.options]
            command += ["--verbose", *settings]  # its counting lines are the progress
        self._console.run(
            [self._tool_python, *PIP, *command, "--wheel-dir", out, source],
            "The engine could not be compiled; the lines above say why.",
            extra={
                "CMAKE_ARGS": "",
                # Parted by semicolons, so that folders with spaces work.
                "SKBUILD_CMAKE_ARGS": ";".join(
                    [*FLAGS, f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={self._hook.as_posix()}"]
                ),
                "SKBUILD_BUILD_DIR": str(self._work / "build"),
            },
        )
        return next(out.glob("*.whl"))

    def _keep(self, wheel: Path) -> Path:
        """Move a finished build into the cache under its key, whole or not at all."""
        part = self._kept.with_name(f"{self._kept.name}.part")
        remove(part)
        part.mkdir(parents=True)
        kept = part / wheel.name
        shutil.move(wheel, kept)
        manifest = {"name": kept.name, "sha256": file_digest(kept), "flags": FLAGS}
        (part / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        remove(self._kept)
        part.rename(self._kept)
        remove(self._work)
        return self._kept / wheel.name

    def _install(self, wheel: Path) -> None:
        python = self._places.python
        (self._places.venv / INSTALLED).unlink(missing_ok=True)
        options = ["install", "--no-deps", "--no-index", "--force-reinstall", "--no-compile"]
        self._console.run(
            [python, *PIP, *options, wheel],
            "The engine could not be installed; run the same command again.",
        )
        try:
            self._console.run(
                [python, "-c", "from llama_cpp.llama_cpp import llama_backend_init as i; i()"],
                "The engine was built and does not start; run the same command to build it again.",
            )
        except SetupProblem:
            remove(self._kept)
            raise
        (self._places.venv / INSTALLED).write_text(self.key, encoding="utf-8")

    def _source_archive(self) -> Path:
        """The engine's source, downloaded once and checked against its pin."""
        wanted = pinned_digest(self._source_lock.read_text(encoding="utf-8"))
        folder = self._places.cache / "engine-source"
        archive = folder / f"{wanted[:20]}.tar.gz"
        if archive.exists() and file_digest(archive) == wanted:
            return archive
        with self._console.step("Downloading the engine's source", "under a minute", "download"):
            self._ensure_tools()
            part = folder / "part"
            remove(part)
            options = ["download", "--no-deps", "--no-build-isolation", "--no-binary=:all:"]
            pins = ["--require-hashes", "-r", str(self._source_lock), "--dest", str(part)]
            self._console.run([self._tool_python, *PIP, *options, *pins], DOWNLOAD_PROBLEM)
            next(part.glob("*.tar.gz")).replace(archive)
            remove(part)
        return archive

    def _ensure_tools(self) -> None:
        """The pinned build tools, in an environment beside the build."""
        tools = self._work / "tools"
        if (tools / "complete").exists():
            return
        remove(tools)
        make(self._console, tools)
        install_locked(self._console, self._tool_python, self._pins / "build.lock")
        (tools / "complete").touch()


def pinned_digest(lock: str) -> str:
    """The one hash that a lock of a single file names."""
    found = re.findall(r"--hash=sha256:([0-9a-f]{64})", lock)
    if len(found) != 1:
        raise ValueError("the pin must name exactly one file")
    return str(found[0])


def unpack_all(archive: Path, target: Path) -> None:
    """Unpack a checked source archive without its one top folder."""
    whole = target.with_name(f"{target.name}-whole")
    remove(whole)
    with tarfile.open(archive) as tar:
        # Older patch releases of Python 3.11 have no filters; the archive is pinned by hash.
        if hasattr(tarfile, "data_filter"):
            tar.extractall(whole, filter="data")
        else:
            tar.extractall(whole)
    next(whole.iterdir()).rename(target)
    remove(whole)


def unpack_folder(tar: tarfile.TarFile, inside: str, target: Path) -> None:
    """Unpack the plain files below ``inside`` (after the archive's top folder)."""
    for member in tar:
        name = member.name.partition("/")[2]
        if not member.isfile() or not name.startswith(inside) or ".." in name.split("/"):
            continue
        path = target / name[len(inside) :]
        path.parent.mkdir(parents=True, exist_ok=True)
        content = tar.extractfile(member)
        if content is not None:
            path.write_bytes(content.read())
