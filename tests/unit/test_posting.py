"""Callbacks arrive on one thread, in order, and delayed ones not too early."""

import itertools
import threading
import time

import pytest

from app.posting import CallbackQueue, Scheduler


def test_callbacks_run_in_order_on_the_thread_that_runs_them() -> None:
    queue = CallbackQueue()
    seen: list[tuple[int, int]] = []

    def post_from_elsewhere() -> None:
        for number in range(100):
            queue.post(lambda number=number: seen.append((number, threading.get_ident())))  # type: ignore[misc]

    thread = threading.Thread(target=post_from_elsewhere)
    thread.start()
    assert queue.run_until(lambda: len(seen) == 100, timeout=20)
    thread.join()
    assert seen == [(number, threading.get_ident()) for number in range(100)]


def test_a_callback_may_post_another() -> None:
    queue = CallbackQueue()
    seen: list[str] = []
    queue.post(lambda: queue.post(lambda: seen.append("inner")))
    assert queue.run_until(lambda: bool(seen), timeout=20)


def test_waiting_ends_at_its_timeout() -> None:
    start = time.monotonic()
    assert CallbackQueue().run_until(lambda: False, timeout=0.05) is False
    assert 0.05 <= time.monotonic() - start < 5


def test_what_is_done_already_runs_nothing() -> None:
    queue = CallbackQueue()
    queue.post(lambda: pytest.fail("must not run"))
    assert queue.run_until(lambda: True)


def test_an_error_of_a_callback_reaches_whoever_runs_it() -> None:
    queue = CallbackQueue()

    def fail() -> None:
        raise OSError("fault")

    queue.post(fail)
    with pytest.raises(OSError, match="fault"):
        queue.run_until(lambda: False, timeout=20)


def test_delayed_calls_come_in_the_order_of_their_time() -> None:
    queue = CallbackQueue()
    scheduler = Scheduler(queue.post)
    seen: list[str] = []
    start = time.monotonic()
    scheduler.call_later(0.06, lambda: seen.append("second"))
    scheduler.call_later(0.02, lambda: seen.append("first"))
    assert queue.run_until(lambda: len(seen) == 2, timeout=20)
    assert seen == ["first", "second"]
    assert time.monotonic() - start >= 0.06
    scheduler.close()


def test_calls_of_the_same_time_keep_their_order() -> None:
    queue = CallbackQueue()
    scheduler = Scheduler(queue.post)
    seen: list[int] = []
    for number in range(20):
        scheduler.call_later(0, lambda number=number: seen.append(number))  # type: ignore[misc]
    assert queue.run_until(lambda: len(seen) == 20, timeout=20)
    assert all(a < b for a, b in itertools.pairwise(seen))
    scheduler.close()


def test_a_cancelled_call_never_runs() -> None:
    queue = CallbackQueue()
    scheduler = Scheduler(queue.post)
    seen: list[str] = []
    scheduler.call_later(0.01, lambda: seen.append("cancelled")).cancel()
    scheduler.call_later(0.05, lambda: seen.append("kept"))
    assert queue.run_until(lambda: bool(seen), timeout=20)
    assert seen == ["kept"]
    scheduler.close()


def test_a_call_can_be_cancelled_after_it_was_posted() -> None:
    queue = CallbackQueue()
    posted = threading.Event()

    def post(callback: object) -> None:
        queue.post(callback)  # type: ignore[arg-type]
        posted.set()

    scheduler = Scheduler(post)
    seen: list[str] = []
    delayed = scheduler.call_later(0, lambda: seen.append("late"))
    assert posted.wait(20)
    delayed.cancel()
    assert queue.run_until(lambda: bool(seen), timeout=0.05) is False
    scheduler.close()


def test_closing_forgets_what_waits_and_ends_the_thread() -> None:
    queue = CallbackQueue()
    scheduler = Scheduler(queue.post)
    seen: list[str] = []
    scheduler.call_later(0.05, lambda: seen.append("too late"))
    scheduler.close()
    assert queue.run_until(lambda: bool(seen), timeout=0.15) is False
    assert "scheduler" not in {thread.name for thread in threading.enumerate()}
