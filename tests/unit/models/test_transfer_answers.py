"""What answers mean, as tables; and how long the waits are."""

import asyncio

import pytest

from models.transfer_answers import LONGEST_WAIT, Asked, BodyStart, TryAgain, judge, wait_of
from models.transfer_entities import StopReason, TransferStop, WantedFile
from models.transfer_timing import SpeedLimit, Timing

SHA = "ab" * 32
WANTED = WantedFile("a/b", "c0ffee", "m.gguf", 1000, SHA)
NOW = 1_700_000_000.0
DATE = "Tue, 14 Nov 2023 22:14:20 GMT"
"""60 seconds after NOW."""


def asked(offset: int = 0, *, from_hub: bool = False, token: bool = False) -> Asked:
    return Asked(WANTED, offset, "host", from_hub, token)


@pytest.mark.parametrize(
    ("status", "headers", "offset", "start"),
    [
        (200, {}, 0, BodyStart.AT_ZERO),
        (200, {"content-length": "1000"}, 400, BodyStart.AT_ZERO),
        (206, {"content-range": "bytes 400-999/1000"}, 400, BodyStart.AT_OFFSET),
        (206, {"content-range": "bytes 400-499/1000"}, 400, BodyStart.AT_OFFSET),
        (206, {"content-range": "bytes 0-999/1000"}, 0, BodyStart.AT_OFFSET),
        (200, {"x-linked-etag": f'W/"{SHA.upper()}"'}, 0, BodyStart.AT_ZERO),
        (200, {"content-encoding": "identity"}, 0, BodyStart.AT_ZERO),
    ],
)
def test_usable(status: int, headers: dict[str, str], offset: int, start: BodyStart) -> None:
    for from_hub in (True, False):
        assert judge(status, headers, asked(offset, from_hub=from_hub), NOW) is start


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {"content-length": "999"}),
        (200, {"content-length": "1001"}),
        (200, {"content-encoding": "gzip"}),
        (200, {"content-type": "text/html; charset=utf-8"}),
        (206, {}),
        (206, {"content-range": "bytes 401-999/1000"}),
        (206, {"content-range": "bytes 0-999/1000"}),
        (206, {"content-range": "bytes 400-1000/1000"}),
        (206, {"content-range": "bytes 400-999/*"}),
        (206, {"content-range": "bytes 400-999/1001"}),
        (206, {"content-range": "bytes 400-999/1000", "content-length": "1"}),
        (206, {"content-range": "items 400-999/1000"}),
        (206, {"content-type": "multipart/byteranges; boundary=x"}),
        (416, {}),
        (416, {"content-range": "bytes */1000"}),
        (416, {"content-range": "bytes */7"}),
        (403, {}), (404, {}), (410, {}), (401, {}), (500, {}), (503, {}), (429, {}), (418, {}),
    ],
)  # fmt: skip
def test_another_try_may_help(status: int, headers: dict[str, str]) -> None:
    with pytest.raises(TryAgain) as caught:
        judge(status, headers, asked(400), NOW)
    assert caught.value.reason is StopReason.SERVER


@pytest.mark.parametrize(
    ("status", "headers", "token", "reason"),
    [
        (401, {}, True, StopReason.AUTH),
        (401, {"x-error-code": "GatedRepo"}, False, StopReason.AUTH),
        (403, {"x-error-code": "GatedRepo"}, True, StopReason.GATED),
        (403, {}, True, StopReason.AUTH),
        (404, {"x-error-code": "RepoNotFound"}, False, StopReason.NOT_FOUND),
        (410, {}, False, StopReason.NOT_FOUND),
        (451, {}, False, StopReason.REFUSED),
        (416, {"content-range": "bytes */7"}, False, StopReason.CHANGED),
        (206, {"content-range": "bytes 400-999/1001"}, False, StopReason.CHANGED),
        (200, {"x-linked-size": "1001"}, False, StopReason.CHANGED),
        (200, {"x-repo-commit": "0ther"}, False, StopReason.CHANGED),
        (200, {"x-linked-etag": f'"{"cd" * 32}"'}, False, StopReason.CHANGED),
    ],
)
def test_trying_again_cannot_help(
    status: int, headers: dict[str, str], token: bool, reason: StopReason
) -> None:
    with pytest.raises(TransferStop) as caught:
        judge(status, headers, asked(400, from_hub=True, token=token), NOW)
    assert caught.value.end.reason is reason


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"retry-after": "7"}, 7),
        ({"retry-after": DATE}, 60),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "99999999"}, LONGEST_WAIT),
        ({"retry-after": "9" * 400}, 0),
        ({"ratelimit": '"api";r=0;t=55'}, 56),
        ({"ratelimit": '"api";r=0;t=55', "retry-after": "3"}, 3),
        ({"ratelimit": "nonsense"}, 0),
    ],
)
def test_how_long_a_server_asks_to_wait(headers: dict[str, str], seconds: float) -> None:
    assert wait_of(headers, NOW) == seconds


def test_files_of_any_size_are_plain_ranges() -> None:
    size = 600 * 10**9
    huge = Asked(WantedFile("a/b", "c0ffee", "m.gguf", size, SHA), size - 1, "host", False, False)
    told = {"content-range": f"bytes {size - 1}-{size - 1}/{size}", "content-length": "1"}
    assert judge(206, told, huge, NOW) is BodyStart.AT_OFFSET


def test_the_hub_s_own_pause_is_kept() -> None:
    with pytest.raises(TryAgain) as caught:
        judge(429, {"retry-after": "7"}, asked(from_hub=True), NOW)
    assert (caught.value.reason, caught.value.wait) == (StopReason.RATE_LIMITED, 7)


def test_waits_double_up_to_half_a_minute_and_differ() -> None:
    longest, shortest = Timing(chance=lambda: 1.0), Timing(chance=lambda: 0.0)
    waits = [longest.wait_after(tries) for tries in range(9)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert [shortest.wait_after(tries) for tries in range(9)] == [wait / 2 for wait in waits]
    assert longest.wait_after(10**6) == 30


def test_the_limit_spreads_bytes_over_time() -> None:
    waits: list[float] = []
    now = [100.0]

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    async def work(limit: SpeedLimit) -> None:
        for _piece in range(4):
            await limit.take(500)

    asyncio.run(work(SpeedLimit(lambda: 1000, sleep, lambda: now[0])))
    assert waits == [0.5] * 4
    waits.clear()
    asyncio.run(work(SpeedLimit(lambda: None, sleep, lambda: now[0])))
    assert waits == []
