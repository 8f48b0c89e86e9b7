"""Sleep of the computer, by clocks that the test turns."""

import time

from app.awake_gap import SleepWatch, slept_seconds
from app.posting import CallbackQueue, Scheduler


def test_this_computer_counts_its_sleep() -> None:
    first = slept_seconds()
    time.sleep(0.05)
    assert first >= -0.01
    assert abs(slept_seconds() - first) < 1.0, "it did not sleep in this test"


def test_each_sleep_is_told_once_and_small_steps_are_none() -> None:
    queue, gaps, total = CallbackQueue(), [], [100.0]
    scheduler = Scheduler(queue.post)
    watch = SleepWatch(scheduler, gaps.append, lambda: total[0])
    watch.look()
    total[0] += 0.4  # a clock that is adjusted
    watch.look()
    assert gaps == []
    total[0] += 3600
    watch.look()
    watch.look()
    total[0] += 30
    watch.look()
    assert gaps == [3600, 30]
    scheduler.close()


def test_it_looks_by_itself(monkeypatch) -> None:
    monkeypatch.setattr("app.awake_gap._LOOK_SECONDS", 0.02)
    queue, gaps, total = CallbackQueue(), [], [0.0]
    scheduler = Scheduler(queue.post)
    SleepWatch(scheduler, gaps.append, lambda: total[0]).start()
    for _ in range(2):
        total[0] += 60
        already = len(gaps)
        assert queue.run_until(lambda before=already: len(gaps) > before, 20)
    assert gaps == [60, 60]
    scheduler.close()
