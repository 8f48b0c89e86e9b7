"""Looks through folders that a person named, and lists the models in them where they lie.

Nothing there is changed. What is known with the same size, time and inode is not read again.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.library.entities import InstalledModel, Origin
from app.library.errors import KeepingError
from app.library.hashing import Stopped, named_hash
from app.library.import_files import GATHERING
from app.library.library import Library
from app.library.move_journal import MOVING
from app.posting import Post
from app.settings.store import SettingsStore
from models.entities import ModelFile
from models.errors import KnownError
from models.gguf import CheckedModel, open_model
from models.naming import shorten
from models.peers_walk import OutOfTime, Walk
from models.repository import read_repository

log = logging.getLogger("moestro.library")

_SECONDS = 60.0
_DEPTH = 16
_MOST_FILES = 20_000
_CLOSING_SECONDS = 0.5
_OURS = frozenset((GATHERING, MOVING, ".downloads"))
"""Folders where files gather that are not whole yet."""


@dataclass(frozen=True, slots=True)
class FolderTrouble:
    """A file or a folder that could not be taken."""

    path: Path
    trouble: KnownError


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFindings:
    """What lies in the folders."""

    added: tuple[InstalledModel, ...] = ()
    models: int = 0
    """How many there are, those known before included."""
    troubles: tuple[FolderTrouble, ...] = ()
    absent: tuple[Path, ...] = ()
    """Folders that are not there now, as on a drive that is away; their models stay listed."""
    is_complete: bool = True
    """Whether there was time for everything."""


Done = Callable[[FolderFindings], None]


class FolderScan:
    """Used on the state thread; looks on threads of its own. The folders stand in the settings."""

    def __init__(self, library: Library, settings: SettingsStore, post: Post) -> None:
        self._library = library
        self._settings = settings
        self._post = post
        self._runs: list[FolderScanRun] = []
        self._refused: dict[Path, tuple[ModelFile, KnownError | None]] = {}
        """Files that make no model of their own here, as they were then: damaged ones with the
        reason, copies of what is known elsewhere with None."""

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders to look through, besides the library's own."""
        return tuple(Path(text) for text in self._settings.current.library_folders)

    def add(self, folder: Path) -> None:
        """Put a folder on the list. Raises KeepingError."""
        folder = folder.absolute()
        name = shorten(str(folder))
        if not folder.is_dir():
            raise KeepingError("library.folder_not_there", folder=name)
        if folder in self.folders:
            raise KeepingError("library.folder_listed", folder=name)
        self._keep((*self.folders, folder))

    def remove(self, folder: Path) -> None:
        """Take a folder off the list; the models that were found in it stay listed."""
        self._keep(tuple(each for each in self.folders if each != folder))

    def begin(self, done: Done) -> "FolderScanRun":
        """Look through all folders; ``done`` is posted."""
        known = {
            file.path: file
            for model in self._library.entries()
            for file in model.handle.files
            if model.state in ("ready", "damaged")
        }
        run = FolderScanRun(self._library, self._post, self.folders, known, self._refused)
        self._runs.append(run)

        def ended(found: FolderFindings) -> None:
            with contextlib.suppress(ValueError):
                self._runs.remove(run)
            self._refused = run.passed_over
            done(found)

        run.start(ended)
        return run

    def close(self) -> None:
        """Give up what is under way."""
        for run in self._runs:
            run.cancel()
        for run in self._runs:
            run.join(_CLOSING_SECONDS)

    def _keep(self, folders: tuple[Path, ...]) -> None:
        self._settings.change(library_folders=[str(folder) for folder in folders])


