"""Checks models on demand: every byte where a checksum is known, else that nothing is missing."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from app.library.entities import InstalledModel, Verified
from app.library.errors import LibraryError
from app.library.hashing import Stopped, sha256_of
from app.library.library import Library
from app.posting import Post
from models.entities import ModelFile
from models.errors import KnownError, ModelFileAbsent, ModelFileError
from models.gguf import CheckedModel, open_model
from models.naming import shorten, shown_name

log = logging.getLogger("moestro.library")

_TOLD_SECONDS = 0.1
_CLOSING_SECONDS = 0.5

Compared = Literal["published", "added", "structural"]
"""With what the publisher states, with what was read when it was added, or with itself alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a check found; without a ``trouble`` the model is sound."""

    model: InstalledModel
    """As it was before."""
    compared: Compared
    trouble: KnownError | None = None
    is_damaged: bool = False
    """Its content is wrong; otherwise a trouble says that it could not be looked at."""


@dataclass(frozen=True, slots=True)
class VerifyProgress:
    """How far a check is."""

    key: str
    """Of the model that is read."""
    name: str
    done_bytes: int
    total_bytes: int


Told = Callable[[VerifyProgress], None]
Done = Callable[[tuple[Verification, ...]], None]


class Verifier:
    """Used on the state thread; reads on threads of its own and writes down what it finds."""

    def __init__(self, library: Library, post: Post) -> None:
        self._library = library
        self._post = post
        self._runs: list[VerifyRun] = []

    def begin(self, models: Sequence[InstalledModel], told: Told, done: Done) -> "VerifyRun":
        """Check ``models`` one after the other; ``done`` hears of each that was read."""
        run = VerifyRun(self._library, self._post, models, told)
        self._runs.append(run)

        def ended(results: tuple[Verification, ...]) -> None:
            if run in self._runs:
                self._runs.remove(run)
            done(results)

        run.start(ended)
        return run

    def close(self) -> None:
        """Give up what is under way."""
        for run in self._runs:
            run.cancel()
        for run in self._runs:
            run.join(_CLOSING_SECONDS)


class VerifyRun:
    """One check of some models."""

    def __init__(
        self, library: Library, post: Post, models: Sequence[InstalledModel], told: Told
    ) -> None:
        self._library = library
        self._post = post
        self._models = tuple(models)
        self._told = told
        self._stopped = threading.Event()
        self._results: list[Verification] = []
        self._thread: threading.Thread | None = None

    def start(self, done: Done) -> None:
        """Begin; ``done`` is posted."""
        self._thread = threading.Thread(
            target=self._work, args=(done,), name="verifying", daemon=True
        )
        self._thread.start()

    def cancel(self) -> None:
        """Stop; what was found so far counts."""
        self._stopped.set()

    def join(self, seconds: float) -> None:
        """Wait for the end, at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self, done: Done) -> None:
        for model in self._models:
            try:
                found, checked = self._check(model)
            except Stopped:
                break
            except Exception:
                log.exception("a model could not be verified")
                trouble = KnownError("general.unexpected")
                found = Verification(model=model, compared="structural", trouble=trouble)
                checked = None
            self._post(lambda found=found, checked=checked: self._note(found, checked))  # type: ignore[misc]
        self._post(lambda: done(tuple(self._results)))

    def _check(self, model: InstalledModel) -> tuple[Verification, CheckedModel | None]:
        hashes = model.origin.hashes
        compared: Compared = "structural"
        if hashes:
            compared = "published" if model.origin.hashes_published else "added"
        found = Verification(model=model, compared=compared)
        try:
            before = [ModelFile.of(file.path) for file in model.handle.files]
            if hashes:
                self._compare(model, hashes)
            checked = open_model(model.handle.path)
            if list(checked.handle.files) != before:
                raise ModelFileAbsent("gguf.changing", name=shown_name(model.handle.path))
            if checked.handle.key != model.key:
                raise LibraryError("library.damaged", name=shorten(model.name))
            return found, checked
        except ModelFileAbsent as error:
            return replace(found, trouble=error), None
        except (ModelFileError, LibraryError) as error:
            return replace(found, trouble=error, is_damaged=True), None
        except OSError as error:
            log.warning("a model cannot be read: %s", error)
            name = shown_name(model.handle.path)
            is_gone = isinstance(error, (FileNotFoundError, NotADirectoryError))
            code = "gguf.missing" if is_gone else "gguf.not_readable"
            return replace(found, trouble=ModelFileAbsent(code, name=name)), None

    def _compare(self, model: InstalledModel, hashes: Sequence[str]) -> None:
        """Raises LibraryError when a file has another content, OSError, Stopped."""
        done, told_at = 0, 0.0

        def count(size: int) -> None:
            nonlocal done, told_at
            done += size
            if time.monotonic() - told_at >= _TOLD_SECONDS:
                told_at = time.monotonic()
                progress = VerifyProgress(model.key, shorten(model.name), done, model.size_bytes)
                self._post(lambda: self._told(progress))

        for file, expected in zip(model.handle.files, hashes, strict=True):
            if sha256_of(file.path, count, self._stopped) != expected:
                raise LibraryError("library.damaged", name=shown_name(file.path))

    # --- on the state thread ---------------------------------------------------------------

    def _note(self, found: Verification, checked: CheckedModel | None) -> None:
        """Keep what was found; a model that was removed meanwhile does not come back."""
        self._results.append(found)
        if self._library.by_key(found.model.key) is None:
            return
        if found.is_damaged:
            self._library.found_damaged(found.model.key)
        elif checked is not None:
            tier: Verified = "sha256" if found.compared == "published" else "structural"
            self._library.add(checked, replace(found.model.origin, verified=tier))
