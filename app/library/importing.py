"""Adds models to the library that are on this computer already: files, folders, other programs'.

Other programs' folders are never changed, and what the library has already is not added again.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Container, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from app.library.entities import InstalledModel, Origin
from app.library.errors import KeepingError, LibraryError
from app.library.hashing import Stopped, named_hash, sha256_of
from app.library.import_entities import (
    Candidate,
    Imported,
    ImportProgress,
    ImportWay,
    candidate_of,
    candidates_in,
)
from app.library.import_files import PlacedFiles, Placer
from app.library.import_looking import ImportLook
from app.library.library import Library
from app.library.volumes import Volumes
from app.posting import Post
from models.errors import KnownError
from models.gguf import CheckedModel, open_model
from models.naming import shorten, shown_name
from models.peers import Findings
from models.peers_walk import Walk
from models.transfer_paths import UnsafeName

log = logging.getLogger("moestro.library")

T = TypeVar("T")

_FOLDER_SECONDS = 60.0
_CLOSING_SECONDS = 0.5
_TOLD_SECONDS = 0.1

Told = Callable[[ImportProgress], None]
Done = Callable[[tuple[Imported, ...]], None]


class Imports:
    """Used on the state thread; each import works on a thread of its own.

    ``folder`` is where models go that are copied, linked or moved; ``peers`` looks for what
    other programs have, which may take seconds.
    """

    def __init__(
        self,
        library: Library,
        folder: Callable[[], Path],
        peers: Callable[[], Findings],
        post: Post,
        volumes: Volumes | None = None,
    ) -> None:
        self._library = library
        self._folder = folder
        self._peers = peers
        self._post = post
        self._volumes = volumes or Volumes()
        self._runs: list[ImportRun] = []

    def begin(self, paths: Sequence[Path], way: ImportWay, told: Told, done: Done) -> "ImportRun":
        """Add the models at ``paths``; ``done`` hears what became of each, in their order."""

        def find() -> list[Candidate]:
            walk = Walk(time.monotonic() + _FOLDER_SECONDS)
            return [each for path in paths for each in candidates_in(path.absolute(), walk)]

        return self._run(find, way, told, done)

    def look(self, paths: Sequence[Path]) -> ImportLook:
        """What could be added at ``paths``; begin it. Nothing is added."""
        return ImportLook(paths, {each.key: each for each in self._library.entries()}, self._post)

    def begin_from_programs(
        self, told: Told, done: Done, only: Container[Path] | None = None
    ) -> "ImportRun":
        """Add what other programs have, to be used in place; of these ``only`` some."""

        def find() -> list[Candidate]:
            return [
                candidate_of(each)
                for each in self._peers().models
                if not each.may_not_load and (only is None or each.path in only)
            ]

        return self._run(find, "leave", told, done)

    def discover(self, done: Callable[[Findings], None]) -> None:
        """Find what other programs have; nothing is added."""

        def work() -> None:
            found = self._peers()
            self._post(lambda: done(found))

        threading.Thread(target=work, name="discovering", daemon=True).start()

    def close(self) -> None:
        """Give up what is under way; half copies are removed."""
        for run in self._runs:
            run.cancel()
        for run in self._runs:
            run.join(_CLOSING_SECONDS)

    def _run(
        self, find: Callable[[], list[Candidate]], way: ImportWay, told: Told, done: Done
    ) -> "ImportRun":
        known = {model.key: model for model in self._library.entries()}
        tools = _Tools(self._library, self._folder().absolute(), self._peers, self._volumes)
        run = ImportRun(tools, self._post, known, find, way, told)
        self._runs.append(run)

        def ended(results: tuple[Imported, ...]) -> None:
            with contextlib.suppress(ValueError):
                self._runs.remove(run)
            done(results)

        run.start(ended)
        return run


class _Tools:
    def __init__(
        self, library: Library, folder: Path, peers: Callable[[], Findings], volumes: Volumes
    ) -> None:
        self.library = library
        self.folder = folder
        self.peers = peers
        self.volumes = volumes


class ImportRun:
    """One import."""

    def __init__(
        self,
        tools: _Tools,
        post: Post,
        known: Mapping[str, InstalledModel],
        find: Callable[[], list[Candidate]],
        way: ImportWay,
        told: Told,
    ) -> None:
        self._tools = tools
        self._post = post
        self._known = dict(known)
        self._find = find
        self._way = way
        self._told = told
        self._stopped = threading.Event()
        self._progress = ImportProgress("", 0, 0, 0, 0)
        self._told_at = 0.0
        self._thread: threading.Thread | None = None

    def start(self, done: Done) -> None:
        """Begin; ``done`` is posted."""
        self._thread = threading.Thread(
            target=self._work, args=(done,), name="importing", daemon=True
        )
        self._thread.start()

    def cancel(self) -> None:
        """Stop; what was added stays added."""
        self._stopped.set()

    def join(self, seconds: float) -> None:
        """Wait for the end, at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)

    # --- on its thread ---------------------------------------------------------------------

    def _work(self, done: Done) -> None:
        results: list[Imported] = []
        try:
            candidates = self._find()
            for number, candidate in enumerate(candidates, start=1):
                self._tell(ImportProgress(
                    shown_name(candidate.path), number, len(candidates), 0, 0
                ))  # fmt: skip
                results.append(self._one(candidate))
        except Stopped:
            pass
        except Exception:
            log.exception("an import ended")
            trouble = KnownError("general.unexpected")
            results.append(Imported(path=Path(), trouble=trouble))
        self._post(lambda: done(tuple(results)))

    def _one(self, candidate: Candidate) -> Imported:
        if self._stopped.is_set():
            raise Stopped
        path = candidate.path
        if candidate.trouble is not None:
            return Imported(path=path, trouble=candidate.trouble)
        try:
            return self._added(candidate, open_model(path))
        except UnsafeName:
            trouble = KeepingError("library.odd_name", name=shown_name(path))
            return Imported(path=path, trouble=trouble)
        except KnownError as error:
            return Imported(path=path, trouble=error)
        except OSError as error:
            log.warning("an import's disk refused: %s", error)
            folder = shorten(str(self._tools.folder))
            trouble = KeepingError("library.not_added", name=shown_name(path), folder=folder)
            return Imported(path=path, trouble=trouble)

    def _added(self, candidate: Candidate, checked: CheckedModel) -> Imported:
        known = self._known.get(checked.handle.key)
        if known is not None and known.state == "ready" and self._is_known(checked, known):
            return Imported(path=candidate.path, model=known, is_duplicate=True)
        placed = self._placed(checked)
        origin = self._origin(candidate.origin, placed)
        try:
            model = self._on_state(lambda: self._tools.library.add(placed.checked, origin))
        except KnownError:
            placed.take_back()
            raise
        self._known[model.key] = model
        for path in placed.leftover:
            try:
                path.unlink()
            except OSError as error:
                log.warning("a moved file keeps its old name too: %s", error)
        return Imported(path=candidate.path, model=model)

    def _is_known(self, checked: CheckedModel, known: InstalledModel) -> bool:
        """Whether the library has this very content, and nothing new is asked for.

        Raises LibraryError when only the headers are the same.
        """
        mine, theirs = checked.handle.files, known.handle.files
        if all(one.path.samefile(other.path) for one, other in zip(mine, theirs, strict=True)):
            # To use it in place is nothing new; what Moestro has in its own folder stays there.
            return self._way == "leave" or known.origin.is_owned or known.is_demo
        read = known.origin.hashes if _was_read(known.origin) else ()
        total = checked.handle.size * (1 if read else 2)
        self._tell(replace(self._progress, total_bytes=total))
        for number, (one, other) in enumerate(zip(mine, theirs, strict=True)):
            other_hash = read[number] if read else self._hash(other.path)
            if self._hash(one.path) != other_hash:
                raise LibraryError("library.other_content", name=shorten(known.name))
        return True

    def _placed(self, checked: CheckedModel) -> PlacedFiles:
        path = checked.handle.path
        if self._way == "leave":
            hashes = tuple(named_hash(file.path) for file in checked.handle.files)
            return PlacedFiles(checked, hashes if all(hashes) else (), is_ours=False)
        if self._way == "move":
            for found in self._tools.peers().models:
                if found.path.exists() and found.path.samefile(path):
                    other = found.program.value
                    raise KeepingError("library.of_program", name=shown_name(path), other=other)
        if self._way == "copy":
            self._tell(replace(self._progress, done_bytes=0, total_bytes=checked.handle.size))
        tools = self._tools
        placer = Placer(tools.folder, tools.volumes, self._count, self._stopped)
        return placer.place(checked, self._way)

    def _origin(self, origin: Origin, placed: PlacedFiles) -> Origin:
        is_left = self._way == "leave"
        return replace(
            origin, hashes=placed.hashes, hashes_published=is_left and bool(placed.hashes),
            is_owned=not is_left,
        )  # fmt: skip

    # --- inside ----------------------------------------------------------------------------

    def _hash(self, path: Path) -> str:
        return sha256_of(path, self._count, self._stopped)

    def _count(self, count: int) -> None:
        done = self._progress.done_bytes + count
        self._progress = replace(self._progress, done_bytes=done)
        if time.monotonic() - self._told_at >= _TOLD_SECONDS:
            self._tell(self._progress)

    def _tell(self, progress: ImportProgress) -> None:
        self._progress = progress
        self._told_at = time.monotonic()
        self._post(lambda: self._told(progress))

    def _on_state(self, work: Callable[[], T]) -> T:
        """Do ``work`` on the state thread and wait for its result."""
        future: Future[T] = Future()

        def do() -> None:
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

        self._post(do)
        return future.result()


def _was_read(origin: Origin) -> bool:
    """Whether its files had these hashes when Moestro read them."""
    return bool(origin.hashes) and (not origin.hashes_published or origin.verified == "sha256")
