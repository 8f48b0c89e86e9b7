"""What is installed: lists models, adds files, and gives the engine verified handles."""

import dataclasses
import logging
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from app.library import index
from app.library.beside import projector_beside
from app.library.entities import InstalledModel, Origin
from app.library.errors import LibraryError
from app.storage.connection import Connection
from app.storage.errors import StorageError
from app.storage.opening import Database
from models.entities import ModelHandle
from models.errors import ModelFileAbsent, ModelFileError
from models.gguf import CheckedModel, open_model
from models.naming import display_name_of, quantization_of, shorten, shown_name

STARTER_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
"""Of the whole starter file; too long to be computed at every start."""
STARTER_KEY = "cd2d87a25589b59f222688858608478fd7ed55b0cefdc3e96076591029713ce4-98362432"
STARTER_NAME = "SmolLM2 135M Instruct"
_STARTER_ORIGIN = Origin(hashes=(STARTER_SHA256,), hashes_published=True)

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+(?::[\w.-]+)?")

log = logging.getLogger("moestro.library")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Library:
    """The models of one data folder, and the bundled starter model beside them.

    Used on the state thread. A file that is gone keeps its entry, marked absent.
    """

    def __init__(
        self, database: Database, starter: Path, now_ms: Callable[[], int] = _now_ms
    ) -> None:
        self._database = database
        self._starter_path = Path(os.path.abspath(starter))  # noqa: PTH100 - links stay
        self._now_ms = now_ms
        self._unrecorded: InstalledModel | None = None

    # --- looking -------------------------------------------------------------------------

    def entries(self) -> list[InstalledModel]:
        """Every model: real ones before the demo, the one last used first."""
        starter = self._current_starter()
        models = self._database.read(index.all_models)
        real = [model for model in models if not model.is_demo]
        copies = [model for model in models if model.is_demo]
        return [*real, *(copies if starter is None else [starter])]

    def by_key(self, key: str) -> InstalledModel | None:
        """The model with this key, or None."""
        starter = self._current_starter()
        if starter is not None and starter.key == key:
            return starter
        return self._database.read(lambda connection: index.model_of(connection, key))

    def default(self) -> InstalledModel | None:
        """The real model last used, else any real one, else the starter model, else None."""
        present = [each for each in self.entries() if not (each.absent or each.is_damaged)]
        return present[0] if present else None

    def resolve(self, text: str) -> InstalledModel:
        """The model that ``text`` means: an existing path, an installed name, a repository.

        Raises:
            LibraryError: no installed model is meant, or several are.
            ModelFileError: the file at this path cannot be used.
        """
        path = Path(text)
        if os.path.lexists(text):
            return self.add_file(path)
        found = self.installed(text)
        if found is not None:
            return found
        if text.lower().endswith(".gguf"):
            raise ModelFileAbsent("gguf.missing", name=shown_name(path))
        known = _REPOSITORY.fullmatch(text) is not None
        raise LibraryError("library.not_here" if known else "library.unknown", name=shorten(text))

    def installed(self, name: str) -> InstalledModel | None:
        """The one model of this name, or None. Raises LibraryError when several have it."""
        meant = _normal(name)
        matches = [model for model in self.entries() if meant and meant in _names_of(model)]
        present = [model for model in matches if not model.absent] or matches
        if len(present) > 1:
            example = f"{present[0].name}:{present[0].quantization}"
            raise LibraryError(
                "library.ambiguous",
                name=shorten(name, 30),
                count=len(present),
                example=shorten(example),
            )
        return present[0] if present else None

    # --- changing ------------------------------------------------------------------------

    def add_file(self, path: Path) -> InstalledModel:
        """Check the model at ``path`` with all its parts, and remember it.

        Raises:
            ModelFileError: it cannot be used; the code says why.
            StorageError: it cannot be remembered.
        """
        return self.add(open_model(path))

    def add(self, checked: CheckedModel, origin: Origin | None = None) -> InstalledModel:
        """Remember a model that was just checked; its files stay where they are.

        ``origin`` None says nothing new of where it came from. What Moestro itself put
        somewhere stays the model's place as long as it is sound. Raises StorageError.
        """
        starter = self._current_starter()
        if starter is not None and checked.handle.key == starter.key:
            is_itself = checked.handle.path == starter.handle.path
            return self._record(checked, origin) if is_itself and origin else starter
        if origin is None:
            known = self.by_key(checked.handle.key)
            if known is not None and known.origin.is_owned and known.state == "ready":
                return known
        return self._record(checked, origin)

    def handle_for(self, key: str) -> ModelHandle:
        """The files of a model, checked again if they changed since; for the engine.

        Raises:
            LibraryError: it is not in the library, is damaged, or another model lies there now.
            ModelFileError: its files are gone or damaged.
        """
        model = self.by_key(key)
        if model is None:
            raise LibraryError("library.forgotten")
        if model.handle.is_unchanged():
            if model.is_damaged:
                raise LibraryError("library.damaged", name=shorten(model.name))
            return model.handle
        checked = open_model(model.handle.path)
        self._record(checked, None)
        if checked.handle.key != key:
            raise LibraryError("library.replaced", name=shorten(model.name))
        return dataclasses.replace(checked.handle, projector=model.handle.projector)

    def found_damaged(self, key: str) -> None:
        """Note that a check found it damaged: it is not loaded until its files change."""
        now = self._now_ms()
        self._database.writer.run(lambda connection: index.mark_damaged(connection, key, now))

    def used(self, key: str) -> None:
        """Note that a model is used now; kept in the background."""
        now = self._now_ms()
        self._database.writer.submit(lambda connection: index.mark_used(connection, key, now))

    def forget(self, key: str) -> None:
        """Take a model off the list; its file stays. The starter model comes back."""
        self._database.writer.run(lambda connection: index.forget(connection, key))

    # --- inside --------------------------------------------------------------------------

    def _current_starter(self) -> InstalledModel | None:
        """The starter model as it lies there now; its header is read only when it is new."""
        for model in self._database.read(index.demos):
            if model.handle.path == self._starter_path and not model.absent:
                is_known = model.key == STARTER_KEY and not model.origin.hashes
                return dataclasses.replace(model, origin=_STARTER_ORIGIN) if is_known else model
        if self._unrecorded is not None and self._unrecorded.handle.is_unchanged():
            return self._unrecorded
        return self._read_starter()

    def _read_starter(self) -> InstalledModel | None:
        try:
            checked = open_model(self._starter_path)
        except ModelFileAbsent:
            return None
        except ModelFileError as error:
            log.warning("the starter model is not usable: %s", error)
            return None
        try:
            return self._record(checked, _STARTER_ORIGIN)
        except StorageError as error:
            log.warning("the starter model is not remembered: %s", error)
            self._unrecorded = self._describe(checked, _STARTER_ORIGIN)
            return self._unrecorded

    def _record(self, checked: CheckedModel, origin: Origin | None) -> InstalledModel:
        model = self._describe(checked, _with_projector(origin or Origin(), checked))

        def work(connection: Connection) -> InstalledModel | None:
            before = index.model_of(connection, model.key)
            if before is None or origin is not None:
                index.record(connection, model)
            else:
                index.record(connection, _with_past(model, before))
            return index.model_of(connection, model.key)

        return self._database.writer.run(work) or model

    def _describe(self, checked: CheckedModel, origin: Origin) -> InstalledModel:
        header, handle = checked.header, checked.handle
        is_demo = handle.key == STARTER_KEY or handle.path == self._starter_path
        return InstalledModel(
            key=handle.key,
            name=STARTER_NAME
            if handle.key == STARTER_KEY
            else display_name_of(handle.path, header.name),
            quantization=quantization_of(handle.path, header.file_type),
            architecture=header.architecture or "",
            size_bytes=handle.size,
            parameters=checked.parameters,
            trained_context_tokens=_stored(header.context_length),
            layers=_stored(header.block_count),
            expert_count=_stored(header.expert_count),
            license=shorten(origin.license or header.license or ""),
            is_demo=is_demo,
            has_template=header.chat_template is not None,
            handle=handle,
            opened_ms=self._now_ms(),
            last_used_ms=0,
            origin=origin,
            verified_ms=self._now_ms(),
        )


