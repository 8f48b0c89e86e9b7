"""One file from the test Hub, whatever goes wrong on the way: whole and right, or not at all."""

import asyncio
import errno
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import filelock
import pytest

from models.transfer_entities import StopReason, TransferEnd, TransferOutcome, WantedFile
from models.transfer_timing import SpeedLimit, Timing
from tests.helpers.hub_faults import (
    CDN,
    HUB,
    Body,
    Cut,
    Endless,
    ExpiredSignature,
    Fault,
    IgnoreRange,
    OtherLength,
    RedirectTo,
    Silent,
    Slow,
    Stall,
    Status,
    WrongBody,
    WrongContentRange,
    rate_limited,
)
from tests.helpers.hub_server import HubServer, closed_address, hub
from tests.helpers.transfers import (
    FILE,
    Downloader,
    quick_client,
    sample_gguf,
    sample_repository,
    wanted_of,
)

SIZE = len(sample_gguf())
STEP = SIZE // 10


@pytest.fixture(scope="module")
def one_server() -> Iterator[HubServer]:
    with hub(sample_repository()) as running:
        yield running


@pytest.fixture
def server(one_server: HubServer) -> Iterator[HubServer]:
    yield one_server
    one_server.faults.clear()
    one_server.cut_connections()
    one_server.forget()


@pytest.fixture
def wanted(server: HubServer) -> WantedFile:
    return wanted_of(server.answers.repositories["tiny/Tiny-GGUF"])


@pytest.fixture
def downloader(server: HubServer, tmp_path: Path) -> Downloader:
    return Downloader(server, tmp_path)


def is_right(downloader: Downloader, wanted: WantedFile) -> bool:
    part = downloader.paths(wanted).part
    return hashlib.sha256(part.read_bytes()).hexdigest() == wanted.sha256


def check_whole(end: TransferEnd, downloader: Downloader, wanted: WantedFile) -> None:
    assert end.outcome is TransferOutcome.VERIFIED, end
    assert is_right(downloader, wanted)


# --- when nothing goes wrong ---------------------------------------------------------------