class FolderScanRun:
    """One look through the folders."""

    def __init__(
        self,
        library: Library,
        post: Post,
        folders: tuple[Path, ...],
        known: Mapping[Path, ModelFile],
        refused: Mapping[Path, tuple[ModelFile, KnownError | None]],
    ) -> None:
        self._library = library
        self._post = post
        self._folders = folders
        self._known = known
        self._refused = dict(refused)
        self._stopped = threading.Event()
        self._troubles: list[FolderTrouble] = []
        self._absent: list[Path] = []
        self._count = 0
        # Of the state thread, while the other one still looks.
        self._added: list[InstalledModel] = []
        self._copies: dict[Path, tuple[ModelFile, KnownError | None]] = {}
        self._not_added: list[FolderTrouble] = []
        self._thread: threading.Thread | None = None

    def start(self, done: Done) -> None:
        """Begin; ``done`` is posted."""
        self._thread = threading.Thread(
            target=self._work, args=(done,), name="looking-through", daemon=True
        )
        self._thread.start()

    def cancel(self) -> None:
        """Stop; what was added stays added."""
        self._stopped.set()

    def join(self, seconds: float) -> None:
        """Wait for the end, at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)

    @property
    def passed_over(self) -> dict[Path, tuple[ModelFile, KnownError | None]]:
        """Once it is over: files that need not be read again while they are as they were."""
        return self._refused | self._copies

    # --- on its thread ---------------------------------------------------------------------

    def _work(self, done: Done) -> None:
        is_complete = True
        walk = Walk(time.monotonic() + _SECONDS)
        try:
            for folder in self._folders:
                self._look(folder, walk)
        except (OutOfTime, Stopped):
            is_complete = False
        except Exception:
            log.exception("looking through a folder ended")
            self._note(Path(), KnownError("general.unexpected"))
            is_complete = False
        for place in dict.fromkeys(walk.unreadable):
            name = shorten(str(place))
            self._note(place, KeepingError("library.folder_not_readable", folder=name))
        self._post(lambda: done(self._findings(is_complete=is_complete)))

    def _look(self, folder: Path, walk: Walk) -> None:
        if not _is_there(folder):
            self._absent.append(folder)
            return
        found = (_Found.of(folder, path) for path in self._files(folder, walk))
        here = {file.path: file for file in found if file is not None}
        contents = read_repository(here.values())
        for name in contents.refused:
            self._note(folder, KeepingError("library.odd_name", name=name))
        for model in contents.models:
            for each in model.quantizations:
                if self._stopped.is_set():
                    raise Stopped
                walk.check()
                self._take([here[file.path].file for file in each.files], each.problem)

    def _files(self, folder: Path, walk: Walk) -> Iterator[Path]:
        count = 0
        for path in walk.files(folder, _DEPTH):
            if self._stopped.is_set():
                raise Stopped
            if path.suffix.casefold() != ".gguf" or _OURS.intersection(path.parts):
                continue
            count += 1
            if count > _MOST_FILES:
                raise OutOfTime
            yield path

    def _take(self, files: list[ModelFile], problem: KnownError | None) -> None:
        """One model: nothing is read of it if all its files are as they were."""
        if all(self._known.get(file.path) == file for file in files):
            self._count += 1
            return
        first = files[0]
        before = self._refused.get(first.path)
        if before is not None and before[0] == first:
            if before[1] is None:
                self._count += 1
            else:
                self._note(first.path, before[1])
            return
        try:
            if problem is not None:
                raise problem
            checked = open_model(first.path)
        except KnownError as error:
            # What lacks a part may get it without the first one being changed.
            if problem is None:
                self._refused[first.path] = first, error
            self._note(first.path, error)
            return
        hashes = tuple(named_hash(path) for path in checked.handle.paths)
        self._count += 1
        self._post(lambda: self._add(checked, hashes))

    # --- on the state thread ---------------------------------------------------------------

    def _add(self, checked: CheckedModel, hashes: tuple[str, ...]) -> None:
        before = self._library.by_key(checked.handle.key)
        if before is not None and before.state == "ready":
            first = checked.handle.files[0]
            self._copies[first.path] = first, None
            return
        try:
            origin = None if before is not None else _origin(hashes)
            self._added.append(self._library.add(checked, origin))
        except KnownError as error:
            self._not_added.append(FolderTrouble(checked.handle.path, error))

    def _findings(self, *, is_complete: bool) -> FolderFindings:
        return FolderFindings(
            added=tuple(self._added),
            models=self._count,
            troubles=(*self._troubles, *self._not_added),
            absent=tuple(self._absent),
            is_complete=is_complete,
        )

    def _note(self, path: Path, trouble: KnownError) -> None:
        self._troubles.append(FolderTrouble(path, trouble))


def _origin(hashes: tuple[str, ...]) -> Origin:
    is_known = bool(hashes) and all(hashes)
    return Origin(hashes=hashes if is_known else (), hashes_published=is_known)


@dataclass(frozen=True, slots=True)
class _Found:
    """A file below a folder, as names of repositories are grouped."""

    path: str
    size: int
    file: ModelFile
    sha256: str | None = None

    @classmethod
    def of(cls, folder: Path, path: Path) -> "_Found | None":
        try:
            file = ModelFile.of(path)
        except OSError:
            return None
        return cls(path.relative_to(folder).as_posix(), file.size, file)


def _is_there(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:
        return False
