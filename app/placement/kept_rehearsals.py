"""Rehearsals that are remembered: the same header, plan and engine give the same figures."""

from collections.abc import Callable, Sequence

from app.engine.entities import Rehearsal, RehearsalJob
from app.placement.records import PlacementRecords, rehearsal_key
from app.placement.simulation import Rehearses, Results


class KeptRehearsals:
    """Of one model: asks the engine only for what is not remembered."""

    def __init__(
        self, rehearses: Rehearses, records: PlacementRecords, model_key: str, engine: str
    ) -> None:
        self._rehearses = rehearses
        self._records = records
        self._model_key = model_key
        self._engine = engine

    def rehearse(self, jobs: Sequence[RehearsalJob], done: Callable[[Results], None]) -> None:
        """Give a result for every job, in order."""
        keys = [self._key(job) for job in jobs]
        known = {key: found for key in keys if (found := self._records.rehearsal(key))}
        asked = [(key, job) for key, job in zip(keys, jobs, strict=True) if key not in known]

        def answered(results: Results) -> None:
            found: dict[str, Rehearsal | object] = dict(known)
            for (key, _job), result in zip(asked, results, strict=True):
                if isinstance(result, Rehearsal):
                    self._records.keep_rehearsal(key, result)
                found[key] = result
            done([found[key] for key in keys])  # type: ignore[misc]

        if asked:
            self._rehearses.rehearse([job for _key, job in asked], answered)
        else:
            answered([])

    def _key(self, job: RehearsalJob) -> str:
        return rehearsal_key(self._model_key, job.plan, job.stood_in, self._engine)