def test_whole_verified_and_asked_for_once(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    check_whole(downloader.run(wanted), downloader, wanted)
    assert downloader.heard.names() == ["resolving", "downloading", "verifying"]
    assert server.bytes_sent(side=CDN) == SIZE
    assert all(seen.headers["accept-encoding"] == "identity" for seen in server.seen())
    assert downloader.last is not None
    assert downloader.last.progress.done == downloader.last.progress.received == SIZE
    # What is verified and unchanged is neither fetched nor hashed again.
    server.forget()
    check_whole(downloader.run(wanted), downloader, wanted)
    assert downloader.heard.names() == []
    assert server.seen() == []


def test_a_verified_part_that_changed_is_verified_again(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    downloader.run(wanted)
    part = downloader.paths(wanted).part
    part.write_bytes(bytes(SIZE))
    check_whole(downloader.run(wanted), downloader, wanted)
    assert downloader.heard.names()[0] == "checking"


def test_the_token_goes_to_the_hub_alone(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    downloader.token = "hf_secret"
    server.know("hf_secret")
    check_whole(downloader.run(wanted), downloader, wanted)
    hub_seen, cdn_seen = server.seen(side=HUB), server.seen(side=CDN)
    assert [seen.headers.get("authorization") for seen in hub_seen] == ["Bearer hf_secret"]
    assert len(cdn_seen) == 1
    assert "hf_secret" not in repr(cdn_seen)


def test_a_redirect_that_the_policy_refuses_is_not_followed(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    asked = []

    def policy(endpoint: str, source: str, target: str) -> bool:
        asked.append((endpoint, source, target))
        return False

    downloader.redirect_allowed = policy
    end = downloader.run(wanted)
    assert (end.outcome, end.reason) == (TransferOutcome.FAILED, StopReason.REDIRECT)
    assert server.seen(side=CDN) == []
    assert asked[0][0] == server.endpoint
    assert asked[0][1].startswith(server.endpoint + "/tiny/Tiny-GGUF/resolve/")
    assert asked[0][2].startswith(server.cdn)


# --- cuts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("at", [0, SIZE // 100, SIZE // 2, SIZE * 99 // 100, SIZE - 1])
def test_a_cut_goes_on_where_it_stopped(
    server: HubServer, downloader: Downloader, wanted: WantedFile, at: int, reset: bool
) -> None:
    server.faults.add(Cut(at, reset=reset), side=CDN)
    check_whole(downloader.run(wanted), downloader, wanted)
    assert "waiting" in downloader.heard.names()
    # A reset may take back what the system had not handed over yet; an orderly end may not.
    assert server.bytes_sent(side=CDN) == SIZE or reset


def test_many_cuts_do_not_end_it_while_bytes_arrive(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    server.faults.add(Cut(SIZE // 25), side=CDN, times=None)
    check_whole(downloader.run(wanted), downloader, wanted)
    assert server.bytes_sent(side=CDN) == SIZE
    assert len(downloader.heard.waits) >= 24
    assert max(downloader.heard.waits) <= 0.5


def test_ten_tries_without_a_byte_pause_it_and_keep_the_partial(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    server.faults.add(Cut(1000), side=CDN)
    server.faults.add(Cut(0), side=CDN, after=1, times=None)
    end = downloader.run(wanted)
    assert (end.outcome, end.reason) == (TransferOutcome.PAUSED, StopReason.OFFLINE)
    assert len(downloader.heard.waits) == 10
    # Each wait is longer than half of the doubled one, and none above half a minute.
    for tries, seconds in enumerate(downloader.heard.waits[1:]):
        longest = min(30, 0.5 * 2 ** (tries + 1))
        assert longest / 2 <= seconds <= longest
    server.faults.clear()
    server.forget()
    check_whole(downloader.run(wanted), downloader, wanted)
    assert server.bytes_sent(side=CDN) == SIZE - 1000


def test_nothing_listens(downloader: Downloader, wanted: WantedFile) -> None:
    downloader.endpoint = closed_address()
    end = downloader.run(wanted)
    assert (end.outcome, end.reason) == (TransferOutcome.PAUSED, StopReason.OFFLINE)
    assert end.facts["host"] == "127.0.0.1"


def test_a_stall_is_given_up_and_the_rest_fetched_anew(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    downloader.timing = replace(downloader.timing, read=0.3)
    server.faults.add(Stall(SIZE // 2), side=CDN)
    check_whole(downloader.run(wanted), downloader, wanted)
    assert server.bytes_sent(side=CDN) == SIZE


def test_a_server_that_never_answers(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    downloader.timing = replace(downloader.timing, read=0.1, fruitless_tries=2)
    server.faults.add(Silent(), times=None)
    end = downloader.run(wanted)
    assert (end.outcome, end.reason) == (TransferOutcome.PAUSED, StopReason.OFFLINE)


def test_one_byte_at_a_time_is_slow_and_not_a_fault(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    server.faults.add(Slow(SIZE * 2), side=CDN)
    check_whole(downloader.run(wanted), downloader, wanted)
    assert downloader.heard.waits == []


# --- answers that are not the file ---------------------------------------------------------


def test_range_ignored_begins_at_zero_and_says_so(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    server.faults.add(Cut(SIZE // 2), side=CDN)
    server.faults.add(IgnoreRange(), side=CDN, after=1)
    check_whole(downloader.run(wanted), downloader, wanted)
    assert downloader.last is not None
    assert downloader.last.progress.went_back == "download.went_back_no_range"


def test_a_server_that_always_begins_at_zero_and_never_ends_is_given_up(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    server.faults.add(IgnoreRange(), side=CDN, times=None)
    server.faults.add(Cut(SIZE // 2), side=CDN, times=None)
    end = downloader.run(wanted)
    assert (end.outcome, end.reason) == (TransferOutcome.PAUSED, StopReason.NO_RESUME)
    assert server.bytes_sent(side=CDN) < 6 * SIZE


@pytest.mark.parametrize(
    "fault",
    [
        WrongContentRange(start=7, total=SIZE),
        Body(b"<html>Please log in</html>", {"Content-Type": "text/html"}),
        Body(b"Please log in to this network", {"Content-Type": "application/octet-stream"}),
        OtherLength(100),
        OtherLength(-100),
        Status(500),
        Status(503),
        Status(403),
        Status(404),
        ExpiredSignature(),
    ],
)
def test_what_is_not_the_file_never_reaches_the_part(
    server: HubServer, downloader: Downloader, wanted: WantedFile, fault: Fault
) -> None:
    server.faults.add(Cut(SIZE // 2), side=CDN)
    server.faults.add(fault, side=CDN, after=1, times=2)
    check_whole(downloader.run(wanted), downloader, wanted)
    assert downloader.last is not None
    assert downloader.last.progress.received == SIZE, "a wrong answer's body counted"
    # Each try began at the Hub: signed addresses run out.
    assert len(server.seen(side=HUB)) == len(server.seen(side=CDN)) >= 4


def test_a_body_without_end_is_cut_and_judged(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    server.faults.add(Endless(), side=CDN, times=None)
    end = downloader.run(replace(wanted, path="notes.txt"))
    assert end.outcome is TransferOutcome.FAILED
    end = downloader.run(wanted)
    assert (end.outcome, end.reason) == (TransferOutcome.PAUSED, StopReason.SERVER)
    assert not downloader.paths(wanted).part.read_bytes()


def test_a_redirect_loop_ends(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    server.faults.add(RedirectTo(), side=HUB, times=None)
    end = downloader.run(wanted)
    assert (end.outcome, end.reason) == (TransferOutcome.PAUSED, StopReason.SERVER)
    assert len(server.seen()) == 10 * 9


def test_the_range_refused(server: HubServer, downloader: Downloader, wanted: WantedFile) -> None:
    told = {"Content-Range": f"bytes */{SIZE}"}
    server.faults.add(Cut(1000), side=CDN)
    server.faults.add(Status(416, headers=told), side=CDN, after=1)
    check_whole(downloader.run(wanted), downloader, wanted)


# --- answers of the Hub --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "token", "outcome", "reason"),
    [
        (Status(401, "GatedRepo"), None, TransferOutcome.BLOCKED, StopReason.AUTH),
        (Status(403, "GatedRepo"), "hf_x", TransferOutcome.BLOCKED, StopReason.GATED),
        (Status(401), "hf_x", TransferOutcome.BLOCKED, StopReason.AUTH),
        (Status(403), None, TransferOutcome.BLOCKED, StopReason.AUTH),
        (Status(404, "EntryNotFound"), None, TransferOutcome.FAILED, StopReason.NOT_FOUND),
        (Status(410), None, TransferOutcome.FAILED, StopReason.NOT_FOUND),
        (Status(418), None, TransferOutcome.FAILED, StopReason.REFUSED),
    ],
)
def test_what_trying_again_cannot_help_ends_at_once(
    server: HubServer,
    downloader: Downloader,
    wanted: WantedFile,
    fault: Fault,
    token: str | None,
    outcome: TransferOutcome,
    reason: StopReason,
) -> None:
    downloader.token = token
    server.faults.add(fault, side=HUB, times=None)
    end = downloader.run(wanted)
    assert (end.outcome, end.reason) == (outcome, reason)
    assert len(server.seen()) == 1
    assert downloader.heard.waits == []


def test_too_many_requests_are_waited_for_as_long_as_was_asked(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    server.faults.add(rate_limited(55), side=HUB)
    server.faults.add(Status(429, headers={"Retry-After": "7"}), side=HUB, after=1)
    check_whole(downloader.run(wanted), downloader, wanted)
    assert downloader.heard.waits == [56.0, 7.0]
    waiting = [phase for phase in downloader.heard.phases if phase.phase.value == "waiting"]
    assert {phase.reason for phase in waiting} == {StopReason.RATE_LIMITED}


@pytest.mark.parametrize("code", [500, 502, 503, 429])
def test_a_hub_in_trouble_for_long_pauses_it(
    server: HubServer, downloader: Downloader, wanted: WantedFile, code: int
) -> None:
    server.faults.add(Status(code), side=HUB, times=None)
    end = downloader.run(wanted)
    assert (end.outcome, end.reason) == (TransferOutcome.PAUSED, StopReason.SERVER)
    assert len(server.seen()) == 10


def test_a_file_that_changed_at_the_same_commit_is_noticed_before_the_first_byte(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    for other in (
        replace(wanted, sha256="0" * 64),
        replace(wanted, size=SIZE + 128),
    ):
        end = downloader.run(other)
        assert (end.outcome, end.reason) == (TransferOutcome.FAILED, StopReason.CHANGED)
    assert server.seen(side=CDN) == []


# --- wrong content -------------------------------------------------------------------------


def test_a_wrong_hash_is_fetched_once_more(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    server.faults.add(WrongBody(at=SIZE // 2), side=CDN)
    check_whole(downloader.run(wanted), downloader, wanted)
    assert downloader.last is not None
    assert downloader.last.progress.went_back == "download.went_back_hash"
    assert not downloader.paths(wanted).bad.exists()


def test_a_wrong_hash_twice_stops_it_and_leaves_nothing(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    server.faults.add(WrongBody(at=SIZE // 2), side=CDN, times=2)
    end = downloader.run(wanted)
    assert (end.outcome, end.reason) == (TransferOutcome.CORRUPT, StopReason.CORRUPT)
    assert downloader.paths(wanted).kept_bytes() == 0
    assert len(server.seen(side=CDN)) == 2
    check_whole(downloader.run(wanted), downloader, wanted)


def test_the_one_clean_retry_is_one_across_restarts(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    server.faults.add(WrongBody(at=SIZE // 2), side=CDN)
    server.faults.add(Cut(1000), side=CDN, after=1, times=None)
    downloader.timing = replace(downloader.timing, fruitless_tries=1)
    server.faults.add(Cut(0), side=CDN, after=2, times=None)
    assert downloader.run(wanted).outcome is TransferOutcome.PAUSED
    assert downloader.paths(wanted).bad.exists()
    server.faults.clear()
    server.faults.add(WrongBody(at=SIZE // 2), side=CDN)
    assert downloader.run(wanted).outcome is TransferOutcome.CORRUPT


def test_a_prefix_that_was_damaged_meanwhile_is_noticed(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    stop_at(server, downloader, wanted, SIZE // 2)
    part = downloader.paths(wanted).part
    content = bytearray(part.read_bytes())
    content[1000] ^= 1
    part.write_bytes(content)
    check_whole(downloader.run(wanted), downloader, wanted)
    assert downloader.heard.names()[0] == "checking"


def test_the_hub_s_own_damaged_model_is_refused(tmp_path: Path) -> None:
    whole = sample_gguf()
    repository = sample_repository(**{FILE: whole[:-1000]})
    with hub(repository) as server:
        downloader = Downloader(server, tmp_path)
        end = downloader.run(wanted_of(repository))
    assert (end.outcome, end.reason) == (TransferOutcome.FAILED, StopReason.STRUCTURE)
    assert end.code == "gguf.truncated"
    assert end.facts["name"] == FILE


# --- the disk ------------------------------------------------------------------------------


class FullDisk:
    """Takes so many bytes, then has no room."""

    def __init__(self, room: int, number: int = errno.ENOSPC) -> None:
        self.room = room
        self.number = number

    def write(self, descriptor: int, data: memoryview) -> int:
        if not self.room:
            raise OSError(self.number, os.strerror(self.number))
        count = os.write(descriptor, data[: self.room])
        self.room -= count
        return count


@pytest.mark.parametrize(
    ("number", "outcome", "reason"),
    [
        (errno.ENOSPC, TransferOutcome.PAUSED, StopReason.DISK_FULL),
        (errno.EDQUOT, TransferOutcome.PAUSED, StopReason.DISK_FULL),
        (errno.EFBIG, TransferOutcome.BLOCKED, StopReason.FS_LIMIT),
        (errno.EIO, TransferOutcome.PAUSED, StopReason.VOLUME_GONE),
        (errno.EROFS, TransferOutcome.PAUSED, StopReason.NO_PERMISSION),
    ],
)
def test_a_disk_that_refuses_keeps_what_it_took(
    server: HubServer,
    downloader: Downloader,
    wanted: WantedFile,
    number: int,
    outcome: TransferOutcome,
    reason: StopReason,
) -> None:
    room = SIZE // 3
    downloader.timing = replace(downloader.timing, flush_bytes=SIZE // 10)
    end = downloader.run(wanted, write=FullDisk(room, number).write)
    assert (end.outcome, end.reason) == (outcome, reason)
    assert end.distrust_tail is (reason is StopReason.VOLUME_GONE)
    assert downloader.paths(wanted).part.read_bytes() == sample_gguf()[:room]
    server.forget()
    check_whole(downloader.run(wanted), downloader, wanted)
    assert server.bytes_sent(side=CDN) == SIZE - room


def test_a_library_that_is_away_is_not_made_anew(
    server: HubServer, downloader: Downloader, wanted: WantedFile, tmp_path: Path
) -> None:
    downloader.folder = tmp_path / "drive" / "models"
    end = downloader.run(wanted)
    assert (end.outcome, end.reason) == (TransferOutcome.PAUSED, StopReason.VOLUME_GONE)
    assert not (tmp_path / "drive").exists()
    assert server.seen() == []


def stop_at(server: HubServer, downloader: Downloader, wanted: WantedFile, at: int) -> None:
    """Leave a partial of ``at`` bytes behind."""
    timing = downloader.timing
    downloader.timing = replace(timing, fruitless_tries=1)
    server.faults.add(Cut(at), side=CDN)
    server.faults.add(Cut(0), side=CDN, after=1)
    assert downloader.run(wanted).outcome is TransferOutcome.PAUSED
    downloader.timing = timing
    server.faults.clear()
    server.forget()
    assert downloader.paths(wanted).part.stat().st_size == at


def test_after_a_crash_of_the_computer_only_synced_bytes_count(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    die_at(server, downloader, wanted)
    downloader.boot = "boot-2"
    check_whole(downloader.run(wanted), downloader, wanted)
    assert downloader.last is not None
    assert downloader.last.progress.went_back == "download.went_back_crash"
    assert server.bytes_sent(side=CDN) == SIZE - 3 * STEP


def test_after_a_death_of_the_program_everything_counts(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    at = die_at(server, downloader, wanted)
    check_whole(downloader.run(wanted), downloader, wanted)
    assert server.bytes_sent(side=CDN) == SIZE - at


def test_after_a_drive_went_away_only_synced_bytes_count(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    die_at(server, downloader, wanted)
    check_whole(downloader.run(wanted, distrust=True), downloader, wanted)
    assert server.bytes_sent(side=CDN) == SIZE - 3 * STEP


def die_at(server: HubServer, downloader: Downloader, wanted: WantedFile) -> int:
    """As after SIGKILL at half of the file: the record is older than the part."""
    whole = sample_gguf()
    part = downloader.part(wanted, sync_bytes=SIZE // 4)
    part.open()
    for number in range(5):
        part.append(whole[number * STEP : (number + 1) * STEP])
    assert part.record.synced == 3 * STEP
    at = part.offset
    record = part.paths.record.read_bytes()
    part.close()
    part.paths.record.write_bytes(record)
    server.forget()
    return at


def test_a_part_longer_than_the_file_is_not_trusted(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    stop_at(server, downloader, wanted, 1000)
    downloader.paths(wanted).part.write_bytes(sample_gguf() + b"more")
    check_whole(downloader.run(wanted), downloader, wanted)
    assert server.bytes_sent(side=CDN) == SIZE


def test_a_part_without_a_record_is_not_ours(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    for record in (b"", b"{}", b'{"size": "x"}', None):
        stop_at(server, downloader, wanted, 1000)
        if record is None:
            downloader.paths(wanted).record.unlink()
        else:
            downloader.paths(wanted).record.write_bytes(record)
        check_whole(downloader.run(wanted), downloader, wanted)
        assert server.bytes_sent(side=CDN) == SIZE
        downloader.paths(wanted).discard()


def test_a_part_in_use_is_left_alone(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    stop_at(server, downloader, wanted, 1000)
    with filelock.FileLock(downloader.paths(wanted).lock):
        end = downloader.run(wanted)
    assert (end.outcome, end.reason) == (TransferOutcome.PAUSED, StopReason.IN_USE)
    assert server.seen() == []
    check_whole(downloader.run(wanted), downloader, wanted)


def test_a_part_that_is_in_use_for_a_moment_is_waited_for(
    downloader: Downloader, wanted: WantedFile
) -> None:
    """As while what is left of a cancelled download of the same file is removed."""
    downloader.paths(wanted).folder.mkdir()
    lock = filelock.FileLock(downloader.paths(wanted).lock, thread_local=False)
    lock.acquire()
    threading.Timer(0.05, lock.release).start()
    check_whole(downloader.run(wanted), downloader, wanted)


def test_a_planted_link_is_not_written_through(
    downloader: Downloader, wanted: WantedFile, tmp_path: Path
) -> None:
    victim = tmp_path / "mine.txt"
    victim.write_text("mine")
    downloader.paths(wanted).folder.mkdir()
    downloader.paths(wanted).part.symlink_to(victim)
    end = downloader.run(wanted)
    assert end.outcome is TransferOutcome.PAUSED
    assert victim.read_text() == "mine"


# --- cancelling and speed ------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Stall(SIZE // 2), Slow(SIZE / 20), Silent()])
def test_cancelling_is_quick_and_keeps_what_arrived(
    server: HubServer, downloader: Downloader, wanted: WantedFile, fault: Fault
) -> None:
    downloader.timing = Timing(flush=60.0)
    server.faults.add(fault, side=CDN)

    async def work() -> float:
        async with quick_client() as client:
            transfer = downloader.begin(wanted, client)
            task = asyncio.create_task(transfer.run())
            await asyncio.sleep(0.4)
            began = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return time.monotonic() - began

    assert asyncio.run(work()) < 1.0
    assert downloader.last is not None
    arrived = downloader.last.progress.received
    assert downloader.last.progress.done == arrived
    assert downloader.paths(wanted).part.read_bytes() == sample_gguf()[:arrived]
    server.faults.clear()
    server.cut_connections()
    server.forget()
    check_whole(downloader.run(wanted), downloader, wanted)
    assert server.bytes_sent(side=CDN) == SIZE - arrived


def test_cancelling_does_not_wait_for_a_disk_that_does_not_answer(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    async def work() -> float:
        async with quick_client() as client:
            transfer = downloader.begin(wanted, client, write=slow_write)
            task = asyncio.create_task(transfer.run())
            await asyncio.sleep(0.3)
            began = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return time.monotonic() - began

    def slow_write(descriptor: int, data: memoryview) -> int:
        time.sleep(1.5)
        return os.write(descriptor, data)

    assert asyncio.run(work()) < 1.2
    # The thread goes on, and gives the lock back when it is through.
    deadline = time.monotonic() + 20
    while downloader.paths(wanted).lock.exists() and time.monotonic() < deadline:
        end = downloader.run(wanted)
        if end.outcome is TransferOutcome.VERIFIED:
            break
        time.sleep(0.2)
    check_whole(downloader.run(wanted), downloader, wanted)


def test_cancelling_twice_still_waits_for_the_part_to_be_closed(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    """Otherwise whoever goes on at once would find the part in use, by nobody."""

    def slow_write(descriptor: int, data: memoryview) -> int:
        time.sleep(0.4)
        return os.write(descriptor, data)

    async def work() -> TransferEnd:
        async with quick_client() as client:
            transfer = downloader.begin(wanted, client, write=slow_write)
            task = asyncio.create_task(transfer.run())
            await asyncio.sleep(0.2)
            for _time in range(3):
                task.cancel()
                await asyncio.sleep(0.02)
            with pytest.raises(asyncio.CancelledError):
                await task
            return await downloader.begin(wanted, client).run()

    server.faults.add(Stall(SIZE // 2), side=CDN)
    downloader.timing = replace(downloader.timing, flush=0.05)
    check_whole(asyncio.run(work()), downloader, wanted)


def test_what_arrived_is_written_soon_also_in_a_stall(
    server: HubServer, downloader: Downloader, wanted: WantedFile
) -> None:
    downloader.timing = Timing(flush=0.1)
    server.faults.add(Stall(SIZE // 2), side=CDN)

    async def work() -> int:
        async with quick_client() as client:
            task = asyncio.create_task(downloader.begin(wanted, client).run())
            await asyncio.sleep(0.8)
            size = downloader.paths(wanted).part.stat().st_size
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return size

    assert asyncio.run(work()) == SIZE // 2


def test_a_speed_limit_holds(downloader: Downloader, wanted: WantedFile) -> None:
    downloader.limit = SpeedLimit(lambda: SIZE * 2)
    began = time.monotonic()
    check_whole(downloader.run(wanted), downloader, wanted)
    assert 0.4 < time.monotonic() - began < 5.0
