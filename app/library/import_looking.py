"""Looks at what somebody wants to add, before anything is done with it."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.library.entities import InstalledModel
from app.library.import_entities import Candidate, candidates_in
from app.posting import Post
from models.errors import KnownError
from models.gguf import open_model
from models.naming import display_name_of, quantization_of, shown_name
from models.peers_walk import Walk

log = logging.getLogger("moestro.library")

_FOLDER_SECONDS = 60.0
_TOLD_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenModel:
    """A model that could be added; with a ``trouble`` it cannot."""

    path: Path
    """Of its first file."""
    name: str
    quantization: str = ""
    size_bytes: int = 0
    files: int = 1
    trouble: KnownError | None = None
    is_known: bool = False
    """The library has these very files, or a model with the same header and size."""


Told = Callable[[tuple[SeenModel, ...]], None]


class ImportLook:
    """One look, on a thread of its own; ``done`` and ``told`` are posted, with all so far."""

    def __init__(
        self, paths: Sequence[Path], known: Mapping[str, InstalledModel], post: Post
    ) -> None:
        self._paths = tuple(path.absolute() for path in paths)
        self._known = dict(known)
        self._post = post
        self._stopped = threading.Event()

    def begin(self, told: Told, done: Told) -> None:
        """Start; ``told`` hears a few times a second, ``done`` once."""
        work = threading.Thread(
            target=self._work, args=(told, done), name="looking at files", daemon=True
        )
        work.start()

    def cancel(self) -> None:
        """Nobody wants to know any more; ``done`` is not called then."""
        self._stopped.set()

    def _work(self, told: Told, done: Told) -> None:
        seen: dict[object, SeenModel] = {}
        told_at = time.monotonic()
        try:
            walk = Walk(time.monotonic() + _FOLDER_SECONDS)
            for path in self._paths:
                for candidate in candidates_in(path, walk):
                    if self._stopped.is_set():
                        return
                    # Parts of one model that are named one by one are that one model.
                    key, each = self._see(candidate)
                    seen.setdefault(key, each)
                    if time.monotonic() - told_at >= _TOLD_SECONDS:
                        told_at = time.monotonic()
                        self._tell(told, seen)
        except Exception:
            log.exception("files could not be looked at")
            trouble = KnownError("general.unexpected")
            seen[""] = SeenModel(path=self._paths[0], name="", trouble=trouble)
        self._tell(done, seen)

    def _tell(self, call: Told, seen: Mapping[object, SeenModel]) -> None:
        found = tuple(seen.values())
        self._post(lambda: None if self._stopped.is_set() else call(found))

    def _see(self, candidate: Candidate) -> tuple[object, SeenModel]:
        path, trouble = candidate.path, candidate.trouble
        if trouble is None:
            try:
                checked = open_model(path)
            except KnownError as error:
                trouble = error
        if trouble is not None:
            return path, SeenModel(path=path, name=shown_name(path), trouble=trouble)
        handle, header = checked.handle, checked.header
        known = self._known.get(handle.key)
        return handle.path, SeenModel(
            path=handle.path,
            name=display_name_of(handle.path, header.name),
            quantization=quantization_of(handle.path, header.file_type),
            size_bytes=handle.size,
            files=len(handle.files),
            is_known=known is not None and known.state == "ready",
        )
