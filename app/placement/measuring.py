"""Measures this computer's speed: a worker of its own does it, and is then ended."""

from collections.abc import Callable, Sequence

from app.engine.client import EngineClient
from app.engine.entities import MeasuredSpeeds
from app.engine.errors import EngineError, WorkerDiedError
from app.engine.protocol import Failed, FromWorker, Measured, Measuring
from app.placement.inventory import StartClient
from models.errors import KnownError
from models.facts import ModelFacts
from models.tensor_roles import TensorRole

_TYPES = 2
"""For which ten seconds are enough."""

_USUAL_TYPES = ("Q4_K", "Q8_0")
"""Without a model to go by."""


class NotMeasured(KnownError):  # noqa: N818 - it is no error of the program
    """Nothing could be measured."""


class Measurement:
    """One measurement under way; exactly one of ``done`` and ``failed`` is told.

    Nothing else should load the computer meanwhile: a loaded model may stay, but not answer.
    """

    def __init__(
        self,
        start_client: StartClient,
        type_names: Sequence[str],
        seconds: float,
        progress: Callable[[float], None],
        done: Callable[[MeasuredSpeeds], None],
        failed: Callable[[KnownError], None],
    ) -> None:
        self._progress = progress
        self._done = done
        self._failed = failed
        self._over = False
        self._client: EngineClient | None = None
        try:
            self._client = start_client(lambda _death: None)
        except OSError:
            self._fail(WorkerDiedError("engine.no_start"))
            return
        self._client.measure_speed(type_names, seconds, self._answered)

    def cancel(self) -> None:
        """End it; no callback follows."""
        self._end()

    def _answered(self, event: FromWorker | WorkerDiedError) -> None:
        if self._over:
            return
        match event:
            case Measuring(fraction=fraction):
                self._progress(fraction)
            case Measured(speeds=speeds) if speeds.kernels:
                self._end()
                self._done(speeds)
            case Measured():
                self._fail(NotMeasured("placement.speed_not_measured"))
            case WorkerDiedError():
                self._fail(event)
            case Failed():
                self._fail(EngineError(event.code, **event.facts))

    def _fail(self, error: KnownError) -> None:
        self._end()
        self._failed(error)

    def _end(self) -> None:
        self._over = True
        if self._client is not None:
            self._client.close()


def measure(
    start_client: StartClient,
    type_names: Sequence[str],
    seconds: float,
    progress: Callable[[float], None],
    done: Callable[[MeasuredSpeeds], None],
    failed: Callable[[KnownError], None],
) -> Measurement:
    """Measure in about ``seconds``; what is returned can be cancelled.

    ``type_names`` are quantization types of experts, the most important first: two fit into
    10 seconds. ``progress`` is told fractions between 0 and 1.
    """
    return Measurement(start_client, type_names, seconds, progress, done, failed)


def types_to_measure(facts: ModelFacts | None) -> list[str]:
    """The types that most of a model's experts (in a dense model, feed-forward parts) are in."""
    if facts is None:
        return list(_USUAL_TYPES)
    role = TensorRole.ROUTED_EXPERTS if facts.experts else TensorRole.FEED_FORWARD
    sizes = facts.types.get(role, {})
    return sorted(sizes, key=lambda name: -sizes[name])[:_TYPES] or list(_USUAL_TYPES)
