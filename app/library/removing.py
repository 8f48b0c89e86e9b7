"""Takes models off the list, and to the system's trash what Moestro itself had put there.

Only files that the library recorded, and only as it recorded them: what others keep, what lies
where its owner left it, and what was changed since stays where it is.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.library.entities import InstalledModel
from app.library.errors import KeepingError
from app.library.library import Library
from app.posting import Post
from models.entities import ModelFile
from models.errors import KnownError
from models.naming import shorten, shown_name

log = logging.getLogger("moestro.library")


def to_trash(path: Path) -> None:
    """Move a file to the system's trash. Raises OSError."""
    import send2trash

    send2trash.send2trash(str(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What became of a model."""

    model: InstalledModel
    trashed: tuple[Path, ...] = ()
    """Empty when its files stay where they are."""
    freed_bytes: int = 0
    """Once the trash is emptied; files that have another name elsewhere free nothing."""


class Remover:
    """Used on the state thread; the trash works on a thread of its own.

    ``folder`` is the library's: emptied folders inside it go too. ``gone`` is told of each
    model whose files went.
    """

    def __init__(
        self,
        library: Library,
        folder: Callable[[], Path],
        gone: Callable[[InstalledModel], None],
        post: Post,
        trash: Callable[[Path], None] = to_trash,
    ) -> None:
        self._library = library
        self._folder = folder
        self._gone = gone
        self._post = post
        self._trash = trash

    def freed_bytes(self, model: InstalledModel) -> int:
        """What removing would free, to be told before."""
        if not model.origin.is_owned or model.is_demo:
            return 0
        files = (*model.handle.files, *self._companions(model))
        return sum(_freed(file) for file in files if file.is_unchanged())

    def remove(
        self,
        model: InstalledModel,
        done: Callable[[Removed], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        """Remove ``model``; exactly one of the two is called, maybe before this returns.

        ``failed`` hears KeepingError: it is the demo, it was changed, or there is no trash.
        """
        if model.is_demo:
            failed(KeepingError("library.demo_stays", name=shorten(model.name)))
            return
        if not model.origin.is_owned:
            self._forget(model)
            done(Removed(model=model))
            return
        try:
            files = self._ours(model)
        except KeepingError as error:
            failed(error)
            return
        freed, library = sum(map(_freed, files)), self._folder()

        def work() -> None:
            trouble = _throw_away(files, self._trash)
            if trouble is not None:
                self._post(lambda: failed(trouble))
                return
            _tidy({file.path.parent for file in files}, library)
            self._post(ended)

        def ended() -> None:
            self._forget(model)
            paths = tuple(file.path for file in files)
            done(Removed(model=model, trashed=paths, freed_bytes=freed))

        threading.Thread(target=work, name="removing", daemon=True).start()

    def _ours(self, model: InstalledModel) -> list[ModelFile]:
        """Its files that are there. Raises KeepingError when one is not as it was recorded."""
        files = []
        for file in (*model.handle.files, *self._companions(model)):
            try:
                now = ModelFile.of(file.path)
            except OSError:
                continue
            if now != file:
                raise KeepingError("library.changed", name=shown_name(file.path))
            files.append(file)
        return files

    def _companions(self, model: InstalledModel) -> list[ModelFile]:
        """Its companions that no other model came with."""
        if not model.origin.companions:
            return []
        others = {
            file.path
            for other in self._library.entries()
            if other.key != model.key
            for file in other.origin.companions
        }
        return [file for file in model.origin.companions if file.path not in others]

    def _forget(self, model: InstalledModel) -> None:
        self._library.forget(model.key)
        self._gone(model)


def _freed(file: ModelFile) -> int:
    try:
        return file.size if file.path.stat().st_nlink == 1 else 0
    except OSError:
        return 0


def _throw_away(files: list[ModelFile], trash: Callable[[Path], None]) -> KnownError | None:
    for file in files:
        try:
            if not file.is_unchanged():
                return KeepingError("library.changed", name=shown_name(file.path))
            trash(file.path)
        except OSError as error:
            log.warning("the trash takes no file: %s", error)
            folder = shorten(str(file.path.parent))
            return KeepingError("library.no_trash", name=shown_name(file.path), folder=folder)
    return None


def _tidy(folders: set[Path], library: Path) -> None:
    """Remove the emptied folders of publisher and repository."""
    for folder in folders:
        for place in (folder, folder.parent):
            if library in place.parents:
                with contextlib.suppress(OSError):
                    place.rmdir()
