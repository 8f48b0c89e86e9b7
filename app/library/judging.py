"""Judges a repository's quantizations on a machine: at once by size, then exactly by header.

The first header gives the shape, by which all rows are estimated: from its first kilobytes,
and again when its tensor table is there. Then every row's own header is fetched, a stub is
made of it, and the engine counts. Rows keep their places meanwhile.
"""

import contextlib
import logging
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from app.library.judged import JudgedRow, Judgement, recommended
from app.library.row_headers import ReadRow, read_row
from app.placement.entities import Machine, Placement, Wishes
from app.placement.planner import Planner
from app.placement.simulation import Outcome, Subject
from app.placement.workspace import GuessedWorkSpaces, WorkSpaces, computes_like
from app.posting import Post
from models.errors import KnownError, ModelFileDamaged, ModelFileError
from models.facts import ModelFacts
from models.guessed_facts import guessed_facts
from models.quantization import bits_of
from models.remote_header import Beginning, ReadingCancelled, RemoteHeaders
from models.repository import Quantization
from models.scaled_facts import scaled_facts

log = logging.getLogger("moestro.library")

_NOTHING, _BEGINNING, _TABLE = range(3)
"""What an estimate can rest on: a better ground is not given up for a worse one."""
_READING_AT_ONCE = 4
_PLACING_AT_ONCE = 2
"""While the engine builds one plan, the next one is thought out."""
_USUAL_BITS = 4


class Places(Protocol):
    """What plans exactly: ``app.placement.placements.Placements``."""

    def place(
        self,
        subject: Subject,
        machine: Machine,
        wishes: Wishes,
        done: Callable[[Outcome], None],
        spaces: WorkSpaces | None = None,
    ) -> None:
        """Give the placement with the engine's own figures."""
        ...

    def warm_up(self) -> None:
        """Make ready for that."""
        ...


