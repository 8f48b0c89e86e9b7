"""What placement remembers: speeds, rehearsals, overheads, plans that worked, and wishes.

All of it can be found out again. What cannot be read counts as absent and is logged.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from app.engine.entities import MeasuredSpeeds, Plan, Rehearsal
from app.placement.entities import Wishes
from app.placement.remembered import RememberedPlan
from app.placement.shelf import Shelf
from app.storage.opening import Database

_LOADS = 5
"""Of which the largest overhead counts."""


class _KeptSpeeds(msgspec.Struct, frozen=True):
    speeds: MeasuredSpeeds
    measured_ms: int


class PlacementRecords:
    """The records of one data folder. Used on the state thread.

    ``machine`` and ``engine`` are fingerprints (see ``app.placement.fingerprint``). What was
    kept is there at once; the database follows in the background.
    """

    def __init__(self, database: Database) -> None:
        self._speeds = Shelf(database, "speeds", _KeptSpeeds)
        self._rehearsals = Shelf(database, "rehearsals", Rehearsal)
        self._overheads = Shelf(database, "overheads", tuple[int, ...])
        self._plans = Shelf(database, "plans", RememberedPlan)
        self._wishes = Shelf(database, "wishes", Wishes)

    # --- speeds ----------------------------------------------------------------------------

    def speeds(self, machine: str, engine: str) -> MeasuredSpeeds | None:
        """The last measurement of this computer with this engine."""
        kept = self._speeds.get(machine, engine)
        return None if kept is None else kept.speeds

    def measured_ms(self, machine: str, engine: str) -> int | None:
        """When that was, in milliseconds since 1970."""
        kept = self._speeds.get(machine, engine)
        return None if kept is None else kept.measured_ms

    def keep_speeds(
        self, machine: str, engine: str, speeds: MeasuredSpeeds, measured_ms: int
    ) -> None:
        """Remember a measurement instead of the one before."""
        self._speeds.keep(_KeptSpeeds(speeds, measured_ms), machine, engine)

    # --- rehearsals ------------------------------------------------------------------------

    def rehearsal(self, key: str) -> Rehearsal | None:
        """What the engine once said; see ``rehearsal_key``."""
        return self._rehearsals.get(key)

    def keep_rehearsal(self, key: str, rehearsal: Rehearsal) -> None:
        """Remember it; of more than 2,000 the oldest go."""
        self._rehearsals.keep(rehearsal, key)

    # --- overheads -------------------------------------------------------------------------

    def overhead(self, machine: str, device: str) -> int:
        """Bytes that loading takes of a device beyond its plan; 0 before the first load.

        The largest of the last five loads: a plan must fit on a bad day, but one odd day is
        forgotten after five better ones.
        """
        return max(self._overheads.get(machine, device) or (0,))

    def learn_overhead(self, machine: str, device: str, amount: int) -> None:
        """Remember measured minus planned bytes of a load; less than planned counts as 0."""
        known = self._overheads.get(machine, device) or ()
        self._overheads.keep((*known, max(0, amount))[-_LOADS:], machine, device)

    # --- plans -----------------------------------------------------------------------------

    def working_plan(
        self, model_key: str, machine: str, context_wish: int | None
    ) -> RememberedPlan | None:
        """The plan that last worked for this model, machine and wish for a context."""
        return self._plans.get(model_key, machine, _wish(context_wish))

    def keep_working_plan(
        self, model_key: str, machine: str, context_wish: int | None, plan: RememberedPlan
    ) -> None:
        """Remember a plan that worked instead of the one before."""
        self._plans.keep(plan, model_key, machine, _wish(context_wish))

    def note_speed(
        self,
        model_key: str,
        machine: str,
        context_wish: int | None,
        tokens_per_second: float,
        prompt_tokens_per_second: float,
    ) -> None:
        """Put an answer's speed beside the plan that gave it; a speed of 0 was not measured."""
        plan = self.working_plan(model_key, machine, context_wish)
        if plan is None:
            return
        measured = msgspec.structs.replace(
            plan,
            tokens_per_second=tokens_per_second or plan.tokens_per_second,
            prompt_tokens_per_second=prompt_tokens_per_second or plan.prompt_tokens_per_second,
        )
        self.keep_working_plan(model_key, machine, context_wish, measured)

    def forget_plans(self, model_key: str) -> None:
        """Forget a model's plans and wishes: it is planned afresh. Raises StorageError."""
        self._plans.forget("model", model_key)
        self._wishes.forget("model", model_key)

    # --- wishes ----------------------------------------------------------------------------

    def wishes(self, model_key: str, machine: str) -> Wishes | None:
        """What somebody chose for this model on this machine."""
        return self._wishes.get(model_key, machine)

    def keep_wishes(self, model_key: str, machine: str, wishes: Wishes) -> None:
        """Remember somebody's choice."""
        self._wishes.keep(wishes, model_key, machine)


def rehearsal_key(model_key: str, plan: Plan, stood_in: Sequence[str], engine: str) -> str:
    """Names the rehearsal of one plan for one model by one engine."""
    subject = (model_key, plan, tuple(stood_in), engine)
    return hashlib.sha256(msgspec.msgpack.encode(subject)).hexdigest()


def _wish(context_wish: int | None) -> str:
    return "" if context_wish is None else str(context_wish)
