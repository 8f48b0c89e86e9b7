"""Which engines there are on this computer, which one is used, and what one could still have.

The ordinary engine is in the program's own environment and always there. Each other one lies
in a folder of its own and counts only when its record says that it has computed here.
"""

import logging
import re
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from app.engine.build_process import BuildProcess, Progress
from app.engine.computer import Computer
from app.engine.errors import EngineError
from app.engine.missing import Missing, find_missing
from app.engine.toolkits import GPU_BACKENDS, GpuBackend
from app.engine.trial import SHOWN_NAMES
from app.posting import Post
from models.errors import KnownError

Backend = Literal["cpu", "cuda", "vulkan", "metal"]

_RECORD_FORMAT = 1
_FOLDER_NAME = re.compile(r"[a-z]+-[0-9a-f]+")
_LONGEST_RECORD = 1 << 20

log = logging.getLogger("moestro.builds")


class _Record(msgspec.Struct, frozen=True):
    """What the set-up writes once an engine has computed here."""

    format: int
    backend: str
    folder: str
    base: str
    """The key of the ordinary engine that it was built beside."""
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineBuild:
    """An engine that can be used."""

    backend: Backend
    folder: Path | None = None
    """First on a worker's module path; None is the environment's own engine."""
    devices: tuple[str, ...] = ()
    """Descriptions of the devices that it was tried on."""


CPU_BUILD = EngineBuild("cpu")


def installed_key(prefix: Path | None = None) -> str:
    """The key of the ordinary engine in the environment; empty when the set-up made none."""
    try:
        file = (prefix or Path(sys.prefix)) / "moestro-engine"
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""


class EngineBuilds:
    """The engines below one folder. Lives on the state thread."""

    def __init__(
        self,
        folder: Path,
        base_key: str,
        post: Post,
        command: Callable[[str], Sequence[str]] | None = None,
        computer: Computer | None = None,
    ) -> None:
        """``command`` gives what builds a backend's engine; None where none can be built."""
        self._folder = folder
        self._base_key = base_key
        self._post = post
        self._command = command
        self._computer = computer or Computer()
        self._aside: set[Backend] = set()
        self._running: BuildProcess | None = None

    # --- which there are -------------------------------------------------------------------

    def usable(self) -> tuple[EngineBuild, ...]:
        """Every engine that can be used, those for GPUs first, the ordinary one last."""
        found = [build for backend in GPU_BACKENDS if (build := self._build_of(backend))]
        return (*found, CPU_BUILD)

    def outdated(self) -> tuple[GpuBackend, ...]:
        """Backends whose engine was made beside another ordinary one: it must be built again."""
        records = ((backend, self._record(backend)) for backend in GPU_BACKENDS)
        return tuple(backend for backend, it in records if it and it.base != self._base_key)

    def chosen(self, setting: str) -> EngineBuild:
        """The engine for the setting: "auto", or a backend; the ordinary one when it is not there.

        One that was set aside is not chosen until the program starts again.
        """
        for build in self.usable():
            if build.backend not in self._aside and setting in ("auto", build.backend):
                return build
        return CPU_BUILD

    def set_aside(self, build: EngineBuild) -> KnownError | None:
        """Use this engine no more until the next start: its worker died before it could work.

        Returns what to tell the user; None when it was said before, or for the ordinary engine.
        """
        if build.backend == "cpu" or build.backend in self._aside:
            return None
        log.warning("the %s engine is set aside", build.backend)
        self._aside.add(build.backend)
        return EngineError("builds.set_aside", backend=SHOWN_NAMES[build.backend])

    def _build_of(self, backend: GpuBackend) -> EngineBuild | None:
        record = self._record(backend)
        if record is None or record.base != self._base_key:
            return None
        folder = self._folder / record.folder if record.folder else None
        return EngineBuild(backend, folder, record.devices)

    def _record(self, backend: GpuBackend) -> _Record | None:
        """The record of a backend whose engine is really there; a damaged one counts as none."""
        try:
            with (self._folder / f"{backend}.json").open("rb") as file:
                record = msgspec.json.decode(file.read(_LONGEST_RECORD), type=_Record)
        except (OSError, msgspec.MsgspecError):
            return None
        if record.format != _RECORD_FORMAT or record.backend != backend:
            return None
        if not record.folder:
            # Only Metal is part of the ordinary engine.
            return record if backend == "metal" else None
        package = self._folder / record.folder / "llama_cpp" / "__init__.py"
        if not _FOLDER_NAME.fullmatch(record.folder) or not package.is_file():
            return None
        return record

    # --- which there could be --------------------------------------------------------------

    def look_for_missing(self, done: Callable[[tuple[Missing, ...]], None]) -> None:
        """Call ``done`` with the GPUs that no engine here uses; drivers are asked meanwhile."""
        usable = frozenset(build.backend for build in self.usable())
        outdated = frozenset(self.outdated())
        can_build = self._command is not None

        def look() -> None:
            found = find_missing(self._computer, usable, outdated, can_build=can_build)
            self._post(lambda: done(found))

        threading.Thread(target=look, name="gpu-look", daemon=True).start()

    # --- building one ----------------------------------------------------------------------

    @property
    def is_building(self) -> bool:
        """Whether a build is under way."""
        return self._running is not None

    def start_build(
        self,
        backend: GpuBackend,
        progress: Progress,
        done: Callable[[EngineBuild], None],
        failed: Callable[[KnownError], None],
    ) -> Callable[[], None]:
        """Build and try an engine; returns what stops it. One of the last two callbacks follows."""
        if self._command is None:
            failed(EngineError("builds.not_here"))
            return _nothing
        if self._running is not None:
            failed(EngineError("builds.busy"))
            return _nothing
        shown = SHOWN_NAMES[backend]

        def ended() -> None:
            self._running = None
            self._aside.discard(backend)
            build = self._build_of(backend)
            if build is None:
                failed(EngineError("builds.ended", backend=shown))
            else:
                done(build)

        def gave_up(error: KnownError) -> None:
            self._running = None
            failed(error)

        try:
            running = BuildProcess(
                self._command(backend), shown, self._post, progress, ended, gave_up
            )
        except OSError as error:
            log.error("the set-up could not be started: %s", error)
            failed(EngineError("builds.ended", backend=shown))
            return _nothing
        self._running = running
        return running.cancel

    def shut_down(self) -> None:
        """Stop a build that is under way; it goes on from there another time."""
        running, self._running = self._running, None
        if running is not None:
            running.close()


def _nothing() -> None:
    pass
