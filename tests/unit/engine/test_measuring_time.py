"""How many repetitions a measurement makes in its seconds, and what it tells meanwhile."""

from app.engine.measuring_time import MeasuringTime


class Clock:
    """Time that passes only when something is run."""

    def __init__(self) -> None:
        self.now = 100.0
        self.runs: list[float] = []
        self.told: list[float] = []

    def __call__(self) -> float:
        return self.now

    def take(self, *seconds: float):
        """Runs that take so long, the last one for ever after."""

        def run() -> float:
            took = seconds[min(len(self.runs), len(seconds) - 1)]
            self.runs.append(took)
            self.now += took
            return took

        return run

    def measuring(self, seconds: float) -> MeasuringTime:
        return MeasuringTime(seconds, self.told.append, self)


def test_the_first_run_does_not_count() -> None:
    clock = Clock()
    time = clock.measuring(10)
    assert time.median(clock.take(5.0, 0.5), time.slice_end(0.1)) == 0.5


def test_odd_runs_do_not_matter() -> None:
    clock = Clock()
    time = clock.measuring(10)
    assert time.median(clock.take(0.1, 0.1, 3.0, 0.1, 0.2, 0.1), time.slice_end(0.5)) == 0.1


def test_it_runs_until_its_slice_ends_and_three_times_at_least() -> None:
    clock = Clock()
    time = clock.measuring(10)
    time.median(clock.take(0.5), time.slice_end(0.5))
    assert len(clock.runs) == 10
    clock.runs.clear()
    time.median(clock.take(0.5), time.spent)
    assert len(clock.runs) == 4


def test_quick_runs_are_not_repeated_for_ever() -> None:
    clock = Clock()
    time = clock.measuring(10)
    time.median(clock.take(0.001), time.slice_end(1.0))
    assert len(clock.runs) == 26


def test_when_all_seconds_are_spent_one_run_has_to_do() -> None:
    clock = Clock()
    time = clock.measuring(1.0)
    assert time.median(clock.take(2.0), time.slice_end(1.0)) == 2.0
    assert len(clock.runs) == 2
    assert time.is_over


def test_slices_share_what_is_left() -> None:
    clock = Clock()
    time = clock.measuring(10)
    assert time.slice_end(0.5) == 5
    clock.now += 6
    assert time.slice_end(0.5) == 8
    clock.now += 100
    assert time.slice_end(0.5) == time.spent


def test_what_is_told_grows_and_is_never_above_one() -> None:
    clock = Clock()
    time = clock.measuring(1.0)
    time.median(clock.take(0.3), time.slice_end(1.0))
    assert clock.told == sorted(clock.told)
    assert clock.told[0] < 0.5
    assert clock.told[-1] == 1.0


def test_it_is_not_told_more_often_than_somebody_can_see() -> None:
    clock = Clock()
    time = clock.measuring(1.0)
    time.median(clock.take(0.01), time.slice_end(1.0))
    assert 1 <= len(clock.told) <= 3