def _with_past(model: InstalledModel, before: InstalledModel) -> InstalledModel:
    """A model whose files were only looked at again: where it came from is known already."""
    past = before.origin
    if before.handle == model.handle:
        return dataclasses.replace(
            model, license=before.license, origin=past, verified_ms=before.verified_ms,
            is_damaged=before.is_damaged,
        )  # fmt: skip
    # The files are others, as far as anybody knows: nobody has read them to the end.
    origin = dataclasses.replace(past, verified="structural")
    if [file.path for file in before.handle.files] != [file.path for file in model.handle.files]:
        origin = dataclasses.replace(origin, is_owned=False, program="")
    return dataclasses.replace(model, license=before.license, origin=origin)


def _with_projector(origin: Origin, checked: CheckedModel) -> Origin:
    """Where nothing is known to have come with the model, the projector that lies beside it."""
    found = None if origin.companions else projector_beside(checked.handle.path)
    if found is None:
        return origin
    return dataclasses.replace(origin, companions=(found,), companion_hashes=("",))


def _stored(value: int | None) -> int:
    """A figure from a file as SQLite can keep it: absurd ones count as not stated."""
    return value if value is not None and 0 <= value < 2**63 else 0


def _normal(name: str) -> str:
    return re.sub(r"[\s._:-]+", " ", name).strip().casefold()


def _names_of(model: InstalledModel) -> set[str]:
    """All ways to write a model's name."""
    path = model.handle.path
    names = {model.name, f"{model.name} {model.quantization}", path.name, path.stem, model.key}
    if repository := model.origin.repository:
        names |= {repository, f"{repository} {model.quantization}"}
    return {_normal(name) for name in names}
