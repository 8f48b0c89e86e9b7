"""One move of the library's folder, on its own thread."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from app.library.download_entities import Download
from app.library.download_states import DownloadState
from app.library.entities import InstalledModel
from app.library.errors import KeepingError, LibraryError
from app.library.hashing import Stopped
from app.library.move_downloads import MovingDownloads
from app.library.move_entities import (
    ArrivedFile,
    ArrivedModel,
    Moved,
    MovePhase,
    MoveProgress,
    PlannedFile,
    PlannedModel,
    Stayed,
)
from app.library.move_files import Carrier, SourceDiffers, clean
from app.library.move_journal import MOVING, JournaledMove, MoveJournal
from app.library.move_plan import check_room, check_target, plan_models
from app.library.move_switch import Switch, Switched, switch
from app.library.volumes import Volumes
from app.posting import Post
from app.storage.opening import Database
from models.entities import ModelFile
from models.errors import KnownError, ModelFileAbsent
from models.naming import shorten, shown_name
from models.transfer_promotion import sync_folder

log = logging.getLogger("moestro.library")

_TOLD_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOrder:
    """What a move begins with."""

    source: Path
    target: Path
    token: str
    """Names this move."""
    models: tuple[InstalledModel, ...]
    downloads: tuple[Download, ...]


class MoveRun:
    """One move. ``switched`` is called on the state thread when the new files count, with what
    was done and the downloads that moved along; ``damaged`` hears of models whose old files
    are no longer what they were.
    """

    def __init__(
        self,
        order: MoveOrder,
        database: Database,
        journal: MoveJournal,
        volumes: Volumes,
        post: Post,
        told: Callable[[MoveProgress], None],
        switched: Callable[[Switched, Sequence[str]], None],
        damaged: Callable[[str], None],
    ) -> None:
        self._order = order
        self._database = database
        self._journal = journal
        self._volumes = volumes
        self._post = post
        self._told = told
        self._switched = switched
        self._damaged = damaged
        self._stopped = threading.Event()
        self._progress = MoveProgress("copying", "", 0, 0, 0, 0)
        self._told_at = 0.0
        self._made: list[ModelFile] = []
        self._moving: list[InstalledModel] = []
        """The models that were to move."""
        self._brought: dict[Path, ArrivedFile] = {}
        self._thread: threading.Thread | None = None

    def start(self, done: Callable[[Moved], None], failed: Callable[[KnownError], None]) -> None:
        """Begin; one of the two is posted."""
        self._thread = threading.Thread(
            target=self._work, args=(done, failed), name="moving-library", daemon=True
        )
        self._thread.start()

    def cancel(self) -> None:
        """Stop, and remove what was copied; too late once the new files count."""
        self._stopped.set()

    def join(self, seconds: float) -> None:
        """Wait for the end, at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)

    # --- on its thread ---------------------------------------------------------------------

    def _work(self, done: Callable[[Moved], None], failed: Callable[[KnownError], None]) -> None:
        downloads = MovingDownloads(self._order.downloads, self._order.source, self._order.target)
        try:
            moved = self._move(downloads)
        except Exception as error:
            trouble = self._known(error)
            self._post(lambda: failed(trouble))
        else:
            self._post(lambda: done(moved))
        finally:
            downloads.release()

    def _known(self, error: Exception) -> KnownError:
        """The sentence for whatever ended it."""
        folder = shorten(str(self._order.target))
        match error:
            case Stopped():
                return KeepingError("library.move_stopped")
            case KnownError():
                return error
            case OSError():
                log.warning("the library's move ended: %s", error)
                return KeepingError("library.move_not_written", folder=folder)
        log.error("the library's move ended", exc_info=error)
        return KnownError("general.unexpected")

    def _move(self, downloads: MovingDownloads) -> Moved:
        order = self._order
        check_target(order.source, order.target, order.models)
        downloads.lock()
        planned, stayed = plan_models(order.models, order.source, order.target)
        self._moving = [each.model for each in planned]
        is_new = not order.target.is_dir()
        move = self._begin()
        switched = False
        try:
            arrived = self._carry(move, planned, stayed, downloads)
            switched = True
            return self._finish(move, arrived, stayed)
        finally:
            if not switched:
                self._take_back(move, is_new=is_new)

    def _begin(self) -> JournaledMove:
        order = self._order
        order.target.mkdir(mode=0o755, exist_ok=True)
        sync_folder(order.target.parent)
        number = self._journal.begin(order.source, order.target, order.token)
        return JournaledMove(number, order.source, order.target, order.token, "copying", ())

    def _take_back(self, move: JournaledMove, *, is_new: bool) -> None:
        """Everything is as before; what cannot be removed now waits for the next start."""
        try:
            if not clean(replace(move, rubbish=tuple(self._made))):
                self._journal.over(move.id)
            if is_new and not any(move.target.iterdir()):
                move.target.rmdir()
        except (KnownError, OSError) as error:
            log.warning("copies stay until the next start: %s", error)

    # --- copying ---------------------------------------------------------------------------

    def _carry(
        self,
        move: JournaledMove,
        planned: Sequence[PlannedModel],
        stayed: list[Stayed],
        downloads: MovingDownloads,
    ) -> Switched:
        """Bring everything to its new place, and switch."""
        (move.target / MOVING).mkdir(mode=0o700, exist_ok=True)
        move.gathering.mkdir(mode=0o700)
        sizes = {file.source.path: file.source.size for each in planned for file in each.files}
        everything = [*sizes.values(), *downloads.sizes]
        carrier = Carrier(
            move, lambda file: self._note(move, file), self._count, self._stopped,
            may_link=self._is_one_disk(move),
        )  # fmt: skip
        if not carrier.may_link:
            check_room(move.target, everything, self._volumes)
        total = 2 * sum(everything)
        self._progress = replace(self._progress, count=len(everything), total_bytes=total)
        models, useless = self._bring_models(carrier, planned, stayed)
        partials = downloads.bring(lambda file: self._bring(carrier, file).file, carrier.put)
        if self._stopped.is_set():
            raise Stopped
        asked = Switch(
            move=move.id,
            target=move.target,
            models=tuple(models),
            downloads=tuple(partials),
            finished=tuple(
                each
                for each in self._order.downloads
                if each.status.state is DownloadState.READY
            ),
            cancelled=downloads.cancelled,
            rubbish=(*useless, *downloads.lock_files),
        )  # fmt: skip
        switched = self._database.writer.run(lambda connection: switch(connection, asked))
        moved = [each.identifier for each in partials]
        # Others may use them again, from where they are now.
        downloads.release()
        self._on_state(lambda: self._switched(switched, moved))
        return switched

    def _bring_models(
        self, carrier: Carrier, planned: Sequence[PlannedModel], stayed: list[Stayed]
    ) -> tuple[list[ArrivedModel], list[ModelFile]]:
        """What arrived whole, and copies that are of no use without the rest."""
        models, useless = [], []
        for each in planned:
            files: list[ArrivedFile] = []
            try:
                for file in each.files:
                    files.append(self._bring(carrier, file))
            except SourceDiffers as differs:
                stayed.append(Stayed(each.model, self._why(each.model, file, differs)))
                useless += [one.file for one in files]
            else:
                models.append(ArrivedModel(each.model, tuple(files)))
        return models, useless

    def _bring(self, carrier: Carrier, file: PlannedFile) -> ArrivedFile:
        arrived = self._brought.get(file.source.path)
        if arrived is None:
            self._progress = replace(self._progress, number=self._progress.number + 1)
            arrived = self._brought[file.source.path] = carrier.bring(file)
        return arrived

    def _why(self, model: InstalledModel, file: PlannedFile, differs: SourceDiffers) -> KnownError:
        name = shown_name(file.source.path)
        if differs.is_damaged:
            self._post(lambda: self._damaged(model.key))
            return LibraryError("library.damaged", name=shorten(model.name))
        if file.source.is_unchanged():
            return ModelFileAbsent("gguf.not_readable", name=name)
        return KeepingError("library.changed", name=name)

    def _is_one_disk(self, move: JournaledMove) -> bool:
        try:
            return self._volumes.device(move.source) == self._volumes.device(move.gathering)
        except OSError:
            return False

    # --- after it --------------------------------------------------------------------------

    def _finish(self, move: JournaledMove, switched: Switched, stayed: list[Stayed]) -> Moved:
        self._tell(replace(self._progress, phase="tidying", name=""))
        kept: tuple[Path, ...] = ()
        try:
            kept = clean(replace(move, state="tidying", rubbish=switched.rubbish))
            if not kept:
                self._journal.over(move.id)
        except (KnownError, OSError) as error:
            log.warning("old files stay until the next start: %s", error)
        keys = {each.model.key for each in switched.models}
        names = {each.model.key for each in stayed}
        left = [
            Stayed(each, KeepingError("library.changed", name=shorten(each.name)))
            for each in self._moving
            if each.key not in keys | names
        ]
        return Moved(
            folder=move.target,
            models=len(switched.models),
            size_bytes=sum(each.model.size_bytes for each in switched.models),
            stayed=(*stayed, *left),
            kept=kept,
        )

    # --- inside ----------------------------------------------------------------------------

    def _note(self, move: JournaledMove, file: ModelFile) -> None:
        self._made.append(file)
        self._journal.note(move.id, file)

    def _count(self, phase: MovePhase, name: str, size: int) -> None:
        done = self._progress.done_bytes + size
        is_new = (phase, name) != (self._progress.phase, self._progress.name)
        self._progress = replace(self._progress, phase=phase, name=name, done_bytes=done)
        if is_new or time.monotonic() - self._told_at >= _TOLD_SECONDS:
            self._tell(self._progress)

    def _tell(self, progress: MoveProgress) -> None:
        self._progress = progress
        self._told_at = time.monotonic()
        self._post(lambda: self._told(progress))

    def _on_state(self, work: Callable[[], None]) -> None:
        """Do ``work`` on the state thread and wait for it; what it raises does not end a move
        that is done already.
        """
        future: Future[None] = Future()

        def do() -> None:
            try:
                work()
            except Exception:  # the move's boundary: the next start does what was not done
                log.exception("a moved library was not followed")
            future.set_result(None)

        self._post(do)
        future.result()
