"""Identifiers: UUIDv7 text that sorts by time."""

import time
import uuid

import pytest

from app.ids import new_id


def test_is_a_uuid_of_version_7() -> None:
    value = uuid.UUID(new_id())
    assert value.version == 7
    assert value.variant == uuid.RFC_4122


def test_begins_with_the_time() -> None:
    before = time.time_ns() // 1_000_000
    milliseconds = uuid.UUID(new_id()).int >> 80
    assert before <= milliseconds <= time.time_ns() // 1_000_000


def test_sorts_by_time_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for milliseconds in (1, 2, 1_700_000_000_000, 1_700_000_000_001, 4_000_000_000_000):
        monkeypatch.setattr(time, "time_ns", lambda ms=milliseconds: ms * 1_000_000)
        made.append(new_id())
    assert made == sorted(made)


def test_never_the_same_twice() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000


def test_a_clock_before_1970_or_far_ahead_still_gives_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for time_ns in (-1, 2**63 - 1):
        monkeypatch.setattr(time, "time_ns", lambda time_ns=time_ns: time_ns)
        assert uuid.UUID(new_id()).version == 7