class Judge:
    """Judges one model of a repository. Used on the state thread; reads on threads of its own.

    ``changed`` gets everything that is known whenever something is new. ``folder`` is where
    stubs may be written; they are removed at the end.
    """

    def __init__(
        self,
        quantizations: Sequence[Quantization],
        headers: RemoteHeaders,
        places: Places,
        machine: Machine,
        wishes: Wishes,
        post: Post,
        folder: Path,
        changed: Callable[[Judgement], None],
    ) -> None:
        ordered = sorted(quantizations, key=lambda each: (each.size_bytes, each.label, each.name))
        self._rows = [_first_row(each) for each in ordered]
        self._headers = headers
        self._places = places
        self._machine = machine
        self._wishes = wishes
        self._post = post
        self._changed = changed
        self._stubs = tempfile.TemporaryDirectory(
            prefix="moestro-stubs-", dir=folder, ignore_cleanup_errors=True
        )
        self._waiting: deque[int] = deque()
        self._reading: set[int] = set()
        self._to_place: dict[int, Subject] = {}
        self._placing: set[int] = set()
        self._spaces: dict[Hashable, WorkSpaces] = {}
        """Working memory, by what decides it: quantizations of a model share it."""
        self._was_placed = False
        self._closed = threading.Event()
        self._grounds = _NOTHING
        """What the estimates rest on."""
        self._has_table = False
        """Whether a tensor table was read, from which they are made again."""
        self._cleaned = False

    @property
    def judgement(self) -> Judgement:
        """What is known."""
        place, why = recommended(self._rows)
        return Judgement(
            rows=tuple(self._rows),
            recommended=place,
            why=why,
            is_done=self._is_done,
            fetched_bytes=self._headers.fetched_bytes,
            requests=self._headers.requests,
        )

    @property
    def _is_done(self) -> bool:
        is_estimating = self._has_table and self._grounds != _TABLE
        at_work = self._waiting or self._reading or self._to_place or self._placing
        return not (is_estimating or at_work)

    def begin(self) -> None:
        """Start; ``changed`` is called before this returns, with rows that know their sizes."""
        usable = [place for place, row in enumerate(self._rows) if row.stage == "waiting"]
        # The likeliest choice first: its header is the one that will be looked at.
        usable.sort(key=lambda place: (abs(bits_of(self._rows[place].label) - _USUAL_BITS), place))
        self._waiting.extend(usable)
        if usable:
            self._read_next(1)
        self._tell()

    def close(self) -> None:
        """Stop; ``changed`` is not called any more. May be called more than once."""
        self._closed.set()
        self._headers.cancel()
        self._waiting.clear()
        self._to_place.clear()
        # Who still reads or writes there is told nothing any more; and once the program ends,
        # nobody comes back to remove it.
        self._stubs.cleanup()
        self._clean()

    # --- reading ---------------------------------------------------------------------------

    def _read_next(self, most: int) -> None:
        while self._waiting and len(self._reading) < most:
            place = self._waiting.popleft()
            self._reading.add(place)
            begun = self._begun(self._rows[place]) if self._grounds == _NOTHING else None
            _start(self._read, place, self._rows[place], begun)

    def _read(self, place: int, row: JudgedRow, begun: "_Begun | None") -> None:
        """Read one row's headers, on a thread."""
        result: ReadRow | KnownError | None = None
        try:
            result = read_row(
                self._headers, row, Path(self._stubs.name), f"row-{place}", begun, self._planned
            )
        except KnownError as error:
            result = error
        except ReadingCancelled:
            pass
        except OSError as error:
            log.warning("no stub could be written: %s", error)
            result = KnownError("repository.no_stub")
        except Exception:
            log.exception("a header could not be judged")
            result = KnownError("general.unexpected")
        if begun is not None:
            begun.wait()
        self._post(lambda: self._was_read(place, result))

    def _begun(self, row: JudgedRow) -> "_Begun":
        """What estimates all rows from the beginning of this row's header."""
        rows = tuple(self._rows)

        def estimate(beginning: Beginning) -> None:
            self._post(self._warm_up)
            with contextlib.suppress(ModelFileDamaged):  # the whole header tells more
                facts = guessed_facts(
                    beginning.metadata,
                    row.quantization.size_bytes,
                    row.label,
                    beginning.vocabulary,
                )
                self._estimate(rows, facts, _BEGINNING)

        return _Begun(estimate)

    def _estimate(self, rows: Sequence[JudgedRow], facts: ModelFacts, ground: int) -> None:
        """Estimate every row from one row's facts, on a thread."""
        estimates: dict[int, Placement] = {}
        try:
            for place, row in enumerate(rows):
                if self._closed.is_set():
                    return
                if row.stage != "refused":
                    size = row.quantization.size_bytes
                    estimates[place] = self._planned(scaled_facts(facts, size, row.label))
        except Exception:
            log.exception("rows could not be estimated")
        parameters = facts.parameters if ground == _TABLE else 0
        self._post(lambda: self._were_estimated(estimates, parameters, ground))

    def _planned(self, facts: ModelFacts) -> Placement:
        """By arithmetic, on any thread."""
        return Planner(facts, self._machine, self._wishes, GuessedWorkSpaces(facts)).plan()

    # --- on the state thread ---------------------------------------------------------------

    def _warm_up(self) -> None:
        """A header comes over the network: the engine will be asked when it is complete."""
        if not self._closed.is_set():
            self._places.warm_up()

    def _were_estimated(
        self, estimates: dict[int, Placement], parameters: int, ground: int
    ) -> None:
        if self._closed.is_set() or ground < self._grounds:
            return
        self._grounds = ground
        for place, placement in estimates.items():
            row = self._rows[place]
            if row.stage == "waiting" or (row.stage == "estimate" and not row.placement_is_own):
                self._rows[place] = replace(
                    row, stage="estimate", placement=placement,
                    parameters=row.parameters or parameters,
                )  # fmt: skip
        self._tell()

    def _was_read(self, place: int, result: ReadRow | KnownError | None) -> None:
        self._reading.discard(place)
        if self._closed.is_set():
            self._clean()
            return
        if isinstance(result, ReadRow):
            self._begin_placing(place, result)
        elif isinstance(result, KnownError):
            self._failed(place, result)
        self._read_next(_READING_AT_ONCE)
        self._tell()

    def _begin_placing(self, place: int, read: ReadRow) -> None:
        facts = read.subject.facts
        self._rows[place] = replace(
            self._rows[place], stage="estimate", label=read.label, parameters=facts.parameters,
            placement=read.placement, placement_is_own=True,
        )  # fmt: skip
        if not self._has_table:
            self._has_table = True
            _start(self._estimate, tuple(self._rows), facts, _TABLE)
        self._to_place[place] = read.subject
        self._place_next()

    def _place_next(self) -> None:
        """Ask the engine for one row after the other: the first answers come sooner so.

        The first one alone, because the others need less when its working memory is known.
        """
        if self._closed.is_set():
            return
        while self._to_place and len(self._placing) < (_PLACING_AT_ONCE if self._was_placed else 1):
            likeliest, _why = recommended(self._rows)
            place = likeliest if likeliest in self._to_place else min(self._to_place)
            assert place is not None
            self._ask_engine(place, self._to_place.pop(place))

    def _ask_engine(self, place: int, subject: Subject) -> None:
        self._placing.add(place)
        alike = computes_like(subject.facts, self._machine)

        def placed(outcome: Outcome) -> None:
            if outcome.spaces is not None:
                self._spaces.setdefault(alike, outcome.spaces)
            self._placed(place, outcome)

        spaces = self._spaces.get(alike)
        self._places.place(subject, self._machine, self._wishes, placed, spaces)

    def _placed(self, place: int, outcome: Outcome) -> None:
        self._placing.discard(place)
        self._was_placed = True
        if self._closed.is_set():
            self._clean()
            return
        trouble = outcome.trouble
        row = replace(self._rows[place], placement=outcome.placement, trouble=trouble)
        if trouble is None:
            self._rows[place] = replace(row, stage="exact", placement_is_own=True)
        elif trouble.code == "engine.unknown_architecture":
            self._rows[place] = replace(row, stage="refused")
        else:
            self._rows[place] = replace(row, stage="estimate", placement_is_own=True)
        self._place_next()
        self._tell()

    def _failed(self, place: int, error: KnownError) -> None:
        """A file that cannot be used concerns its row; no network concerns all that wait."""
        if isinstance(error, ModelFileError):
            self._rows[place] = replace(self._rows[place], stage="refused", trouble=error)
            return
        for each in (place, *self._waiting):
            self._rows[each] = replace(self._rows[each], trouble=error)
        self._waiting.clear()

    def _tell(self) -> None:
        if self._closed.is_set():
            return
        judgement = self.judgement
        if judgement.is_done:
            self._clean()
        self._changed(judgement)

    def _clean(self) -> None:
        """Remove the stubs once nobody reads or writes them."""
        if not self._cleaned and not (self._reading or self._placing):
            self._cleaned = True
            self._stubs.cleanup()


class _Begun:
    """Estimates from a header's beginning beside the reading of the rest."""

    def __init__(self, estimate: Callable[[Beginning], None]) -> None:
        self._estimate = estimate
        self._thread: threading.Thread | None = None

    def __call__(self, beginning: Beginning) -> None:
        """Start with it."""
        self._thread = _start(self._estimate, beginning)

    def wait(self) -> None:
        """Until the estimates were posted, if there are any."""
        if self._thread is not None:
            self._thread.join()


def _start(work: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, name="judging", daemon=True)
    thread.start()
    return thread


def _first_row(quantization: Quantization) -> JudgedRow:
    problem = quantization.problem
    return JudgedRow(
        quantization=quantization,
        label=quantization.label,
        stage="waiting" if problem is None else "refused",
        trouble=problem,
    )
